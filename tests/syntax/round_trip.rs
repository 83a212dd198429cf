//! Printing and reading are inverse to each other.

use convprove::syntax::ast::*;
use convprove::syntax::{fmt, load, parse, print};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn at<T>(kind: T) -> (T, Span) {
    (kind, Span::default())
}

fn ident() -> impl Strategy<Value = Ident> {
    let names = prop::sample::select(vec!["a", "d", "dx", "x1", "w_2", "i'", "α", "summe", "info", "byte", "σ'"]);
    names.prop_map(|name| Ident { name: name.to_string(), span: Span::default() })
}

fn letter() -> impl Strategy<Value = Letter> {
    ident().prop_map(|ident| Letter { ident, rank: None })
}

fn term(kind: TermKind) -> Term {
    let (kind, span) = at(kind);
    Term { kind, span }
}

fn condition(first: Term, rest: Relations) -> Condition {
    Condition { first, rest, span: Span::default() }
}

fn relation() -> impl Strategy<Value = Relation> {
    prop::sample::select(vec![Relation::Eq, Relation::Ne, Relation::Lt, Relation::Le, Relation::Gt, Relation::Ge])
}

fn range(terms: impl Strategy<Value = Term> + Clone) -> impl Strategy<Value = Range> {
    let lower = prop_oneof![4 => terms.clone().prop_map(Bound::Term), 1 => Just(Bound::MinusInfinity)];
    let upper = prop_oneof![4 => terms.prop_map(Bound::Term), 1 => Just(Bound::Infinity)];
    (lower, upper, any::<bool>()).prop_map(|(lower, upper, half_open)| Range {
        lower,
        upper,
        half_open,
        span: Span::default(),
    })
}

fn conditions(terms: impl Strategy<Value = Term> + Clone + 'static) -> impl Strategy<Value = Vec<Condition>> {
    let chain = prop::collection::vec((relation(), terms.clone()), 1..3).prop_map(Relations::Chain);
    let rest = prop_oneof![
        3 => chain,
        1 => terms.clone().prop_map(Relations::Divides),
        1 => range(terms.clone()).prop_map(Relations::In),
    ];
    prop::collection::vec((terms, rest).prop_map(|(first, rest)| condition(first, rest)), 1..3)
}

/// A binder list as the reader makes it: a letter without a range is followed by a condition or by nothing.
fn binders(terms: impl Strategy<Value = Term> + Clone + 'static) -> impl Strategy<Value = Vec<BinderItem>> {
    let ranged = (prop::collection::vec(letter(), 1..3), range(terms.clone()))
        .prop_map(|(letters, range)| BinderItem::Letters(letters, Some(range)));
    let plain = prop::collection::vec(letter(), 1..3).prop_map(|letters| BinderItem::Letters(letters, None));
    let further = conditions(terms).prop_map(|list| {
        let divided = |one: &Condition| !matches!((&one.first.kind, &one.rest), (TermKind::Name(_), Relations::In(_)));
        list.into_iter().filter(divided).map(BinderItem::Condition).collect::<Vec<_>>()
    });
    (prop::collection::vec(ranged, 1..3), prop::option::of(plain), further).prop_map(|(mut items, plain, further)| {
        items.extend(plain);
        items.extend(further);
        items
    })
}

fn terms() -> impl Strategy<Value = Term> + Clone {
    let number = (0u32..2000, 0u32..3)
        .prop_map(|(digits, places)| BigRational::new(BigInt::from(digits), BigInt::from(10).pow(places)));
    let leaf = prop_oneof![
        number.prop_map(|number| term(TermKind::Number(number))),
        ident().prop_map(|ident| term(TermKind::Name(ident.name))),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let inner = inner.boxed();
        let list = |least| prop::collection::vec(inner.clone(), least..4);
        let operator = prop::sample::select(vec![Operator::Times, Operator::Times, Operator::Over, Operator::Mod]);
        let boxed = inner.clone().prop_map(Box::new).boxed();
        prop_oneof![
            prop::collection::vec((any::<bool>(), inner.clone()), 2..4).prop_map(|mut terms| {
                terms[0].0 = false;
                term(TermKind::Add(terms))
            }),
            prop::collection::vec((operator, inner.clone()), 2..4).prop_map(|mut factors| {
                factors[0].0 = Operator::Times;
                term(TermKind::Mul(factors))
            }),
            boxed.clone().prop_map(|inner| term(TermKind::Neg(inner))),
            (boxed.clone(), boxed.clone()).prop_map(|(base, exponent)| term(TermKind::Power(base, exponent))),
            (ident(), list(0), any::<bool>(), ident()).prop_map(|(name, arguments, semicolon, parameter)| {
                let place = (semicolon && arguments.len() > 1).then_some(1);
                let named = |place: usize| (semicolon && place > 0).then(|| parameter.clone());
                let arguments = arguments.into_iter().enumerate();
                let arguments = arguments.map(|(place, term)| Argument { name: named(place), term }).collect();
                term(TermKind::Call(name, arguments, place))
            }),
            (boxed.clone(), list(1)).prop_map(|(base, position)| term(TermKind::Subscript(base, position))),
            conditions(inner.clone()).prop_map(|list| term(TermKind::Bracket(list))),
            boxed.clone().prop_map(|inner| term(TermKind::Floor(inner))),
            boxed.clone().prop_map(|inner| term(TermKind::Ceil(inner))),
            list(2).prop_map(|terms| term(TermKind::Max(terms))),
            list(2).prop_map(|terms| term(TermKind::Min(terms))),
            (binders(inner.clone()), boxed.clone()).prop_map(|(items, body)| term(TermKind::Sum(items, body))),
            (binders(inner.clone()), boxed.clone()).prop_map(|(items, body)| term(TermKind::MaxOver(items, body))),
            (ident(), list(1), boxed.clone())
                .prop_map(|(tensor, position, body)| term(TermKind::Derivative(tensor, position, body))),
        ]
    })
}

fn files() -> impl Strategy<Value = File> {
    let theorem = (ident(), binders(terms()), conditions(terms()), conditions(terms()), prop::option::of(terms()))
        .prop_map(|(name, indices, assumptions, left, proof)| {
            let claim = Claim { left, right: None, span: Span::default() };
            let hints = vec![
                Hint::Name(Ident { name: "zero-outside".to_string(), span: Span::default() }),
                Hint::Equation(term(TermKind::Name("s".to_string())), term(TermKind::Name("u".to_string()))),
            ];
            let proof = proof.map(|first| Proof {
                lines: vec![Line { term: first.clone(), hints }, Line { term: first.clone(), hints: Vec::new() }],
                first,
            });
            let expectation = Some(Ident { name: "refuted".to_string(), span: Span::default() });
            ItemKind::Theorem(Box::new(Theorem { name, indices, assumptions, claim, expectation, proof }))
        });
    let definition =
        (ident(), binders(terms()), conditions(terms()), terms(), prop::collection::vec(range(terms()), 1..3))
            .prop_map(|(name, result, assumptions, body, ranges)| {
                let least =
                    Some(Least { strict: false, bound: term(TermKind::Number(BigRational::from_integer(1.into()))) });
                let letter =
                    |name: &str| Letter { ident: Ident { name: name.to_string(), span: Span::default() }, rank: None };
                let rank = letter("D").ident;
                let sides = ranges.into_iter().map(|range| Side { range, rank: Some(rank.clone()) }).collect();
                let parameters = vec![
                    Parameter::Scalar(letter("c").ident),
                    Parameter::Function(Arrow { name: letter("f").ident, letters: vec![letter("i")] }),
                    Parameter::Tensor(Boxed { name: letter("x").ident, sides }),
                    Parameter::Integer(letter("s"), least.map(Box::new), None),
                    Parameter::Integer(letter("p"), None, Some(Box::new(body.clone()))),
                ];
                let def = Def { name, parameters, semicolon: Some(3), assumptions, result: Some(result), body };
                ItemKind::Def(Box::new(def))
            });
    let item = prop_oneof![theorem, definition].prop_map(|kind| Item { kind, span: Span::default() });
    prop::collection::vec(item, 1..3).prop_map(|items| File { items })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, rng_seed: RngSeed::Fixed(5202), ..ProptestConfig::default() })]

    #[test]
    fn reading_what_is_printed_gives_the_same_tree(file in files()) {
        let text = print(&file);
        let (read, diagnostics) = parse(&text);
        prop_assert!(diagnostics.is_empty(), "{text}\n{diagnostics:?}");
        prop_assert_eq!(&read, &file, "{}", text);
        prop_assert_eq!(fmt(&text).unwrap(), text);
    }
}

#[test]
fn the_corpus_is_in_canonical_form() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/proofs");
    let mut texts: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "cvp"))
        .map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap()))
        .collect();
    texts.sort();
    texts.push(("src/syntax/std.cvp".to_string(), convprove::syntax::STD.to_string()));
    for (name, text) in texts {
        let formatted = fmt(&text).unwrap();
        assert_eq!(parse(&formatted).0, parse(&text).0, "{name}");
        assert_eq!(formatted, text, "{name} is not in canonical form");
    }
}

#[test]
fn comments_are_kept() {
    let text = "# first\nsize n   # how many\n\n\n# before\ntheorem t: # why\n  n = n\nproof\n n # one\n# two\n = n by ring # three\nqed # four\n# last";
    let formatted = fmt(text).unwrap();
    for comment in ["# first", "# how many", "# before", "# why", "# one", "# two", "# three", "# four", "# last"] {
        assert_eq!(formatted.matches(comment).count(), 1, "{comment}:\n{formatted}");
    }
    assert_eq!(fmt(&formatted).unwrap(), formatted);
}

#[test]
fn unicode_and_ascii_are_the_same() {
    let plain =
        "theorem t: sum(u in 1..n) w[u]*x[i-u] = floor(n / 2) - ceil(n / 2) and 1 <= n and n >= 1 and n != 2 and 2 | n";
    let fancy = "theorem t: Σ(u ∈ 1..n) w[u]·x[i−u] = ⌊n/2⌋ − ⌈n/2⌉ ∧ 1 ≤ n, n ≥ 1, n ≠ 2, 2 ∣ n";
    assert_eq!(parse(plain), (parse(fancy).0, Vec::new()));
}

#[test]
fn literate_text_keeps_its_places() {
    let text = "# A page\n\nsize of things\n\n```convprove\nsize n\ntheorem t: n >= 1\n```\n\n~~~ rust\nnot read\n~~~\n```cvp\ntheorem é: n > m\n```\n";
    let module = load(text, true);
    assert_eq!(module.goals.len(), 1);
    let [fault] = module.diagnostics.as_slice() else { panic!("{:?}", module.diagnostics) };
    assert_eq!(&text[fault.span.clone()], "m");
    assert!(convprove::syntax::fmt_literate(text).unwrap().contains("not read"));
}
