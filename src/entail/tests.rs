use super::*;
use crate::kernel::{Var, check_finite, check_guard};

fn v(name: &str) -> Index {
    Index::scalar(name)
}

fn c(value: i64) -> Index {
    Index::from(value)
}

/// Sums and products written shortly: each inner list is a product, with an integer factor.
fn sum(terms: &[(i64, &[&Index])]) -> Index {
    terms.iter().fold(Index::default(), |total, (factor, atoms)| {
        &total + &atoms.iter().fold(c(*factor), |product, atom| &product * atom)
    })
}

fn le(a: &Index, b: &Index) -> Literal {
    Literal::le(a, b)
}

#[track_caller]
fn proves(facts: &[Literal], goal: Literal) {
    let facts: Facts = facts.iter().cloned().collect();
    let proof = prove(&facts, &goal);
    let Some(proof) = proof else { panic!("not proved: {goal} from {facts:?}") };
    assert_eq!(check_entails(&facts, &goal, &proof), Ok(()), "{proof:?}");
}

#[track_caller]
fn fails(facts: &[Literal], goal: Literal) {
    let facts: Facts = facts.iter().cloned().collect();
    assert_eq!(prove(&facts, &goal), None, "{goal} from {facts:?}");
}

#[test]
fn an_integer_lies_strictly_between_no_two_neighbours() {
    let a = v("a");
    proves(&[Literal::ge(sum(&[(2, &[&a]), (-1, &[])]))], le(&c(1), &a));
    fails(&[le(&c(0), &a)], le(&c(1), &a));
}

#[test]
fn composed_strided_layers_stay_within_their_kernel() {
    let [k1, k2, w1, w2, d1, d2, s1] = ["K1", "K2", "w1", "w2", "d1", "d2", "s1"].map(v);
    let one = c(1);
    let mut facts = vec![le(&c(0), &w2), Literal::lt(&w2, &k2), le(&c(0), &w1), Literal::lt(&w1, &k1)];
    facts.extend([&k1, &k2, &d1, &d2, &s1].map(|size| le(&one, size)));
    let goal = sum(&[
        (1, &[&k1, &d1]),
        (-1, &[&d1]),
        (1, &[&k2, &s1, &d2]),
        (-1, &[&s1, &d2]),
        (-1, &[&d1, &w1]),
        (-1, &[&s1, &d2, &w2]),
    ]);
    proves(&facts, Literal::ge(goal.clone()));
    fails(&facts, Literal::ge(&goal - &one));
}

#[test]
fn blocks_cover_a_range() {
    let [w, k, s] = ["w", "K", "s"].map(v);
    let facts = [Literal::lt(&w, &k), le(&c(1), &s), le(&c(1), &k)];
    let blocks = Index::floor(&(&k + &s) - &c(1), s.clone());
    proves(&facts, Literal::lt(&Index::floor(w.clone(), s.clone()), &blocks));
    // ceil(K/s) written the other way.
    let ceiling = -&Index::floor(-&k, s.clone());
    proves(&facts, Literal::lt(&Index::floor(w, s), &ceiling));
}

#[test]
fn dilated_padding_stays_in_range() {
    let [i, n, h, x] = ["i", "n", "h", "x"].map(v);
    let facts = [le(&x, &(&n - &c(1))), le(&c(0), &h), le(&c(0), &i), le(&c(1), &n)];
    let step = &c(1) + &i;
    let goal = &(&(&step * &(&n - &c(1))) + &h) - &(&step * &x);
    proves(&facts, Literal::ge(goal));
}

#[test]
fn a_multiple_is_divided_without_remainder() {
    let [i, s, f, a] = ["i", "s", "f", "a"].map(v);
    let facts = [Literal::eq(&i - &(&(&s * &f) + &a)), le(&c(1), &s)];
    let difference = &i - &a;
    let quotient = Index::floor(difference.clone(), s.clone());
    proves(&facts, Literal::eq(&(&s * &quotient) - &difference));
    proves(&facts, Literal::eq(&quotient - &f));
    proves(&facts, Literal::divides(s.clone(), difference.clone()));
    fails(&facts[..1], Literal::eq(&(&s * &quotient) - &difference));
}

#[test]
fn same_padding_gives_the_ceiling() {
    let [n, s, d] = ["n", "s", "D"].map(v);
    let ceiling = -&Index::floor(-&n, s.clone());
    let facts = [le(&c(1), &s), le(&c(1), &n), le(&c(1), &d), le(&(&(&(&ceiling - &c(1)) * &s) + &d), &n)];
    let quotient = Index::floor(&n - &d, s.clone());
    proves(&facts, Literal::eq(&(&quotient + &c(1)) - &ceiling));
    fails(&facts[..3], Literal::eq(&(&quotient + &c(1)) - &ceiling));
}

#[test]
fn division_with_remainder_is_unique() {
    let [a, s, t, u, m] = ["a", "s", "t", "u", "m"].map(v);
    let positive = le(&c(1), &s);
    // floor((s t + a)/s) = t + floor(a/s)
    let shifted = Index::floor(&(&s * &t) + &a, s.clone());
    proves(std::slice::from_ref(&positive), Literal::eq(&shifted - &(&t + &Index::floor(a.clone(), s.clone()))));
    let block = Index::floor(&(&s * &t) + &u, s.clone());
    let within = [positive.clone(), le(&c(0), &u), Literal::lt(&u, &s)];
    proves(&within, Literal::eq(&block - &t));
    fails(&within[..2], Literal::eq(&block - &t));
    // The blocked range: b q + r < b m.
    let facts = [le(&c(0), &u), Literal::lt(&u, &s), Literal::lt(&t, &m), positive];
    proves(&facts, Literal::lt(&(&(&s * &t) + &u), &(&s * &m)));
}

#[test]
fn equal_numerators_have_equal_quotients() {
    let [a, b, s] = ["a", "b", "s"].map(v);
    let facts = [le(&c(1), &s), Literal::eq(&a - &b)];
    let [left, right] = [&a, &b].map(|numerator| Index::floor(numerator.clone(), s.clone()));
    proves(&facts, Literal::eq(&left - &right));
    proves(&[facts[0].clone(), le(&a, &b)], le(&left, &right));
    proves(&[facts[0].clone(), le(&c(0), &a)], le(&c(0), &left));
}

#[test]
fn maxima_are_split() {
    let [a, b, n, o, s] = ["a", "b", "n", "o", "s"].map(v);
    let larger = Index::max(a.clone(), b.clone());
    proves(&[], le(&a, &larger));
    proves(&[le(&a, &n), le(&b, &n)], le(&larger, &n));
    fails(&[le(&a, &n)], le(&larger, &n));
    proves(&[le(&a, &b)], Literal::eq(&larger - &b));
    // o < max(0, floor(n/s) + 1) with o >= 0 says s o <= n.
    let count = Index::max(c(0), &Index::floor(n.clone(), s.clone()) + &c(1));
    let facts = [le(&c(1), &s), le(&c(0), &o), Literal::lt(&o, &count)];
    proves(&facts, le(&(&s * &o), &n));
    proves(&[le(&c(1), &s), le(&c(0), &o), le(&(&s * &o), &n)], Literal::lt(&o, &count));
}

#[test]
fn parity_is_seen() {
    let [a, b, n] = ["a", "b", "n"].map(v);
    let odd = Literal::eq(sum(&[(2, &[&a]), (-2, &[&b]), (1, &[])]));
    proves(&[odd], le(&a, &c(-7)));
    proves(&[Literal::divides(c(2), sum(&[(3, &[&b])]))], Literal::divides(c(2), b.clone()));
    proves(&[], Literal::divides(c(2), &(&n * &n) - &n));
    fails(&[], Literal::divides(c(2), &n * &n));
    proves(&[Literal::divides(c(6), a.clone())], Literal::divides(c(3), a));
}

#[test]
fn squares_are_not_negative() {
    let n = v("n");
    proves(&[], Literal::ge(&n * &n));
    fails(&[], Literal::ge(&(&n * &n) - &c(1)));
}

#[test]
fn symbolic_divisibility_adds_up() {
    let [a, b, s] = ["a", "b", "s"].map(v);
    let facts = [le(&c(1), &s), Literal::divides(s.clone(), a.clone()), Literal::divides(s.clone(), b.clone())];
    proves(&facts, Literal::divides(s.clone(), &a + &b));
    proves(&facts, Literal::divides(s.clone(), &a * &b));
}

#[test]
fn unequal_neighbours_leave_a_gap() {
    let [a, b] = ["a", "b"].map(v);
    let facts = [le(&a, &b), Literal::ne(&a - &b)];
    proves(&facts, Literal::lt(&a, &b));
    proves(&[Literal::lt(&a, &b)], Literal::ne(&a - &b));
}

#[test]
fn contradictions_are_found_and_guards_reduced() {
    let [i, n] = ["i", "n"].map(v);
    let facts = Facts::from([le(&c(1), &n)]);
    let guard: Guard = [le(&c(0), &i), le(&c(-3), &i), Literal::lt(&i, &n), le(&i, &n)].into_iter().collect();
    let reduced: Guard = [le(&c(0), &i), Literal::lt(&i, &n)].into_iter().collect();
    assert_eq!(reduce(&facts, &guard), reduced);
    let (there, back) = equivalent(&facts, &guard, &reduced).expect("both say the same");
    let with = |guard: &Guard| facts.iter().chain(guard.literals()).cloned().collect::<Facts>();
    assert_eq!(check_guard(&with(&guard), &reduced, &there), Ok(()));
    assert_eq!(check_guard(&with(&reduced), &guard, &back), Ok(()));
    let empty: Guard = [le(&n, &i), Literal::lt(&i, &n)].into_iter().collect();
    assert_eq!(reduce(&facts, &empty), Guard::never());
    assert_eq!(reduce(&facts, &Guard::always()), Guard::always());
    assert!(contradiction(&Facts::new()).is_none());
}

#[track_caller]
fn bounded(facts: &[Literal], letters: &[&str], guard: &[Literal]) {
    let (facts, guard): (Facts, Guard) = (facts.iter().cloned().collect(), guard.iter().cloned().collect());
    let letters: Vec<Var> = letters.iter().map(|name| Var::scalar(*name)).collect();
    let evidence = finite(&facts, &letters, &guard).expect("the guard bounds its letters");
    assert_eq!(check_finite(&facts, &letters, &guard, &evidence), Ok(()));
}

#[test]
fn finite_ranges_are_bounded_in_a_fitting_order() {
    let [i, j, n, s, p] = ["i", "j", "n", "s", "p"].map(v);
    let positive = le(&c(1), &s);
    bounded(&[], &[], &[]);
    bounded(&[], &["i"], &[le(&c(0), &i), Literal::lt(&i, &n)]);
    bounded(&[], &["i", "j"], &[le(&c(0), &j), Literal::lt(&j, &n), Literal::eq(&(&i + &j) - &p)]);
    bounded(std::slice::from_ref(&positive), &["i"], &[le(&c(0), &i), le(&(&s * &i), &n)]);
    bounded(std::slice::from_ref(&positive), &["i"], &[le(&c(0), &(&(&s * &i) + &p)), le(&(&(&s * &i) + &p), &n)]);
    bounded(&[positive], &["i", "j"], &[Literal::eq(&(&(&s * &i) + &j) - &n), le(&c(0), &j), Literal::lt(&j, &s)]);
    bounded(&[], &["i"], &[le(&c(0), &sum(&[(2, &[&i])])), le(&sum(&[(3, &[&i])]), &n)]);
    bounded(&[], &["i", "j"], &[le(&c(0), &i), le(&c(0), &j), Literal::eq(&(&i + &j) - &n)]);
    bounded(&[], &["i", "j"], &[le(&c(0), &i), le(&c(0), &j), le(&sum(&[(2, &[&i]), (1, &[&j])]), &n)]);
    let half = Guard::from_iter([le(&c(0), &i)]);
    assert!(finite(&Facts::new(), &[Var::scalar("i")], &half).is_none());
}

#[test]
fn the_value_of_a_maximum_is_one_of_its_terms() {
    let [j, n, m] = ["j", "n", "m"].map(Index::scalar);
    let top = Index::max(&n - &m, Index::from(-1));
    let mut facts = Facts::from([Literal::le(&Index::from(0), &j), Literal::le(&j, &top)]);
    facts.insert(Literal::le(&Index::from(1), &n));
    facts.insert(Literal::le(&Index::from(1), &m));
    assert!(prove(&facts, &Literal::le(&j, &(&n - &m))).is_some());
}
