//! `explain`: derivations of theorems.

use std::path::Path;

use convprove::decide::{Decision, Options, Verdict, decide_all};
use convprove::diag::{Diagnostic, Severity};
use convprove::export::{
    self, Derivation, Detail, html_page_with, latex_document, markdown_document, render_json, render_text,
};
use convprove::goal::Goal;
use convprove::picture::{Matrix, latex, markdown, svg, text};
use convprove::syntax;
use serde_json::json;

use super::args::{Explain, Format};
use super::check::{known, names_of};
use super::files::{self, Source};
use super::picture;
use super::report::{self, Layout, Page, Tally};
use super::status::Status;
use super::{Failure, color, complain, say};

/// Prints derivations.
pub fn explain(args: &Explain) -> Result<Status, Failure> {
    let (path, name) = files::target(&args.target);
    let source = files::read(Path::new(path))?;
    let module = syntax::load(&source.text, source.literate);
    let theorem = |name: &str| module.goals.iter().rposition(|goal| goal.statement.name.as_str() == name);
    let ill_formed = |name: &str| module.ill_formed.iter().find(|(known, _)| known == name);
    // With a name, only that theorem's faults matter, and theorems after it do not.
    let (last, span) = match name {
        None => (module.goals.len(), 0..usize::MAX),
        Some(name) => match (theorem(name), ill_formed(name)) {
            (Some(position), _) => (position + 1, 0..0),
            (None, Some((_, span))) => (0, span.clone()),
            (None, None) => {
                let message = format!("{}: there is no theorem {name}; {}", source.name, known(names_of(&module)));
                return Err(Failure::Usage(message));
            }
        },
    };
    let errors: Vec<Diagnostic> = module
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error && span.contains(&diagnostic.span.start))
        .cloned()
        .collect();
    report::complain_all(&errors, &source.name, &source.text);
    let picture = match &args.picture {
        None => None,
        Some(layer) => Some(picture::draw(&module, layer, args.input.as_deref(), &args.at)?),
    };
    let goals = module.goals.get(..last).unwrap_or_default();
    let decisions = decide_all(goals, &Options::default(), |_| {});
    let wanted: Vec<(&Goal, &Decision)> =
        goals.iter().zip(&decisions).filter(|(_, decision)| name.is_none_or(|name| decision.name == name)).collect();
    let status = if errors.is_empty() { Status::Fine } else { Status::Unreadable };
    let status = wanted.iter().map(|(_, decision)| Status::of(decision)).fold(status, Status::max);
    if args.format == Format::Json {
        print_json(args, &source, &wanted, &errors);
    } else {
        print(args, &source, &wanted, picture.as_ref());
    }
    Ok(status)
}

fn derive(args: &Explain, decision: &Decision) -> Option<Derivation> {
    let Verdict::Proved(proved) = &decision.verdict else { return None };
    let spell = if args.format == Format::Json { export::derivation } else { export::textbook };
    let derivation = spell(&proved.certificate, Detail::from(args.detail));
    Some(if args.conditions { derivation.with_conditions() } else { derivation })
}

fn print(args: &Explain, source: &Source, wanted: &[(&Goal, &Decision)], picture: Option<&Matrix>) {
    let page = Page { name: &source.name, text: &source.text };
    let mut derivations = Vec::new();
    for (position, (goal, decision)) in wanted.iter().enumerate() {
        let derivation = derive(args, decision);
        if args.format == Format::Text {
            if position > 0 {
                say("");
            }
            let text = match &derivation {
                Some(derivation) => render_text(derivation, report::style(!args.ascii)),
                // What has no derivation is explained by its counterexample, or by what is left.
                None => report::lines(&page, goal, decision, &Layout { color: color(), ..Layout::default() }),
            };
            say(text.trim_end());
        } else if derivation.is_none() {
            complain(report::lines(&page, goal, decision, &Layout::default()).trim_end());
        }
        derivations.extend(derivation);
    }
    match args.format {
        Format::Text | Format::Json => {}
        Format::Markdown => say(markdown_document(&derivations).trim_end()),
        Format::Latex => {
            let array = picture.map_or_else(String::new, latex);
            let document = latex_document(&derivations);
            say(document.replacen("\\end{document}", &format!("{array}\\end{{document}}"), 1).trim_end());
        }
        Format::Html => {
            let title = match derivations.as_slice() {
                [single] => single.title.as_str(),
                _ => &source.name,
            };
            let drawings: Vec<String> = picture.map(svg).into_iter().collect();
            say(html_page_with(&derivations, title, &drawings).trim_end());
        }
    }
    let drawn = picture.map(|matrix| match args.format {
        Format::Text => text(matrix),
        Format::Markdown => markdown(matrix),
        _ => String::new(),
    });
    if let Some(drawn) = drawn.filter(|drawn| !drawn.is_empty()) {
        say("");
        say(drawn.trim_end());
    }
}

fn print_json(args: &Explain, source: &Source, wanted: &[(&Goal, &Decision)], errors: &[Diagnostic]) {
    let page = Page { name: &source.name, text: &source.text };
    let mut tally = Tally::default();
    let mut results = Vec::new();
    if !errors.is_empty() {
        tally.ill_formed();
        results.push(report::ill_formed_json(&source.name, None, errors, &source.text));
    }
    for (goal, decision) in wanted {
        tally.add(decision);
        let mut result = report::json(&page, goal, decision);
        if let Some(derivation) = derive(args, decision) {
            result["derivation"] = json!(render_json(&derivation));
        }
        results.push(result);
    }
    say(&report::envelope("explain", results, &tally).to_string());
}
