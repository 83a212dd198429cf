//! The command line: a thin shell over the library. All reading, writing and exiting happens here.

pub mod args;
mod check;
mod files;
mod report;
mod status;
mod verify;

use std::io::{IsTerminal, Write};

use args::{Cli, Command};
use status::Status;

/// Runs a command and gives its exit status.
pub fn run(cli: &Cli) -> u8 {
    let status = match &cli.command {
        Command::Check(args) => check::check(args),
        Command::Prove(args) => Ok(check::prove(args)),
        Command::Explain(args) => check::explain(args),
        Command::Verify(args) => verify::verify(args),
        Command::Fmt(args) => verify::fmt(args),
        Command::Laws { json } => {
            let laws = convprove::export::laws::render_json;
            say(&if *json { laws().to_string() } else { convprove::export::laws::render_text() });
            Ok(Status::Fine)
        }
    };
    match status {
        Ok(status) => status.code(),
        Err(message) => {
            eprintln!("convprove: {message}");
            Status::Unreadable.code()
        }
    }
}

/// Prints a line; a reader that has gone away, as in `convprove … | head`, is no fault.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Whether colours may be used.
fn color() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}
