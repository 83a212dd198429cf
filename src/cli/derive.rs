//! `derive`: closed forms of gradients, with their proofs.

use std::collections::BTreeMap;
use std::path::Path;

use convprove::decide::{Decision, Options, Verdict, decide};
use convprove::derive::{Derived, Shape, derive, shapes};
use convprove::diag::{Diagnostic, Severity};
use convprove::emit::{Formula, Target, program};
use convprove::export::gradient::{formula, opening, prose};
use convprove::export::notation::Notation;
use convprove::export::text::{self, Charset};
use convprove::export::{
    self, Derivation, Detail, html_page, latex, latex_document, markdown_document, render_json, render_text,
};
use convprove::kernel::{Claim, Expr, Name, Rank, Statement};
use convprove::search::Open;
use convprove::syntax::{self, Request};
use serde_json::{Value, json};

use super::args::{Derive, Format};
use super::check::known;
use super::files::{self, Source};
use super::report::{self, Layout, Page, Tally};
use super::status::Status;
use super::{Failure, color, complain, say};

/// What came of a request.
struct Answer<'a> {
    request: &'a Request,
    derived: Derived,
    decision: Decision,
}

/// Prints closed forms.
pub fn run(args: &Derive) -> Result<Status, Failure> {
    let (path, name) = files::target(&args.target);
    let source = files::read(Path::new(path))?;
    let module = syntax::load(&source.text, source.literate);
    let wanted = |request: &&Request| name.is_none_or(|name| request.statement.name.as_str() == name);
    let errors: Vec<Diagnostic> =
        module.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).cloned().collect();
    report::complain_all(&errors, &source.name, &source.text);
    if let Some(name) = name
        && !module.requests.iter().any(|request| request.statement.name.as_str() == name)
        && errors.is_empty()
    {
        let names = module.requests.iter().map(|request| request.statement.name.as_str());
        let message = format!("{}: nothing called {name} is to be derived; {}", source.name, known(names));
        return Err(Failure::Usage(message));
    }
    let shapes = shapes(&module.library);
    let (mut answers, mut failed) = (Vec::new(), Vec::new());
    for request in module.requests.iter().filter(wanted) {
        match answer(&shapes, request, args.raw) {
            Ok(answer) => answers.push(answer),
            Err(diagnostic) => failed.push(diagnostic),
        }
    }
    report::complain_all(&failed, &source.name, &source.text);
    let status = if errors.is_empty() && failed.is_empty() { Status::Fine } else { Status::Unreadable };
    let status = answers.iter().map(|answer| Status::of(&answer.decision)).fold(status, Status::max);
    let errors: Vec<Diagnostic> = errors.into_iter().chain(failed).collect();
    if let Some(language) = args.emit {
        return emit(args, Target::from(language), &answers).map(|()| status);
    }
    match args.format {
        Format::Json => print_json(args, &source, &answers, &errors),
        Format::Text => print_text(args, &source, &answers),
        _ => print_document(args, &source, &answers),
    }
    Ok(status)
}

fn answer<'a>(shapes: &[Shape<'_>], request: &'a Request, raw: bool) -> Result<Answer<'a>, Diagnostic> {
    let shapes = if raw { &[] } else { shapes };
    let derived = derive(shapes, request)?;
    let mut decision = decide(&derived.goal, &[], &Options::default());
    if !derived.is_closed() {
        // That something is equal to itself is no answer.
        let reason = "no closed form: the derivative of a maximum stays, which is known where one place is the largest; say which, as in \
             `integer function m(i)` and `assume x[m(i)] > x[j] for …`"
            .to_string();
        decision.verdict = Verdict::Undecided(Open { reason, left: vec![derived.form.clone()], right: Vec::new() });
    }
    Ok(Answer { request, derived, decision })
}

/// Prints a program: what the tensors are made of, then the closed forms.
fn emit(args: &Derive, target: Target, answers: &[Answer<'_>]) -> Result<(), Failure> {
    let mut formulas: Vec<Formula> = Vec::new();
    let mut add = |statement: Statement, says: String| {
        if !formulas.iter().any(|other| other.statement.name == statement.name) {
            formulas.push(Formula { statement, says });
        }
    };
    let spelled = |statement: &Statement, form: &Expr, notation: &Notation| {
        let (left, right) = formula(notation, &statement.name, &statement.indices, form);
        text::equation(&left, &right, Charset::Unicode)
    };
    for answer in answers {
        for (made, _) in &answer.request.through {
            let Some(statement) = answer.request.library.forward(made) else { continue };
            let Claim::Equation(_, entry) = &statement.claim else { continue };
            let says = spelled(&statement, entry, &Notation::of_statement(&statement));
            add(statement, says);
        }
        let statement = answer.derived.goal.statement.clone();
        let says = spelled(&statement, &answer.derived.form, &notation(answer));
        add(statement, says);
    }
    let mut ranks: BTreeMap<Name, usize> = BTreeMap::new();
    for formula in &formulas {
        let statement = &formula.statement;
        let definitions = statement.signature.definitions.iter().flat_map(|definition| &definition.axes);
        let tensors = statement.signature.tensors.iter().flat_map(|tensor| &tensor.axes);
        for var in statement.parameters.iter().chain(&statement.indices).chain(tensors).chain(definitions) {
            if let Rank::Symbolic(rank) = &var.rank {
                ranks.insert(rank.clone(), 2);
            }
        }
    }
    for (name, value) in &args.rank {
        if !ranks.contains_key(&Name::from(name.as_str())) {
            return Err(Failure::Usage(format!("--rank {name}={value}: no formula has letters of the rank {name}")));
        }
        let width = usize::try_from(value).ok().filter(|width| (1..=6).contains(width));
        let width =
            width.ok_or_else(|| Failure::Usage(format!("--rank {name}={value}: a rank is a number from 1 to 6")))?;
        ranks.insert(Name::from(name.as_str()), width);
    }
    let program =
        program(&formulas, &ranks, target).map_err(|reason| Failure::Usage(format!("no program: {reason}")))?;
    say(program.text.trim_end());
    Ok(())
}

/// The derivation with what was asked for in front.
fn derivation(args: &Derive, answer: &Answer<'_>) -> Option<Derivation> {
    let Verdict::Proved(proved) = &answer.decision.verdict else { return None };
    let plain = args.format == Format::Json;
    let spell = if plain { export::derivation } else { export::textbook };
    let derivation = spell(&proved.certificate, Detail::from(args.detail));
    let derivation = if args.conditions { derivation.with_conditions() } else { derivation };
    let mut notation = notation(answer);
    if !plain {
        notation = notation.abbreviating(&proved.certificate);
    }
    Some(derivation.with_opening(opening(answer.request, &notation, &answer.derived.form)))
}

/// The notation of the statement, which knows the definitions that the tensors between are made of as well.
fn notation(answer: &Answer<'_>) -> Notation {
    let mut statement = answer.derived.goal.statement.clone();
    let made = answer.request.through.iter().filter_map(|(made, _)| answer.request.library.named(made.as_str()));
    for definition in answer.request.library.definitions_of(made) {
        if !statement.signature.definitions.contains(&definition) {
            statement.signature.definitions.push(definition);
        }
    }
    Notation::of_statement(&statement)
}

fn print_text(args: &Derive, source: &Source, answers: &[Answer<'_>]) {
    let page = Page { name: &source.name, text: &source.text };
    for (position, answer) in answers.iter().enumerate() {
        let Some(derivation) = derivation(args, answer) else {
            let layout = Layout { color: color(), ..Layout::default() };
            say(report::lines(&page, &answer.derived.goal, &answer.decision, &layout).trim_end());
            continue;
        };
        if args.formulas {
            let notation = notation(answer);
            let indices = &answer.request.statement.indices;
            let charset = if args.ascii { Charset::Ascii } else { Charset::Unicode };
            let (left, right) = formula(&notation, &answer.request.statement.name, indices, &answer.derived.form);
            say(&text::equation(&left, &right, charset));
            continue;
        }
        if position > 0 {
            say("");
        }
        say(render_text(&derivation, report::style(!args.ascii)).trim_end());
    }
}

fn print_document(args: &Derive, source: &Source, answers: &[Answer<'_>]) {
    let page = Page { name: &source.name, text: &source.text };
    let mut derivations = Vec::new();
    let mut last = 0;
    for answer in answers {
        // What the author says between the requests, up to the one that is answered here.
        let before = source.text.get(last..answer.request.span.start).unwrap_or_default();
        last = last.max(answer.request.span.end);
        match derivation(args, answer) {
            Some(mut derivation) => {
                if let Some(opening) = &mut derivation.opening {
                    opening.prose = if args.target.contains(':') { Vec::new() } else { prose(before) };
                }
                derivations.push(derivation);
            }
            None => {
                complain(report::lines(&page, &answer.derived.goal, &answer.decision, &Layout::default()).trim_end())
            }
        }
    }
    let document = match args.format {
        Format::Markdown => markdown_document(&derivations),
        Format::Latex => latex_document(&derivations),
        _ => html_page(&derivations, &source.name),
    };
    say(document.trim_end());
}

fn print_json(args: &Derive, source: &Source, answers: &[Answer<'_>], errors: &[Diagnostic]) {
    let page = Page { name: &source.name, text: &source.text };
    let mut tally = Tally::default();
    let mut results = Vec::new();
    if !errors.is_empty() {
        tally.ill_formed();
        results.push(report::ill_formed_json(&source.name, None, errors, &source.text));
    }
    for answer in answers {
        tally.add(&answer.decision);
        let mut result = report::json(&page, &answer.derived.goal, &answer.decision);
        let notation = notation(answer);
        let statement = &answer.request.statement;
        let (left, right) = formula(&notation, &statement.name, &statement.indices, &answer.derived.form);
        let spelled = |expr: &Expr| Value::from(text::expr(expr, &notation, Charset::Ascii));
        result["gradient"] = match &answer.request.of {
            Some((loss, by)) => json!({"loss": loss.as_str(), "by": by.as_str()}),
            None => Value::Null,
        };
        if let Claim::Equation(start, _) = &statement.claim {
            result["start"] = spelled(start);
        }
        result["raw"] = spelled(&answer.derived.raw);
        result["closed"] = spelled(&answer.derived.form);
        result["formula"] = json!({
            "text": text::equation(&left, &right, Charset::Ascii),
            "latex": format!("{} = {}", latex::form(&left), latex::form(&right)),
        });
        let search = &answer.derived.statistics;
        result["search"] = json!({"nodes": search.nodes, "classes": search.classes, "iterations": search.iterations});
        result["derive_ms"] = json!(report::milliseconds(answer.derived.time));
        result["derivation"] = json!(derivation(args, answer).map(|derivation| render_json(&derivation)));
        results.push(result);
    }
    say(&report::envelope("derive", results, &tally).to_string());
}
