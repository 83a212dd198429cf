//! The program from outside: exit statuses, JSON, saved certificates, and input that nobody should write.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A folder of its own for one test.
struct Desk(PathBuf);

impl Desk {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Desk(path)
    }

    fn with(self, file: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.0.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_convprove"));
        command.current_dir(&self.0).args(arguments).env_remove("COLUMNS");
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.0.join(file)).unwrap()
    }
}

struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Run {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the output is UTF-8");
        let run = Run { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) };
        assert!(!run.err.contains("panicked"), "{}", run.err);
        run
    }

    #[track_caller]
    fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    fn says(self, text: &str) -> Self {
        assert!(self.out.contains(text), "no {text:?} in:\n{}", self.out);
        self
    }

    #[track_caller]
    fn complains(self, text: &str) -> Self {
        assert!(self.err.contains(text), "no {text:?} in:\n{}", self.err);
        self
    }

    #[track_caller]
    fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}:\n{}", self.out));
        assert_eq!(self.out.trim_end().lines().count(), 1, "one object on one line");
        value
    }
}

const DECLARATIONS: &str = "size m, n\ntensor w[1..m], x[1..n]\nfunction f(i)\n";
const TRUE: &str = "theorem commutes: sum(u in 1..m) w[u] x[i-u] = sum(s in 1..n) x[s] w[i-s]\n";
const FALSE: &str = "theorem squared: w[i]^2 = w[i]\n";
const HARD: &str = "theorem hard: sum(k in 0..n-1) sum(j in 0..n-1) [k*k = 2*j*j] f(k) = f(0)\n";
const BROKEN: &str = "theorem broken: sum(u in 1..m) y[u] = 0\n";
const FALSE_LINE: &str = "theorem false_line: sum(u in 1..m) w[u] x[i-u] = sum(s in 1..n) x[s] w[i-s]
proof
  sum(u in 1..m) w[u] x[i-u]
  = sum(s in i-m..i-1) w[i-s+1] x[s] by s = i-u
  = sum(s in 1..n) x[s] w[i-s]
qed
";
const WRONG_HINT: &str = "theorem wrong_hint: sum(u in 1..m) w[u] x[i-u] = sum(s in 1..n) x[s] w[i-s]
proof
  sum(u in 1..m) w[u] x[i-u]
  = sum(s in i-m..i-1) w[i-s] x[s] by s = i-u+1
  = sum(s in 1..n) x[s] w[i-s] by zero-outside
qed
";

fn page(theorems: &[&str]) -> String {
    let used: String = theorems.concat();
    format!("{DECLARATIONS}{used}")
}

#[test]
fn exit_statuses_of_single_verdicts() {
    let expect = |theorem: &str, what: &str| format!("{theorem}expect {what}\n");
    let cases = [
        ("proved", TRUE.to_owned(), 0),
        ("refuted", FALSE.to_owned(), 1),
        ("undecided", HARD.to_owned(), 3),
        ("ill_formed", BROKEN.to_owned(), 4),
        ("unreadable", "theorem ] : (\n".to_owned(), 4),
        ("false_line", FALSE_LINE.to_owned(), 1),
        ("wrong_hint", WRONG_HINT.to_owned(), 3),
        ("refuted_expected", expect(FALSE, "refuted"), 0),
        ("undecided_expected", expect(HARD, "undecided"), 0),
        ("proved_expected_refuted", expect(TRUE, "refuted"), 1),
        ("proved_expected_undecided", expect(TRUE, "undecided"), 1),
        ("undecided_expected_refuted", expect(HARD, "refuted"), 1),
        ("refuted_expected_undecided", expect(FALSE, "undecided"), 1),
        ("empty", String::new(), 0),
    ];
    let mut desk = Desk::new("single_verdicts");
    for (name, text, _) in &cases {
        desk = desk.with(&format!("{name}.cvp"), page(&[text]));
    }
    for (name, _, code) in &cases {
        let file = format!("{name}.cvp");
        desk.run(&["check", &file]).exits(*code);
        let json = desk.run(&["check", &file, "--json"]).exits(*code).json();
        assert_eq!(json["schema"], "convprove/check/1");
        if *code == 0 {
            assert_eq!(json["summary"]["unexpected"], 0, "{name}");
        }
        desk.run(&["check", &file, "--quiet"]).exits(*code);
    }
}

#[test]
fn the_most_serious_status_wins() {
    let desk = Desk::new("serious")
        .with("all.cvp", page(&[TRUE, FALSE, HARD, BROKEN]))
        .with("open.cvp", page(&[TRUE, HARD, BROKEN]))
        .with("hard.cvp", page(&[TRUE, HARD]));
    desk.run(&["check", "all.cvp"]).exits(1).says("1 proved, 1 refuted, 1 undecided, 1 ill-formed");
    desk.run(&["check", "open.cvp"]).exits(4);
    desk.run(&["check", "hard.cvp"]).exits(3);
    desk.run(&["check", "hard.cvp", "missing.cvp"]).exits(4).complains("missing.cvp: there is no such file or folder");
    desk.run(&["check", "all.cvp", "missing.cvp"]).exits(1).says("squared");
}

#[test]
fn usage_is_status_two() {
    let desk = Desk::new("usage").with("a.cvp", page(&[TRUE])).with("empty/readme.txt", "");
    desk.run(&[]).exits(2);
    desk.run(&["frobnicate"]).exits(2);
    desk.run(&["check", "--frobnicate"]).exits(2);
    desk.run(&["check", "a.cvp", "--only", "absent"]).exits(2).complains("those found are commutes");
    desk.run(&["explain", "a.cvp:absent"]).exits(2).complains("there is no theorem absent");
    desk.run(&["explain", "a.cvp", "--format", "pdf"]).exits(2);
    desk.run(&["verify"]).exits(2);
    desk.run(&["verify", "empty"]).exits(2).complains("there is no certificate");
    for command in ["check", "prove", "explain", "verify", "fmt", "laws"] {
        desk.run(&[command, "--help"]).exits(0).says("Examples:");
    }
}

#[test]
fn missing_paths_are_told() {
    let desk = Desk::new("missing");
    desk.run(&["check"]).exits(4).complains("proofs: there is no such file or folder");
    let json = desk.run(&["check", "absent", "--json"]).exits(4).json();
    assert_eq!(json["results"][0]["verdict"], "ill-formed");
    assert_eq!(json["results"][0]["file"], "absent");
    desk.run(&["explain", "absent.cvp"]).exits(4).complains("absent.cvp");
    desk.run(&["verify", "absent.json"]).exits(4).says("absent.json");
    desk.run(&["fmt", "absent.cvp"]).exits(4).complains("absent.cvp");
}

#[test]
fn json_has_the_promised_fields() {
    let desk = Desk::new("json").with("all.cvp", page(&[TRUE, FALSE, HARD, BROKEN, WRONG_HINT, "size\n"]));
    let json = desk.run(&["check", "all.cvp", "--json"]).exits(1).json();
    let results = json["results"].as_array().unwrap();
    let named = |name: &str| results.iter().find(|result| result["name"] == name).unwrap();
    for result in results {
        for field in ["file", "name", "verdict", "expected", "time_ms", "check_ms", "steps", "laws", "assumptions"] {
            assert!(result.get(field).is_some(), "{field} is missing in {result}");
        }
    }
    let proved = named("commutes");
    assert_eq!(proved["verdict"], "proved");
    assert_eq!(proved["expected"], true);
    assert!(proved["steps"].as_u64().unwrap() > 0);
    assert!(proved["laws"].as_array().unwrap().iter().any(|law| law == "reindex"));
    assert_eq!(proved["assumptions"], serde_json::json!(["m >= 1", "n >= 1"]));
    let refuted = named("squared");
    for field in ["sizes", "index", "tensors", "lhs", "rhs"] {
        assert!(refuted["counterexample"].get(field).is_some(), "{field}");
    }
    assert_ne!(refuted["counterexample"]["lhs"], refuted["counterexample"]["rhs"]);
    let open = named("hard");
    assert!(!open["reason"].as_str().unwrap().is_empty());
    assert!(open["left"].is_array() && open["right"].is_array());
    let broken = named("broken");
    assert_eq!(broken["verdict"], "ill-formed");
    assert_eq!(
        (broken["diagnostics"][0]["line"].as_u64(), broken["diagnostics"][0]["column"].as_u64()),
        (Some(7), Some(32))
    );
    let nameless: Vec<&Value> = results.iter().filter(|result| result["name"].is_null()).collect();
    assert_eq!(nameless.len(), 1, "the line that cannot be read");
    let hint = &named("wrong_hint")["lines"][0];
    assert_eq!(hint["holds"], false);
    assert_eq!(hint["rejected"]["inverse"]["u"], "i-s+1");
    assert_eq!(hint["rejected"]["works"]["s"], "i-u");
    let summary = &json["summary"];
    assert_eq!((summary["proved"].as_u64(), summary["refuted"].as_u64()), (Some(1), Some(1)));
    assert_eq!((summary["undecided"].as_u64(), summary["ill-formed"].as_u64()), (Some(2), Some(2)));
}

#[test]
fn reports_for_people() {
    let desk = Desk::new("people").with("all.cvp", page(&[TRUE, FALSE, HARD, FALSE_LINE, WRONG_HINT, BROKEN]));
    let run = desk.run(&["check", "all.cvp", "--stats"]).exits(1);
    let run = run.says("✓ commutes").says("✗ squared").says("? hard").says("remains on the left").says("left side = ");
    let run = run.says("y is not declared").says("e-nodes").says("kernel").says("cross-check");
    let run = run.says("the inverse of s = i-u+1 is u = i-s+1").says("what works is s = i-u");
    let run =
        run.says("line 10: = sum(s in i-m..i-1) w[i-s+1] x[s]").says("1 proved, 2 refuted, 2 undecided, 1 ill-formed");
    assert!(!run.out.contains('\u{1b}'), "colours are for terminals");
    let only = desk.run(&["check", "all.cvp", "--only", "squared"]).exits(1);
    assert!(!only.out.contains("commutes"), "{}", only.out);
}

/// A slip is one wrong line: what follows from it, and what takes the chain up again before it, is said to do so.
#[test]
fn one_slip_is_one_wrong_line() {
    let follows = "theorem follows: sum(u in 1..n) f(u) = sum(u in 1..n) f(n+1-u)\nproof\n  sum(u in 1..n) f(u)\n\
                   = sum(u in 2..n) f(u)\n= sum(u in 2..n) f(n+2-u)\n= sum(u in 1..n) f(n+1-u)\nqed\n";
    let twice = "theorem twice: sum(u in 1..n) f(u) = sum(u in 1..n) f(n+1-u)\nproof\n  sum(u in 1..n) f(u)\n\
                 = sum(u in 2..n) f(u)\n= sum(u in 3..n) f(u)\n= sum(u in 1..n) f(n+1-u)\nqed\n";
    let desk = Desk::new("slip").with("a.cvp", format!("size n\nfunction f(i)\n{follows}{twice}"));
    let run = desk.run(&["check", "a.cvp", "--only", "follows"]).exits(1);
    let run = run.says("line 6: = sum(u in 2..n) f(u)\n        it is not equal to the line before\n");
    let run = run.says("line 7: = sum(u in 2..n) f(n+2-u)\n        it follows from the line before, which is false\n");
    run.says(
        "line 8: = sum(u in 1..n) f(n+1-u)\n        it does not follow from the false line before, but from line 5\n",
    );
    let json = desk.run(&["check", "a.cvp", "--json"]).exits(1).json();
    let pasts = |result: usize, key: &str| -> Vec<Value> {
        json["results"][result]["lines"].as_array().unwrap().iter().map(|line| line[key].clone()).collect()
    };
    assert_eq!(pasts(0, "past"), [Value::Null, "follows".into(), "returns".into()]);
    assert_eq!(pasts(0, "follows_from"), [Value::Null, Value::Null, 5.into()]);
    assert_eq!(pasts(0, "holds"), [false, true, false]);
    // Two slips are two wrong lines; the last line takes the chain up where it was right.
    assert_eq!(pasts(1, "past"), [Value::Null, Value::Null, "returns".into()]);
    assert_eq!(pasts(1, "follows_from"), [Value::Null, Value::Null, 12.into()]);
    let shown: Vec<bool> =
        json["results"][1]["lines"].as_array().unwrap().iter().map(|line| line["counterexample"].is_object()).collect();
    assert_eq!(shown, [true, true, false]);
}

#[test]
fn conditions_are_shown_on_request() {
    let desk = Desk::new("conditions")
        .with("a.cvp", "size n\nfunction f(i)\ntheorem at for j: sum(i in 0..n-1) [i = j] f(i) = [0 <= j < n] f(j)\n");
    let plain = desk.run(&["explain", "a.cvp"]).exits(0);
    assert!(!plain.out.contains("needs"), "{}", plain.out);
    desk.run(&["explain", "a.cvp", "--conditions"]).exits(0).says("this needs 0 ≤ j ≤ n-1");
    for (format, needs) in
        [("markdown", "; this needs }"), ("latex", "; this needs $"), ("html", "; this needs <math>")]
    {
        desk.run(&["explain", "a.cvp", "--conditions", "--format", format]).exits(0).says(needs);
    }
}

#[test]
fn results_stand_in_the_order_of_sorted_folders() {
    let mut desk = Desk::new("order").with("proofs/skipped.txt", "?").with("proofs/b/z.md", "text\n");
    for name in ["b/one", "a", "c", "b/two", "z"] {
        desk = desk.with(&format!("proofs/{name}.cvp"), page(&[TRUE]));
    }
    let files = |run: &Run| -> Vec<String> {
        let json = run.json();
        let results = json["results"].as_array().unwrap();
        results.iter().map(|result| result["file"].as_str().unwrap().replace('\\', "/")).collect()
    };
    let first = desk.run(&["check", "--json"]).exits(0);
    let expected = ["a", "b/one", "b/two", "c", "z"].map(|name| format!("proofs/{name}.cvp"));
    assert_eq!(files(&first), expected);
    let twice = desk.run(&["check", "proofs/c.cvp", "proofs", "proofs/c.cvp", "--json"]).exits(0);
    assert_eq!(files(&twice).len(), expected.len(), "each file once");
    assert_eq!(files(&twice)[0], "proofs/c.cvp");
}

#[test]
fn literate_markdown_is_read_at_its_own_lines() {
    let text = format!(
        "# Notes\n\nHere `x` is a signal.\n\n```convprove\n{}{BROKEN}```\n\n```python\nimport os\n```\n",
        page(&[TRUE])
    );
    let desk = Desk::new("literate").with("notes.md", text);
    let json = desk.run(&["check", "notes.md", "--json"]).exits(4).json();
    let results = json["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    assert_eq!(results[0]["diagnostics"][0]["line"], 10);
    assert_eq!(results[1]["verdict"], "proved");
    assert_eq!(results[1]["line"], 9);
}

#[test]
fn saved_certificates_are_verified_and_tampered_ones_refused() {
    let lemma = "theorem again: sum(u in 1..m) w[u] x[i-u] + f(i) = f(i) + sum(s in 1..n) x[s] w[i-s]\n";
    let desk = Desk::new("save")
        .with("one.cvp", page(&[TRUE, FALSE, lemma]))
        .with("deep/one.cvp", page(&[TRUE]))
        .with("other.cvp", page(&["theorem commutes: sum(u in 1..m) w[u] x[i-u-1] = sum(s in 1..n) x[s] w[i-s-1]\n"]));
    desk.run(&["check", "one.cvp", "deep", "--save", "certificates"]).exits(1);
    let mut saved: Vec<String> = std::fs::read_dir(desk.0.join("certificates"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    saved.sort();
    assert_eq!(saved, ["one.again.json", "one.commutes-2.json", "one.commutes.json"]);
    desk.run(&["verify", "certificates"]).exits(0).says("theorem commutes").says("tensor w[1..m]").says("3 proved");
    let json = desk.run(&["verify", "certificates", "--json"]).exits(0).json();
    assert_eq!(json["schema"], "convprove/verify/1");
    assert_eq!(json["summary"]["proved"], 3);
    for field in ["file", "name", "verdict", "statement", "assumptions", "laws", "lemmas", "steps", "time_ms"] {
        assert!(json["results"][0].get(field).is_some(), "{field}");
    }
    desk.run(&["verify", "certificates", "--against", "one.cvp"]).exits(0);
    desk.run(&["verify", "certificates/one.commutes.json", "--against", "other.cvp"]).exits(1).says("in another way");
    desk.run(&["verify", "certificates/one.again.json", "--against", "other.cvp"])
        .exits(1)
        .says("has no theorem again");
    desk.run(&["verify", "certificates", "--against", "absent.cvp"]).exits(4);

    let text = desk.read("certificates/one.commutes.json");
    let mut certificate: Value = serde_json::from_str(&text).unwrap();
    let honest = certificate.clone();
    let sides = &mut certificate["certificate"]["statement"]["claim"]["Equation"];
    assert!(sides[0] != sides[1]);
    sides[1] = serde_json::json!({"Add": [sides[0].clone(), sides[0].clone()]});
    let other_claim = certificate.to_string();
    let mut certificate = honest.clone();
    certificate["certificate"]["proof"]["Chain"].as_array_mut().unwrap().clear();
    let fewer_steps = certificate.to_string();
    let mut certificate = honest.clone();
    certificate["certificate"]["statement"]["signature"]["tensors"][0]["support"] = serde_json::json!([]);
    let other_box = certificate.to_string();
    let mut certificate = honest;
    certificate["schema"] = "convprove/certificate/0".into();
    let other_schema = certificate.to_string();
    let desk = desk
        .with("forged/claim.json", other_claim)
        .with("forged/steps.json", fewer_steps)
        .with("forged/box.json", other_box)
        .with("unreadable/schema.json", other_schema)
        .with("unreadable/cut.json", &text[..text.len() / 2])
        .with("unreadable/deep.json", "[".repeat(100_000))
        .with("unreadable/bytes.json", [0xff, 0xfe, 0x00]);
    for forged in ["claim", "steps", "box"] {
        desk.run(&["verify", &format!("forged/{forged}.json")]).exits(1).says("refused");
    }
    let run = desk.run(&["verify", "unreadable"]).exits(4).says("4 ill-formed").says("has the schema");
    assert!(run.out.contains("not UTF-8"));
    desk.run(&["verify", "unreadable", "forged"]).exits(1);
}

#[test]
fn certificates_of_deep_terms_are_read_back() {
    let deep = |inner: &str| format!("{}{inner}{}", "(".repeat(30), " + 1)*2".repeat(30));
    let theorem = format!("theorem deep: {} = {}\n", deep("f(1)"), deep("1 + f(1) - 1"));
    let desk = Desk::new("deep").with("deep.cvp", page(&[&theorem])).with("flat.cvp", page(&[TRUE]));
    desk.run(&["check", "flat.cvp", "--save", "flat"]).exits(0);
    desk.run(&["check", "deep.cvp", "--save", "certificates"]).exits(0);
    desk.run(&["verify", "certificates", "--against", "deep.cvp"]).exits(0).says("1 proved");
    let text = desk.read("certificates/deep.deep.json");
    let nest = |depth: usize| text.replacen("\"claim\":", &format!("\"claim\":{}", "{\"Mul\":[".repeat(depth)), 1);
    // The reader takes this one, and the kernel refuses it.
    let flat = desk.read("flat/flat.commutes.json");
    let value: Value = serde_json::from_str(&flat).unwrap();
    let left = value["certificate"]["statement"]["claim"]["Equation"][0].to_string();
    let wrapped = (0..300).fold(left.clone(), |inner, _| format!("{{\"Mul\":[{inner}]}}"));
    assert!(flat.contains(&left));
    let desk = desk.with("deeper.json", flat.replacen(&left, &wrapped, 1));
    desk.run(&["verify", "deeper.json"]).exits(1).says("refused: the kernel says");
    let desk = desk.with("forged/cut.json", nest(400)).with("forged/deeper.json", nest(100_000));
    desk.run(&["verify", "forged"]).exits(4).says("2 ill-formed").says("1024 is the limit");
}

/// The kernel takes statements that the proof language has no words for; their print would be another statement.
#[test]
fn a_certificate_is_not_shown_as_another_statement() {
    use convprove::archive;
    use convprove::kernel::*;
    let text = "size n\ntensor x[1..n]\nscalar c\ndef rev(A[1..a])[i in 1..a] = A[a-i+1]\n\
                theorem t: sum(k in 1..n) c*rev(x)[k] = sum(k in 1..n) rev(x)[k]*c\n";
    let desk = Desk::new("forged-print").with("good.cvp", text);
    desk.run(&["check", "good.cvp", "--save", "good"]).exits(0);
    desk.run(&["verify", "good"]).exits(0).says("theorem t").says("1 proved");
    let good = archive::read(&desk.read("good/good.t.json")).unwrap();
    check(&good).unwrap();
    let n = Index::scalar("n");
    let tensor = |statement: &Statement, name: &str| {
        statement.signature.tensors.iter().position(|tensor| tensor.name.as_str() == name).unwrap()
    };
    // What is claimed is that something is equal to itself, so that the kernel has nothing against it.
    let reflexive = |expr: Expr, change: &dyn Fn(&mut Statement)| {
        let mut statement = good.statement.clone();
        statement.claim = Claim::Equation(expr.clone(), expr.clone());
        change(&mut statement);
        let proof = Proof::Chain(vec![Step { path: vec![], law: Law::Ring, reversed: false, to: expr }]);
        let certificate = Certificate { statement, lemmas: vec![], proof };
        check(&certificate).unwrap();
        archive::write(&certificate).unwrap()
    };
    let entry = |name: &str, at: i64| Expr::entry(name, vec![Index::from(at)]);
    let c = || Expr::entry("c", vec![]);
    let reversed = |size: Index| {
        let tensors = vec![Tensor::Named("x".into())];
        Expr::Entry(Tensor::Call { definition: "rev".into(), parameters: vec![size], tensors }, vec![Index::from(1)])
    };
    let k = Index::scalar("k");
    let natural = [Literal::ge(k)].into_iter().collect();
    let endless = Expr::Sum(vec![Var::scalar("k")], natural, Box::new(Expr::from(1)));
    let cases: Vec<(&str, String, i32)> = vec![
        ("same", reflexive(reversed(n.clone()), &|_| ()), 0),
        // rev(x)[1] would be x[n]; this one is x[n+1].
        ("size", reflexive(reversed(&n + &Index::from(1)), &|_| ()), 4),
        // x[2] = 0 is true of this x.
        (
            "hole",
            reflexive(entry("x", 2), &|statement| {
                let place = tensor(statement, "x");
                let x = &mut statement.signature.tensors[place];
                let hole = Literal::ne(&Index::from(&x.axes[0]) - &Index::from(2));
                x.support = x.support.and(&[hole].into_iter().collect());
            }),
            4,
        ),
        (
            "nothing",
            reflexive(c(), &|statement| {
                let place = tensor(statement, "c");
                statement.signature.tensors[place].support = Guard::never();
            }),
            4,
        ),
        ("endless", reflexive(endless, &|_| ()), 4),
        ("comment", reflexive(c(), &|statement| statement.name = "t: 2 = 5 #".into()), 4),
        ("hidden", reflexive(c(), &|statement| statement.name = "t\n".into()), 4),
        (
            "number",
            reflexive(Expr::Add(vec![Expr::entry("2", vec![]), Expr::from(2)]), &|statement| {
                let place = tensor(statement, "c");
                statement.signature.tensors[place].name = "2".into();
            }),
            4,
        ),
        // A scalar called like a size.
        (
            "twice",
            reflexive(Expr::Add(vec![Expr::entry("n", vec![]), Expr::Integer(n.clone())]), &|statement| {
                let place = tensor(statement, "c");
                statement.signature.tensors[place].name = "n".into();
            }),
            4,
        ),
        // What is assumed, and of which function, is said.
        (
            "assumed",
            reflexive(c(), &|statement| {
                statement.signature.premises =
                    vec![Premise { vars: vec![], guard: Guard::always(), held: Held::NonZero(c()) }];
            }),
            0,
        ),
    ];
    for (name, certificate, code) in cases {
        let file = format!("forged/{name}.json");
        let desk = Desk(desk.0.clone()).with(&file, certificate);
        let run = desk.run(&["verify", &file]).exits(code);
        assert_eq!(run.out.contains("theorem"), code == 0, "{name}:\n{}", run.out);
        assert_eq!(run.out.contains("no words"), code != 0, "{name}:\n{}", run.out);
    }
    let run = desk.run(&["verify", "forged/assumed.json"]).exits(0).says("c != 0");
    assert!(run.out.contains("1 proved"));
}

#[test]
fn explanations_in_every_format() {
    let desk =
        Desk::new("explain").with("a.cvp", page(&[TRUE, FALSE, "theorem twice for i: f(i) + f(i) = 2*f(i)\n", BROKEN]));
    desk.run(&["explain", "a.cvp:commutes"]).exits(0).says("theorem commutes").says("Σ");
    let ascii = desk.run(&["explain", "a.cvp:commutes", "--ascii"]).exits(0).says("sum(");
    assert!(ascii.out.is_ascii(), "{}", ascii.out);
    let summary = desk.run(&["explain", "a.cvp:commutes", "--detail", "summary"]).exits(0);
    let full = desk.run(&["explain", "a.cvp:commutes", "--detail", "full"]).exits(0);
    assert!(full.out.lines().count() > summary.out.lines().count());
    desk.run(&["explain", "a.cvp:squared"]).exits(1).says("left side = ");
    desk.run(&["explain", "a.cvp:broken"]).exits(4).complains("y is not declared");
    desk.run(&["explain", "a.cvp"]).exits(1).says("theorem twice");
    let once = |run: Run, text: &str| assert_eq!(run.out.matches(text).count(), 1, "{}", run.out);
    once(desk.run(&["explain", "a.cvp", "--format", "latex"]).exits(1).says("align*"), "\\documentclass");
    once(desk.run(&["explain", "a.cvp", "--format", "html"]).exits(1).says("<math"), "<!doctype html>");
    desk.run(&["explain", "a.cvp:twice", "--format", "html"]).exits(0).says("<title>twice</title>");
    desk.run(&["explain", "a.cvp:twice", "--format", "latex"]).exits(0).says("\\end{document}");
    desk.run(&["explain", "a.cvp", "--format", "markdown"]).exits(1).says("### commutes").says("$$");
    let json = desk.run(&["explain", "a.cvp", "--format", "json"]).exits(1).json();
    assert_eq!(json["schema"], "convprove/explain/1");
    let derived: Vec<&Value> =
        json["results"].as_array().unwrap().iter().filter(|result| result.get("derivation").is_some()).collect();
    assert_eq!(derived.len(), 2);
    assert!(derived[0]["derivation"]["lines"].as_array().unwrap().len() > 1);
}

#[test]
fn one_statement_on_the_command_line() {
    let desk = Desk::new("prove");
    let commutes = "sum(u in 1..m) w[u] x[i-u] = sum(s in 1..n) x[s] w[i-s]";
    desk.run(&["prove", commutes]).exits(0).says("size m, n").says("✓");
    let given = desk.run(&["prove", commutes, "--with", "size m, n; tensor w[1..m], x[1..n]", "--explain"]).exits(0);
    let given = given.says("substitute");
    assert!(!given.out.contains("inferred"));
    desk.run(&["prove", "sum(u in 1..m) w[u] = sum(u in 2..m) w[u]"]).exits(1).says("left side = ");
    desk.run(&["prove", "sum("]).exits(4).complains("Error");
    desk.run(&["prove", "x = x", "--with", "tensor ["]).exits(4);
    desk.run(&["prove", "sum(k in 0..n-1) sum(j in 0..n-1) [k*k = 2*j*j] f(k) = f(0)"]).exits(3);
    let json = desk.run(&["prove", commutes, "--json", "--explain"]).exits(0).json();
    assert_eq!(json["schema"], "convprove/prove/1");
    assert_eq!(json["results"][0]["verdict"], "proved");
    assert!(json["results"][0]["inferred"].as_str().unwrap().contains("tensor"));
    assert!(json["results"][0]["derivation"]["lines"].is_array());
    let json = desk.run(&["prove", "sum(", "--json"]).exits(4).json();
    assert_eq!(json["results"][0]["diagnostics"][0]["line"], 1);
}

#[test]
fn formatting_keeps_what_cannot_be_read() {
    let untidy = "size   n # how many\ntensor x[ 1 .. n ]\ntheorem t: Σ(i ∈ 1..n) x[i]·2 = 2*sum(k in 1..n)x[k]";
    let desk = Desk::new("fmt")
        .with("a.cvp", untidy)
        .with("b.md", format!("text   stays\n\n```convprove\n{untidy}\n```\n"))
        .with("c.cvp", "theorem ( [")
        .with("d.cvp", [b's', 0xff]);
    desk.run(&["fmt", "a.cvp", "b.md", "--check"]).exits(1).says("a.cvp: not in the canonical form").says("b.md");
    assert_eq!(desk.read("a.cvp"), untidy);
    desk.run(&["fmt", "a.cvp", "b.md"]).exits(0);
    desk.run(&["fmt", "a.cvp", "b.md", "--check"]).exits(0);
    assert!(desk.read("a.cvp").starts_with("size n  # how many\n"));
    assert!(desk.read("b.md").starts_with("text   stays\n"));
    desk.run(&["fmt", "c.cvp", "d.cvp"]).exits(4).complains("not UTF-8");
    assert_eq!(desk.read("c.cvp"), "theorem ( [");
    assert_eq!(std::fs::read(desk.0.join("d.cvp")).unwrap(), [b's', 0xff]);
}

#[test]
fn the_laws_are_listed() {
    let desk = Desk::new("laws");
    desk.run(&["laws"]).exits(0).says("reindex");
    let json = desk.run(&["laws", "--json"]).exits(0).json();
    assert_eq!(json["schema"], "convprove/laws/1");
    assert!(json["results"].as_array().unwrap().len() >= 10);
}

#[test]
fn hostile_input_ends_in_order() {
    let nested = format!("theorem deep: {}f(1){} = 0\n", "(".repeat(50_000), ")".repeat(50_000));
    let long_sum = format!("theorem long: {} = 0\n", vec!["f(1)"; 5_000].join(" + "));
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("nested.cvp", page(&[&nested]).into_bytes()),
        ("long.cvp", page(&[&long_sum]).into_bytes()),
        ("bytes.cvp", vec![0xff, 0xfe, 0x00, 0x80]),
        ("nul.cvp", vec![0; 1000]),
        ("escape.cvp", b"size \x1b[31mn\ntheorem \x1b]0;title\x07: 1 = 1\n".to_vec()),
        ("open.md", b"```convprove\nsize".to_vec()),
        ("minus.cvp", page(&[&format!("theorem minus: {}1 = 1\n", "-".repeat(20_000))]).into_bytes()),
    ];
    let mut desk = Desk::new("hostile");
    for (name, bytes) in &cases {
        desk = desk.with(name, bytes);
    }
    for (name, _) in &cases {
        for arguments in [vec!["check", name], vec!["check", name, "--json"], vec!["explain", name]] {
            let run = desk.run(&arguments);
            assert!([0, 1, 3, 4].contains(&run.code), "{name}: {}\n{}", run.code, run.err);
            assert!(!run.out.contains('\u{1b}') && !run.err.contains('\u{1b}'), "{name}: what a terminal would obey");
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let desk = Desk::new("pipe").with("a.cvp", page(&[TRUE]));
    for arguments in [["laws", "--json"], ["check", "a.cvp"], ["explain", "a.cvp"]] {
        let mut child = desk.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let run = Run::of(child.wait_with_output().unwrap());
        assert_eq!(run.code, 0, "{}", run.err);
    }
}

/// A name at a size or a rank that nothing depends on is a slip, and so is a gradient that cannot be meant.
#[test]
fn what_nothing_depends_on_is_refused() {
    let layer = "use std\nsize n\ntensor x[0..n-1], w[0..n-1]\nlet y = dot(x, w)\n";
    let desk = Desk::new("slips")
        .with(
            "good.cvp",
            format!("{layer}cost work = multiplications(dot(x, w))\nderive dx = dL/dx given dy = dL/dy\n"),
        )
        .with("given.cvp", format!("{layer}derive again = dL/dy given dy = dL/dy\n"))
        .with("integer.cvp", format!("{layer}derive dn = dL/dn given dy = dL/dy\n"));
    desk.run(&["cost", "good.cvp", "--at", "n=3"]).exits(0);
    desk.run(&["cost", "good.cvp", "--at", "k=3"]).exits(2).complains("no cost depends on k; the sizes are n");
    let ranked = ["derive", "good.cvp", "--emit", "numpy", "--rank", "E=2"];
    desk.run(&ranked).exits(2).complains("no formula has letters of the rank E");
    desk.run(&["derive", "given.cvp"]).exits(4).complains("the gradient by y is given, as dy");
    desk.run(&["derive", "integer.cvp"]).exits(4).complains("n is an integer; a gradient is by a tensor or a scalar");
}
