//! Reads an answer and prints what each of its equality signs claims.
//!
//! `cargo run --example read_homework [ANSWER]`

use convprove::homework::{Places, StepKind, print, read};

const ANSWER: &str = "The substitution s = i+u-1 gives

$$y_{ij} = \\sum_{u=1}^m \\sum_{v=1}^n w_{uv} x_{i+u-1,j+v-1}$$

$$= \\sum_{s=i}^{i+m-1} \\sum_{t=j}^{j+n-1} w_{s-i+1,t-j+1} x_{st} \\tag{2}$$
";

fn main() -> std::io::Result<()> {
    let text = match std::env::args().nth(1) {
        Some(path) => std::fs::read_to_string(path)?,
        None => ANSWER.to_string(),
    };
    let reading = read(&text);
    let places = Places::new(&text);
    for claim in reading.claims().iter().filter(|claim| claim.kind != StepKind::Substitution) {
        let (line, _) = places.of(claim.right.span.start);
        let relation = print::relation(claim.relation);
        println!("line {line}: {}\n    {relation} {}", print::expr(claim.left), print::expr(claim.right));
    }
    for fault in &reading.unreadable {
        println!("line {}, column {}: {}", fault.line, fault.column, fault.message);
    }
    Ok(())
}
