//! Twelve published answers and the key to their steps.

use serde_json::Value;

/// The answers as they were pasted.
pub const ANSWERS: [(&str, &str); 12] = [
    ("a01", include_str!("answers/a01.md")),
    ("a02", include_str!("answers/a02.md")),
    ("a09", include_str!("answers/a09.md")),
    ("a16", include_str!("answers/a16.md")),
    ("a17", include_str!("answers/a17.md")),
    ("a20", include_str!("answers/a20.md")),
    ("a25", include_str!("answers/a25.md")),
    ("a33", include_str!("answers/a33.md")),
    ("a35", include_str!("answers/a35.md")),
    ("a43", include_str!("answers/a43.md")),
    ("a49", include_str!("answers/a49.md")),
    ("a54", include_str!("answers/a54.md")),
];

/// The steps that a person found in them.
pub fn key() -> Vec<Value> {
    include_str!("steps.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Text without space and without a full stop at its end.
pub fn squeezed(text: &str) -> String {
    let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    text.trim_end_matches('.').to_string()
}
