//! One derivation, several faces: text, Markdown, LaTeX, JSON.
