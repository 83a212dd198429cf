//! The command line: a thin shell over the library. All reading, writing and exiting happens here.
//!
//! | file | subject |
//! | --- | --- |
//! | [`args`] | what may be written on the command line |
//! | `files`, `save` | reading files and folders, saving certificates |
//! | `print_back` | whether a statement is what its print says |
//! | `check`, `prove`, `explain`, `derive`, `cost`, `picture`, `verify`, `fmt`, `read`, `grade` | the commands |
//! | `report` | decisions and diagnostics as lines of text and as JSON |
//! | `status` | exit statuses |

pub mod args;
mod check;
mod cost;
mod derive;
mod explain;
mod files;
mod fmt;
mod grade;
mod picture;
mod print_back;
mod prove;
mod read;
mod report;
mod save;
mod status;
mod verify;

use std::io::{IsTerminal, Write};

use args::{Cli, Command};
use convprove::export::laws;
use files::Fault;
use status::Status;

/// Why a command ends before it has anything to report.
pub enum Failure {
    /// The command line asks for what is not there.
    Usage(String),
    /// A file cannot be read or written.
    File(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Failure::File(fault)
    }
}

/// Runs a command and gives its exit status.
pub fn run(cli: &Cli) -> u8 {
    let outcome = match &cli.command {
        Command::Check(args) => check::check(args),
        Command::Prove(args) => Ok(prove::prove(args)),
        Command::Explain(args) => explain::explain(args),
        Command::Derive(args) => derive::run(args),
        Command::Cost(args) => cost::cost(args),
        Command::Picture(args) => picture::picture(args),
        Command::Verify(args) => verify::verify(args),
        Command::Read(args) => Ok(read::read(args)),
        Command::Grade(args) => grade::grade(args),
        Command::Fmt(args) => Ok(fmt::fmt(args)),
        Command::Laws { json } => {
            say(if *json { laws::render_json().to_string() } else { laws::render_text() }.trim_end());
            Ok(Status::Fine)
        }
    };
    let status = outcome.unwrap_or_else(|failure| match failure {
        Failure::Usage(message) => {
            complain(&format!("convprove: {message}"));
            Status::Usage
        }
        Failure::File(fault) => {
            complain(&format!("convprove: {fault}"));
            Status::Unreadable
        }
    });
    let _ = std::io::stdout().flush();
    status.code()
}

/// Prints a line; a reader that has gone away, as in `convprove … | head`, is no fault.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints a line on the standard error stream.
fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Whether colours may be used on the standard output.
fn color() -> bool {
    std::io::stdout().is_terminal() && colors_wanted()
}

/// Whether colours may be used on the standard error stream.
fn error_color() -> bool {
    std::io::stderr().is_terminal() && colors_wanted()
}

/// By the convention of no-color.org an empty variable says nothing.
fn colors_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
