//! Loops, sums and assignments, before they are spelled in a language.

use super::Target;

/// A statement of a program.
#[derive(Clone, Debug)]
pub(super) enum Line {
    /// A new variable with a scalar value.
    Let(String, String),
    /// A new array of zeros with these sizes.
    Zeros(String, Vec<String>),
    /// A new array or scalar that a call returns.
    Call(String, String),
    /// A loop over the integers from the first on and before the last.
    For { letter: String, low: String, high: String, body: Vec<Line> },
    /// What is done where all conditions hold.
    If(Vec<String>, Vec<Line>),
    /// Adds to a scalar.
    Add(String, String),
    /// Takes the larger of a scalar and a value.
    Largest(String, String),
    /// Puts a scalar into an array.
    Store(String, Vec<String>, String),
    /// Stops where an assumption does not hold.
    Require(String),
    /// The result.
    Return(String),
}

/// Prints lines with an indentation.
pub(super) fn print(lines: &[Line], target: Target, depth: usize, out: &mut String) {
    if lines.is_empty() && target != Target::Rust {
        put(out, depth, "pass");
    }
    for line in lines {
        one(line, target, depth, out);
    }
}

fn put(out: &mut String, depth: usize, text: &str) {
    out.push_str(&"    ".repeat(depth));
    out.push_str(text);
    out.push('\n');
}

fn one(line: &Line, target: Target, depth: usize, out: &mut String) {
    let rust = target == Target::Rust;
    match line {
        Line::Let(name, value) if rust => put(out, depth, &format!("let mut {name}: f64 = {value};")),
        Line::Let(name, value) => put(out, depth, &format!("{name} = {value}")),
        Line::Zeros(name, sizes) => {
            let sizes: Vec<String> = sizes.iter().map(|size| target.at_least_zero(size)).collect();
            let tuple =
                if sizes.len() == 1 { format!("({},)", sizes.concat()) } else { format!("({})", sizes.join(", ")) };
            put(
                out,
                depth,
                &match target {
                    Target::Rust => format!("let mut {name} = Array::zeros(&[{}]);", sizes.join(", ")),
                    Target::Numpy => format!("{name} = np.zeros({tuple})"),
                    Target::Torch => format!("{name} = torch.zeros({tuple}, dtype=torch.float64)"),
                    Target::Jax => format!("{name} = jnp.zeros({tuple})"),
                },
            );
        }
        Line::Call(name, call) if rust => put(out, depth, &format!("let {name} = {call};")),
        Line::Call(name, call) => put(out, depth, &format!("{name} = {call}")),
        Line::For { letter, low, high, body } => {
            if rust {
                put(out, depth, &format!("for {letter} in {low}..({high}) {{"));
            } else {
                put(
                    out,
                    depth,
                    &if low == "0" {
                        format!("for {letter} in range({high}):")
                    } else {
                        format!("for {letter} in range({low}, {high}):")
                    },
                );
            }
            block(body, target, depth, out);
        }
        Line::If(conditions, body) => {
            let all = conditions.join(if rust { " && " } else { " and " });
            put(out, depth, &if rust { format!("if {all} {{") } else { format!("if {all}:") });
            block(body, target, depth, out);
        }
        Line::Add(name, value) if rust => put(out, depth, &format!("{name} += {value};")),
        Line::Add(name, value) => put(out, depth, &format!("{name} = {name} + {value}")),
        Line::Largest(name, value) => put(
            out,
            depth,
            &match target {
                Target::Rust => format!("{name} = {name}.max({value});"),
                Target::Numpy => format!("{name} = max({name}, {value})"),
                Target::Torch => format!("{name} = torch.maximum(torch.as_tensor({name}), torch.as_tensor({value}))"),
                Target::Jax => format!("{name} = jnp.maximum({name}, {value})"),
            },
        ),
        Line::Store(name, position, value) => {
            let position = position.join(", ");
            put(
                out,
                depth,
                &match target {
                    Target::Rust => format!("{name}.set(&[{position}], {value});"),
                    Target::Jax => format!("{name} = {name}.at[{position}].set({value})"),
                    Target::Numpy | Target::Torch => format!("{name}[{position}] = {value}"),
                },
            );
        }
        Line::Require(condition) if rust => put(out, depth, &format!("assert!({condition});")),
        Line::Require(condition) => put(out, depth, &format!("assert {condition}")),
        Line::Return(value) if rust => put(out, depth, value),
        Line::Return(value) => put(out, depth, &format!("return {value}")),
    }
}

fn block(body: &[Line], target: Target, depth: usize, out: &mut String) {
    print(body, target, depth + 1, out);
    if target == Target::Rust {
        put(out, depth, "}");
    }
}
