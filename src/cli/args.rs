//! What may be written on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Proves, refutes and explains identities between sums of products of tensor entries, for all sizes at once.
#[derive(Parser)]
#[command(version, arg_required_else_help = true, after_help = EXIT)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT: &str = "Exit status, the first that applies: 70 the kernel and the cross-check disagree (please report it), \
2 usage, 1 something refuted, 4 unreadable or ill-formed input, 3 something undecided, 0 all as expected.";

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Decide every theorem of files and folders.
    #[command(
        after_help = "Examples:\n  convprove check\n  convprove check proofs/chains.cvp --stats\n  convprove check proofs --save certificates --json"
    )]
    Check(Check),
    /// Decide one statement.
    #[command(
        after_help = "Example:\n  convprove prove 'sum(u in 1..m) w[u] x[i-u] = sum(s in 1..n) x[s] w[i-s]' \\\n    --with 'size m, n; tensor w[1..m], x[1..n]' --explain"
    )]
    Prove(Prove),
    /// Print the derivation of a theorem, like a textbook.
    #[command(
        after_help = "Examples:\n  convprove explain proofs/exercise-5-2.cvp:wide_commutes\n  convprove explain proofs/exercise-5-2.cvp --format latex > proof.tex"
    )]
    Explain(Explain),
    /// Check saved certificates with the kernel alone.
    #[command(after_help = "Example:\n  convprove check proofs --save certificates && convprove verify certificates")]
    Verify(Verify),
    /// Print files in the canonical form.
    Fmt(Fmt),
    /// List the laws that proofs rest on.
    Laws {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

/// `check`
#[derive(Args)]
pub struct Check {
    /// Files (.cvp, .md) and folders.
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
}

/// `prove`
#[derive(Args)]
pub struct Prove {
    /// The statement.
    pub statement: String,
    /// Declarations, separated by `;`. What is not declared is inferred and printed.
    #[arg(long = "with", default_value = "")]
    pub declarations: String,
    /// Print the derivation too.
    #[arg(long)]
    pub explain: bool,
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
    /// Show every step of the kernel.
    #[arg(long)]
    pub full: bool,
    /// Plain ASCII that can be pasted into a proof file.
    #[arg(long)]
    pub ascii: bool,
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
