//! exp, log and their like in statements alone: what is true of them is never refuted, and what is false is.

use convprove::numeric::{CrossCheck, Options, check};
use convprove::syntax::parse_statement;

fn cross_check(claim: &str) -> CrossCheck {
    let read = parse_statement(claim, "").unwrap_or_else(|error| panic!("{claim}: {:?}", error.diagnostics));
    assert!(read.goal.statement.signature.functions.iter().all(|function| function.slope.is_some()), "{claim}");
    check(&read.goal.statement, &Options::default())
}

/// Facts of the calculus course, few of which follow from the derivatives alone.
#[test]
fn truths_are_not_refuted() {
    let truths = [
        "exp(0) = 1",
        "exp(a + b) = exp(a) * exp(b)",
        "exp(-a) * exp(a) = 1",
        "log(exp(c)) = c",
        "log(1) = 0",
        "exp(log(exp(c))) = exp(c)",
        "log(exp(a) * exp(b)) = a + b",
        "ln(exp(a) / exp(b)) = a - b",
        "sqrt(exp(2*c)) = exp(c)",
        "sqrt(4) = 2",
        "tanh(0) = 0",
        "tanh(-c) = -tanh(c)",
        "tanh(c) = (exp(c) - exp(-c)) / (exp(c) + exp(-c))",
        "tanh(c) = 2 sigmoid(2*c) - 1",
        "sigmoid(c) = 1 / (1 + exp(-c))",
        "sigmoid(-c) = 1 - sigmoid(c)",
        "sin(c)^2 + cos(c)^2 = 1",
        "sin(a + b) = sin(a)*cos(b) + cos(a)*sin(b)",
        "cos(2*c) = cos(c)^2 - sin(c)^2",
        "d/dc log(1 + exp(c)) = sigmoid(c)",
        "d/dc d/dc sin(c) = -sin(c)",
        "d/dc sqrt(exp(c)) = sqrt(exp(c)) / 2",
        "exp(x[i] + a) / sum(k in 1..n) exp(x[k] + a) = exp(x[i]) / sum(k in 1..n) exp(x[k])",
    ];
    for claim in truths {
        match cross_check(claim) {
            CrossCheck::Agrees { trials, .. } => println!("{claim}: {trials} trials"),
            // Where most values are irrational, nothing may be found out; it must not be the opposite.
            CrossCheck::Unsupported(why) => println!("{claim}: {why}"),
            other => panic!("{claim}: {other:?}"),
        }
    }
}

/// Each of them is false for the function that is meant, at a place where its values are rational.
#[test]
fn slips_are_refuted() {
    let slips = [
        "exp(0) = 0",
        "exp(a + b) = exp(a) + exp(b)",
        "exp'(c) = -exp(c)",
        "log(a) = log(b)",
        "log'(c) = c",
        "sqrt(c*c) = c",
        "tanh'(c) = 1 + tanh(c)^2",
        "tanh(c) = sigmoid(c)",
        "sigmoid'(c) = sigmoid(c) * (1 + sigmoid(c))",
        "sin'(c) = -cos(c)",
        "cos(2*c) = 2*cos(c)",
        "d/dc sqrt(c) = 1 / sqrt(c)",
        "d/dc log(1 + exp(c)) = 1 - sigmoid(c)",
        "exp(x[i]) / sum(k in 1..n) exp(x[k]) = exp(x[i])",
    ];
    for claim in slips {
        let CrossCheck::Refuted(found) = cross_check(claim) else { panic!("{claim}: {:?}", cross_check(claim)) };
        println!("{claim}\n{found}");
        assert!(!found.functions.is_empty(), "{claim}");
        assert_ne!(found.lhs, found.rhs);
    }
}
