//! What may be written on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use convprove::export::Detail;
use convprove::grade::report::Feedback;

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
Below stand the counterexample, what is left to prove, or the line of a chain that fails. \
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
  convprove prove 'sum(i in 0..n-1) c = n*c' --with 'size n; scalar c' --explain";

const EXPLAIN: &str = "\
Each line of a derivation is one idea with its reason. A theorem that is refuted is explained by its counterexample.

Examples:
  convprove explain proofs/exercise-5-2.cvp:wide_commutes
  convprove explain proofs/exercise-5-2.cvp --format latex > proofs.tex
  convprove explain proofs/chains.cvp:chain_of_3 --detail full --ascii";

const VERIFY: &str = "\
A certificate holds a statement and every step of its proof. The kernel checks it without search and without numbers. \
It says nothing about the statement being the one you meant: read what is printed, or name the file that states it.

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

Exit status: 1 where a step is wrong, a typo or incomplete; 4 where a file cannot be read; 3 where a step is undecided.

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
        /// As JSON.
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
    /// As JSON.
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
    #[arg(long = "with", value_name = "DECLARATIONS", default_value = "")]
    pub declarations: String,
    /// Print the derivation too.
    #[arg(long)]
    pub explain: bool,
    /// Print e-nodes, classes, iterations, stop reason and time per phase.
    #[arg(long)]
    pub stats: bool,
    /// As JSON.
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
    /// Terms in plain ASCII, as in a proof file.
    #[arg(long)]
    pub ascii: bool,
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

/// `verify`
#[derive(Args)]
pub struct Verify {
    /// Certificates (.json) and folders of them.
    #[arg(required = true)]
    pub certificates: Vec<PathBuf>,
    /// Demand that each statement be that of the theorem of the same name in this file.
    #[arg(long, value_name = "FILE")]
    pub against: Option<PathBuf>,
    /// As JSON.
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
    /// Write one page per answer, summary.csv and summary.html into this folder.
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
    /// How it is printed.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Report,
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
