//! What is printed of the corpus, in every face: it parses back, compiles, and closes its tags.

use std::process::{Command, Stdio};
use std::sync::OnceLock;

use convprove::decide::{Options, Verdict, decide_all};
use convprove::diag::Severity;
use convprove::export::notation::Notation;
use convprove::export::text::{self, Charset};
use convprove::export::{
    Derivation, Detail, Style, derivation, html_page, latex_document, markdown_document, render_json, render_text,
    source, textbook,
};
use convprove::kernel::{
    Certificate, Claim, Definition, Expr, Guard, Index, Name, Proof, Statement, Tensor, TensorDeclaration, Var,
};
use convprove::{search, syntax};
use num_rational::BigRational;
use num_traits::{One, Zero};

/// A proved theorem of the corpus.
struct Example {
    page: String,
    certificate: Certificate,
}

fn corpus() -> &'static [Example] {
    static CORPUS: OnceLock<Vec<Example>> = OnceLock::new();
    CORPUS.get_or_init(|| {
        let mut paths: Vec<_> = std::fs::read_dir("proofs").unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let mut examples = Vec::new();
        for path in paths {
            let page = path.file_stem().unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let goals = syntax::load(&text, false).goals;
            for decision in decide_all(&goals, &Options::default(), |_| {}) {
                let Verdict::Proved(proved) = decision.verdict else { continue };
                examples.push(Example { page: page.clone(), certificate: proved.certificate });
            }
        }
        assert!(examples.len() >= 40, "only {} theorems are proved", examples.len());
        examples
    })
}

// ---- ASCII parses back ------------------------------------------------------------------------------------------------

/// The statement with the position of an equation of tensors as free indices, as its proof has it.
fn at_a_position(certificate: &Certificate) -> (Statement, Vec<Expr>) {
    let statement = certificate.statement.clone();
    match (&statement.claim, &certificate.proof) {
        (Claim::Tensors(left, right), Proof::Tensors { axes, steps, .. }) => {
            let named = |number: usize, var: &Var| Var { name: format!("at{number}").into(), rank: var.rank.clone() };
            let letters: Vec<Var> = axes.iter().enumerate().map(|(number, var)| named(number, var)).collect();
            let position: Vec<Index> = letters.iter().map(Index::from).collect();
            let map = axes.iter().cloned().zip(position.iter().cloned()).collect();
            let map = convprove::kernel::Substitution::of_indices(map);
            let entry = |tensor: &Tensor| Expr::Entry(tensor.clone(), position.clone());
            let mut found = vec![entry(left), entry(right)];
            found.extend(steps.iter().map(|step| step.to.substitute(&map)));
            let ranges = statement.signature.support(left, &position).unwrap();
            (Statement { indices: letters, ranges, ..statement.clone() }, found)
        }
        (Claim::Equation(left, right), Proof::Chain(steps)) => {
            let mut found = vec![left.clone(), right.clone()];
            found.extend(steps.iter().map(|step| step.to.clone()));
            (statement, found)
        }
        _ => (statement, Vec::new()),
    }
}

/// What a printed term means, as the left side of a theorem of its own with all declarations before it.
fn read_back(statement: &Statement, expr: &Expr) -> Result<Expr, String> {
    // Against a scalar, so that an integer is read as one side of an equation of scalars.
    let scalar = TensorDeclaration { name: "other_side".into(), axes: Vec::new(), support: Guard::always() };
    let claim = Claim::Equation(expr.clone(), Expr::entry("other_side", Vec::new()));
    let mut statement = statement.clone();
    statement.signature.tensors.push(scalar);
    let text = source::statement(&Statement { name: "printed_here".into(), claim, ..statement });
    let module = syntax::load(&text, false);
    match module.goals.last().map(|goal| &goal.statement.claim) {
        Some(Claim::Equation(found, _)) => Ok(found.clone()),
        _ => Err(format!("{text}{:?}", module.diagnostics.iter().find(|found| found.severity == Severity::Error))),
    }
}

/// The same without what is not written: how sums and products are nested and ordered, factors 1, conditions that always hold,
/// and whether a condition stands in a bracket or under a Σ without letters.
fn plain(expr: &Expr) -> Expr {
    let mut expr = expr.clone();
    for child in expr.children_mut() {
        *child = plain(child);
    }
    match expr {
        Expr::Integer(index) => match index.as_constant() {
            Some(value) => Expr::Number(value.into()),
            None => Expr::Integer(index),
        },
        Expr::Sum(vars, guard, body) if vars.is_empty() => plain(&Expr::Mul(vec![Expr::Bracket(guard), *body])),
        Expr::Bracket(guard) if guard.is_empty() => Expr::from(1),
        // 1/(a·b) is (1/a)·(1/b), and 1/2 is a number.
        Expr::Inverse(base) => match *base {
            Expr::Number(value) if !value.is_zero() => Expr::Number(value.recip()),
            Expr::Mul(factors) => {
                plain(&Expr::Mul(factors.into_iter().map(|factor| Expr::Inverse(Box::new(factor))).collect()))
            }
            Expr::Power(base, exponent) => plain(&Expr::Power(Box::new(Expr::Inverse(base)), exponent)),
            base => Expr::Inverse(Box::new(base)),
        },
        Expr::Power(base, exponent) => plain(&Expr::Mul(vec![*base; exponent as usize])),
        Expr::Mul(factors) => {
            let mut number = BigRational::one();
            let mut rest = Vec::new();
            let flat = factors.into_iter().flat_map(|factor| match factor {
                Expr::Mul(inner) => inner,
                other => vec![other],
            });
            for factor in flat {
                match factor {
                    Expr::Number(value) => number *= value,
                    other => rest.push(other),
                }
            }
            rest.sort();
            if !number.is_one() || rest.is_empty() {
                rest.insert(0, Expr::Number(number));
            }
            if rest.len() == 1 { rest.remove(0) } else { Expr::Mul(rest) }
        }
        Expr::Add(terms) => {
            let mut flat: Vec<Expr> = terms
                .into_iter()
                .flat_map(|term| match term {
                    Expr::Add(inner) => inner,
                    other => vec![other],
                })
                .filter(|term| *term != Expr::from(0))
                .collect();
            flat.sort();
            match flat.len() {
                0 => Expr::from(0),
                1 => flat.remove(0),
                _ => Expr::Add(flat),
            }
        }
        other => other,
    }
}

/// The plain form with canonical letters, so that the order does not depend on names.
fn comparable(expr: &Expr) -> Expr {
    plain(&expr.canonical())
}

/// Whether the kernel accepts a proof that two expressions are equal.
fn proved_equal(statement: &Statement, left: &Expr, right: &Expr) -> bool {
    let statement = Statement { claim: Claim::Equation(left.clone(), right.clone()), ..statement.clone() };
    search::prove(&statement, &[], &search::Budget::default(), &mut search::Statistics::default()).is_ok()
}

/// Of terms that are longer than this many characters and are read otherwise than they were printed, one in so many is proved equal:
/// proofs of long terms take a third of a second each.
const LONG: (usize, usize) = (200, 40);

#[test]
fn what_is_printed_in_ascii_parses_back() {
    let (mut count, mut proved, mut long) = (0, 0, 0);
    let mut faults = Vec::new();
    for example in corpus() {
        let (statement, exprs) = at_a_position(&example.certificate);
        for expr in exprs {
            // The language has no sign for a partial derivative of a function of several arguments, such as f^(1,0)(x, y).
            if text::expr(&expr, &Notation::of_statement(&statement), Charset::Ascii).contains("^(") {
                continue;
            }
            count += 1;
            match read_back(&statement, &expr) {
                Err(fault) => faults.push(format!("{}:{} {fault}", example.page, statement.name)),
                Ok(found) if comparable(&found) == comparable(&expr) => {}
                // Letters that bound each other, none of them first, are read with the box of the tensor besides.
                Ok(found) => {
                    let notation = Notation::of_statement(&statement);
                    let spell = |expr: &Expr| text::expr(expr, &notation, Charset::Ascii);
                    let (most, one_in) = LONG;
                    if spell(&expr).len() > most {
                        long += 1;
                        if long % one_in != 0 {
                            continue;
                        }
                    }
                    if proved_equal(&statement, &expr, &found) {
                        proved += 1;
                        continue;
                    }
                    faults.push(format!("{}: {} is read as {}", example.page, spell(&expr), spell(&found)));
                }
            }
        }
    }
    println!("{count} expressions, {proved} of them equal by proof alone, {long} long ones of which some were proved");
    assert!(faults.is_empty(), "{} of {count}\n{}", faults.len(), faults.join("\n"));
    assert!(count > 500 && proved * 10 <= count, "{proved} of {count} are read otherwise than they were printed");
}

/// Whether a statement that was read says what another one says, definitions included.
fn says_the_same(found: &Statement, statement: &Statement) -> bool {
    let definitions = |statement: &Statement| -> Vec<Definition> {
        let at_numbers = |tensor: &TensorDeclaration| {
            let position = (0..tensor.axes.len() as i64).map(Index::from);
            let map = tensor.axes.iter().cloned().zip(position).collect();
            TensorDeclaration { axes: vec![], support: tensor.support.substitute(&map), ..tensor.clone() }
        };
        let plain = |definition: &Definition| Definition {
            body: comparable(&definition.body),
            tensors: definition.tensors.iter().map(at_numbers).collect(),
            ..definition.clone()
        };
        statement.signature.definitions.iter().map(plain).collect()
    };
    let claim = |statement: &Statement| match &statement.claim {
        Claim::Equation(left, right) => Claim::Equation(comparable(left), comparable(right)),
        other => other.clone(),
    };
    claim(found) == claim(statement)
        && found.assumptions == statement.assumptions
        && found.ranges == statement.ranges
        && definitions(found) == definitions(statement)
}

fn assert_reads_back(statement: &Statement) {
    let text = source::statement(statement);
    let module = syntax::load(&text, false);
    let error = module.diagnostics.iter().find(|found| found.severity == Severity::Error);
    assert!(error.is_none(), "{text}{error:?}");
    let found = &module.goals.last().expect("a theorem").statement;
    assert!(says_the_same(found, statement), "{text}is read as\n{}", source::statement(found));
}

#[test]
fn a_statement_and_its_definitions_are_a_proof_file() {
    corpus().iter().for_each(|example| assert_reads_back(&example.certificate.statement));
}

/// Sizes that a box determines are read off it; integers that it only mentions are named by the call.
#[test]
fn a_call_names_what_no_box_determines() {
    let cases = [
        // Neither s nor c can be read off s*c-1.
        (
            "size b, s\ntensor y[0..s*b-1]\n\
             def every(a[0..s*c-1]; s >= 1, c)[o in 0..c-1] = a[s*o]\n\
             theorem t: every(y; s, b)[0] = y[0]\n",
            "every(y; s, b)[0]",
        ),
        // c can, once s is known.
        (
            "size b, s\ntensor y[s..b+s]\n\
             def moved(a[s..c+s]; s)[o in 0..c] = a[s+o]\n\
             theorem t: moved(y; s)[0] = y[s]\n",
            "moved(y; s)[0]",
        ),
        (
            "size n\ntensor y[0..n-1]\n\
             def first(a[0..c-1]; k, l where k >= 1)[o in 0..floor(l/k)] = a[k*o]\n\
             theorem t: first(y; 2, 5)[1] = y[2]\n",
            "first(y; 2, 5)[1]",
        ),
        ("integer p\ndef twice(q) = 2*q\ntheorem t: 2 | twice(p)\n", ""),
    ];
    for (text, call) in cases {
        let module = syntax::load(text, false);
        assert!(module.goals.len() == 1, "{text}{:?}", module.diagnostics);
        let statement = &module.goals[0].statement;
        assert!(source::statement(statement).contains(call), "{}", source::statement(statement));
        assert_reads_back(statement);
    }
}

// ---- the other faces --------------------------------------------------------------------------------------------------

fn pages(detail: Detail, conditions: bool) -> Vec<(String, Vec<Derivation>)> {
    let mut pages: Vec<(String, Vec<Derivation>)> = Vec::new();
    for example in corpus() {
        let told = textbook(&example.certificate, detail);
        let told = if conditions { told.with_conditions() } else { told };
        match pages.last_mut() {
            Some((page, derivations)) if *page == example.page => derivations.push(told),
            _ => pages.push((example.page.clone(), vec![told])),
        }
    }
    pages
}

#[test]
fn no_face_shows_a_letter_without_a_name() {
    for conditions in [false, true] {
        for (page, derivations) in pages(Detail::Full, conditions) {
            let mut faces = vec![
                ("Markdown", markdown_document(&derivations)),
                ("LaTeX", latex_document(&derivations)),
                ("HTML", html_page(&derivations, &page)),
            ];
            faces.extend(derivations.iter().map(|told| ("text", render_text(told, Style::default()))));
            faces.extend(derivations.iter().map(|told| ("JSON", render_json(told).to_string())));
            for (face, text) in faces {
                assert!(!text.contains("$00") && !text.contains(r"\$0"), "{page} in {face}: {text}");
            }
        }
    }
}

#[test]
fn html_closes_its_tags() {
    const VOID: [&str; 2] = ["meta", "!doctype"];
    for (page, derivations) in pages(Detail::Summary, true) {
        let text = html_page(&derivations, &page);
        let mut open: Vec<&str> = Vec::new();
        let mut count = 0;
        for part in text.split('<').skip(1) {
            let (tag, _) = part.split_once('>').expect("a tag ends");
            let name = tag.split([' ', '\n']).next().unwrap_or_default();
            match name.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name), "{page}"),
                None if VOID.contains(&name) => {}
                None => open.push(name),
            }
            count += 1;
        }
        assert!(open.is_empty() && count > 100, "{page}: {open:?}");
        assert!(!text.contains("http") && !text.contains("<script"), "{page} needs a network");
    }
}

/// An engine for LaTeX on this machine.
fn engine() -> Option<&'static str> {
    let works = |engine: &&&str| {
        let mut command = Command::new(**engine);
        command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    ["pdflatex", "xelatex", "lualatex"].iter().find(works).copied()
}

/// A line that reaches so far into the margin that it may leave the page, in TeX's points.
fn far_over(line: &str) -> bool {
    let by =
        line.strip_prefix("Overfull \\hbox (").and_then(|rest| rest.split_once("pt")).map(|(by, _)| by.parse::<f64>());
    matches!(by, Some(Ok(points)) if points > 40.0)
}

/// Every document compiles, and nothing runs off the page.
#[test]
fn latex_compiles() {
    let Some(engine) = engine() else {
        println!("skipped: no LaTeX engine is installed");
        return;
    };
    let folder = std::env::temp_dir().join(format!("convprove-latex-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut documents: Vec<(String, String)> = vec![("empty".into(), latex_document(&[]))];
    for (page, derivations) in pages(Detail::Summary, false) {
        documents.push((page, latex_document(&derivations)));
    }
    for (page, derivations) in pages(Detail::Full, true) {
        documents.push((format!("{page}-full"), latex_document(&derivations)));
    }
    let evil =
        [r"x\input{secret}$&#^^~%", "_", "'", "x_", "12", "\u{1b}[2J\u{202e}", "日本 語", "a^b", "{", "}}", r"\\"];
    let mut told = derivation(&corpus()[0].certificate, Detail::Summary);
    told.parameters = evil.iter().map(|name| Name::from(*name)).collect();
    told.title = Name::from(evil.concat());
    documents.push(("hostile".into(), latex_document(&[told])));
    for (name, text) in documents {
        std::fs::write(folder.join(format!("{name}.tex")), text).unwrap();
        let mut command = Command::new(engine);
        command.args(["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", &format!("{name}.tex")]);
        let output = command.current_dir(&folder).output().unwrap();
        let log = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{name}: {}", log.lines().rev().take(30).collect::<Vec<_>>().join("\n"));
        let overfull: Vec<&str> = log.lines().filter(|line| far_over(line)).collect();
        if !name.ends_with("-full") && name != "hostile" {
            assert!(overfull.is_empty(), "{name}: {overfull:?}");
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
}
