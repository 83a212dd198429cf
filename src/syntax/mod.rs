//! From text to goals: the grammar, the surface syntax, elaboration into kernel terms, and the formatter.
