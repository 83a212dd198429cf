//! Substitutions: `s = i+u-1` between two sums.
//!
//! A substitution names a map between the letters of the sum before and those of the sum after. It is carried out on the entries of
//! both sums, and must turn the ones into the others.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::One;

use super::letters;
use super::linear::Poly;
use super::verdict::{Class, Evidence, Finding, Text, Verdict};
use crate::homework::formula::*;
use crate::homework::print;

/// Entries with their subscripts as polynomials.
type Entries = Vec<(String, Vec<Poly>)>;

/// The entries under the sums of a side and the letters that the sums bind; none where a subscript is no polynomial.
fn entries(side: &Expr) -> Option<(BTreeSet<String>, Entries)> {
    let bound = letters::bound(side).iter().map(print::name).collect();
    let mut list: Option<Entries> = Some(Vec::new());
    side.any(&mut |part| {
        let (base, indices) = match &part.kind {
            Kind::Entry(base, indices) | Kind::Call(base, indices) => (base, indices),
            _ => return false,
        };
        let polynomials: Option<Vec<Poly>> = indices.iter().map(Poly::of).collect();
        match (&mut list, polynomials, base.as_name()) {
            (Some(list), Some(polynomials), Some(name)) => list.push((print::name(name), polynomials)),
            (list, _, _) => *list = None,
        }
        false
    });
    let mut list = list.filter(|list| !list.is_empty())?;
    sort(&mut list);
    Some((bound, list))
}

fn sort(list: &mut Entries) {
    list.sort_by_key(|(name, indices)| (name.clone(), indices.iter().map(Poly::text).collect::<Vec<_>>()));
}

/// The entries with letters replaced, all at once.
fn moved(list: &Entries, map: &BTreeMap<String, Poly>) -> Option<Entries> {
    let hidden = |name: &str| format!("%{name}");
    let mut result = Vec::new();
    for (tensor, indices) in list {
        let mut new = Vec::new();
        for index in indices {
            let mut index = index.clone();
            for name in map.keys() {
                index = index.substitute(name, &Poly::name(&hidden(name)))?;
            }
            for (name, value) in map {
                index = index.substitute(&hidden(name), value)?;
            }
            new.push(index);
        }
        result.push((tensor.clone(), new));
    }
    sort(&mut result);
    Some(result)
}

fn text(list: &Entries) -> String {
    let one = |(name, indices): &(String, Vec<Poly>)| {
        format!("{name}[{}]", indices.iter().map(Poly::text).collect::<Vec<_>>().join(", "))
    };
    list.iter().map(one).collect::<Vec<_>>().join("·")
}

fn maps_text(map: &BTreeMap<String, Poly>) -> String {
    map.iter().map(|(name, value)| format!("{name} = {}", value.text())).collect::<Vec<_>>().join(", ")
}

/// The map solved for letters of the other sum: `s = i-u+1` gives `u = i-s+1`.
fn inverse(map: &BTreeMap<String, Poly>, letters: &BTreeSet<String>) -> Option<BTreeMap<String, Poly>> {
    let mut result = BTreeMap::new();
    for (name, value) in map {
        let letter = value.names().into_iter().find(|other| letters.contains(other))?;
        let (slope, rest) = value.solved(&letter)?;
        let slope = slope.constant()?;
        // name = slope·letter + rest
        let solved = Poly::default().plus(&Poly::name(name).minus(&rest), &(BigRational::one() / slope));
        result.insert(letter, solved);
    }
    Some(result)
}

/// The equations of a substitution: a letter and what it is equal to.
pub(super) fn equations(statements: &[Statement]) -> Option<BTreeMap<String, Poly>> {
    let mut map = BTreeMap::new();
    for statement in statements {
        let Statement::Chain(chain) = statement else { continue };
        let [Link { side: Some(side), .. }] = chain.links.as_slice() else { continue };
        let first = chain.first.as_ref()?;
        let (name, value) = match (first.as_name(), side.as_name()) {
            (Some(name), _) => (name, side),
            (None, Some(name)) => (name, first),
            _ => return None,
        };
        map.insert(print::name(name), Poly::of(value)?);
    }
    (!map.is_empty()).then_some(map)
}

/// The new letters in terms of the old ones, read off the two sums.
fn working(before: &Entries, after: &Entries, new: &BTreeSet<String>) -> Option<BTreeMap<String, Poly>> {
    let mut map = BTreeMap::new();
    for (tensor, indices) in after {
        let mut same = before.iter().filter(|(other, _)| other == tensor);
        let (Some((_, old)), None) = (same.next(), same.next()) else { continue };
        for (index, old) in indices.iter().zip(old) {
            let letter = new.iter().find(|letter| *index == Poly::name(letter));
            if let Some(letter) = letter {
                map.entry(letter.clone()).or_insert_with(|| old.clone());
            }
        }
    }
    (new.iter().all(|letter| map.contains_key(letter)) && moved(after, &map)? == *before).then_some(map)
}

/// Judges a substitution between two sums: `own`, which may be a part of what is substituted together.
pub(super) fn substitution(
    own: &BTreeMap<String, Poly>,
    map: &BTreeMap<String, Poly>,
    before: &Expr,
    after: &Expr,
) -> Finding {
    let (Some((old, old_entries)), Some((new, new_entries))) = (entries(before), entries(after)) else {
        return Finding::undecided(Text::new(
            "the sums before and after it cannot be compared entry by entry",
            "前后的求和无法逐项比较",
        ));
    };
    let only_new: BTreeSet<String> = new.difference(&old).cloned().collect();
    let only_old: BTreeSet<String> = old.difference(&new).cloned().collect();
    let forward = map.keys().all(|name| new.contains(name))
        && map.keys().any(|name| only_new.contains(name) || old.contains(name));
    let backward = map.keys().all(|name| old.contains(name)) && map.keys().any(|name| only_old.contains(name));
    let carried = if backward && !(forward && only_old.is_empty()) {
        moved(&old_entries, map).map(|entries| entries == new_entries)
    } else if forward {
        moved(&new_entries, map).map(|entries| entries == old_entries)
    } else {
        None
    };
    match carried {
        Some(true) => {
            return Finding::remark(Text::new(
                "it turns the sum before it into the sum after it",
                "它把前面的求和式变为后面的求和式",
            ));
        }
        None => {
            return Finding::undecided(Text::new(
                "its letters are not those of the sums beside it",
                "它的字母不是前后求和的变量",
            ));
        }
        Some(false) => {}
    }
    // What would have been right, and what is written instead.
    let Some(right) = working(&old_entries, &new_entries, &new) else {
        // The fault is in the sum after it: new letters as such are neither right nor wrong.
        let becomes = match backward {
            true => moved(&old_entries, map),
            false => inverse(map, &old).and_then(|solved| moved(&old_entries, &solved)),
        };
        if let Some(becomes) = becomes {
            let (before, becomes) = (text(&old_entries), text(&becomes));
            return Finding::remark(Text::new(
                format!("new letters: it turns {before} into {becomes}, and the sum after it is another one"),
                format!("引入新的求和变量：{before} 变为 {becomes}，与后面的求和式不同"),
            ));
        }
        return Finding::undecided(Text::new(
            "no substitution was found that leads from the sum before it to the sum after it",
            "没有找到从前式到后式的换元",
        ));
    };
    let (letters, wanted) = if backward { (&new, inverse(&right, &old).unwrap_or(right)) } else { (&old, right) };
    let wanted: BTreeMap<String, Poly> = wanted.into_iter().filter(|(name, _)| own.contains_key(name)).collect();
    if wanted == *own {
        return Finding::remark(Text::new(
            "the sum after it needs it; what is substituted together with it is wrong",
            "后面的求和需要它；与它同时进行的另一换元有误",
        ));
    }
    let solved = inverse(map, letters);
    let becomes = if backward {
        moved(&old_entries, map)
    } else {
        solved.as_ref().and_then(|solved| moved(&old_entries, solved))
    };
    let (inverse_text, becomes) =
        (solved.as_ref().map(maps_text).unwrap_or_default(), becomes.as_ref().map(text).unwrap_or_default());
    let (written, wanted, next) = (maps_text(map), maps_text(&wanted), text(&new_entries));
    Finding::new(
        Verdict::Wrong,
        &[Class::Substitution],
        Text::new(
            format!(
                "{written} means {inverse_text}, which turns {} into {becomes}, not into {next}",
                text(&old_entries)
            ),
            format!("由 {written} 得 {inverse_text}，代入 {} 得 {becomes}，而不是 {next}", text(&old_entries)),
        ),
        Evidence::Substitution { inverse: inverse_text, becomes },
    )
    .with_repair(wanted)
}

/// Whether two substitutions that say the same in both directions do so.
pub(super) fn mutually_inverse(a: &BTreeMap<String, Poly>, b: &BTreeMap<String, Poly>) -> Option<bool> {
    let letters: BTreeSet<String> = b.keys().cloned().collect();
    let back = inverse(a, &letters)?;
    (back.keys().eq(b.keys())).then(|| back == *b)
}
