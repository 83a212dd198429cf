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
    assert!(lines[1].starts_with("'=ann.md,0,0,3,") && lines[2].starts_with("bob.md,1,0,3,"), "{csv}");
    assert!(lines[3].starts_with("eve.md,0,0,0,") && lines[3].contains("UTF-8"), "{csv}");
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
    // Numbers that the exercise asks for and that the answer does not reach; of an example of its own it owes none.
    let own = convprove::grade::grade("$$28 + 1000 = 1028$$", &options);
    assert!(own.goals.iter().all(|goal| goal.missing.is_empty()), "{:?}", own.goals);
    let short = convprove::grade::grade("$$28 \\cdot 28 \\cdot 192 + 96 = 150624$$", &options);
    let missing = &short.goals[0].missing;
    assert!(missing.iter().any(|missing| missing.wanted.as_deref() == Some("271351808")), "{missing:?}");
    let text = "$$86704128 + 271351808 = 358055936$$";
    let grade = convprove::grade::grade(text, &options);
    assert_eq!(grade.steps[0].verdict, convprove::grade::Verdict::Wrong);
    assert_eq!(convprove::grade::grade(text, &Default::default()).steps[0].verdict, convprove::grade::Verdict::Ok);
}

/// An exam must not tell more than it should, whichever way it is printed.
#[test]
fn no_face_tells_more_than_the_feedback_allows() {
    let top = std::env::temp_dir().join(format!("convprove-exam-{}", std::process::id()));
    let (file, folder) = (top.join("answer.md"), top.join("pages"));
    std::fs::create_dir_all(&top).unwrap();
    // By another name: the name of the file may be told.
    std::fs::copy("tests/grade/answers/wrong_layers.md", &file).unwrap();
    let file = file.to_str().unwrap();
    let folder_name = folder.to_str().unwrap();
    let faces: [&[&str]; 5] =
        [&["--json"], &[], &["--format", "markdown"], &["--format", "html"], &["--save", folder_name]];
    // What appears from which level on: a verdict, a class, a counterexample, a repair.
    let telling = [("verdict", "wrong"), ("class", "flip"), ("class", "ounterexample"), ("repair", "s = i-u")];
    let levels = ["none", "verdict", "place", "class", "repair"];
    for face in faces {
        for (level, name) in levels.iter().enumerate() {
            let output = run(&[&["grade", file, "--feedback", name], face].concat());
            let mut page = String::from_utf8(output.stdout).unwrap();
            if face.contains(&"--save") {
                for entry in std::fs::read_dir(&folder).unwrap() {
                    page.push_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap());
                }
            }
            // Styles name verdicts for every page alike.
            let page = page.split("</style>").map(|part| part.split("<style>").next().unwrap()).collect::<String>();
            for (from, word) in telling {
                let allowed = level >= levels.iter().position(|level| *level == from).unwrap();
                // The formulas of the answer itself are always there; `s = i-u` is not among them.
                if !allowed {
                    assert!(!page.contains(word), "{face:?} {name} tells {word}");
                } else {
                    assert!(page.contains(word), "{face:?} {name} lacks {word}");
                }
            }
            assert_eq!(output.status.code(), Some(if level == 0 { 0 } else { 1 }));
        }
    }
    std::fs::remove_dir_all(&top).unwrap();
}

/// What a sign means can be given with a tilde over it; a sign that is none, or two meanings, are faults of usage.
#[test]
fn meanings_are_used_and_printed() {
    let grade = |meanings: &[&str]| {
        let mut arguments = vec!["grade", "tests/homework/answers/a02.md", "--lang", "en"];
        meanings.iter().for_each(|meaning| arguments.extend(["--meaning", meaning]));
        run(&arguments)
    };
    for sign in ["⊗=convolution", "⊗~=convolution", "\\otimes = convolution"] {
        let output = grade(&[sign]);
        let page = String::from_utf8(output.stdout).unwrap();
        assert!(page.contains("⊗ means convolution (given)"), "{page}");
        // A true convolution commutes.
        assert!(page.contains("✓ s2 ok"), "{page}");
    }
    assert_eq!(grade(&["x=correlation"]).status.code(), Some(2));
    assert_eq!(grade(&["⊗=correlation", "⊗~=convolution"]).status.code(), Some(2));
}

/// What may not be told changes no marks.
#[test]
fn marks_are_the_same_at_every_feedback() {
    use convprove::grade::report::Feedback;
    let text = std::fs::read_to_string("tests/homework/answers/a01.md").unwrap();
    let grade = convprove::grade::grade(&text, &Default::default());
    for feedback in [Feedback::Verdict, Feedback::Place, Feedback::Class, Feedback::Repair] {
        assert_eq!(grade.told(feedback).marks(), grade.marks(), "{feedback:?}");
    }
}
