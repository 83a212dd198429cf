//! The notations of a larger collection of real answers, formula by formula as they stand there, in `dialect.txt`: their priority (A in
//! five answers or more, B in two to four, C in one), the formula, and what is understood.

use super::notation::shown;

#[test]
fn the_dialect_is_read() {
    let table = include_str!("dialect.txt");
    let mut cases: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        match (line.strip_prefix("    "), cases.last_mut()) {
            (Some(expected), Some(case)) => case.2.push(expected),
            _ => {
                let (priority, formula) = line.split_once(' ').unwrap();
                cases.push((priority, formula, Vec::new()));
            }
        }
    }
    let mut found = String::new();
    let mut differ = 0;
    let mut unread_ones = Vec::new();
    let mut counts = std::collections::BTreeMap::<&str, (usize, usize)>::new();
    for (priority, formula, expected) in &cases {
        let read = shown(&format!("$${formula}$$"));
        let unread = read.iter().any(|line| line.starts_with("? "));
        let count = counts.entry(priority).or_default();
        count.0 += usize::from(!unread);
        count.1 += 1;
        // Everything is read or reported, and what must be read is.
        assert!(!read.is_empty(), "{formula}");
        unread_ones.extend((unread && *priority != "C").then(|| format!("{formula}: {read:?}")));
        differ += usize::from(read != *expected);
        found.push_str(&format!("{priority} {formula}\n    {}\n", read.join("\n    ")));
    }
    for (priority, (read, all)) in counts {
        println!("{priority}: {read} of {all} read");
    }
    assert_eq!(differ, 0, "what was found:\n{found}");
    assert!(unread_ones.is_empty(), "{unread_ones:#?}");
}
