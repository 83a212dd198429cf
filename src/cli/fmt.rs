//! `fmt`: files in the canonical form.

use convprove::syntax;

use super::args::Fmt;
use super::files::{self, Fault, Source};
use super::status::Status;
use super::{complain, report, say};

/// Rewrites files in the canonical form, or says which are not in it.
pub fn fmt(args: &Fmt) -> Status {
    let mut status = Status::Fine;
    for path in files::find(&args.paths, &["cvp", "md"]) {
        let outcome = path.and_then(|path| {
            let source = files::read(&path)?;
            match canonical(&source) {
                None => Ok(Status::Unreadable),
                Some(text) if text == source.text => Ok(Status::Fine),
                Some(_) if args.check => {
                    say(&format!("{}: not in the canonical form", source.name));
                    Ok(Status::Refuted)
                }
                Some(text) => {
                    std::fs::write(&path, text).map_err(|error| Fault::new(&path, error))?;
                    say(&format!("{}: formatted", source.name));
                    Ok(Status::Fine)
                }
            }
        });
        status = status.max(outcome.unwrap_or_else(|fault| {
            complain(&format!("convprove: {fault}"));
            Status::Unreadable
        }));
    }
    status
}

fn canonical(source: &Source) -> Option<String> {
    let formatted = if source.literate { syntax::fmt_literate(&source.text) } else { syntax::fmt(&source.text) };
    formatted.map_err(|diagnostics| report::complain_all(&diagnostics, &source.name, &source.text)).ok()
}
