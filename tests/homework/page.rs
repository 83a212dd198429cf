//! Where formulas are found, and that nothing is lost.

use convprove::homework::{PieceKind, Reading, Setting, read};

use super::key::ANSWERS;

/// Every byte that is not blank belongs to exactly one piece; pieces name steps and faults that are there.
pub fn everything_is_accounted_for(text: &str, reading: &Reading) {
    let mut covered = vec![0u8; text.len()];
    for piece in &reading.pieces {
        assert!(text.get(piece.span.clone()).is_some(), "{piece:?} is no part of the text");
        covered[piece.span.clone()].iter_mut().for_each(|count| *count += 1);
        match piece.kind {
            PieceKind::Step(number) | PieceKind::Copy(number) => assert!(number < reading.steps.len()),
            PieceKind::Unreadable(number) => assert!(number < reading.unreadable.len()),
            PieceKind::Prose | PieceKind::Hidden => {}
        }
    }
    for (at, letter) in text.char_indices() {
        let count = covered[at];
        assert!(count <= 1, "byte {at} is in {count} pieces");
        assert!(count == 1 || letter.is_whitespace(), "byte {at}, {letter:?}, is in no piece");
    }
    for step in &reading.steps {
        assert_eq!(text.get(step.span.clone()), Some(step.source.as_str()));
        assert!(step.continues.is_none_or(|before| before < reading.steps.len()));
    }
}

#[test]
fn the_answers_are_accounted_for() {
    for (_, text) in ANSWERS {
        everything_is_accounted_for(text, &read(text));
    }
}

#[test]
fn delimiters_and_lines() {
    let text = "Text $a = b$ and \\(c = d\\).\n\n$$e = f$$$$g = h$$\n\n\\[\ni = j\n\\]\n\n```math\nk = l\n```\n\n```python\nm = n\n```\n\no = p\n";
    let reading = read(text);
    let found: Vec<(usize, Setting, String)> =
        reading.steps.iter().map(|step| (step.line, step.setting, step.reading())).collect();
    let expected = [
        (1, Setting::Inline, "a = b"),
        (1, Setting::Inline, "c = d"),
        (3, Setting::Display, "e = f"),
        (3, Setting::Display, "g = h"),
        (6, Setting::Display, "i = j"),
        (10, Setting::Display, "k = l"),
        (17, Setting::Bare, "o = p"),
    ];
    assert_eq!(found, expected.map(|(line, setting, text)| (line, setting, text.to_string())));
    everything_is_accounted_for(text, &reading);
    assert!(
        reading
            .pieces
            .iter()
            .any(|piece| piece.kind == PieceKind::Hidden && text[piece.span.clone()].contains("m = n"))
    );
}

#[test]
fn a_fault_has_its_place_and_the_next_formula_is_read() {
    let text = "$$a = b$$\n\nso\n\n$$x = \\badcommand{y}$$\n\n$$c = d$$\n";
    let reading = read(text);
    assert_eq!(reading.steps.len(), 2);
    let [fault] = reading.unreadable.as_slice() else { panic!("{:?}", reading.unreadable) };
    assert_eq!((fault.line, fault.column), (5, 7));
    assert_eq!(&text[fault.at.clone()], "\\badcommand");
    assert!(fault.message.contains("\\badcommand"));
    everything_is_accounted_for(text, &reading);
}

#[test]
fn a_chain_does_not_go_on_over_a_fault() {
    let reading = read("$$a = b$$\n\n$$= \\bad$$\n\n$$= c$$\n\n$$= d$$\n");
    assert_eq!(reading.steps.len(), 3);
    assert_eq!(reading.steps[1].continues, None);
    assert_eq!(reading.steps[2].continues, Some(1));
    let claims: Vec<String> =
        reading.claims().iter().map(|claim| convprove::homework::print::expr(claim.left)).collect();
    assert_eq!(claims, ["a", "c"]);
}

#[test]
fn the_second_copy_is_named_and_not_read() {
    let text = "(i=5,k=3)(i=5,k=3) 时";
    let reading = read(text);
    let copies: Vec<&str> = reading
        .pieces
        .iter()
        .filter(|piece| matches!(piece.kind, PieceKind::Copy(0)))
        .map(|piece| &text[piece.span.clone()])
        .collect();
    assert_eq!(copies, ["(i=5,k=3)"]);
    everything_is_accounted_for(text, &reading);
}
