//! Formulas between whole tensors as terms over the tensors of one layer.

use super::*;

/// A size `n·N + k·K + c` per axis, where N is the size of the input and K that of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size(i64, i64, i64);

pub(super) const INPUT: Size = Size(1, 0, 0);
pub(super) const KERNEL: Size = Size(0, 1, 0);
pub(super) const OUTPUT: Size = Size(1, -1, 1);

impl Size {
    fn minus(self, other: Size) -> Size {
        Size(self.0 - other.0, self.1 - other.1, self.2 - other.2)
    }

    fn plus(self, other: Size, more: i64) -> Size {
        Size(self.0 + other.0, self.1 + other.1, self.2 + other.2 + more)
    }

    fn narrow(self, small: Size) -> Size {
        self.minus(small).plus(Size(0, 0, 0), 1)
    }

    pub(super) fn words(self) -> String {
        let mut words = String::new();
        for (factor, name) in [(self.0, "N"), (self.1, "K"), (self.2, "")] {
            if factor == 0 {
                continue;
            }
            words.push_str(match (words.is_empty(), factor < 0) {
                (true, true) => "-",
                (_, true) => "-",
                (true, false) => "",
                (false, false) => "+",
            });
            if factor.abs() != 1 || name.is_empty() {
                words.push_str(&factor.abs().to_string());
            }
            words.push_str(name);
        }
        if words.is_empty() { "0".into() } else { words }
    }

    /// For an image and a kernel of these sizes.
    pub(super) fn at(self, input: i64, kernel: i64) -> i64 {
        self.0 * input + self.1 * kernel + self.2
    }
}

/// A term of the proof language for a tensor of a layer.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) size: Size,
    /// Whether the gradient of the output occurs.
    pub(super) delta: bool,
    /// Whether the derivative of the activation occurs.
    pub(super) slope: bool,
}

pub(super) const PRELUDE: &str = "use std
size N1, N2, K1, K2
assume K1 <= N1, K2 <= N2
tensor A[0..N1-1, 0..N2-1], S[0..N1-1, 0..N2-1], W[0..K1-1, 0..K2-1], D[0..N1-K1, 0..N2-K2]
def around(P[0..a-1, 0..b-1], Q[0..c-1, 0..d-1])[i in 0..a+2*c-3, j in 0..b+2*d-3] = P[i-c+1, j-d+1]
def entrywise(P[0..a-1, 0..b-1], Q[0..c-1, 0..d-1])[i in 0..a-1, j in 0..b-1] = P[i, j]*Q[i, j]
";

/// Terms that a reading of a side may have.
const MAX_READINGS: usize = 8;

pub(super) struct Maker<'a> {
    pub(super) model: &'a Model,
    pub(super) meaning: &'a BTreeMap<Sign, Meaning>,
    pub(super) wanted: Size,
}

pub(super) type Made<T> = Result<T, Text>;

fn refuse<T>(english: &str, chinese: &str) -> Made<T> {
    Err(Text::new(english, chinese))
}

impl Maker<'_> {
    fn leaf(&self, text: &str, size: Size) -> Vec<Value> {
        vec![Value { text: text.into(), size, delta: text == "D", slope: text == "S" }]
    }

    pub(super) fn values(&self, expr: &Expr) -> Made<Vec<Value>> {
        if names_delta(expr, self.model).is_some() || passed_back(expr, self.model).is_some() {
            return Ok(self.leaf("D", OUTPUT));
        }
        match &expr.kind {
            Kind::Name(name) => match self.model.role(name) {
                Some(Role::Weight) => Ok(self.leaf("W", KERNEL)),
                Some(Role::Activation) => Ok(self.leaf("A", INPUT)),
                _ => Err(Text::new(
                    format!("what {} is in the layer is not known", print::name(name)),
                    format!("不清楚 {} 在该层中是什么", print::name(name)),
                )),
            },
            // An entry that stands for its tensor: `δ_{i,j} * rot180(w)_{m,n}`.
            Kind::Entry(base, _) => self.values(base),
            Kind::Parens(_, parts) => match parts.as_slice() {
                [only] => self.values(only),
                _ => refuse("a list stands where a tensor is needed", "此处应为张量"),
            },
            Kind::Call(function, arguments) => self.call(function, arguments),
            Kind::Derivative(Some(of), by) => {
                let role = |expr: &Expr| expr.root().and_then(|name| self.model.role(name));
                match (role(of), role(by)) {
                    (Some(Role::Activation), Some(Role::Output)) => Ok(self.leaf("S", INPUT)),
                    _ => refuse("a derivative of one tensor by another", "张量对张量的导数"),
                }
            }
            Kind::Big(Big::Sum, binders, Some(body)) => {
                // A sum over samples or channels: each term is the same formula.
                let letters: Vec<Name> =
                    binders.iter().flat_map(Binder::letters).filter_map(|letter| letter.as_name().cloned()).collect();
                let subscript = body.any(&mut |part| {
                    matches!(&part.kind, Kind::Entry(_, indices) if indices.iter().any(|index| {
                        index.any(&mut |inner| inner.as_name().is_some_and(|name| letters.contains(name)))
                    }))
                });
                if subscript && !channels::sums_channels(&letters, body) {
                    return refuse("a sum over positions", "对位置求和");
                }
                self.values(body)
            }
            Kind::Product(factors) => self.product(factors),
            _ => refuse("this form is not read as a formula of a layer", "此式无法读作层的公式"),
        }
    }

    fn call(&self, function: &Expr, arguments: &[Expr]) -> Made<Vec<Value>> {
        let Some(name) = function.as_name() else {
            return refuse("what is applied has no name", "所用函数没有名字");
        };
        let [argument] = arguments else { return refuse("a function of several tensors", "多个张量的函数") };
        if is_rotation(name) {
            let inner = self.values(argument)?;
            return Ok(inner
                .into_iter()
                .map(|value| Value { text: format!("rev2({})", value.text), ..value })
                .collect());
        }
        if name.primes > 0 {
            return Ok(self.leaf("S", INPUT));
        }
        // The gradient from above with zeros around it, as far as the kernel reaches.
        if is_padding(name) && names_delta(argument, self.model).is_some() {
            let padded = OUTPUT.plus(Size(0, 2, 0), -2);
            return Ok(vec![Value { text: "around(D, W)".into(), size: padded, delta: true, slope: false }]);
        }
        // `σ(z)` is the input of the next layer, turned or not.
        let output = |side: &Expr| side.as_name().is_some_and(|name| self.model.role(name) == Some(Role::Output));
        let activation = name.base.chars().count() == 1 && self.model.role(name) != Some(Role::Weight);
        if activation && output(argument) {
            return Ok(self.leaf("A", INPUT));
        }
        if let Kind::Call(turn, inner) = &argument.kind
            && activation
            && turn.as_name().is_some_and(is_rotation)
            && inner.first().is_some_and(output)
        {
            let leaf = self.leaf("A", INPUT);
            return Ok(leaf
                .into_iter()
                .map(|value| Value { text: format!("rev2({})", value.text), ..value })
                .collect());
        }
        Err(Text::new(format!("{} is not known", print::name(name)), format!("不认识 {}", print::name(name))))
    }

    /// A product from left to right; and with the signs that convolve binding more closely, as in `σ'(z) ⊙ δ * rot180(W)`.
    fn product(&self, factors: &[(Operator, Expr)]) -> Made<Vec<Value>> {
        let first = |place: usize| factors.get(place).is_some_and(|(operator, _)| place > 0 && !convolves(operator));
        let breaks: Vec<usize> = (0..factors.len()).filter(|place| first(*place)).collect();
        let mixed =
            breaks.first().is_some_and(|first| factors.iter().skip(first + 1).any(|(operator, _)| convolves(operator)));
        let plain = self.folded(factors);
        if !mixed {
            return plain;
        }
        let mut groups: Vec<(Operator, Vec<Value>)> = Vec::new();
        let ends = breaks.iter().copied().chain([factors.len()]);
        let mut start = 0;
        for end in ends {
            let Some(group) = factors.get(start..end) else { continue };
            let Some((operator, _)) = group.first() else { continue };
            groups.push((operator.clone(), self.folded(group)?));
            start = end;
        }
        let close: Made<Option<Vec<Value>>> =
            groups.into_iter().try_fold(None::<Vec<Value>>, |made, (operator, values)| {
                let Some(made) = made else { return Ok(Some(values)) };
                let pairs = made.iter().flat_map(|a| values.iter().map(move |b| (a, b)));
                let joined: Made<Vec<Vec<Value>>> = pairs.map(|(a, b)| self.join(a, &operator, b)).collect();
                Ok(Some(joined?.concat()))
            });
        match (close, plain) {
            (Ok(Some(mut close)), Ok(plain)) => {
                close.extend(plain);
                close.truncate(MAX_READINGS);
                Ok(close)
            }
            (Ok(Some(close)), Err(_)) => Ok(close),
            (_, plain) => plain,
        }
    }

    fn folded(&self, factors: &[(Operator, Expr)]) -> Made<Vec<Value>> {
        let mut made: Option<Vec<Value>> = None;
        for (operator, factor) in factors {
            let right = self.values(factor)?;
            let Some(left) = made else {
                made = Some(right);
                continue;
            };
            let mut next = Vec::new();
            for a in &left {
                for b in &right {
                    next.extend(self.join(a, operator, b)?);
                }
            }
            next.truncate(MAX_READINGS);
            made = Some(next);
        }
        made.map_or_else(|| refuse("an empty product", "空的乘积"), Ok)
    }

    fn join(&self, a: &Value, operator: &Operator, b: &Value) -> Made<Vec<Value>> {
        let (delta, slope) = (a.delta || b.delta, a.slope || b.slope);
        let value = |text: String, size| Value { text, size, delta, slope };
        // `*` beside the slope alone is no convolution.
        let beside_slope = operator.sign == Sign::Star && operator.mode.is_empty() && (a.text == "S" || b.text == "S");
        if !convolves(operator) || beside_slope {
            let entrywise =
                matches!(operator.sign, Sign::Odot | Sign::Circle | Sign::Bullet | Sign::BoxDot) || a.slope || b.slope;
            if !entrywise {
                return refuse("a product of tensors without a sign", "没有符号的张量乘积");
            }
            return Ok(vec![value(format!("entrywise({}, {})", a.text, b.text), a.size)]);
        }
        let meaning = self.meaning.get(&operator.sign).copied().unwrap_or(self.model.layer_meaning());
        let wide = a.size.plus(b.size, -1);
        let (a_narrow, b_narrow) = (a.size.narrow(b.size), b.size.narrow(a.size));
        let mut made = Vec::new();
        let full_only = operator.tilde || operator.mode == "full";
        let valid_only = operator.mode == "valid";
        let correlate = meaning == Meaning::Correlation;
        if !full_only && (a_narrow == self.wanted || b_narrow == self.wanted) {
            let (big, small) = if a_narrow == self.wanted { (a, b) } else { (b, a) };
            let small_text = if correlate { small.text.clone() } else { format!("rev2({})", small.text) };
            made.push(value(format!("corr2({}, {small_text})", big.text), self.wanted));
        }
        if valid_only && made.is_empty() {
            made.push(value(format!("corr2({}, {})", a.text, b.text), a_narrow));
        }
        if !valid_only && (wide == self.wanted || made.is_empty()) {
            if correlate {
                // Whichever of the two is the kernel, where the answer does not show that.
                let first = self.model.kernel_first.get(super::super::model::sign_text(operator.sign));
                if first != Some(&true) {
                    made.push(value(format!("full2({}, rev2({}))", a.text, b.text), wide));
                }
                if first != Some(&false) {
                    made.push(value(format!("full2(rev2({}), {})", a.text, b.text), wide));
                }
            } else {
                made.push(value(format!("full2({}, {})", a.text, b.text), wide));
            }
        }
        Ok(made)
    }
}
