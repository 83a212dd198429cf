//! What the benchmarks and `examples/measure.rs` measure: two families of statements, and the corpus.

#![allow(dead_code, reason = "each benchmark uses a part of this")]

use convprove::decide::{Verdict, decide_all};
use convprove::goal::Goal;
use convprove::kernel::Statement;
use convprove::search::{Budget, Open, Proved, Statistics};
use convprove::{search, syntax};

/// The family of wide convolutions goes up to this number of dimensions.
pub const MOST_DIMENSIONS: usize = 8;

/// The family of chains goes up to this number of tensors.
pub const LONGEST_CHAIN: usize = 10;

/// Wide-convolution commutativity in `rank` separate dimensions.
pub fn dimensions(rank: usize) -> String {
    let list = |each: &dyn Fn(usize) -> String| (1..=rank).map(each).collect::<Vec<_>>().join(", ");
    format!(
        "size {}\ntensor W[{}], X[{}]\n\
         def rot(A[{}])[{}] = A[{}]\n\
         def wide(A[{}], B[{}])[{}] = sum({}) A[{}] * B[{}]\n\
         theorem commutes: wide(rot(W), X) = wide(rot(X), W)\n",
        list(&|d| format!("m{d}, n{d}")),
        list(&|d| format!("1..m{d}")),
        list(&|d| format!("1..n{d}")),
        list(&|d| format!("1..a{d}")),
        list(&|d| format!("u{d} in 1..a{d}")),
        list(&|d| format!("a{d}-u{d}+1")),
        list(&|d| format!("1..a{d}")),
        list(&|d| format!("1..b{d}")),
        list(&|d| format!("i{d} in 1..a{d}+b{d}-1")),
        list(&|d| format!("u{d} in 1..a{d}")),
        list(&|d| format!("u{d}")),
        list(&|d| format!("i{d}+u{d}-a{d}")),
    )
}

/// A chain of `length` wide convolutions, read from either end.
pub fn chain(length: usize) -> String {
    let names: Vec<String> = (1..=length).map(|k| format!("w{k}")).collect();
    let fold = |names: &mut dyn Iterator<Item = &String>| {
        names.map(String::clone).reduce(|left, right| format!("full({left}, {right})")).unwrap_or_default()
    };
    let sizes: Vec<String> = (1..=length).map(|k| format!("n{k}")).collect();
    let tensors: Vec<String> = (1..=length).map(|k| format!("w{k}[0..n{k}-1]")).collect();
    format!(
        "size {}\ntensor {}\n\
         def full(x[0..n-1], w[0..K-1])[i in 0..n+K-2] = sum(k in 0..K-1) w[k] * x[i-k]\n\
         theorem reversed: {} = {}\n",
        sizes.join(", "),
        tensors.join(", "),
        fold(&mut names.iter()),
        fold(&mut names.iter().rev()),
    )
}

/// The members of both families: the family's name, the member's number, and its statement.
pub fn families() -> Vec<(&'static str, usize, Statement)> {
    let member = |family, number, text: &str| {
        let goal = syntax::load(text, false).goals.pop();
        (family, number, goal.expect("a member of a family is well-formed").statement)
    };
    let dimensions = (1..=MOST_DIMENSIONS).map(|rank| member("wide commutes in D dimensions", rank, &dimensions(rank)));
    let chains = (2..=LONGEST_CHAIN).map(|length| member("chain of k reversed", length, &chain(length)));
    dimensions.chain(chains).collect()
}

/// Searches for a proof with the usual budget.
///
/// # Errors
/// Where the search ends without a proof.
pub fn prove(statement: &Statement, earlier: &[Proved]) -> Result<(Proved, Statistics), Open> {
    let mut statistics = Statistics::default();
    let proved = search::prove(statement, earlier, &Budget::default(), &mut statistics)?;
    Ok((proved, statistics))
}

/// The pages of `proofs/`, by name, each with its goals.
pub fn pages() -> Vec<(String, Vec<Goal>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/proofs");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let page = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        (name, syntax::load(&text, false).goals)
    };
    paths.into_iter().map(page).collect()
}

/// A theorem of the corpus.
pub struct Example {
    /// The page and the theorem's name.
    pub name: String,
    /// Its proof.
    pub proved: Proved,
    /// The theorems before it on its page, which its proof may use.
    pub earlier: Vec<Proved>,
}

/// The theorems of the corpus that are proved.
pub fn corpus() -> Vec<Example> {
    let mut found = Vec::new();
    for (page, goals) in pages() {
        let mut earlier: Vec<Proved> = Vec::new();
        decide_all(&goals, &Default::default(), |decision| {
            if let Verdict::Proved(proved) = &decision.verdict {
                let proved = Proved::clone(proved);
                let name = format!("{page}:{}", decision.name);
                found.push(Example { name, proved: proved.clone(), earlier: earlier.clone() });
                earlier.push(proved);
            }
        });
    }
    found
}
