//! Evaluating flags for one context.

use std::cell::OnceCell;

use chrono::{DateTime, Datelike, Timelike, Utc};

use super::bucket::Dice;
use super::context::{Context, Field};
use super::operators::Given;
use super::program::{Entry, Program};
use super::strategy::{CompiledStrategy, Rule};
use super::variant::{CompiledVariant, Stickiness};

/// What a flag is for one context.
#[derive(Clone, Copy, Debug)]
pub struct Evaluation<'p> {
    /// Whether the flag is on.
    pub enabled: bool,
    /// The variant; none is the `disabled` variant.
    pub variant: Option<&'p CompiledVariant>,
}

/// Memory for what has been found out about parents in one session.
#[derive(Default, Debug)]
pub struct Scratch(Vec<Option<Outcome>>);

impl Scratch {
    pub(super) fn prepare(&mut self, parents: usize) {
        self.0.clear();
        self.0.resize(parents, None);
    }
}

/// An [`Evaluation`] by position, so that it can be remembered without a borrow.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    enabled: bool,
    variant: Option<usize>,
}

impl Outcome {
    const OFF: Self = Self {
        enabled: false,
        variant: None,
    };
}

/// The evaluation of any number of flags of one program for one context at one moment.
#[derive(Debug)]
pub struct Session<'p, 'r, D: ?Sized> {
    program: &'p Program,
    user: User<'r>,
    dice: &'r mut D,
    scratch: &'r mut Scratch,
}

impl<'p, 'r, D: Dice + ?Sized> Session<'p, 'r, D> {
    pub(super) fn new(
        program: &'p Program,
        context: &'r Context<'r>,
        now: DateTime<Utc>,
        host: &'r str,
        dice: &'r mut D,
        scratch: &'r mut Scratch,
    ) -> Self {
        let user = User {
            context,
            // SDKs read the clock in whole seconds.
            now: DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now),
            now_text: OnceCell::new(),
            host,
        };
        Self {
            program,
            user,
            dice,
            scratch,
        }
    }

    /// Evaluates one flag. A position that does not exist is off.
    pub fn evaluate(&mut self, index: usize) -> Evaluation<'p> {
        let outcome = self.outcome(index);
        let variant = outcome
            .variant
            .and_then(|at| self.program.entry(index)?.flag.variants.get(at));
        Evaluation {
            enabled: outcome.enabled,
            variant,
        }
    }

    fn outcome(&mut self, index: usize) -> Outcome {
        let Some(entry) = self.program.entry(index) else {
            return Outcome::OFF;
        };
        let Some(slot) = entry.slot else {
            return self.fresh(entry);
        };
        if let Some(Some(known)) = self.scratch.0.get(slot) {
            return *known;
        }
        let outcome = self.fresh(entry);
        if let Some(memory) = self.scratch.0.get_mut(slot) {
            *memory = Some(outcome);
        }
        outcome
    }

    fn fresh(&mut self, entry: &Entry) -> Outcome {
        let flag = &*entry.flag;
        if !flag.enabled || flag.fault.is_some() || !self.parents_agree(entry) {
            return Outcome::OFF;
        }
        let strategy = match self.first_that_holds(&flag.strategies) {
            None if !flag.strategies.is_empty() => return Outcome::OFF,
            strategy => strategy,
        };
        let list = strategy
            .and_then(|it| it.variants.as_ref())
            .or(flag.own_variants.as_ref());
        let dice = &mut *self.dice;
        let variant = list.and_then(|list| {
            list.choose(&flag.variants, self.user.context, |sides| dice.roll(sides))
        });
        Outcome {
            enabled: true,
            variant,
        }
    }

    fn parents_agree(&mut self, entry: &Entry) -> bool {
        let dependencies = entry.flag.dependencies.iter();
        dependencies.zip(&entry.parents).all(|(wanted, parent)| {
            let Some(parent) = *parent else {
                return false;
            };
            let found = self.evaluate(parent);
            if found.enabled != wanted.enabled {
                return false;
            }
            // A parent without variants satisfies any list, as in the SDKs.
            let Some(variant) = found.variant else {
                return true;
            };
            wanted.variants.is_empty() || wanted.variants.iter().any(|it| **it == *variant.name())
        })
    }

    fn first_that_holds<'s>(
        &mut self,
        strategies: &'s [CompiledStrategy],
    ) -> Option<&'s CompiledStrategy> {
        strategies.iter().find(|strategy| self.holds(strategy))
    }

    fn holds(&mut self, strategy: &CompiledStrategy) -> bool {
        strategy
            .all_constraints()
            .all(|constraint| constraint.holds(self.user.given(&constraint.field)))
            && self.rule_holds(&strategy.rule)
    }

    fn rule_holds(&mut self, rule: &Rule) -> bool {
        let context = self.user.context;
        match rule {
            Rule::Always => true,
            Rule::Never => false,
            Rule::Users(ids) => context
                .get(&Field::UserId)
                .is_some_and(|id| ids.contains(id)),
            Rule::Addresses(ranges) => context
                .get(&Field::RemoteAddress)
                .is_some_and(|address| ranges.contain(address)),
            Rule::Hosts(names) => self.user.runs_on(names),
            Rule::Chance(percent) => self.chance(*percent),
            Rule::Rollout {
                percent,
                group,
                stickiness,
            } => match self.user.rollout_id(stickiness) {
                RolloutId::Known(id) => *percent >= 100 || group.percentile(id) <= *percent,
                RolloutId::Chance => self.chance(*percent),
                RolloutId::Missing => false,
            },
        }
    }

    fn chance(&mut self, percent: u32) -> bool {
        percent >= 100 || (percent > 0 && self.dice.roll(100) <= percent)
    }
}

/// Who asks, when, and where the program that asks runs.
#[derive(Debug)]
struct User<'r> {
    context: &'r Context<'r>,
    now: DateTime<Utc>,
    now_text: OnceCell<Clock>,
    host: &'r str,
}

/// What a rollout sticks to.
enum RolloutId<'u> {
    Known(&'u str),
    Chance,
    Missing,
}

impl User<'_> {
    /// The value of a field. A missing `currentTime` is now.
    fn given(&self, field: &Field) -> Given<'_> {
        match self.context.get(field) {
            Some(text) => Given::Text(text),
            None if *field == Field::CurrentTime => Given::Moment(self.now, self.now_text()),
            None => Given::Nothing,
        }
    }

    fn now_text(&self) -> &str {
        self.now_text.get_or_init(|| Clock::new(self.now)).text()
    }

    fn rollout_id(&self, stickiness: &Stickiness) -> RolloutId<'_> {
        match stickiness {
            Stickiness::Field(field) => {
                let given = self.given(field).text();
                given.map_or(RolloutId::Missing, RolloutId::Known)
            }
            Stickiness::Default | Stickiness::Random => {
                let id = stickiness.id(self.context);
                id.map_or(RolloutId::Chance, RolloutId::Known)
            }
        }
    }

    fn runs_on(&self, names: &[Box<str>]) -> bool {
        let lower = || self.host.chars().flat_map(char::to_lowercase);
        !self.host.is_empty() && names.iter().any(|name| lower().eq(name.chars()))
    }
}

/// The time as SDKs write it when the context has none, in place: `2026-01-31T12:00:00Z`.
#[derive(Debug)]
struct Clock {
    text: [u8; 20],
}

impl Clock {
    fn new(now: DateTime<Utc>) -> Self {
        let mut text = *b"0000-00-00T00:00:00Z";
        let year = u32::try_from(now.year()).unwrap_or_default();
        let parts = [
            (0..4, year),
            (5..7, now.month()),
            (8..10, now.day()),
            (11..13, now.hour()),
            (14..16, now.minute()),
            (17..19, now.second()),
        ];
        for (place, mut number) in parts {
            for digit in text.get_mut(place).unwrap_or_default().iter_mut().rev() {
                *digit += u8::try_from(number % 10).unwrap_or_default();
                number /= 10;
            }
        }
        Self { text }
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_writes_the_time_as_sdks_do() {
        for time in [
            "2026-01-31T12:05:59.987Z",
            "0001-12-01T00:00:00Z",
            "9999-10-20T23:59:09Z",
        ] {
            let now: DateTime<Utc> = time.parse().unwrap();
            let expected = now.format("%Y-%m-%dT%H:%M:%SZ").to_string();
            assert_eq!(Clock::new(now).text(), expected);
        }
    }
}
