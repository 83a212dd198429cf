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

fn for_exercise(text: &str, remarks: &str) -> Grade {
    let lines: String = remarks.lines().map(|line| format!("# exercise: {line}\n")).collect();
    let exercise = convprove::grade::Exercise::read("own", &lines).unwrap();
    grade(text, &Options { exercise: Some(exercise), ..Options::default() })
}

/// A right rewriting of a wrong line costs nothing: the error is paid for where it was made.
#[test]
fn an_error_is_paid_for_once() {
    let text = "$$z_i = \\sum_{u=1}^{m} w_u a_{i+u-1}$$\n\n\
                $$\\frac{\\partial L}{\\partial w_u} = \\sum_i \\delta_i a_{i+u}$$\n\n$$= \\sum_i a_{u+i} \\delta_i$$\n\n\
                $$= \\sum_i a_{u+i+1} \\delta_i$$";
    let grade = graded(text);
    let found: Vec<_> = grade.steps.iter().map(|step| (step.verdict, step.classes(), step.marks().reached)).collect();
    assert_eq!(found[1], (Verdict::Wrong, vec![Class::Index], 0.0));
    assert_eq!(found[2], (Verdict::Wrong, vec![Class::Inherited], 1.0));
    assert_eq!(grade.steps[2].follows.as_deref(), Some("s2"));
    // A new error in the same chain is no inheritance.
    assert_eq!(found[3], (Verdict::Wrong, vec![Class::Index], 0.0));
    assert_eq!((grade.marks().reached, grade.marks().of), (2.0, 4.0));
}

#[test]
fn marks_are_those_of_the_exercise() {
    let text = "$$2 + 2 = 4$$\n\n$$y_i = \\sum_{u=1}^{m} w_u x_{i+u}$$";
    let marks = for_exercise(text, "marks 2\nmarks arithmetic 5\nmarks goal 3\nnumber 4").marks();
    assert_eq!((marks.reached, marks.open, marks.of), (10.0, 0.0, 10.0));
    let marks = for_exercise(text, "marks goal 3\nnumber 9").marks();
    assert_eq!((marks.reached, marks.of), (2.0, 5.0));
}

/// The final form must be concluded, from whichever side and with whichever letters; to state it at the start is not enough.
#[test]
fn the_final_form_must_be_reached() {
    let form = "sign ⊗ = correlation\nform rot180(W) \\tilde{\\otimes} X = rot180(X) \\tilde{\\otimes} W";
    let reached = |text: &str| for_exercise(text, form).goals[0].reached;
    let claim = "$$rot180(K) \\tilde{\\otimes} A = rot180(A) \\tilde{\\otimes} K$$";
    let sum = "\\sum_{u=1}^{m} k_{m-u+1} a_{i+u-m}";
    assert!(!reached(&format!("$${sum} = {sum}$$")));
    assert!(!reached(&format!("{claim}\n\n$$y_i = {sum}$$")));
    // A definition shows nothing either; an equation between two sums does.
    assert!(!reached(&claim.replace("$$", "$")) && !reached(&format!("$$y_i = {sum}$$\n\n{claim}")));
    let turned = "\\sum_{t=1}^{M} a_t k_{t-i+1}";
    assert!(reached(&format!("$$y_i = {sum} = {turned}$$\n\n{claim}")));
    // Both sides are led to the same sum.
    assert!(reached(&format!(
        "{claim}\n\n$$rot180(K) \\tilde{{\\otimes}} A = {sum}$$\n\n$$rot180(A) \\tilde{{\\otimes}} K = {sum}$$"
    )));
    assert!(!reached("$$1+1=2$$\n\n$$K \\tilde{\\otimes} A = A \\tilde{\\otimes} K$$"));
}

/// The first index of an exercise is for answers that do not show theirs.
#[test]
fn an_answer_may_count_from_another_index() {
    let text = "$$z_i = \\sum_{u=1}^{3} w_u x_{i+u-1}, i = 1, 2$$\n\n\
                $$\\frac{\\partial L}{\\partial w_u} = \\sum_{i=1}^{2} \\delta_i x_{i+u-1}$$";
    let grade = for_exercise(text, "base 0");
    assert!(grade.steps.iter().all(|step| step.verdict == Verdict::Ok), "{:?}", grade.steps);
}

/// What is outside an array is for the exercise to say.
#[test]
fn entries_outside_are_as_the_exercise_says() {
    let text = "$$y_i = \\sum_{u=1}^{m} w_u x_{i+u-1} = \\sum_{u=0}^{m} w_u x_{i+u-1}$$";
    let verdict = |remarks: &str| for_exercise(text, remarks).steps[0].verdict;
    assert_eq!(verdict("base 1\noutside zero"), Verdict::Ok);
    assert_eq!(verdict("base 1\noutside unknown"), Verdict::Incomplete);
    let functions = "$$(f*g)(x) = \\sum_{k=0}^{N-1} f(k) g(x-k) = \\sum_{j=x-N+1}^{x} f(x-j) g(j)$$";
    assert!(for_exercise(functions, "outside zero").steps[0].verdict == Verdict::Ok);
}

/// Letters that are substituted together, in formulas of their own.
#[test]
fn substitutions_side_by_side_belong_together() {
    let text = |s: &str| {
        format!(
            "$$y_{{ij}} = \\sum_{{u=1}}^{{m}}\\sum_{{v=1}}^{{n}} w_{{uv}} x_{{i+u-1,j+v-1}}$$\n\nLet ${s}$ and $t = j+v-1$:\n\n\
             $$= \\sum_{{s=i}}^{{i+m-1}}\\sum_{{t=j}}^{{j+n-1}} w_{{s-i+1,t-j+1}} x_{{st}}$$"
        )
    };
    let verdicts = |s: &str| graded(&text(s)).steps.iter().map(|step| step.verdict).collect::<Vec<_>>();
    assert_eq!(verdicts("s = i+u-1"), [Verdict::Ok; 4]);
    assert_eq!(verdicts("s = i-u+1"), [Verdict::Ok, Verdict::Wrong, Verdict::Ok, Verdict::Ok]);
}
