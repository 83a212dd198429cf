//! `prove`: one statement from the command line.

use convprove::decide::{Options, Verdict, decide};
use convprove::export::{self, Detail};
use convprove::syntax;
use serde_json::json;

use super::args::Prove;
use super::report::{self, Layout, Page, Tally};
use super::status::Status;
use super::{color, say};

/// How the statement is called in messages.
const NAME: &str = "statement";

/// Decides one statement.
pub fn prove(args: &Prove) -> Status {
    let parsed = match syntax::parse_statement(&args.statement, &args.declarations) {
        Ok(parsed) => parsed,
        Err(fault) => {
            if args.json {
                let result = report::ill_formed_json(NAME, None, &fault.diagnostics, &fault.source);
                let mut tally = Tally::default();
                tally.ill_formed();
                say(&report::envelope("prove", vec![result], &tally).to_string());
            } else {
                report::complain_all(&fault.diagnostics, NAME, &fault.source);
            }
            return Status::Unreadable;
        }
    };
    let decision = decide(&parsed.goal, &[], &Options::default());
    let page = Page { name: NAME, text: "" };
    if args.json {
        let mut tally = Tally::default();
        tally.add(&decision);
        let mut result = report::json(&page, &parsed.goal, &decision);
        result["inferred"] = json!(parsed.inferred);
        if let (Verdict::Proved(proved), true) = (&decision.verdict, args.explain) {
            result["derivation"] = export::render_json(&export::derivation(&proved.certificate, Detail::Summary));
        }
        say(&report::envelope("prove", vec![result], &tally).to_string());
        return Status::of(&decision);
    }
    if !parsed.inferred.is_empty() {
        say("inferred:");
        parsed.inferred.lines().for_each(|line| say(&format!("  {line}")));
        say("");
    }
    for warning in &parsed.warnings {
        say(&format!("note: {}", warning.message));
    }
    let layout = Layout { stats: args.stats, color: color(), ..Layout::default() };
    say(report::lines(&page, &parsed.goal, &decision, &layout).trim_end());
    if let (Verdict::Proved(proved), true) = (&decision.verdict, args.explain) {
        say("");
        say(export::render_text(&export::derivation(&proved.certificate, Detail::Summary), report::style(true))
            .trim_end());
    }
    Status::of(&decision)
}
