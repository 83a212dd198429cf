//! What may be written on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use convprove::emit::Target;
use convprove::export::Detail;
use convprove::grade::report::Feedback;
use num_bigint::BigInt;

/// Proves, refutes and explains identities between sums of products of tensor entries, for all sizes at once.
#[derive(Parser)]
#[command(version, arg_required_else_help = true, after_help = OVERVIEW)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const OVERVIEW: &str = "\
A proof file declares sizes and tensors and states theorems:

    size m, n
    tensor w[1..m], x[1..n]
    theorem commutes: sum(u in 1..m) w[u] x[i-u] = sum(s in 1..n) x[s] w[i-s]

Examples:
  convprove check                                   decide everything in proofs/
  convprove explain proofs/exercise-5-2.cvp         read the proofs
  convprove prove 'sum(k in 0..n-1) f(n-1-k) = sum(k in 0..n-1) f(k)'

Exit status, the first that applies:
  70  the kernel and the cross-check disagree: please report it
   2  the command line asks for what is not there
   1  something is refuted, or not as expected
   4  a file cannot be read, or a part of it has no meaning
   3  something is undecided
   0  all is as expected";

const CHECK: &str = "\
Each theorem gets one line: ✓ proved, ✗ refuted, ? undecided, then its time, its steps and the laws they rest on. \
Below stand the counterexample, what is left to prove, or the lines of a chain that fail; each line is compared with the line \
before it. \
`expect refuted` after a theorem makes its refutation the expected outcome.

Examples:
  convprove check                                   every .cvp and .md file in proofs/
  convprove check notes.md                          the ```convprove blocks of a Markdown file
  convprove check proofs --only wide_commutes       one theorem by its name
  convprove check proofs --save certificates        and keep the proofs
  convprove check proofs --json | jq .summary       for programs";

const PROVE: &str = "\
What is not declared is inferred from its use, and said.

Examples:
  convprove prove 'sum(u in 1..m) w[u] x[i-u] = sum(s in 1..n) x[s] w[i-s]'
  convprove prove 'sum(i in 0..n-1) c = n*c' --with 'size n; scalar c' --explain
  convprove prove 'x[i]*x[j] = x[i]^2' --with 'size n; tensor x[1..n]'     false: see where
  convprove prove 'for i in 0..n-1: f(i) + f(i) = 2*f(i)'";

const EXPLAIN: &str = "\
Each line of a derivation is one idea with its reason. A theorem that is refuted is explained by its counterexample.

Examples:
  convprove explain proofs/exercise-5-2.cvp:wide_commutes
  convprove explain proofs/exercise-5-2.cvp:wide_commutes --conditions
  convprove explain proofs/exercise-5-2.cvp --format latex > proofs.tex
  convprove explain proofs/exercise-5-2.cvp --format html > proofs.html
  convprove explain proofs/exercise-5-7.cvp --format html --picture conv2 --input X --at M=4,N=4,m=3,n=3 > page.html
  convprove explain proofs/chains.cvp:chain_of_3 --detail full --ascii";

const DERIVE: &str = "\
A file says what the tensors of a network are made of, and asks for gradients:

    use std
    size n, K
    assume K <= n
    tensor X[0..n-1], W[0..K-1]
    let Y = corr(X, W)
    derive dX = dL/dX, dW = dL/dW given dY = dL/dY

Each gets a formula in the operators of the library and of the file, as in `dX = full(dY, W)`, and a proof for all sizes. Gradients by the \
tensors between are derived first, in the order of backpropagation. `derive g[j in 0..n-1] = d/dz[j] loss(z)` asks for the closed form \
of an expression.

Examples:
  convprove derive proofs/backprop.cvp
  convprove derive proofs/backprop.cvp --formulas           the formulas alone
  convprove derive proofs/backprop.cvp:dX --raw             as a sum, before operators are recognised
  convprove derive proofs/backprop.cvp --format latex > backprop.tex
  convprove derive proofs/backprop.cvp:dU --emit numpy > backward.py
  convprove derive proofs/backprop.cvp --format json | jq -r '.results[].formula.latex'";

const COST: &str = "\
A file gives a number of operations a name, as in `cost time = multiplications(layer(X, W))`. Each is printed as a polynomial in the \
sizes, which is proved, and with --at as a number and as a part of the first one.

Examples:
  convprove cost proofs/exercise-5-4.cvp
  convprove cost costs.cvp --at M=28,N=28,C=256,F=192,K=3
  convprove cost costs.cvp:time --at M=28,N=28,C=256,F=192,K=3 --json";

const PICTURE: &str = "\
A layer that is linear in one of its tensors is a matrix C: a row for each output, a column for each input. Its entries are worked out from \
the layer's definition, in a file or in the library (std).

Examples:
  convprove picture std:corr --input x --at n=6,K=3
  convprove picture std:conv2 --input X --at M=4,N=4,m=3,n=3 --format svg > forward.svg
  convprove picture std:conv --input x --at n=6,K=3,s=2,pl=1,ph=1 --transpose --format latex";

const VERIFY: &str = "\
A certificate holds a statement and every step of its proof. The kernel checks it without search and without numbers. \
It says nothing about the statement being the one you meant: read what is printed, or name the file that states it. \
A statement that the proof language has no words for is not printed as one that it has, but called ill-formed.

Examples:
  convprove check proofs --save certificates
  convprove verify certificates
  convprove verify certificates/chains.chain_of_3.json --against proofs/chains.cvp";

const FMT: &str = "\
Comments are kept. In a Markdown file only the fenced blocks change. A file that cannot be read is left as it is.

Examples:
  convprove fmt proofs
  convprove fmt proofs --check                      change nothing; exit 1 where something would change";

const READ: &str = "\
The answer is read as it was pasted: Markdown or bare text with formulas in LaTeX, Unicode or ASCII. Nothing is judged. \
Each formula is printed in one notation, so that a misreading shows; what could not be read is named with line and column.

Examples:
  convprove read answer.md
  convprove read answer.md --json | jq '.results[].steps[].reading'";

const GRADE: &str = "\
Each step gets a verdict: ok, wrong, typo, ambiguous, incomplete, undecided or unreadable. Nothing is called wrong without \
evidence that can be checked by hand. What signs such as * mean is inferred from the answer, and said.

Exit status: 1 where a step is wrong, a typo or incomplete, or what an exercise asks for is not reached; 4 where a file cannot be read; \
3 where a step is undecided, ambiguous or unreadable.

Examples:
  convprove grade answer.md
  convprove grade answer.md --meaning '*=convolution' --lang en
  convprove grade answers/ --exercise 5-2 --save report
  convprove grade answer.md --json | jq '.results[].steps[] | {id, verdict, class}'";

const LAWS: &str = "\
Every step of every proof is an instance of one of these laws, and the kernel checks each.

Examples:
  convprove laws
  convprove laws --json | jq -r '.results[].name'";

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Decide every theorem of files and folders.
    #[command(after_help = CHECK)]
    Check(Check),
    /// Decide one statement.
    #[command(after_help = PROVE)]
    Prove(Prove),
    /// Print the derivations of theorems, like a textbook.
    #[command(after_help = EXPLAIN)]
    Explain(Explain),
    /// Derive backward formulas and other closed forms, with their proofs.
    #[command(after_help = DERIVE)]
    Derive(Derive),
    /// Print the costs that files name, as polynomials and at given sizes.
    #[command(after_help = COST)]
    Cost(Cost),
    /// Print the matrix of a linear layer at given sizes.
    #[command(after_help = PICTURE)]
    Picture(Picture),
    /// Check saved certificates with the kernel alone.
    #[command(after_help = VERIFY)]
    Verify(Verify),
    /// Bring files into the canonical form.
    #[command(after_help = FMT)]
    Fmt(Fmt),
    /// Print what is understood of homework, step by step.
    #[command(after_help = READ)]
    Read(Read),
    /// Judge homework, step by step.
    #[command(after_help = GRADE)]
    Grade(Grade),
    /// List the laws that proofs rest on.
    #[command(after_help = LAWS)]
    Laws {
        /// Print one JSON object, for programs.
        #[arg(long)]
        json: bool,
    },
}

/// `check`
#[derive(Args)]
pub struct Check {
    /// Files (.cvp, and .md with fenced blocks) and folders of them.
    #[arg(default_value = "proofs")]
    pub paths: Vec<PathBuf>,
    /// Write one certificate per proved theorem into this folder.
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
    /// Print e-nodes, classes, iterations, stop reason and time per phase.
    #[arg(long)]
    pub stats: bool,
    /// Print one JSON object, for programs.
    #[arg(long)]
    pub json: bool,
    /// Print what is not as expected, and the summary.
    #[arg(long, short)]
    pub quiet: bool,
    /// Report the theorem of this name alone; those before it in its file are decided too, as it may use them.
    #[arg(long, value_name = "NAME")]
    pub only: Option<String>,
}

/// `prove`
#[derive(Args)]
pub struct Prove {
    /// The statement, LEFT = RIGHT, perhaps after `for i in 1..m:`.
    pub statement: String,
    /// Declarations, separated by `;`. What is not declared is inferred and printed.
    #[arg(long = "with", value_name = "DECLARATIONS", default_value = "", hide_default_value = true)]
    pub declarations: String,
    /// Print the derivation too.
    #[arg(long)]
    pub explain: bool,
    /// Print e-nodes, classes, iterations, stop reason and time per phase.
    #[arg(long)]
    pub stats: bool,
    /// Print one JSON object, for programs.
    #[arg(long)]
    pub json: bool,
}

/// `explain`
#[derive(Args)]
pub struct Explain {
    /// A file, or FILE:THEOREM.
    pub target: String,
    /// How it is printed.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// How much is shown.
    #[arg(long, value_enum, default_value = "summary")]
    pub detail: Depth,
    /// Say with each line what it needs to know about sizes and letters.
    #[arg(long)]
    pub conditions: bool,
    /// Terms in plain ASCII, as in a proof file.
    #[arg(long)]
    pub ascii: bool,
    /// Add the matrix of this layer, a definition of the file or of the library that it uses.
    #[arg(long, value_name = "DEFINITION", conflicts_with = "ascii")]
    pub picture: Option<String>,
    /// The tensor that is the layer's input.
    #[arg(long, value_name = "TENSOR", requires = "picture")]
    pub input: Option<String>,
    /// The layer's sizes, as in n=6,K=3.
    #[arg(long, value_name = "SIZES", value_delimiter = ',', value_parser = size, requires = "picture")]
    pub at: Vec<(String, BigInt)>,
}

/// `derive`
#[derive(Args)]
pub struct Derive {
    /// A file, or FILE:NAME.
    pub target: String,
    /// How it is printed.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Print the formulas and no proofs.
    #[arg(long)]
    pub formulas: bool,
    /// Leave sums as they are and recognise no operators.
    #[arg(long)]
    pub raw: bool,
    /// Print a program instead: a function for what each tensor is made of, and for each formula.
    #[arg(long, value_enum, value_name = "LANGUAGE", conflicts_with_all = ["format", "formulas", "detail", "conditions", "ascii"])]
    pub emit: Option<Language>,
    /// How many coordinates letters of symbolic rank have in the program, as in D=3; 2 where nothing is said.
    #[arg(long, value_name = "RANKS", value_delimiter = ',', value_parser = size, requires = "emit")]
    pub rank: Vec<(String, BigInt)>,
    /// How much is shown.
    #[arg(long, value_enum, default_value = "summary")]
    pub detail: Depth,
    /// Say with each line what it needs to know about sizes and letters.
    #[arg(long)]
    pub conditions: bool,
    /// Terms in plain ASCII, as in a proof file.
    #[arg(long)]
    pub ascii: bool,
}

/// What a program is written in.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Python with NumPy.
    Numpy,
    /// Python with PyTorch; gradients flow through it.
    Torch,
    /// Python with JAX.
    Jax,
    /// Rust, of the standard library alone.
    Rust,
}

impl From<Language> for Target {
    fn from(language: Language) -> Target {
        match language {
            Language::Numpy => Target::Numpy,
            Language::Torch => Target::Torch,
            Language::Jax => Target::Jax,
            Language::Rust => Target::Rust,
        }
    }
}

/// How much of a derivation is shown.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Depth {
    /// One line for each idea.
    Summary,
    /// One line for each step of the kernel.
    Full,
}

impl From<Depth> for Detail {
    fn from(depth: Depth) -> Self {
        match depth {
            Depth::Summary => Detail::Summary,
            Depth::Full => Detail::Full,
        }
    }
}

/// The faces of a derivation.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For the terminal.
    Text,
    /// For GitHub and the like.
    Markdown,
    /// A document that compiles.
    Latex,
    /// A page that needs no network.
    Html,
    /// For programs.
    Json,
}

/// `cost`
#[derive(Args)]
pub struct Cost {
    /// A file, or FILE:NAME.
    pub target: String,
    /// Sizes, as in M=28,N=28.
    #[arg(long, value_name = "SIZES", value_delimiter = ',', value_parser = size)]
    pub at: Vec<(String, BigInt)>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// `picture`
#[derive(Args)]
pub struct Picture {
    /// FILE:DEFINITION, or std:DEFINITION for a layer of the library.
    pub target: String,
    /// The tensor that is the input.
    #[arg(long, value_name = "TENSOR")]
    pub input: Option<String>,
    /// Sizes and other integers, as in n=6,K=3.
    #[arg(long, value_name = "SIZES", value_delimiter = ',', value_parser = size)]
    pub at: Vec<(String, BigInt)>,
    /// The transposed matrix, which takes gradients back.
    #[arg(long)]
    pub transpose: bool,
    /// How it is drawn.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Drawing,
}

/// The faces of a matrix.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Drawing {
    /// Aligned, for the terminal.
    Text,
    /// A table.
    Markdown,
    /// An array, for a document with amsmath.
    Latex,
    /// A drawing.
    Svg,
}

/// `M=28`
fn size(text: &str) -> Result<(String, BigInt), String> {
    let (name, value) = text.split_once('=').ok_or("write a size as in M=28")?;
    let value = value.trim().parse().map_err(|_| format!("{} is no integer", value.trim()))?;
    Ok((name.trim().to_string(), value))
}

/// `verify`
#[derive(Args)]
pub struct Verify {
    /// Certificates (.json) and folders of them.
    #[arg(required = true)]
    pub certificates: Vec<PathBuf>,
    /// Demand that each statement be that of the theorem of the same name in this file.
    #[arg(long, value_name = "FILE")]
    pub against: Option<PathBuf>,
    /// Print one JSON object, for programs.
    #[arg(long)]
    pub json: bool,
}

/// `read`
#[derive(Args)]
pub struct Read {
    /// Answers.
    #[arg(required = true)]
    pub answers: Vec<PathBuf>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// `grade`
#[derive(Args)]
pub struct Grade {
    /// Answers (.md, .txt, .tex), and folders of them.
    #[arg(required = true)]
    pub answers: Vec<PathBuf>,
    /// Write one report per answer, summary.csv and summary.html into this folder.
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
    /// The exercise: a file, or a shipped name (5-2 5-3 5-4 5-7 backprop nndl-5).
    #[arg(long, value_name = "EXERCISE")]
    pub exercise: Option<String>,
    /// What a sign means: '*=correlation' or '*=convolution'; otherwise the answer shows it.
    #[arg(long = "meaning", value_name = "SIGN=MEANING")]
    pub meanings: Vec<String>,
    /// The first index, 0 or 1; otherwise the answer shows it.
    #[arg(long, value_name = "FIRST", value_parser = clap::value_parser!(i64).range(0..=1))]
    pub base: Option<i64>,
    /// The language of the report; that of the answer where it is not given.
    #[arg(long, value_enum)]
    pub lang: Option<Lang>,
    /// How much the report tells.
    #[arg(long, value_enum, default_value = "repair")]
    pub feedback: Level,
    /// How a report is printed: text where it is not given, or html with --save.
    #[arg(long, value_enum)]
    pub format: Option<Report>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// The languages of reports.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// English.
    En,
    /// Chinese.
    Zh,
}

/// How much a report tells.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Which steps there are.
    None,
    /// The verdict of each.
    Verdict,
    /// Where a fault comes from as well.
    Place,
    /// Its class, what is the matter and the evidence as well.
    Class,
    /// What would be right as well.
    Repair,
}

impl From<Level> for Feedback {
    fn from(level: Level) -> Self {
        match level {
            Level::None => Feedback::None,
            Level::Verdict => Feedback::Verdict,
            Level::Place => Feedback::Place,
            Level::Class => Feedback::Class,
            Level::Repair => Feedback::Repair,
        }
    }
}

/// The faces of a report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Report {
    /// For the terminal.
    Text,
    /// For GitHub and the like.
    Markdown,
    /// A page that needs no network.
    Html,
}

/// `fmt`
#[derive(Args)]
pub struct Fmt {
    /// Files (.cvp, .md) and folders, rewritten in place.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Write nothing; exit 1 where a file is not in the canonical form.
    #[arg(long)]
    pub check: bool,
}
