//! The boxes of a layer's tensors, as declarations for the prover.

use super::*;

impl OwnLayer {
    /// The first and the last output along the axis of a letter where the box of the input is known: of `x[i+u-1]` with 1..M and u in 1..m
    /// these are 1 and M-m+1.
    pub(super) fn reached(&self, letter: &Name, boxes: &Boxes, symbols: &Symbols) -> Option<(Poly, Poly)> {
        let one = BigRational::one();
        self.input.at.iter().enumerate().find_map(|(axis, index)| {
            let rest = Poly::of(index)?.minus(&Poly::name(&print::name(letter)));
            let (kernel, ends) = self.bound.iter().find(|(name, _)| rest.names().contains(&print::name(name)))?;
            let shift = rest.minus(&Poly::name(&print::name(kernel)));
            let (first, last) = ends.as_ref()?;
            let (low, high) = boxes.side(&(symbols.ident(&self.input.name), axis))?;
            shift.constant()?;
            let less = |end: &Poly, kernel: &Expr| Some(end.minus(&shift).plus(&Poly::of(kernel)?, &-one.clone()));
            let (low, high) = (less(low, first)?, less(high, last)?);
            let plain = |name: &String| name.bytes().all(|byte| byte.is_ascii_alphanumeric());
            low.names().union(&high.names()).all(plain).then_some((low, high))
        })
    }

    /// The boxes of `delta`, `kernel` and `input`, and the ranges of the target's letters.
    pub(super) fn declarations(
        &self,
        kind: TargetKind,
        at: &[Expr],
        side: &Expr,
        base: i64,
        context: Context,
    ) -> Option<(String, Vec<String>)> {
        let Context { symbols, boxes, .. } = context;
        let mut sizes: BTreeSet<String> = BTreeSet::new();
        let mut text = |side: &Expr| -> Option<String> {
            let mut poly = Poly::of(side)?;
            let names: BTreeMap<String, String> =
                letters::names(side).map(|name| (print::name(name), symbols.ident(name))).collect();
            for (name, ident) in &names {
                poly = poly.substitute(name, &Poly::name(ident))?;
                sizes.insert(ident.clone());
            }
            Some(poly.text().replace('·', "*"))
        };
        let mut ranges: BTreeMap<Name, (String, String)> = BTreeMap::new();
        for (letter, range) in &self.bound {
            if let Some((low, high)) = range {
                ranges.insert(letter.clone(), (text(low)?, text(high)?));
            }
        }
        // The side says how large the output is.
        let mut outputs: BTreeMap<usize, (String, String)> = BTreeMap::new();
        let mut own: BTreeMap<Name, (Expr, Expr)> = BTreeMap::new();
        for part in letters::all(side) {
            if let Kind::Big(Big::Sum, binders, _) = &part.kind {
                for binder in binders {
                    if let Binder::Letter { letter, lower: Some(low), upper: Some(high) } = binder {
                        own.insert(letter.as_name()?.clone(), (low.clone(), high.clone()));
                    }
                }
            }
        }
        for part in letters::all(side) {
            let Some(factor) = entry(part).filter(|factor| factor.name.base == "delta") else { continue };
            for (axis, index) in factor.at.iter().enumerate() {
                if let Some((low, high)) = index.as_name().and_then(|name| own.get(name)) {
                    // The first output is not left out by a sum that begins after it.
                    let number = Poly::of(low)?.constant();
                    let first = BigRational::from_integer(base.into());
                    let low = if number.is_some_and(|number| number > first) { base.to_string() } else { text(low)? };
                    outputs.insert(axis, (low, text(high)?));
                }
            }
        }
        // Unless the box of the input or the line of the layer do.
        let mut of_boxes: BTreeSet<String> = BTreeSet::new();
        for (axis, letter) in self.at.iter().enumerate() {
            if let Some((low, high)) = self.reached(letter, boxes, symbols) {
                of_boxes.extend(low.names().into_iter().chain(high.names()));
                outputs.insert(axis, (low.text().replace('·', "*"), high.text().replace('·', "*")));
            }
        }
        for (letter, low, high) in &self.ranges {
            if let Some(axis) = self.at.iter().position(|at| at == letter) {
                outputs.insert(axis, (text(low)?, text(high)?));
            }
        }
        // A kernel of which the layer's line does not say how large it is reaches as far as the side sums over it.
        let mut kernels: BTreeMap<usize, (String, String)> = BTreeMap::new();
        for part in letters::all(side) {
            let Some(factor) = entry(part).filter(|factor| factor.name.base == "kernel") else { continue };
            for (axis, index) in factor.at.iter().enumerate() {
                let unsaid =
                    self.weight.at.get(axis).and_then(Expr::as_name).is_some_and(|name| !ranges.contains_key(name));
                if let Some((low, high)) = index.as_name().and_then(|name| own.get(name)).filter(|_| unsaid) {
                    kernels.insert(axis, (text(low)?, text(high)?));
                }
            }
        }
        let mut extra: BTreeSet<String> = BTreeSet::new();
        let mut sides = |name: &str, at: &[Expr], known: &BTreeMap<usize, (String, String)>| -> Vec<(String, String)> {
            at.iter()
                .enumerate()
                .map(|(axis, index)| {
                    let range = known.get(&axis).or_else(|| index.as_name().and_then(|name| ranges.get(name)));
                    range.cloned().unwrap_or_else(|| {
                        let size = format!("size_{name}_{axis}");
                        let end = format!("{size}-1+{base}");
                        extra.insert(size);
                        (base.to_string(), end)
                    })
                })
                .collect()
        };
        let none = BTreeMap::new();
        let numbered: Vec<Expr> = self.at.iter().map(|name| Expr::new(Kind::Name(name.clone()), side.span)).collect();
        let boxes = [
            ("delta", sides("delta", &numbered, &outputs)),
            ("kernel", sides("kernel", &self.weight.at, &kernels)),
            ("input", sides("input", &self.input.at, &none)),
        ];
        let wanted = if kind == TargetKind::Weight { "kernel" } else { "input" };
        let mut binders = Vec::new();
        let mut declared = String::new();
        for (name, sides) in &boxes {
            let list: Vec<String> = sides.iter().map(|(low, high)| format!("{low}..{high}")).collect();
            declared.push_str(&format!("tensor {name}[{}]\n", list.join(", ")));
            if *name == wanted {
                for (index, range) in at.iter().zip(list) {
                    binders.push(format!("{} in {range}", symbols.ident(index.as_name()?)));
                }
            }
        }
        // A letter of the layer that stands free, as its sum has been lost or runs over another one, has any value.
        let of = |axis: Option<usize>, sides: &[(String, String)]| axis.and_then(|axis| sides.get(axis)).cloned();
        let [(_, outputs), (_, kernels), _] = &boxes;
        for letter in letters::free(side, symbols).into_keys() {
            let axis = |at: &[Expr]| at.iter().position(|at| at.as_name() == Some(&letter));
            let range = of(axis(&numbered), outputs).or_else(|| of(axis(&self.weight.at), kernels));
            if let Some((low, high)) = range.filter(|_| axis(at).is_none()) {
                binders.push(format!("{} in {low}..{high}", symbols.ident(&letter)));
            }
        }
        // Strides and paddings in the subscripts.
        let bound: BTreeSet<&Name> = self.at.iter().chain(self.bound.iter().map(|(name, _)| name)).collect();
        let mut others: BTreeSet<String> = BTreeSet::new();
        for index in self.weight.at.iter().chain(&self.input.at) {
            let names = letters::names(index).filter(|name| !bound.contains(name));
            others.extend(names.map(|name| symbols.ident(name)));
        }
        sizes.extend(extra.into_iter().chain(of_boxes));
        sizes.extend(others);
        let list: Vec<String> = sizes.into_iter().collect();
        let declared = if list.is_empty() { declared } else { format!("size {}\n{declared}", list.join(", ")) };
        Some((declared, binders))
    }
}
