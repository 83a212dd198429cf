//! The exact evaluator: it can refute, never prove.
