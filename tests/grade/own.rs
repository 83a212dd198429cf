//! Answers made for these tests: right ones, in which nothing may be called faulty, and wrong ones with one error a line.

use convprove::grade::{Class, Evidence, Grade, Options, Verdict, grade};

fn graded(text: &str) -> Grade {
    grade(text, &Options::default())
}

#[test]
fn nothing_in_right_answers_is_called_faulty() {
    for (name, text) in [
        ("layers", include_str!("answers/layers.md")),
        ("convolution", include_str!("answers/convolution.md")),
        ("wide", include_str!("answers/wide.md")),
        ("dense", include_str!("answers/dense.md")),
        ("channels", include_str!("answers/channels.md")),
        ("true_convolution", include_str!("answers/true_convolution.md")),
        ("nielsen", include_str!("answers/nielsen.md")),
        ("book", include_str!("answers/book.md")),
        ("strided", include_str!("answers/strided.md")),
        ("counts", include_str!("answers/counts.md")),
        ("sums", include_str!("answers/sums.md")),
        ("images", include_str!("answers/images.md")),
        ("pooling", include_str!("answers/pooling.md")),
        ("mixed", include_str!("answers/mixed.md")),
        ("reversed", include_str!("answers/reversed.md")),
    ] {
        for step in graded(text).steps {
            assert!(!step.verdict.is_fault(), "{name} {}: {} {:?}", step.id, step.reading, step.findings);
        }
    }
}

/// The proof of exercise 5-2 in the book's own signs, line by line.
#[test]
fn a_whole_proof_is_right() {
    let grade = graded(include_str!("answers/wide.md"));
    assert!(grade.steps.iter().all(|step| step.verdict == Verdict::Ok), "{:?}", grade.steps);
}

/// One line each: verdict, class, the proved repair.
#[test]
fn errors_are_found_with_class_and_repair() {
    let grade = graded(include_str!("answers/wrong_layers.md"));
    let found: Vec<(usize, &str, Option<&str>)> = grade
        .steps
        .iter()
        .filter(|step| step.verdict == Verdict::Wrong)
        .map(|step| (step.line, step.classes()[0].word(), step.repair()))
        .collect();
    let wanted = [
        (3, "index", Some("w[1, 1] δ[2, 2] + w[1, 2] δ[2, 1] + w[2, 1] δ[1, 2] + w[2, 2] δ[1, 1]")),
        (5, "flip", Some("δ^(l) * rot180(W^(l)) ⊙ σ'(z^(l-1))")),
        (7, "flip", Some("a^(l-1) * δ^(l)")),
        (11, "substitution", Some("s = i-u")),
        (15, "index", Some("Σ(s in i-m..i-1) w[i-s] x[s]")),
        (17, "arithmetic", None),
    ];
    assert_eq!(found, wanted);
}

/// Whatever is called wrong comes with something that can be checked.
#[test]
fn nothing_is_wrong_without_evidence() {
    for text in [include_str!("answers/wrong_layers.md"), include_str!("answers/wrong_sums.md")] {
        for step in graded(text).steps {
            for finding in step.findings.iter().filter(|finding| finding.verdict.is_fault()) {
                assert_ne!(finding.evidence, Evidence::None, "{} {}", step.id, finding.message.english);
            }
        }
    }
}

#[test]
fn a_meaning_can_be_given() {
    let text = "$$\\frac{\\partial J}{\\partial W^l} = \\delta^l * rot180(a^{l-1})$$";
    let verdict = |meaning: Option<&str>| {
        let mut options = Options::default();
        if let Some(word) = meaning {
            options.meanings.insert("*".into(), convprove::grade::model::Meaning::of(word).unwrap());
        }
        let grade = grade(text, &options);
        (grade.steps[0].verdict, grade.steps[0].classes())
    };
    assert_eq!(verdict(None), (Verdict::Ambiguous, vec![Class::Convention]));
    assert_eq!(verdict(Some("correlation")), (Verdict::Wrong, vec![Class::Flip]));
    assert_eq!(verdict(Some("convolution")).0, Verdict::Ok);
}
