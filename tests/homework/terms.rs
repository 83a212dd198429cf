//! What was read as terms of the proof language: they can be stated there, and the prover can judge them.

use convprove::decide::{Options, Verdict, decide_all};
use convprove::homework::{Reading, formula::Relation, read, surface};
use convprove::syntax::ast::{Claim, File, Ident, Item, ItemKind, Span, TermKind, Theorem};
use convprove::syntax::{self, parse_statement};

use super::key::ANSWERS;

/// The claims that the proof language can state, each as text.
fn stated(reading: &Reading) -> Vec<(usize, String)> {
    let span = Span::default();
    let mut texts = Vec::new();
    for claim in reading.claims() {
        let Ok(condition) = surface::claim(&claim, &reading.symbols) else { continue };
        let theorem = Theorem {
            name: Ident { name: "t".to_string(), span },
            indices: Vec::new(),
            assumptions: Vec::new(),
            claim: Claim { left: vec![condition], right: None, span },
            expectation: None,
            proof: None,
        };
        let file = File { items: vec![Item { kind: ItemKind::Theorem(Box::new(theorem)), span }] };
        let text = syntax::print(&file);
        let (again, faults) = syntax::parse(&text);
        assert!(faults.is_empty(), "{text}\n{faults:?}");
        assert_eq!(syntax::print(&again), text);
        let statement = text.trim().strip_prefix("theorem t:").unwrap().trim().to_string();
        texts.push((claim.step, statement));
    }
    texts
}

#[test]
fn claims_print_in_the_proof_language_and_read_back() {
    let mut count = 0;
    for (_, text) in ANSWERS {
        count += stated(&read(text)).len();
    }
    assert!(count >= 60, "{count}");
}

/// One line of a convolution proof, as LaTeX, is proved; a false one is refuted.
#[test]
fn the_prover_judges_what_was_read() {
    let verdict = |source: &str, declarations: &str| {
        let texts = stated(&read(source));
        let (_, statement) = texts.first().unwrap();
        let parsed = parse_statement(statement, declarations)
            .unwrap_or_else(|fault| panic!("{statement}: {:?}", fault.diagnostics));
        let decisions = decide_all(&[parsed.goal], &Options::default(), |_| {});
        match &decisions[0].verdict {
            Verdict::Proved(_) => "proved",
            Verdict::Refuted { .. } => "refuted",
            _ => "undecided",
        }
    };
    let declarations = "size m, n\ntensor w[1..m], x[1..n]\n";
    let right = "$$\\sum_{u=1}^{m} w_u x_{i-u} = \\sum_{s=1}^{n} x_s w_{i-s}$$";
    assert_eq!(verdict(right, declarations), "proved");
    let wrong = "$$\\sum_{u=1}^{m} w_u x_{i-u} = \\sum_{s=1}^{n} x_s w_{i-s+1}$$";
    assert_eq!(verdict(wrong, declarations), "refuted");
    let bare = "\\sum^m_{u=1}\\sum^n_{v=1}w_{uv}\\cdot x_{i+u-1,j+v-1}=\\sum^{i-1+m}_{s=i}\\sum^{j-1+n}_{t=j}x_{st}w_{s-i+1,t-j+1}";
    assert_eq!(verdict(bare, "size M, N, m, n\ntensor w[1..m, 1..n], x[1..M, 1..N]\n"), "proved");
}

#[test]
fn signs_and_gradients_have_names() {
    let reading = read(
        "$$\\frac{\\partial L}{\\partial w_{u,v}} = \\delta_{u,v} + 1$$\n\n$$W \\tilde{\\otimes} X = A *_{full} B$$",
    );
    let claims = reading.claims();
    let left = surface::term(claims[0].left, &reading.symbols).unwrap();
    let TermKind::Subscript(base, position) = &left.kind else { panic!("{left:?}") };
    assert_eq!(base.kind, TermKind::Name("grad_w".to_string()));
    assert_eq!(position.len(), 2);
    let wide = surface::term(claims[1].left, &reading.symbols).unwrap();
    assert!(matches!(&wide.kind, TermKind::Call(name, list, None) if name.name == "otimes_wide" && list.len() == 2));
    let full = surface::term(claims[1].right, &reading.symbols).unwrap();
    assert!(matches!(&full.kind, TermKind::Call(name, _, None) if name.name == "star_full"));
    assert_eq!(claims[1].relation, Relation::Eq);
}

#[test]
fn different_names_are_called_differently() {
    let reading = read("$$\\delta^{l+1} + \\delta^{lp1} + \\hat{x} + x\\_hat = \\delta_{lp1}$$");
    let names: std::collections::BTreeSet<_> =
        reading.symbols.others.iter().chain(reading.symbols.tensors.keys()).collect();
    let idents: std::collections::BTreeSet<String> = names.iter().map(|name| reading.symbols.ident(name)).collect();
    assert_eq!(names.len(), idents.len(), "{names:?} {idents:?}");
    assert!(idents.len() >= 4, "{idents:?}");
}
