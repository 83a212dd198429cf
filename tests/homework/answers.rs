//! Twelve published answers: every step is read, and read as a person would.

use convprove::homework::{Reading, StepKind, read};

use crate::key::{ANSWERS, key, squeezed};

/// Every step of the key is read, at its line, from exactly its text.
#[test]
fn every_step_of_the_key_is_read() {
    let key = key();
    assert_eq!(key.len(), 72);
    let mut rates = Vec::new();
    for (name, text) in ANSWERS {
        let reading = read(text);
        let (mut all, mut found) = (0, 0);
        for step in key.iter().filter(|step| step["answer"] == name) {
            all += 1;
            let wanted = squeezed(step["latex"].as_str().unwrap());
            let line = step["line"].as_u64().unwrap() as usize;
            let here = reading.steps.iter().any(|read| {
                // A label such as "time" stands before the formula; the formula then begins with its relation.
                let source = squeezed(&read.source);
                read.line == line && (source == wanted || source.trim_start_matches('=') == wanted)
            });
            found += usize::from(here);
            if !here {
                println!("{name} {}: not read at line {line}: {}", step["step"], step["latex"]);
            }
        }
        rates.push((name, found, all));
    }
    for (name, found, all) in &rates {
        println!("{name}: {found} of {all} steps read");
    }
    assert!(rates.iter().all(|(_, found, all)| found == all), "{rates:?}");
}

#[test]
fn nothing_in_the_answers_is_unreadable() {
    for (name, text) in ANSWERS {
        let reading = read(text);
        assert!(reading.unreadable.is_empty(), "{name}: {:?}", reading.unreadable);
    }
}

/// One line a step, with remarks.
fn shown(reading: &Reading) -> String {
    let mut page = String::new();
    for step in &reading.steps {
        let label = step.label.as_ref().map(|label| format!("{label} ")).unwrap_or_default();
        let after = step.continues.map(|before| format!(" after {}", reading.steps[before].id)).unwrap_or_default();
        let tag = step.tag.as_ref().map(|tag| format!("  ({tag})")).unwrap_or_default();
        page.push_str(&format!(
            "{} {} {}{after}: {label}{}{tag}\n",
            step.id,
            step.line,
            step.kind.word(),
            step.reading()
        ));
        for note in &step.notes {
            let repair = note.repair.as_ref().map(|repair| format!(" | {repair}")).unwrap_or_default();
            page.push_str(&format!("    {}{repair}\n", note.kind.word()));
        }
    }
    for (tensor, axes) in &reading.symbols.tensors {
        page.push_str(&format!("tensor {} {axes:?}\n", convprove::homework::print::name(tensor)));
    }
    page
}

/// The readings themselves, looked through by hand.
#[test]
fn the_readings_do_not_change() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, text) in ANSWERS {
            insta::assert_snapshot!(name, shown(&read(text)));
        }
    });
}

#[test]
fn a_chain_goes_on_over_displays() {
    let reading = read(include_str!("answers/a20.md"));
    let claims = reading.claims();
    let left = |step: usize| {
        let claim = claims.iter().find(|claim| claim.step == step).unwrap();
        convprove::homework::print::expr(claim.left)
    };
    // The seventh display begins with `=`: its left side is the right side of the sixth.
    assert_eq!(left(6), "Σ(i in 0..H-k_1) Σ(j in 0..W-k_2) δ^(l)[i, j] o^(l-1)[i+m', j+n']");
    assert!(left(9).starts_with("Σ(m in 0..k_1-1)"));
    assert_eq!(convprove::homework::print::expr(reading.chain_start(10).unwrap()), "∂E/∂x^(l)[i', j']");
}

/// A substitution and a domain beside a chain are nothing to be proved.
#[test]
fn every_statement_has_its_kind() {
    let reading =
        read("$$s = i+u-1, \\quad y_i = \\sum_{u=1}^m w_u x_{i+u-1} = \\sum_s w_{s-i+1} x_s, \\quad 1 \\le i \\le M$$");
    let kinds: Vec<StepKind> = reading.claims().iter().map(|claim| claim.kind).collect();
    use StepKind::*;
    assert_eq!(kinds, [Substitution, Chain, Chain, Domain, Domain]);
    assert_eq!(reading.steps[0].kind, Chain);
}

#[test]
fn the_kinds_of_the_first_answer() {
    let reading = read(include_str!("answers/a01.md"));
    let kinds: Vec<StepKind> = reading.steps.iter().map(|step| step.kind).collect();
    use StepKind::*;
    let expected = [
        Chain,
        Substitution,
        Substitution,
        Chain,
        Domain,
        Chain,
        Arithmetic,
        Arithmetic,
        Arithmetic,
        Arithmetic,
        Values,
        Values,
        Sizes,
        Sizes,
    ];
    assert_eq!(kinds, expected);
    assert_eq!(reading.steps[6].label.as_deref(), Some("时间复杂度"));
    let damaged: Vec<&str> =
        reading.steps.iter().filter(|step| step.is_damaged()).map(|step| step.id.as_str()).collect();
    assert_eq!(damaged, ["s5", "s7", "s8", "s11", "s12", "s13", "s14"]);
}
