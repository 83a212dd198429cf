//! `convprove grade` from outside.

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_convprove"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

#[test]
fn the_exit_status_says_what_was_found() {
    assert_eq!(run(&["grade", "tests/homework/answers/a54.md"]).status.code(), Some(0));
    assert_eq!(run(&["grade", "tests/homework/answers/a35.md"]).status.code(), Some(1));
    assert_eq!(run(&["grade", "tests/homework/answers/none.md"]).status.code(), Some(4));
    assert_eq!(run(&["grade", "tests/homework/answers/a54.md", "--meaning", "*=x"]).status.code(), Some(2));
}

#[test]
fn json_has_a_verdict_for_every_step() {
    let output = run(&["grade", "--json", "tests/homework/answers/a35.md"]);
    let page: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(page["schema"], "convprove/grade/1");
    let steps = page["results"][0]["steps"].as_array().unwrap();
    let verdicts: Vec<&str> = steps.iter().map(|step| step["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["ok", "ok", "wrong"]);
    assert_eq!(steps[2]["class"], serde_json::json!(["index"]));
    assert_eq!(steps[2]["repair"], "h[n] * x[n]");
    assert_eq!(page["summary"], serde_json::json!({ "ok": 2, "wrong": 1 }));
}

#[test]
fn the_report_speaks_the_language_of_the_answer() {
    let chinese = String::from_utf8(run(&["grade", "tests/homework/answers/a01.md"]).stdout).unwrap();
    assert!(chinese.contains("没有得到要证的结论") && chinese.contains("换元"), "{chinese}");
    let english = String::from_utf8(run(&["grade", "tests/homework/answers/a01.md", "--lang", "en"]).stdout).unwrap();
    assert!(english.contains("the goal is not reached: no line uses rot180"), "{english}");
    let exam =
        String::from_utf8(run(&["grade", "tests/homework/answers/a35.md", "--feedback", "verdict"]).stdout).unwrap();
    assert!(exam.contains("wrong") && !exam.contains("right would be") && !exam.contains("index"), "{exam}");
}

#[test]
fn a_class_is_graded_past_bad_files() {
    let folder = std::env::temp_dir().join(format!("convprove-class-{}", std::process::id()));
    let (answers, report) = (folder.join("answers"), folder.join("report"));
    std::fs::create_dir_all(&answers).unwrap();
    std::fs::write(answers.join("=ann.md"), "$$2+2=5$$").unwrap();
    std::fs::write(answers.join("bob.md"), "$$2+2=4$$").unwrap();
    std::fs::write(answers.join("eve.md"), [0xff, 0xfe, 0x00]).unwrap();
    let output = run(&["grade", answers.to_str().unwrap(), "--save", report.to_str().unwrap(), "--exercise", "5-4"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let csv = std::fs::read_to_string(report.join("summary.csv")).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 4, "{csv}");
    assert!(lines[1].starts_with("'=ann.md,0,1,") && lines[2].starts_with("bob.md,1,1,"), "{csv}");
    assert!(lines[3].starts_with("eve.md,0,0,") && lines[3].contains("UTF-8"), "{csv}");
    assert!(report.join("bob.md.html").exists() && report.join("summary.html").exists());
    std::fs::remove_dir_all(&folder).unwrap();
}

/// What an exercise knows: the widely repeated count of exercise 5-3 is named.
#[test]
fn shipped_exercises_are_sound_and_used() {
    for (name, text) in convprove::grade::exercise::SHIPPED {
        convprove::grade::exercise::Exercise::read(name, text).unwrap();
        let module = convprove::syntax::load(text, false);
        for decision in convprove::decide::decide_all(&module.goals, &Default::default(), |_| {}) {
            assert!(decision.as_expected(), "{name}: {}", decision.name);
        }
    }
    let options =
        convprove::grade::Options { exercise: convprove::grade::Exercise::shipped("5-3"), ..Default::default() };
    // Numbers that the exercise asks for and that the answer does not reach.
    let short = convprove::grade::grade("$$2+2=4$$", &options);
    assert!(short.missing.iter().any(|text| text.english.contains("271351808")), "{:?}", short.missing);
    let text = "$$86704128 + 271351808 = 358055936$$";
    let grade = convprove::grade::grade(text, &options);
    assert_eq!(grade.steps[0].verdict, convprove::grade::Verdict::Wrong);
    assert_eq!(convprove::grade::grade(text, &Default::default()).steps[0].verdict, convprove::grade::Verdict::Ok);
}
