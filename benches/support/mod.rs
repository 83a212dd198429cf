//! What the benchmarks and `examples/measure.rs` measure: families of statements, and the corpus.

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

/// The family of strided gradients goes up to this number of dimensions.
pub const MOST_STRIDED: usize = 4;

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

/// The input gradient of a layer with stride, dilation and padding in `rank` separate dimensions, scattered and gathered.
pub fn strided(rank: usize) -> String {
    let list = |each: &dyn Fn(usize) -> String| (1..=rank).map(each).collect::<Vec<_>>().join(", ");
    let product = |each: &dyn Fn(usize) -> String| (1..=rank).map(each).collect::<Vec<_>>().join(" ");
    format!(
        "size {}\ninteger {}\ntensor w[{}], g[{}]\n\
         theorem scatter_is_gather for {}: sum({}, {}) {} g[{}] w[{}] = sum({}) {} w[{}] g[{}]\n",
        list(&|d| format!("K{d}, O{d}, s{d}, d{d}")),
        list(&|d| format!("p{d}")),
        list(&|d| format!("0..K{d}-1")),
        list(&|d| format!("0..O{d}-1")),
        list(&|d| format!("i{d}")),
        list(&|d| format!("o{d} in 0..O{d}-1")),
        list(&|d| format!("k{d} in 0..K{d}-1")),
        product(&|d| format!("[i{d} = s{d}*o{d}+k{d}*d{d}-p{d}]")),
        list(&|d| format!("o{d}")),
        list(&|d| format!("k{d}")),
        list(&|d| format!("k{d} in 0..K{d}-1")),
        product(&|d| format!("[s{d} | i{d}+p{d}-k{d}*d{d}]")),
        list(&|d| format!("k{d}")),
        list(&|d| format!("floor((i{d}+p{d}-k{d}*d{d}) / s{d})")),
    )
}

/// The same for every number of dimensions at once.
const STRIDED_IN_EVERY_RANK: &str = "rank D\nsize K : D, O : D, s : D, d : D\ninteger p : D\n\
     tensor w[0..K-1], g[0..O-1]\n\
     theorem scatter_is_gather for i : D:\n\
     sum(o in 0..O-1, k in 0..K-1) [i = s*o+k*d-p] g[o] w[k]\n\
     = sum(k in 0..K-1) w[k] [s | i+p-k*d] g[floor((i+p-k*d) / s)]\n";

/// The members of the families: the family's name, the member's number, and its statement.
pub fn families() -> Vec<(&'static str, usize, Statement)> {
    let member = |family, number, text: &str| {
        let goal = syntax::load(text, false).goals.pop();
        (family, number, goal.expect("a member of a family is well-formed").statement)
    };
    let dimensions = (1..=MOST_DIMENSIONS).map(|rank| member("wide commutes in D dimensions", rank, &dimensions(rank)));
    let chains = (2..=LONGEST_CHAIN).map(|length| member("chain of k reversed", length, &chain(length)));
    let strided = (1..=MOST_STRIDED).map(|rank| member("strided gradient in D dimensions", rank, &strided(rank)));
    let every = member("strided gradient in every rank at once", 1, STRIDED_IN_EVERY_RANK);
    dimensions.chain(chains).chain(strided).chain([every]).collect()
}

/// Searches for a proof with the usual budget.
///
/// # Errors
/// Where the search ends without a proof.
pub fn prove(statement: &Statement, earlier: &[Proved]) -> Result<(Proved, Statistics), Open> {
    // In a thread of its own, since a thread remembers answers of the arithmetic.
    let search = || {
        let mut statistics = Statistics::default();
        let proved = search::prove(statement, earlier, &Budget::default(), &mut statistics)?;
        Ok((proved, statistics))
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, search);
        thread.expect("a thread can be started").join().expect("the search does not panic")
    })
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
