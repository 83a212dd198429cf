//! What the pages of `docs/` and the README show is what the program prints.

use std::path::Path;
use std::process::Command;

/// The fenced blocks of a page, each with the text before it.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let (mut before, mut fence, mut block) = (String::new(), None::<String>, String::new());
    for line in page.lines() {
        match &fence {
            None => {
                let mark: String = line.chars().take_while(|letter| matches!(letter, '~' | '`')).collect();
                if mark.len() >= 3 {
                    fence = Some(mark);
                } else {
                    before.push_str(line);
                    before.push('\n');
                }
            }
            Some(mark) if line == mark => {
                found.push((std::mem::take(&mut before), std::mem::take(&mut block)));
                fence = None;
            }
            Some(_) => {
                block.push_str(line);
                block.push('\n');
            }
        }
    }
    found
}

/// Runs the program on a file of this text; what it prints, what it complains of, and its exit status.
fn run(arguments: &[&str], name: &str, text: &str) -> (String, String, i32) {
    // Tests run side by side: each has a folder of its own.
    let folder = format!("convprove-docs-{}-{}-{name}", std::process::id(), arguments.join("-"));
    let folder = std::env::temp_dir().join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), text).unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_convprove")).args(arguments).arg(name).current_dir(&folder).output().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

fn page(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_page_on_grading_shows_real_output() {
    let page = page("docs/grading.md");
    let blocks = blocks(&page);
    let at = blocks.iter().position(|(before, _)| before.trim_end().ends_with("Of this page")).unwrap();
    let (printed, _, status) = run(&["grade"], "answer.md", &blocks[at].1);
    assert_eq!(blocks[at + 1].1, printed);
    assert!(blocks[at + 2].0.contains(&format!("exits with {status}")));
    // Every exercise that ships is named.
    for (name, _) in convprove::grade::exercise::SHIPPED {
        assert!(page.contains(name), "{name}");
    }
    // Every remark that the page shows is understood.
    let remarks = &blocks.iter().find(|(_, block)| block.starts_with("# exercise:")).unwrap().1;
    convprove::grade::Exercise::read("docs", remarks).unwrap();
}

#[test]
fn the_page_on_reading_shows_real_output() {
    let page = page("docs/homework.md");
    let blocks = blocks(&page);
    let at = blocks.iter().position(|(before, _)| before.trim_end().ends_with("Of this page")).unwrap();
    let (printed, complaints, status) = run(&["read"], "answer.md", &blocks[at].1);
    assert_eq!(blocks[at + 1].1, printed);
    let squeezed = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_string();
    assert_eq!(squeezed(&blocks[at + 2].1), squeezed(&complaints));
    assert!(page.contains(&format!("exits with {status}")));
}

/// The second example of the README: a published homework, in both languages.
#[test]
fn the_readme_shows_how_homework_is_graded() {
    let readme = page("README.md");
    for language in ["zh", "en"] {
        let output = Command::new(env!("CARGO_BIN_EXE_convprove"))
            .args(["grade", "tests/homework/answers/a01.md", "--lang", language])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let shown = blocks(&readme).into_iter().find(|(before, _)| before.contains(&format!("--lang {language}")));
        assert_eq!(shown.unwrap().1, printed);
    }
}

/// What the page on limits calls undecided is undecided.
#[test]
fn the_page_on_limits_is_honest() {
    let (printed, complaints, status) = run(&["check", "--quiet"], "limits.md", &page("docs/limits.md"));
    let expected = page("docs/limits.md").matches("expect undecided\n").count();
    assert_eq!((complaints.as_str(), status), ("", 0), "{printed}");
    assert!(printed.trim_end().ends_with(&format!("{expected} undecided as expected")), "{printed}");
}

/// Every theorem on the page of the language is decided as it says.
#[test]
fn the_page_of_the_language_is_decided() {
    let (printed, complaints, status) = run(&["check", "--quiet"], "language.md", &page("docs/language.md"));
    assert_eq!((complaints.as_str(), status), ("", 0), "{printed}");
}

/// The chain with a wrong line in the README is told what the README says; only the time is left out there.
#[test]
fn the_readme_shows_what_is_said_of_a_wrong_line() {
    let blocks = blocks(&page("README.md"));
    let at = blocks.iter().position(|(_, block)| block.contains("theorem homework:")).unwrap();
    let (printed, complaints, status) = run(&["check"], "homework.cvp", &blocks[at].1);
    assert_eq!((complaints.as_str(), status), ("", 3));
    let (verdict, told) = blocks[at + 1].1.split_once('\n').unwrap();
    assert!(printed.contains(verdict) && printed.contains(told), "{printed}");
}
