//! The laws of the kernel as a reader meets them: the table behind `convprove laws`.

use serde_json::{Value, json};

/// A law with its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LawEntry {
    /// Its stable name.
    pub name: &'static str,
    /// What it says, one rule a line.
    pub rules: &'static [&'static str],
    /// What it needs to know.
    pub conditions: &'static str,
    /// One example.
    pub example: &'static str,
}

/// Every law of the kernel.
pub const LAWS: [LawEntry; 13] = [
    LawEntry {
        name: "ring",
        rules: &["a = b, where both have one normal form in every commutative ring that contains the rationals"],
        conditions: "none",
        example: "(a + b)*a = a^2 + a*b",
    },
    LawEntry {
        name: "index",
        rules: &["T[e] = T[e'], where e = e'; also in integer terms and in the parameters of a definition"],
        conditions: "e = e' follows from the assumptions and the conditions around the place",
        example: "x[floor((2*i+1)/2)] = x[i]",
    },
    LawEntry {
        name: "fubini",
        rules: &["sum(u : G) sum(v : H) e = sum(u, v : G and H) e"],
        conditions: "both sums are finite",
        example: "sum(u in 1..m) sum(v in 1..n) W[u, v] = sum(u in 1..m, v in 1..n) W[u, v]",
    },
    LawEntry {
        name: "linear",
        rules: &["sum(v : G) (a + b) = sum(v : G) a + sum(v : G) b", "c*sum(v : G) e = sum(v : G) c*e"],
        conditions: "v does not occur in c",
        example: "c*sum(u in 1..m) w[u] = sum(u in 1..m) c*w[u]",
    },
    LawEntry {
        name: "guard",
        rules: &[
            "sum(v : G) [P]*e = sum(v : G, P) e",
            "T[e] = [e in box]*T[e]",
            "[P] = [Q], and the same for the conditions of a sum or maximum",
            "e = [P]*e + [not P]*e",
            "1 = [P], where P is assumed",
        ],
        conditions: "the sum is finite; P and Q follow from each other; in a case distinction P is about one coordinate",
        example: "x[i-u] = [1 <= i-u <= n]*x[i-u]   for a tensor x[1..n]",
    },
    LawEntry {
        name: "reindex",
        rules: &["sum(v in D) f(v) = sum(v' in D') f(phi(v')), and the same for a maximum"],
        conditions: "phi maps D' into D, psi maps D into D', and the two are inverse to each other",
        example: "sum(u in 1..m) w[u]*x[i-u] = sum(s in i-m..i-1) w[i-s]*x[s]   with s = i-u, u = i-s",
    },
    LawEntry {
        name: "unfold",
        rules: &["f(q, T)[a] = [a in box]*body, for a definition f(p, A)[v] = body; read backwards it folds"],
        conditions: "none",
        example: "rot180(W)[u, v] = [1 <= u <= m, 1 <= v <= n]*W[m-u+1, n-v+1]",
    },
    LawEntry {
        name: "count",
        rules: &["sum(k in a..b) e = (b-a+1)*e"],
        conditions: "a <= b+1, and k does not occur in e",
        example: "sum(i in 1..n) c = n*c",
    },
    LawEntry {
        name: "telescope",
        rules: &["sum(k in a..b-1) (F(k+1) - F(k)) = F(b) - F(a)"],
        conditions: "a <= b",
        example: "sum(k in 0..n-1) ((k+1)^2 - k^2) = n^2",
    },
    LawEntry {
        name: "maximum",
        rules: &[
            "max(u : G) max(v : H) e = max(u, v : G and H) e",
            "max(v in D) f(v) = max(v' in D') f(phi(v')), where phi takes D' onto D; c = max(v in D) c",
            "max(v : G) (c + e) = c + max(v : G) e",
            "max(v : G) c*e = c*max(v : G) e",
            "max(v : G) e = e at t, where e at t is larger than e at every other v in G; also under d/dx",
        ],
        conditions: "finite ranges, of which a point is known (in the first rule, of H); for each point of D one of D' that phi takes there; v does not occur in c; a factor c is not negative; that e at t is larger follows from what is assumed of entries",
        example: "max(k in 1..n) (x[k] + c) = c + max(k in 1..n) x[k]   where n >= 1",
    },
    LawEntry {
        name: "differentiate",
        rules: &[
            "d/dT[b] T[a] = [a = b]*[b in box]; 0 for other tensors, for numbers, integers and brackets",
            "d(e+f) = de + df,   d(e*f) = de*f + e*df,   d(e^n) = n*e^(n-1)*de,   d(1/e) = -(1/e)^2*de",
            "d(f(e)) = f'(e)*de, and a sum of these for several arguments",
            "f'(e) is what the declaration of f says of it",
            "d(sum(v : G) e) = sum(v : G) de",
        ],
        conditions: "v does not occur in b; definitions are unfolded first; a maximum has no rule, but its largest entry has where it is known which one that is",
        example: "d/dx[j] sum(i in 1..n) x[i]^2 = sum(i in 1..n) 2*x[i]*[i = j, 1 <= j <= n]   for a tensor x[1..n]",
    },
    LawEntry {
        name: "inverse",
        rules: &["e*(1/e) = 1"],
        conditions: "e is not 0: an integer by arithmetic; by an assumption; a product or power of such; a sum in which one term is positive and the others, such as squares, are not negative, or over a range of which a point is known",
        example: "n*(x/n) = x   for a size n >= 1",
    },
    LawEntry {
        name: "theorem",
        rules: &["l = r, an earlier theorem for the sizes, indices and tensors at hand"],
        conditions: "its assumptions and ranges hold, and each tensor is zero outside the box that the theorem declares",
        example: "wide(rot180(A), B)[i, j] = wide(rot180(B), A)[i, j]   by wide_commutes",
    },
];

/// The laws as text.
///
/// ```
/// assert!(convprove::export::laws::render_text().starts_with("ring\n"));
/// ```
pub fn render_text() -> String {
    let entry = |law: &LawEntry| {
        let rules: String = law.rules.iter().map(|rule| format!("    {rule}\n")).collect();
        format!("{}\n{rules}    needs:    {}\n    example:  {}\n", law.name, law.conditions, law.example)
    };
    LAWS.iter().map(entry).collect::<Vec<_>>().join("\n")
}

/// The laws as data.
pub fn render_json() -> Value {
    let entry = |law: &LawEntry| json!({"name": law.name, "rules": law.rules, "conditions": law.conditions, "example": law.example});
    json!({"schema": "convprove/laws/1", "results": LAWS.iter().map(entry).collect::<Vec<_>>(), "summary": {"laws": LAWS.len()}})
}
