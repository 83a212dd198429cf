//! Names as symbols: `x1` is x with the index 1, `sigma'` is σ with a prime, `out` is one word.

/// Names that have a Greek letter, each with it; the capitals that look like Latin ones have none. TeX has a command of the
/// same name for each.
const GREEK: [(&str, char); 34] = [
    ("alpha", 'α'),
    ("beta", 'β'),
    ("gamma", 'γ'),
    ("delta", 'δ'),
    ("epsilon", 'ε'),
    ("zeta", 'ζ'),
    ("eta", 'η'),
    ("theta", 'θ'),
    ("iota", 'ι'),
    ("kappa", 'κ'),
    ("lambda", 'λ'),
    ("mu", 'μ'),
    ("nu", 'ν'),
    ("xi", 'ξ'),
    ("pi", 'π'),
    ("rho", 'ρ'),
    ("sigma", 'σ'),
    ("tau", 'τ'),
    ("upsilon", 'υ'),
    ("phi", 'φ'),
    ("chi", 'χ'),
    ("psi", 'ψ'),
    ("omega", 'ω'),
    ("Gamma", 'Γ'),
    ("Delta", 'Δ'),
    ("Theta", 'Θ'),
    ("Lambda", 'Λ'),
    ("Xi", 'Ξ'),
    ("Pi", 'Π'),
    ("Sigma", 'Σ'),
    ("Phi", 'Φ'),
    ("Psi", 'Ψ'),
    ("Omega", 'Ω'),
    ("ell", 'ℓ'),
];

/// The parts of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Symbol<'a> {
    /// What stands before the digits, without an underscore at its end.
    pub stem: &'a str,
    /// The digits at the end.
    pub digits: &'a str,
    /// How many primes follow.
    pub primes: usize,
}

impl<'a> Symbol<'a> {
    /// The parts of a name.
    pub(super) fn of(name: &'a str) -> Self {
        let base = name.trim_end_matches('\'');
        let primes = name.len() - base.len();
        let stem = base.trim_end_matches(|character: char| character.is_ascii_digit());
        let digits = base.get(stem.len()..).unwrap_or_default();
        match stem.strip_suffix('_') {
            Some(shorter) if !shorter.is_empty() => Symbol { stem: shorter, digits, primes },
            _ if stem.is_empty() => Symbol { stem: base, digits: "", primes },
            _ => Symbol { stem, digits, primes },
        }
    }

    /// The Greek letter that the stem names, with its name.
    pub(super) fn greek(&self) -> Option<(&'static str, char)> {
        GREEK.iter().find(|(name, _)| *name == self.stem).copied()
    }

    /// Whether the stem is shown as one letter.
    pub(super) fn is_letter(&self) -> bool {
        self.greek().is_some() || self.stem.chars().count() == 1
    }
}

/// The name of a Greek letter.
pub(super) fn greek_name(letter: char) -> Option<&'static str> {
    GREEK.iter().find(|(_, greek)| *greek == letter).map(|(name, _)| *name)
}
