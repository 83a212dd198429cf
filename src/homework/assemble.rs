//! From formulas to steps.

use std::collections::BTreeMap;
use std::ops::Range;

use super::formula::*;
use super::kinds::{is_numeric, kind};
use super::macros::Macros;
use super::note::{Fault, Note, NoteKind};
use super::page::{self, CutKind};
use super::places::Places;
use super::resolve::Evidence;
use super::symbols::Symbols;
use super::{Piece, PieceKind, Reading, Setting, Step, StepKind, Unreadable, bare, latex, markup};

/// A formula of the page, read or not.
struct Item {
    /// With its delimiters.
    outer: Range<usize>,
    /// Without them.
    inner: Range<usize>,
    setting: Setting,
    label: Option<String>,
    /// Second copies, which are not read.
    copies: Vec<Range<usize>>,
    parsed: Result<latex::Parsed, Fault>,
}

/// Reads a text that is not too long.
pub(super) fn read(text: &str) -> Reading {
    let written = text;
    let text = &markup::undressed(text);
    let macros = &Macros::of(written);
    let places = Places::new(text);
    let mut pieces: Vec<(Range<usize>, PieceKind)> = Vec::new();
    let mut items: Vec<Item> = Vec::new();
    let mut unreadable: Vec<(Range<usize>, Fault)> = Vec::new();
    let mut budget = bare::DOUBLE_BUDGET;
    for cut in page::cut(text) {
        match cut.kind {
            CutKind::Hidden => pieces.push((cut.span, PieceKind::Hidden)),
            CutKind::Open => {
                let mark = text.get(cut.span.clone()).unwrap_or_default();
                let mut fault = Fault::new(cut.span.clone(), format!("`{mark}` is not closed"));
                fault.hint = Some("what follows is read as text".to_string());
                unreadable.push((cut.span, fault));
            }
            // Nothing but definitions of commands.
            CutKind::Formula(inner, _) if is_blank(text, &inner) && !is_blank(written, &inner) => {
                pieces.push((cut.span, PieceKind::Hidden));
            }
            CutKind::Formula(inner, display) => {
                let setting = if display { Setting::Display } else { Setting::Inline };
                delimited(text, cut.span, inner, setting, macros, &mut items);
            }
            CutKind::Text => {
                for found in bare::find(text, cut.span.clone()) {
                    items.push(undelimited(text, found, macros, &mut budget));
                }
            }
        }
    }
    let statements = items.iter().filter_map(|item| item.parsed.as_ref().ok()).flat_map(|parsed| &parsed.statements);
    let evidence = Evidence::of(statements);
    one_name(&mut items);
    let mut steps: Vec<Step> = Vec::new();
    for item in items {
        let Item { outer, inner, setting, label, copies, parsed } = item;
        let settled = parsed.and_then(|parsed| {
            let latex::Parsed { statements, main: _, tag, remarks, mut notes, styles: _ } = parsed;
            let statements = evidence.settle(statements, &mut notes)?;
            Ok((statements, tag, remarks, notes))
        });
        match settled {
            Ok((statements, tag, remarks, notes)) => {
                let number = steps.len();
                // A second copy inside the formula is a piece of its own.
                let mut start = outer.start;
                for copy in copies {
                    pieces.push((start..copy.start, PieceKind::Step(number)));
                    start = copy.end;
                    pieces.push((copy, PieceKind::Copy(number)));
                }
                pieces.push((start..outer.end, PieceKind::Step(number)));
                let (line, column) = places.of(inner.start);
                steps.push(completed(
                    Step {
                        id: String::new(),
                        line,
                        column,
                        source: written.get(inner.clone()).unwrap_or_default().to_string(),
                        span: inner,
                        setting,
                        kind: StepKind::Expression,
                        label,
                        tag,
                        remarks,
                        statements,
                        kinds: Vec::new(),
                        continues: None,
                        notes,
                    },
                    &evidence,
                ));
            }
            Err(fault) => unreadable.push((outer, fault)),
        }
    }
    unreadable.sort_by_key(|(span, _)| span.start);
    let unreadable: Vec<Unreadable> = unreadable
        .into_iter()
        .enumerate()
        .map(|(number, (span, fault))| {
            pieces.push((span.clone(), PieceKind::Unreadable(number)));
            let (line, column) = places.of(fault.span.start);
            Unreadable { line, column, span, at: fault.span, message: fault.message, hint: fault.hint }
        })
        .collect();
    connect(text, &mut steps, &unreadable);
    let symbols = Symbols::of(&steps);
    Reading { pieces: complete(written, pieces), steps, unreadable, symbols }
}

fn is_blank(text: &str, part: &Range<usize>) -> bool {
    text.get(part.clone()).is_none_or(|inside| inside.trim().is_empty())
}

/// A letter in bold and the plain letter are read as one name; the first formula with the other style says so.
fn one_name(items: &mut [Item]) {
    let mut seen: BTreeMap<String, latex::Styles> = BTreeMap::new();
    for item in items {
        let Ok(parsed) = &mut item.parsed else { continue };
        for (letter, styles) in &parsed.styles {
            let before = seen.entry(letter.clone()).or_default();
            let told = before.styled && before.plain;
            before.styled |= styles.styled;
            before.plain |= styles.plain;
            if !told && before.styled && before.plain {
                let message = format!("{letter} in bold and plain {letter} are read as one name");
                parsed.notes.push(Note::new(NoteKind::OneName, item.inner.clone(), message));
            }
        }
    }
}

/// Adds the prose between the pieces.
fn complete(text: &str, mut pieces: Vec<(Range<usize>, PieceKind)>) -> Vec<Piece> {
    pieces.retain(|(span, _)| !span.is_empty());
    pieces.sort_by_key(|(span, _)| span.start);
    let mut all = Vec::new();
    let mut at = 0;
    let prose = |from: usize, to: usize, all: &mut Vec<Piece>| {
        let between = text.get(from..to).unwrap_or_default();
        let start = from + (between.len() - between.trim_start().len());
        if !between.trim().is_empty() {
            all.push(Piece { span: start..start + between.trim().len(), kind: PieceKind::Prose });
        }
    };
    for (span, kind) in pieces {
        prose(at, span.start, &mut all);
        at = span.end;
        all.push(Piece { span, kind });
    }
    prose(at, text.len(), &mut all);
    all
}

// ------------------------------------------------------------------------------------------------------------- formulas

/// Reads a formula between delimiters; where it cannot be read as a whole, its rows are read one by one.
fn delimited(
    text: &str,
    outer: Range<usize>,
    inner: Range<usize>,
    setting: Setting,
    macros: &Macros,
    items: &mut Vec<Item>,
) {
    let source = text.get(inner.clone()).unwrap_or_default();
    let trimmed = source.trim();
    let start = inner.start + (source.len() - source.trim_start().len());
    let inner = start..start + trimmed.len();
    let item = |outer: Range<usize>, inner: Range<usize>, parsed| Item {
        outer,
        inner,
        setting,
        label: None,
        copies: Vec::new(),
        parsed,
    };
    let parsed = latex::parse(trimmed, inner.start, false, macros);
    let rows = if parsed.is_err() { latex::row_ranges(trimmed) } else { Vec::new() };
    if rows.len() < 2 {
        items.push(item(outer, inner, parsed));
        return;
    }
    let mut parts: Vec<(Range<usize>, Result<latex::Parsed, Fault>)> = rows
        .into_iter()
        .map(|row| {
            let here = inner.start + row.start..inner.start + row.end;
            let parsed = latex::parse(text.get(here.clone()).unwrap_or_default(), here.start, false, macros);
            (here, parsed)
        })
        .collect();
    if parts.iter().all(|(_, parsed)| parsed.is_err()) {
        items.push(item(outer, inner, parsed));
        return;
    }
    // The delimiters and what stands between the rows belong to the rows beside them.
    let starts: Vec<usize> = parts.iter().map(|(span, _)| span.start).skip(1).collect();
    let mut from = outer.start;
    let count = parts.len();
    for (number, (here, parsed)) in parts.drain(..).enumerate() {
        let to = if number + 1 == count { outer.end } else { starts.get(number).copied().unwrap_or(here.end) };
        items.push(item(from..to, here, parsed));
        from = to;
    }
}

/// Reads a formula without delimiters. Of a formula that stands twice in a row the first copy is read.
fn undelimited(text: &str, found: bare::Found, macros: &Macros, budget: &mut usize) -> Item {
    let source = text.get(found.span.clone()).unwrap_or_default();
    let copies = bare::doubled(source, budget);
    let mut masked = source.to_string();
    for copy in &copies {
        masked.replace_range(copy.clone(), &" ".repeat(copy.len()));
    }
    let start = found.span.start;
    let mut parsed = latex::parse(&masked, start, true, macros);
    if let Ok(parsed) = &mut parsed {
        for copy in &copies {
            let here = copy.start + start..copy.end + start;
            let message = "the formula stands here a second time, as in text copied from a rendered page, which loses fraction bars";
            parsed.notes.push(Note::new(NoteKind::Doubled, here, message));
        }
    }
    let copies = if parsed.is_ok() { copies } else { Vec::new() };
    Item {
        outer: found.span.clone(),
        inner: found.span,
        setting: Setting::Bare,
        label: found.label,
        copies: copies.into_iter().map(|copy| copy.start + start..copy.end + start).collect(),
        parsed,
    }
}

// ---------------------------------------------------------------------------------------------------------------- steps

/// Settles what a step says as a whole: its statements, label, number and kind.
fn completed(step: Step, evidence: &Evidence) -> Step {
    let mut statements = flattened(step.statements);
    let label = step.label.or_else(|| words_before(&mut statements));
    let tag = step.tag.or_else(|| number_at_end(&mut statements));
    let whole = kind(&statements, step.setting, evidence);
    let single = |statement| kind(std::slice::from_ref(statement), step.setting, evidence);
    let kinds = statements.iter().map(single).collect();
    let mut notes = step.notes;
    notes.extend(missing_sides(&statements));
    notes.extend(lost_relations(&statements, evidence));
    notes.sort_by_key(|note| (note.span.start, note.span.end));
    Step { kind: whole, kinds, label, tag, statements, notes, ..step }
}

/// A bracket of comparisons is those comparisons: `(i=5, k=3)`. Letters before a letter with a domain share it: `i, j ∈ Q`.
fn flattened(statements: Vec<Statement>) -> Vec<Statement> {
    let mut all = Vec::new();
    for statement in statements.into_iter().flat_map(implications).flat_map(conditioned) {
        match statement {
            Statement::Chain(chain) if equations(&chain).is_some() => {
                all.extend(equations(&chain).into_iter().flatten().map(Statement::Chain));
            }
            Statement::Chain(Chain { first: Some(first), links, span }) if links.is_empty() => match first.kind {
                Kind::Chain(chain) => all.push(Statement::Chain(*chain)),
                // A system of equations.
                Kind::Cases(rows)
                    if rows.iter().all(|(value, rest)| matches!(value.kind, Kind::Chain(_)) && rest.is_empty()) =>
                {
                    all.extend(rows.into_iter().filter_map(|(value, _)| match value.kind {
                        Kind::Chain(chain) => Some(Statement::Chain(*chain)),
                        _ => None,
                    }));
                }
                Kind::Parens(Bracket::Round, list) if list.iter().all(|part| matches!(part.kind, Kind::Chain(_))) => {
                    all.extend(list.into_iter().filter_map(|part| match part.kind {
                        Kind::Chain(chain) => Some(Statement::Chain(*chain)),
                        _ => None,
                    }));
                }
                kind => {
                    let first = Some(Expr { kind, span: first.span });
                    all.push(Statement::Chain(Chain { first, links, span }));
                }
            },
            other => all.push(other),
        }
    }
    listed_range(&mut all);
    all
}

/// `x_u = 0 (u < 1)`: the bracket says where the equation holds.
fn conditioned(statement: Statement) -> Vec<Statement> {
    let Statement::Chain(mut chain) = statement else { return vec![statement] };
    let Some(Link { relation: Relation::Eq, side: Some(side), .. }) = chain.links.last_mut() else {
        return vec![Statement::Chain(chain)];
    };
    let condition = |part: &Expr| match &part.kind {
        Kind::Chain(chain) => chain.links.iter().all(|link| {
            matches!(
                link.relation,
                Relation::Lt | Relation::Le | Relation::Gt | Relation::Ge | Relation::Ne | Relation::In
            )
        }),
        kind => matches!(kind, Kind::Text(_)),
    };
    let Kind::Product(factors) = &mut side.kind else { return vec![Statement::Chain(chain)] };
    let last = factors.last().and_then(|(sign, last)| match &last.kind {
        Kind::Parens(Bracket::Round, list) if sign.sign == Sign::Beside && list.iter().all(condition) => {
            Some(list.clone())
        }
        _ => None,
    });
    // A mask, `𝟙(z > 0)`, is a call and no product.
    let Some(conditions) = last.filter(|_| factors.len() > 1) else { return vec![Statement::Chain(chain)] };
    factors.pop();
    if let [(_, only)] = factors.as_slice() {
        *side = only.clone();
    }
    let said = conditions.into_iter().map(|part| match part.kind {
        Kind::Chain(chain) => Statement::Chain(*chain),
        Kind::Text(words) => Statement::Words(words, part.span),
        kind => Statement::Words(super::print::expr(&Expr { kind, span: part.span }), part.span),
    });
    std::iter::once(Statement::Chain(chain)).chain(said).collect()
}

/// A matrix of entries that is equal to a matrix says what each of the entries is.
fn equations(chain: &Chain) -> Option<Vec<Chain>> {
    let Some(Expr { kind: Kind::Matrix(left), .. }) = &chain.first else { return None };
    let [link @ Link { relation: Relation::Eq, side: Some(side), .. }] = chain.links.as_slice() else { return None };
    let Kind::Matrix(right) = &one_matrix(side)?.kind else { return None };
    let sizes = |rows: &[Vec<Expr>]| rows.iter().map(Vec::len).collect::<Vec<usize>>();
    let entry = |side: &Expr| match &side.kind {
        Kind::Entry(..) => true,
        Kind::Derivative(_, by) => matches!(by.kind, Kind::Entry(..)),
        _ => false,
    };
    let cells = || left.iter().flatten().zip(right.iter().flatten());
    if sizes(left) != sizes(right) || cells().count() < 2 || !left.iter().flatten().all(entry) {
        return None;
    }
    let equation = |(first, side): (&Expr, &Expr)| {
        let side = one_sum(side).clone();
        let link = Link { side: Some(side.clone()), ..link.clone() };
        Chain { first: Some(first.clone()), links: vec![link], span: side.span }
    };
    Some(cells().map(equation).collect())
}

/// A matrix, in brackets or not.
fn one_matrix(side: &Expr) -> Option<&Expr> {
    match &side.kind {
        Kind::Parens(_, parts) if parts.len() == 1 => one_matrix(parts.first()?),
        Kind::Matrix(_) => Some(side),
        _ => None,
    }
}

/// The one entry of a matrix with one: a long sum that has been broken into rows.
fn one_sum(side: &Expr) -> &Expr {
    match &side.kind {
        Kind::Matrix(rows) => match rows.as_slice() {
            [row] => row.first().filter(|_| row.len() == 1).map_or(side, one_sum),
            _ => side,
        },
        _ => side,
    }
}

/// `s = i+u-1 ⇒ u = s-i+1` says two things.
fn implications(statement: Statement) -> Vec<Statement> {
    let Statement::Chain(chain) = statement else { return vec![statement] };
    let joins = |relation| matches!(relation, Relation::Implies | Relation::Iff);
    let mut all = Vec::new();
    let mut open = Chain { first: chain.first, links: Vec::new(), span: chain.span };
    let mut links = chain.links.into_iter().peekable();
    while let Some(link) = links.next() {
        let compares = open.links.last().is_some_and(|before| !joins(before.relation));
        let compared = links.peek().is_some_and(|next| !joins(next.relation));
        if joins(link.relation) && compares && compared {
            let word = super::print::relation(link.relation).to_string();
            let next = Chain { first: link.side, links: Vec::new(), span: chain.span };
            all.push(Statement::Chain(std::mem::replace(&mut open, next)));
            all.push(Statement::Words(word, link.span));
        } else {
            open.links.push(link);
        }
    }
    all.push(Statement::Chain(open));
    all
}

/// `i = 1, 2, …, M` is a range.
fn listed_range(statements: &mut Vec<Statement>) {
    let alone = |statement: Option<&Statement>| match statement {
        Some(Statement::Chain(Chain { first: Some(first), links, .. })) if links.is_empty() => Some(first.clone()),
        _ => None,
    };
    let Some(dots) = statements.iter().position(|statement| {
        matches!(statement, Statement::Chain(Chain { first: Some(Expr { kind: Kind::Ellipsis, .. }), links, .. }) if links.is_empty())
    }) else {
        return;
    };
    let last = alone(statements.get(dots + 1));
    let mut start = dots;
    while start > 0 && alone(statements.get(start - 1)).is_some_and(|part| matches!(part.kind, Kind::Number(_))) {
        start -= 1;
    }
    let (Some(last), Some(start)) = (last, start.checked_sub(1)) else { return };
    let Some(Statement::Chain(chain)) = statements.get_mut(start) else { return };
    if let (Some(Kind::Name(_)), [Link { relation: relation @ Relation::Eq, side: Some(first), .. }]) =
        (chain.first.as_ref().map(|first| &first.kind), chain.links.as_mut_slice())
    {
        let span = first.span.to(last.span);
        let interval = Kind::Interval(Bracket::Square, Box::new(first.clone()), Box::new(last));
        *first = Expr::new(interval, span);
        *relation = Relation::In;
        chain.span = chain.span.to(span);
        statements.drain(start + 1..dots + 2);
    }
}

/// Words before a formula that begins with its relation are its label.
fn words_before(statements: &mut Vec<Statement>) -> Option<String> {
    let label = match statements.as_slice() {
        [Statement::Words(words, _), Statement::Chain(Chain { first: None, .. }), ..] => words.clone(),
        _ => return None,
    };
    statements.remove(0);
    Some(label)
}

/// `… \qquad (5.16)`: a number in brackets at the end is the number of the equation.
fn number_at_end(statements: &mut Vec<Statement>) -> Option<String> {
    let Some(Statement::Chain(Chain { first: Some(last), links, .. })) = statements.last() else { return None };
    let Kind::Parens(Bracket::Round, list) = &last.kind else { return None };
    let [Expr { kind: Kind::Number(_), .. }] = list.as_slice() else { return None };
    if !links.is_empty() || statements.len() < 2 {
        return None;
    }
    let tag = list.first().map(super::print::expr);
    statements.pop();
    tag
}

fn missing_sides(statements: &[Statement]) -> Vec<Note> {
    let chains = statements.iter().filter_map(|statement| match statement {
        Statement::Chain(chain) => Some(chain),
        Statement::Words(..) => None,
    });
    let open = chains.flat_map(|chain| &chain.links).filter(|link| link.side.is_none());
    open.map(|link| Note::new(NoteKind::MissingSide, link.span.bytes(), "nothing stands after this relation")).collect()
}

/// `i, j [0, m-1]`: a letter of positions before an interval.
fn lost_relations(statements: &[Statement], evidence: &Evidence) -> Vec<Note> {
    let mut notes = Vec::new();
    for statement in statements {
        let Statement::Chain(Chain { first: Some(first), links, .. }) = statement else { continue };
        let Kind::Product(factors) = &first.kind else { continue };
        if let [(_, letter), (operator, Expr { kind: Kind::Parens(Bracket::Square, ends), span })] = factors.as_slice()
            && letter.as_name().is_some_and(|name| evidence.is_index(&name.base))
            && operator.sign == Sign::Beside
            && ends.len() == 2
            && links.is_empty()
        {
            let whole = letter.span.to(*span);
            let message = "a letter stands before an interval; ∈ seems to be lost";
            let repair = format!(
                "{} \\in [{}]",
                super::print::expr(letter),
                ends.iter().map(super::print::tight).collect::<Vec<_>>().join(", ")
            );
            notes.push(Note::new(NoteKind::LostRelation, whole.bytes(), message).with_repair(repair));
        }
    }
    notes
}

/// Numbers the steps and finds the chains that go on. What stands after a formula that could not be read goes on with
/// that, so nothing is known of its left side.
fn connect(text: &str, steps: &mut [Step], unreadable: &[Unreadable]) {
    let mut last: Option<usize> = None;
    let mut lost = unreadable.iter().map(|fault| fault.span.start).peekable();
    for number in 0..steps.len() {
        let before = number.checked_sub(1).and_then(|before| steps.get(before));
        let between = |step: &Step| text.get(before?.span.end..step.span.start);
        let words = steps.get(number).and_then(between).unwrap_or_default().trim_matches(['$', ' ']).to_string();
        // `3 \times 3$ weights $= 9`
        let computes = |step: &Step| {
            let mut sides = step.chains().flat_map(Chain::sides);
            sides.any(|side| matches!(side.kind, Kind::Product(_) | Kind::Add(_) | Kind::Fraction(..)))
        };
        let direct = before
            .is_some_and(|before| before.setting == Setting::Inline && counts(before) && computes(before))
            && (!words.contains(['\n', ',', '.', ';', ':', '，', '。', '；', '：', '、']) || !names(&words));
        // A number alone is the left side of nothing: `the sum of $3$ and $4$ is $= 7$`.
        let lone =
            before.is_some_and(|before| before.setting == Setting::Inline && counts(before) && !computes(before));
        let Some(step) = steps.get_mut(number) else { continue };
        // `44.9% of 200 = 89.8`: words before it are a part of its left side.
        if step.setting != Setting::Display && counts(step) {
            let said = text.get(..step.span.start).unwrap_or_default().trim_end_matches(['$', ' ']);
            if said.ends_with(" of")
                && step
                    .chains()
                    .any(|chain| chain.first.as_ref().is_some_and(|first| matches!(first.kind, Kind::Number(_))))
            {
                step.kind = StepKind::Mention;
                step.kinds = vec![StepKind::Mention; step.statements.len()];
            }
        }
        while lost.next_if(|start| *start < step.span.start).is_some() {
            last = None;
        }
        step.id = format!("s{}", number + 1);
        let begins = step.chains().next().is_some_and(|chain| chain.first.is_none());
        if begins && step.label.is_none() {
            match step.setting == Setting::Inline && counts(step) {
                true if direct => step.continues = Some(number - 1),
                // `the time is $= 98^2 \cdot 9$`: words are its left side.
                true if names(&words) => step.label = Some(words),
                true if lone => {}
                _ => step.continues = last,
            }
        }
        // A formula in the text that breaks off is a remark.
        let breaks =
            step.setting == Setting::Inline && step.notes.iter().any(|note| note.kind == NoteKind::MissingSide);
        let carries = step.chains().next().is_some()
            && !breaks
            && !matches!(step.kind, StepKind::Mention | StepKind::Domain | StepKind::Values | StepKind::Substitution);
        if carries {
            last = Some(number);
        }
    }
}

/// Whether a step is arithmetic of numbers and nothing else.
fn counts(step: &Step) -> bool {
    let mut sides = step.chains().flat_map(Chain::sides).peekable();
    sides.peek().is_some() && sides.all(is_numeric)
}

/// Whether words between formulas name what the next one is, and do not only lead from the one to the other.
fn names(words: &str) -> bool {
    const LEADING: [&str; 31] = [
        "we get",
        "it follows that",
        "therefore",
        "hence",
        "thus",
        "so",
        "then",
        "that is",
        "i.e",
        "which is",
        "which gives",
        "and",
        "is",
        "or",
        "equals",
        "也就是",
        "所以",
        "因此",
        "从而",
        "于是",
        "可得",
        "得到",
        "即为",
        "即",
        "故",
        "则",
        "得",
        "为",
        "等于",
        "有",
        "也",
    ];
    let mut rest = words.to_lowercase();
    for word in LEADING {
        rest = rest.replace(word, " ");
    }
    rest.chars().any(char::is_alphabetic)
}
