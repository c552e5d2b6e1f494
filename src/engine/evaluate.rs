//! Evaluating flags for one context.

use std::cell::OnceCell;

use chrono::{DateTime, Datelike, Timelike, Utc};

use super::bucket::{Dice, Id};
use super::context::{Context, Field};
use super::layout::{Row, Step};
use super::operators::{CompiledConstraint, Given};
use super::program::Program;
use super::strategy::Rule;
use super::variant::{CompiledVariant, Stickiness, VariantList};

/// What a flag is for one context.
#[derive(Clone, Copy, Debug)]
pub struct Evaluation<'p> {
    /// Whether the flag is on.
    pub enabled: bool,
    /// The variant; none is the `disabled` variant.
    pub variant: Option<&'p CompiledVariant>,
}

/// Memory for what has been found out in one session.
#[derive(Default, Debug)]
pub struct Scratch {
    /// Of flags that others depend on.
    outcomes: Vec<Option<Outcome>>,
    /// Of conditions, most of which several flags share.
    conditions: Vec<Option<bool>>,
    /// Of rollouts that stick to the user, if there is one.
    rollouts: Vec<bool>,
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
            default_id: OnceCell::new(),
            host,
        };
        Self {
            program,
            user,
            dice,
            scratch,
        }
    }

    /// Makes room for what is found out about that many parents and all conditions, and asks about all rollouts.
    pub(super) fn remembering(self, parents: usize) -> Self {
        let layout = self.program.layout();
        let scratch = &mut *self.scratch;
        scratch.outcomes.clear();
        scratch.outcomes.resize(parents, None);
        scratch.conditions.clear();
        scratch.conditions.resize(layout.conditions(), None);
        scratch.rollouts.clear();
        if let Some(id) = self.user.default_id() {
            layout.rollouts().all_hold(id, &mut scratch.rollouts);
        }
        self
    }

    /// Evaluates one flag. A position that does not exist is off.
    pub fn evaluate(&mut self, index: usize) -> Evaluation<'p> {
        let outcome = self.outcome(index);
        let variants = self.program.variants(index);
        Evaluation {
            enabled: outcome.enabled,
            variant: outcome.variant.and_then(|at| variants.get(at)),
        }
    }

    /// Appends the toggle of `/api/frontend` and a comma if the flag is on. Says whether it is.
    pub fn write_if_on(&mut self, index: usize, out: &mut Vec<u8>) -> bool {
        let outcome = self.outcome(index);
        let layout = self.program.layout();
        if let (true, Some(row)) = (outcome.enabled, layout.row(index)) {
            layout.write_on(row, outcome.variant, out);
        }
        outcome.enabled
    }

    fn outcome(&mut self, index: usize) -> Outcome {
        let Some(row) = self.program.layout().row(index) else {
            return Outcome::OFF;
        };
        let Some(slot) = row.slot else {
            return self.fresh(index, row);
        };
        if let Some(Some(known)) = self.scratch.outcomes.get(slot as usize) {
            return *known;
        }
        let outcome = self.fresh(index, row);
        if let Some(memory) = self.scratch.outcomes.get_mut(slot as usize) {
            *memory = Some(outcome);
        }
        outcome
    }

    fn fresh(&mut self, index: usize, row: &'p Row) -> Outcome {
        if !row.can_be_on || row.dependent && !self.parents_agree(index) {
            return Outcome::OFF;
        }
        let program = self.program;
        let steps = program.layout().steps(row);
        let step = match steps.iter().find(|step| self.holds(step)) {
            None if !steps.is_empty() => return Outcome::OFF,
            step => step,
        };
        let list = step.and_then(|step| step.list).or(row.list);
        Outcome {
            enabled: true,
            variant: list.and_then(|list| self.choose(index, row, list)),
        }
    }

    fn choose(&mut self, index: usize, row: &Row, list: u32) -> Option<usize> {
        let layout = self.program.layout();
        let list = layout.list(list)?;
        if let Some(forced) = list.forced(self.program.variants(index), self.user.context) {
            return Some(forced);
        }
        if list.total == 0 {
            return None;
        }
        let target = self.user.share_of(list);
        let target = target.unwrap_or_else(|| self.dice.roll(list.total));
        list.by_weight(layout.shares(row), target)
    }

    /// Whether all flags this one depends on are what they must be.
    pub(super) fn parents_agree(&mut self, index: usize) -> bool {
        let program = self.program;
        program.dependencies(index).all(|(wanted, parent)| {
            let Some(parent) = parent else {
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

    fn holds(&mut self, step: &Step) -> bool {
        let layout = self.program.layout();
        self.rollout_holds(step.rollout)
            && layout
                .needs(step)
                .iter()
                .all(|need| self.condition_holds(*need))
            && layout.rule(step).is_none_or(|rule| self.rule_holds(rule))
    }

    fn rollout_holds(&mut self, at: u32) -> bool {
        if let Some(known) = self.scratch.rollouts.get(at as usize) {
            return *known;
        }
        if at == 0 {
            return true;
        }
        let rollouts = self.program.layout().rollouts();
        match self.user.default_id() {
            Some(id) => rollouts.holds(at, id),
            None => self.chance(rollouts.percent(at)),
        }
    }

    fn condition_holds(&mut self, at: u32) -> bool {
        if let Some(Some(known)) = self.scratch.conditions.get(at as usize) {
            return *known;
        }
        let condition = self.program.layout().condition(at);
        let holds = condition.is_some_and(|it| it.holds(self.user.given(&it.field)));
        if let Some(memory) = self.scratch.conditions.get_mut(at as usize) {
            *memory = Some(holds);
        }
        holds
    }

    /// Whether what a kind of strategy asks holds.
    pub(super) fn rule_holds(&mut self, rule: &Rule) -> bool {
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
                RolloutId::Known(id) => *percent >= 100 || group.bucket(id, 100) <= *percent,
                RolloutId::Chance => self.chance(*percent),
                RolloutId::Missing => false,
            },
        }
    }

    /// Whether a condition holds, without remembering it.
    pub(super) fn constraint_holds(&self, constraint: &CompiledConstraint) -> bool {
        constraint.holds(self.user.given(&constraint.field))
    }

    /// The position in `variants`, which are all of `list`, of the one the user gets.
    pub(super) fn variant_of(
        &mut self,
        list: &VariantList,
        variants: &[CompiledVariant],
    ) -> Option<usize> {
        if let Some(forced) = list.forced(variants, self.user.context) {
            return Some(forced);
        }
        if list.total == 0 {
            return None;
        }
        let target = self.user.share_of(list);
        let target = target.unwrap_or_else(|| self.dice.roll(list.total));
        variants.iter().position(|it| it.reach >= target)
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
    /// What most rollouts and variants stick to.
    default_id: OnceCell<Option<Id<'r>>>,
    host: &'r str,
}

/// What a rollout sticks to.
enum RolloutId<'u> {
    Known(&'u str),
    Chance,
    Missing,
}

impl<'r> User<'r> {
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
            Stickiness::Default => {
                let id = self.default_id().map(Id::text);
                id.map_or(RolloutId::Chance, RolloutId::Known)
            }
            Stickiness::Random => RolloutId::Chance,
        }
    }

    /// What "default" stickiness means: the user, else the session, else nothing.
    fn default_id(&self) -> Option<&Id<'r>> {
        let found = || {
            let context = self.context;
            let user = context.get(&Field::UserId);
            user.or_else(|| context.get(&Field::SessionId)).map(Id::new)
        };
        self.default_id.get_or_init(found).as_ref()
    }

    /// Where the weights of a list of variants put the user, from 1 to their total. None: it is left to chance.
    fn share_of(&self, list: &VariantList) -> Option<u32> {
        match &list.stickiness {
            Stickiness::Default => {
                let id = self.default_id()?;
                Some(list.group.bucket_of(id, list.total))
            }
            // SDKs do not let variants stick to a time.
            Stickiness::Random | Stickiness::Field(Field::CurrentTime) => None,
            Stickiness::Field(field) => {
                let id = self.context.get(field)?;
                Some(list.group.bucket(id, list.total))
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
