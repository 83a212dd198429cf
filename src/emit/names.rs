//! Names that a language accepts, each for one thing.

use std::collections::{BTreeMap, BTreeSet};

/// Words that a program must not use: keywords, what the emitted code itself uses, and what the languages bring along.
const TAKEN: &str = "False None True and as assert async await break class continue def del elif else except finally for from global if \
import in is lambda nonlocal not or pass raise return try while with yield fn let mut pub struct impl enum match mod move ref self Self \
static super trait type unsafe use where loop const crate dyn extern box final macro override priv typeof unsized virtual abstract do \
np torch jnp jax at Array range max min len float int sum abs f64 i64 usize Vec all any zip map filter print list dict set tuple str bool \
round pow divmod enumerate sorted reversed type isinstance slice object id next iter open input vars dir hash repr format callable complex \
Some Ok Err Option Result Box String Iterator IntoIterator Clone Copy Drop Default Eq Ord PartialEq PartialOrd Into From AsRef Send Sync \
Sized Fn FnMut FnOnce vec println panic f32 i8 i16 i32 i128 isize u8 u16 u32 u64 u128 char std core alloc";

/// Names by what they stand for.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    given: BTreeMap<String, String>,
    used: BTreeSet<String>,
}

impl Names {
    /// The name of a thing; the same thing has the same name.
    pub(super) fn of(&mut self, kind: &str, name: &str) -> String {
        let key = format!("{kind} {name}");
        if let Some(given) = self.given.get(&key) {
            return given.clone();
        }
        let given = self.fresh(name);
        self.given.insert(key, given.clone());
        given
    }

    /// A name that nothing has.
    pub(super) fn fresh(&mut self, wanted: &str) -> String {
        let mut plain = String::new();
        for letter in wanted.chars() {
            match letter {
                '\'' => plain.push_str("_prime"),
                letter if letter.is_alphanumeric() || letter == '_' => plain.push(letter),
                _ => plain.push('_'),
            }
        }
        if plain.is_empty() || plain.starts_with(|first: char| first.is_ascii_digit() || first == '_') {
            plain.insert(0, 'v');
        }
        let free = |name: &String| !self.used.contains(name) && !TAKEN.split_whitespace().any(|word| word == name);
        let numbered = (1..).map(|number: usize| format!("{plain}_{number}"));
        let name = std::iter::once(plain.clone()).chain(numbered).find(|name| free(name)).unwrap_or(plain);
        self.used.insert(name.clone());
        name
    }
}
