//! `cost`: numbers of operations.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use convprove::cost::Closed;
use convprove::decide::{Decision, Options, Verdict, decide};
use convprove::diag::Severity;
use convprove::export::text;
use convprove::kernel::Name;
use convprove::syntax;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use serde_json::json;

use super::args::Cost;
use super::check::known;
use super::files;
use super::report::{self, Page, Tally};
use super::status::Status;
use super::{Failure, say};

/// One cost.
struct Row<'a> {
    name: &'a str,
    closed: &'a Closed,
    decision: Decision,
    /// Its value at the sizes that are given, or the sizes that are missing.
    value: Option<BigInt>,
    missing: Option<Name>,
}

/// Prints the costs of a file.
pub fn cost(args: &Cost) -> Result<Status, Failure> {
    let (path, only) = files::target(&args.target);
    let source = files::read(Path::new(path))?;
    let module = syntax::load(&source.text, source.literate);
    let costs = || module.costs.iter().filter(|(name, _)| only.is_none_or(|only| only == name));
    if let (Some(only), None) = (only, costs().next()) {
        let names = module.costs.iter().map(|(name, _)| name.as_str());
        return Err(Failure::Usage(format!("{}: there is no cost {only}; {}", source.name, known(names))));
    }
    let errors: Vec<_> =
        module.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).cloned().collect();
    report::complain_all(&errors, &source.name, &source.text);
    let sizes: BTreeMap<Name, BigInt> =
        args.at.iter().map(|(name, value)| (Name::from(name.as_str()), value.clone())).collect();
    // A size that no cost speaks of is a slip of the pen.
    let spoken: BTreeSet<Name> = costs().flat_map(|(_, closed)| closed.sizes()).collect();
    let complete = errors.is_empty() && costs().next().is_some();
    if let Some(unknown) = sizes.keys().find(|name| complete && !spoken.contains(*name)) {
        let names = spoken.iter().map(Name::as_str).collect::<Vec<_>>().join(", ");
        let sizes = if names.is_empty() { "all are numbers".into() } else { format!("the sizes are {names}") };
        let message = format!("--at {unknown}=…: no cost depends on {unknown}; {sizes}");
        return Err(Failure::Usage(message));
    }
    let mut status = if errors.is_empty() { Status::Fine } else { Status::Unreadable };
    let mut rows = Vec::new();
    let mut tally = Tally::default();
    let mut results = Vec::new();
    for (name, closed) in costs() {
        let Some(goal) = module.goals.iter().find(|goal| goal.statement.name.as_str() == name) else { continue };
        let decision = decide(goal, &[], &Options::default());
        status = status.max(Status::of(&decision));
        tally.add(&decision);
        let (value, missing) = match closed.at(&sizes) {
            Ok(value) => (Some(value), None),
            Err(missing) => (None, missing),
        };
        if args.json {
            let mut result = report::json(&Page { name: &source.name, text: &source.text }, goal, &decision);
            result["closed"] = json!(closed.to_string());
            result["value"] = json!(value.as_ref().map(BigInt::to_string));
            results.push(result);
        }
        rows.push(Row { name, closed, decision, value, missing });
    }
    if args.json {
        say(&report::envelope("cost", results, &tally).to_string());
    } else {
        rows.iter().for_each(|row| print(row, rows.first(), &sizes));
    }
    Ok(status)
}

fn print(row: &Row<'_>, first: Option<&Row<'_>>, sizes: &BTreeMap<Name, BigInt>) {
    let mark = match &row.decision.verdict {
        Verdict::Proved(_) => "✓",
        Verdict::Refuted(_) => "✗",
        _ => "?",
    };
    let (name, closed) = (text::name(row.name), text::name(&row.closed.to_string()));
    say(&format!("  {mark} {name} = {closed}"));
    if let Some(value) = row.value.as_ref().filter(|value| value.to_string() != closed) {
        say(&format!("      at these sizes {value}"));
    }
    if let Some(missing) = row.missing.as_ref().filter(|_| !sizes.is_empty()) {
        say(&format!("      its value needs {} too", text::name(missing.as_str())));
    }
    if let (Some(value), Some(Row { name: other, value: Some(whole), .. })) = (&row.value, first)
        && *other != row.name
        && !whole.is_zero()
    {
        say(&format!("      {} of {}", percent(value, whole), text::name(other)));
    }
}

/// `31.8 %`, rounded to the nearest tenth.
fn percent(part: &BigInt, whole: &BigInt) -> String {
    let tenths = (BigRational::new(part * 1000, whole.clone())).round().to_integer();
    let sign = if tenths.is_negative() { "-" } else { "" };
    let tenths = tenths.abs();
    format!("{sign}{}.{} %", &tenths / 10, &tenths % 10)
}
