//! `convprove read` from outside.

use std::process::{Command, Output};

use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_convprove")).args(arguments).output().unwrap()
}

/// A file of this content that is gone after the test.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str, content: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("convprove-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        Scratch(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn a_reading_as_json() {
    let output = run(&["read", "tests/homework/answers/a20.md", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["schema"], "convprove/read/1");
    assert_eq!(value["summary"]["steps"], 11);
    assert_eq!(value["summary"]["unreadable"], 0);
    let step = &value["results"][0]["steps"][6];
    assert_eq!((step["id"].as_str(), step["line"].as_u64()), (Some("s7"), Some(40)));
    assert_eq!(step["continues"], "s6");
    assert_eq!(step["tag"], "14");
    assert_eq!(step["notes"][0]["kind"], "rotated-entry");
    assert_eq!(value["results"][0]["prose"].as_array().unwrap().len(), 11);
}

#[test]
fn what_cannot_be_read_has_line_and_column() {
    let file = Scratch::new("bad.md", b"$$a = b$$\n\n$$c = \\nonsense d$$\n");
    let output = run(&["read", file.path()]);
    assert_eq!(output.status.code(), Some(4));
    let (out, complaint) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(out.contains("a = b") && out.contains("1 steps, 1 unreadable"), "{out}");
    assert!(complaint.contains("bad.md:3:7") && complaint.contains("\\nonsense"), "{complaint}");
}

#[test]
fn a_file_that_is_no_text_is_named() {
    let file = Scratch::new("bytes.md", b"a = b\n\xff\xfe\n");
    let output = run(&["read", file.path(), "--json"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8(output.stderr).unwrap().contains("line 2 is not UTF-8"));
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["results"].as_array().unwrap().len(), 0);
}

/// A page cannot command the terminal through its formulas.
#[test]
fn control_characters_do_not_reach_the_terminal() {
    let file = Scratch::new("control.md", "x = 3 \u{1b}[31m\n\n$$\\text{a \u{1b}[2J} y = 2$$\n".as_bytes());
    let output = run(&["read", file.path()]);
    assert!(!output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b));
}

/// `docs/homework.md` shows what the program prints.
#[test]
fn the_page_on_homework_shows_real_output() {
    let page = include_str!("../../docs/homework.md");
    let blocks: Vec<&str> = page.split("~~~text\n").skip(1).filter_map(|block| block.split("~~~").next()).collect();
    let [answer, shown, complaint] = blocks.as_slice() else { panic!("{} blocks", blocks.len()) };
    let folder = std::env::temp_dir().join(format!("convprove-page-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("answer.md"), answer).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_convprove"))
        .args(["read", "answer.md"])
        .current_dir(&folder)
        .output()
        .unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let trimmed = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(trimmed(&output.stdout), shown.trim_end());
    assert_eq!(trimmed(&output.stderr), complaint.trim_end());
}
