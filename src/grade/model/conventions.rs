//! What was inferred of an answer, in words.

use super::*;

impl Model {
    /// What was inferred, in words.
    pub(in super::super) fn words(&self, reading: &Reading, base_is_given: bool) -> Vec<Text> {
        let mut words = Vec::new();
        if let Some(base) = self.base {
            let (why, zh) = match (base_is_given, self.base_is_usual) {
                (true, _) => (" (given)", "（指定）"),
                (false, true) => {
                    (" (as the exercise has it; nothing in the answer shows it)", "（按习题；答案未写明）")
                }
                (false, false) => ("", ""),
            };
            words.push(Text::new(format!("indices start at {base}{why}"), format!("下标从 {base} 开始{zh}")));
        }
        for (sign, meaning) in &self.given {
            let (why, zh) = match self.assumed.contains(sign) {
                true => ("as the answer says, or the exercise that it names", "据答案或其所指习题"),
                false => ("given", "指定"),
            };
            words.push(Text::new(
                format!("{sign} means {} ({why})", meaning.word()),
                format!("{sign} 表示{}（{zh}）", chinese(*meaning)),
            ));
        }
        for (sign, places) in &self.signs {
            let mut said: BTreeSet<Meaning> = BTreeSet::new();
            for place in places {
                if self.given.contains_key(*sign) || !said.insert(place.meaning) {
                    continue;
                }
                let step = reading.steps.get(place.step);
                let line = step.map_or(0, |step| step.line);
                words.push(Text::new(
                    format!("{sign} means {}: line {line} shows it", place.meaning.word()),
                    format!("{sign} 表示{}：见第 {line} 行", chinese(place.meaning)),
                ));
            }
        }
        for sign in self.unexplained(reading) {
            let meaning = self.layer_meaning();
            words.push(Text::new(
                format!("{sign} is taken for a {} (nothing in the answer shows it)", meaning.word()),
                format!("{sign} 按{}理解（答案未写明）", chinese(meaning)),
            ));
        }
        words.push(match self.shown_layer() {
            Some(meaning) => Text::new(
                format!("the layer computes a {}", meaning.word()),
                format!("卷积层计算的是{}", chinese(meaning)),
            ),
            None => Text::new(
                "the layer computes a correlation, as is usual (nothing in the answer shows it)",
                "卷积层按惯例计算互相关（答案未写明）",
            ),
        });
        words.push(Text::new("entries outside an array are 0", "数组界外的元素为零"));
        words
    }

    /// Signs that join tensors of the layer and of which nothing says what they mean.
    fn unexplained(&self, reading: &Reading) -> BTreeSet<&'static str> {
        let tensor = |side: &Expr| match &side.kind {
            Kind::Call(function, _) => function.as_name().is_some_and(is_rotation),
            Kind::Derivative(..) => true,
            _ => side.as_name().is_some_and(|name| self.role(name).is_some()),
        };
        let mut found = BTreeSet::new();
        for side in reading.steps.iter().flat_map(|step| step.chains().flat_map(Chain::sides)) {
            side.any(&mut |part| {
                if let Kind::Product(factors) = &part.kind {
                    let joined = factors.iter().any(|(_, factor)| tensor(factor));
                    let signs = factors.iter().filter(|(sign, _)| joined && convolves(sign));
                    found.extend(signs.map(|(sign, _)| sign_text(sign.sign)));
                }
                false
            });
        }
        found.retain(|sign| !self.given.contains_key(*sign) && !self.signs.contains_key(sign));
        found
    }
}
