//! Answers that depend on chance, compared as sets and in both directions.

use std::collections::BTreeMap;

use burgee::engine::Context;

use crate::compare::{Answer, Possible, Variant};
use crate::context::User;
use crate::official;
use crate::run::Comparison;

/// One in this many answers by chance is also compared the costly way round.
const SAMPLED: usize = 400;
const OUR_THROWS: u64 = 200;
/// What we say this often is likely enough (a percent or more) for the oracle to say it soon.
const OFTEN: usize = 8;
const ORACLE_THROWS: usize = 50_000;

impl Comparison<'_> {
    /// Whether what the oracle says is one of the things we might say.
    pub(crate) fn chance_agrees(&mut self, flag: &str, index: usize, user: &User) -> bool {
        self.reached.note_pair(true, "answers:", "by chance");
        let theirs = self.pair.oracle(flag, user);
        let possible = self.possible(index, user);
        possible.enabled.contains(&theirs.enabled)
            && (possible.variants.contains(&theirs.variant)
                || (user.host.is_some() && hides_the_switch(&possible, &theirs)))
    }

    pub(crate) fn possible(&mut self, index: usize, user: &User) -> Possible {
        let context = official::context(&user.context);
        let pair = &self.pair;
        self.dice
            .walk(|dice| pair.ours(index, user, &context, dice))
    }

    /// Whether the oracle says all that we often say. Asked of a sample, and only where the oracle can say it.
    pub(crate) fn sampled_chance_agrees(
        &mut self,
        flag: &str,
        index: usize,
        user: &User,
        context: &Context<'_>,
    ) -> bool {
        if user.host.is_some() || self.has_one_percent() || !self.chance.once_in(SAMPLED) {
            return true;
        }
        self.reached
            .note_pair(true, "answers:", "by chance, both ways");
        let mut switches: BTreeMap<bool, usize> = BTreeMap::new();
        let mut variants: BTreeMap<Variant, usize> = BTreeMap::new();
        for _ in 0..OUR_THROWS {
            let answer = self.pair.ours(index, user, context, &mut self.chance);
            *switches.entry(answer.enabled).or_default() += 1;
            *variants.entry(answer.variant).or_default() += 1;
        }
        switches.retain(|_, times| *times >= OFTEN);
        variants.retain(|_, times| *times >= OFTEN);
        for _ in 0..ORACLE_THROWS {
            if switches.is_empty() && variants.is_empty() {
                return true;
            }
            let answer = self.pair.oracle(flag, user);
            switches.remove(&answer.enabled);
            variants.remove(&answer.variant);
        }
        false
    }

    /// The oracle is never on at one percent: a written difference.
    fn has_one_percent(&self) -> bool {
        let features = self.flags.features.features.iter();
        let mut strategies = features.flat_map(|it| it.strategies.iter().flatten());
        strategies.any(|it| {
            let parameters = it.parameters.as_ref();
            let share = parameters.and_then(|it| it.get("percentage"));
            it.name == "gradualRolloutRandom" && share.is_some_and(|it| it == "1")
        })
    }
}

/// Asked in two steps, the oracle throws dice for the switch and again for the variant.
fn hides_the_switch(possible: &Possible, theirs: &Answer) -> bool {
    possible.variants.iter().any(|ours| {
        ours.name == theirs.variant.name
            && ours.payload == theirs.variant.payload
            && ours.enabled == theirs.variant.enabled
    })
}
