//! Flags laid out for speed: what evaluating all of them touches lies side by side, in the order it is touched, and
//! conditions that many flags share are there once.

use std::collections::HashMap;
use std::sync::Arc;

use super::bucket::Group;
use super::flag::CompiledFlag;
use super::operators::CompiledConstraint;
use super::rollouts::Rollouts;
use super::strategy::{CompiledStrategy, Rule};
use super::variant::{Stickiness, VariantList};

/// Everything that is evaluated, of all flags.
#[derive(Default, Debug)]
pub(super) struct Layout {
    rows: Box<[Row]>,
    steps: Box<[Step]>,
    needs: Box<[u32]>,
    rollouts: Rollouts,
    rules: Box<[Rule]>,
    conditions: Box<[Arc<CompiledConstraint>]>,
    lists: Box<[VariantList]>,
    shares: Box<[Share]>,
    text: Box<[u8]>,
}

/// One flag.
#[derive(Debug)]
pub(super) struct Row {
    /// Switched on, and without a fault.
    pub(super) can_be_on: bool,
    /// Whether it depends on others.
    pub(super) dependent: bool,
    /// Where the outcome of a flag that others depend on is remembered.
    pub(super) slot: Option<u32>,
    /// Its strategies. None: on for everyone.
    steps: Span,
    /// Its own variants.
    pub(super) list: Option<u32>,
    /// The first of the shares of all its variants.
    shares: u32,
    /// The toggle without a variant, and how much of it comes before the variant.
    toggle: Text,
    head: u32,
}

/// One strategy: it holds where its conditions, those of its segments, its rollout and its rule all hold.
#[derive(Debug)]
pub(super) struct Step {
    /// Positions of the conditions.
    needs: Span,
    /// The position of the rollout; 0 is none.
    pub(super) rollout: u32,
    /// The position of the rule, if it is not a rollout that sticks to the user.
    rule: Option<u32>,
    /// Variants that replace the flag's.
    pub(super) list: Option<u32>,
}

/// What choosing among variants and writing the choice needs of one variant.
#[derive(Debug)]
pub(super) struct Share {
    /// Sum of the weights up to and including this one.
    pub(super) reach: u32,
    tail: Text,
}

/// A stretch of one of the arrays. Memory ends before 32 bits do.
#[derive(Clone, Copy, Default, Debug)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn of<T>(self, all: &[T]) -> &[T] {
        all.get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }
}

/// A stretch of the text, which ends with a comma.
#[derive(Clone, Copy, Debug)]
struct Text {
    start: usize,
    length: u32,
}

impl Layout {
    /// Lays out flags in the given order, with the slots of those that others depend on.
    pub(super) fn new(flags: &[Arc<CompiledFlag>], slots: &[Option<u32>]) -> Self {
        let mut builder = Builder::default();
        let rows = flags
            .iter()
            .zip(slots)
            .map(|(flag, slot)| builder.row(flag, *slot))
            .collect();
        let (rollouts, places) = Rollouts::new(&builder.rollouts);
        for step in &mut builder.steps {
            let rollout = (step.rollout as usize).checked_sub(1);
            step.rollout = rollout
                .and_then(|at| places.get(at).copied())
                .unwrap_or_default();
        }
        Self {
            rows,
            rollouts,
            rules: builder.rules.into(),
            steps: builder.steps.into(),
            needs: builder.needs.into(),
            conditions: builder.conditions.into(),
            lists: builder.lists.into(),
            shares: builder.shares.into(),
            text: builder.text.into(),
        }
    }

    pub(super) fn row(&self, index: usize) -> Option<&Row> {
        self.rows.get(index)
    }

    pub(super) fn steps(&self, row: &Row) -> &[Step] {
        row.steps.of(&self.steps)
    }

    pub(super) fn needs(&self, step: &Step) -> &[u32] {
        step.needs.of(&self.needs)
    }

    pub(super) fn rollouts(&self) -> &Rollouts {
        &self.rollouts
    }

    pub(super) fn rule(&self, step: &Step) -> Option<&Rule> {
        self.rules.get(step.rule? as usize)
    }

    pub(super) fn condition(&self, at: u32) -> Option<&CompiledConstraint> {
        self.conditions.get(at as usize).map(AsRef::as_ref)
    }

    /// How many different conditions there are.
    pub(super) fn conditions(&self) -> usize {
        self.conditions.len()
    }

    pub(super) fn list(&self, at: u32) -> Option<&VariantList> {
        self.lists.get(at as usize)
    }

    /// The shares of the variants of a flag, from its first one on; those of the flags after it follow.
    pub(super) fn shares(&self, row: &Row) -> &[Share] {
        self.shares.get(row.shares as usize..).unwrap_or_default()
    }

    /// Appends the toggle of `/api/frontend` of a flag that is on, and a comma.
    pub(super) fn write_on(&self, row: &Row, variant: Option<usize>, out: &mut Vec<u8>) {
        let toggle = self.text(row.toggle);
        match variant.and_then(|at| self.shares(row).get(at)) {
            None => out.extend_from_slice(toggle),
            Some(share) => {
                out.extend_from_slice(toggle.get(..row.head as usize).unwrap_or_default());
                out.extend_from_slice(self.text(share.tail));
            }
        }
    }

    fn text(&self, text: Text) -> &[u8] {
        let end = text.start + text.length as usize;
        self.text.get(text.start..end).unwrap_or_default()
    }
}

#[derive(Default)]
struct Builder {
    steps: Vec<Step>,
    needs: Vec<u32>,
    rollouts: Vec<(Group, u32)>,
    rules: Vec<Rule>,
    conditions: Vec<Arc<CompiledConstraint>>,
    lists: Vec<VariantList>,
    shares: Vec<Share>,
    text: Vec<u8>,
    /// Positions of conditions by digest.
    known: HashMap<u64, Vec<u32>>,
}

impl Builder {
    fn row(&mut self, flag: &CompiledFlag, slot: Option<u32>) -> Row {
        let can_be_on = flag.enabled && flag.fault.is_none();
        let start = count(self.steps.len());
        if can_be_on {
            for strategy in &flag.strategies {
                let step = self.step(strategy);
                self.steps.push(step);
            }
        }
        let shares = count(self.shares.len());
        let list = flag.own_variants.as_ref().filter(|_| can_be_on);
        let list = list.map(|list| self.add_list(list));
        Row {
            can_be_on,
            dependent: flag.has_dependencies(),
            slot,
            steps: Span {
                start,
                end: count(self.steps.len()),
            },
            list,
            shares,
            toggle: self.add_toggle(flag, can_be_on),
            head: flag.toggle.head,
        }
    }

    /// The texts of a flag that can be on: the toggle, then the ends of its variants.
    fn add_toggle(&mut self, flag: &CompiledFlag, can_be_on: bool) -> Text {
        if !can_be_on {
            return self.add_text("");
        }
        let toggle = self.add_text(&flag.toggle.on);
        for variant in &flag.variants {
            let tail = self.add_text(variant.toggle_tail());
            self.shares.push(Share {
                reach: variant.reach,
                tail,
            });
        }
        toggle
    }

    fn step(&mut self, strategy: &CompiledStrategy) -> Step {
        let start = count(self.needs.len());
        for constraint in strategy.all_constraints() {
            let condition = self.condition(constraint);
            self.needs.push(condition);
        }
        let end = count(self.needs.len());
        let (rollout, rule) = self.rule(&strategy.rule);
        let list = strategy.variants.as_ref();
        Step {
            needs: Span { start, end },
            rollout,
            rule,
            list: list.map(|list| self.add_list(list)),
        }
    }

    /// Positions of the rollout, one too high, and of the rule.
    fn rule(&mut self, rule: &Rule) -> (u32, Option<u32>) {
        match rule {
            Rule::Always => (0, None),
            Rule::Rollout {
                percent,
                group,
                stickiness: Stickiness::Default,
            } => {
                self.rollouts.push((*group, *percent));
                (count(self.rollouts.len()), None)
            }
            other => {
                self.rules.push(other.clone());
                (0, Some(count(self.rules.len() - 1)))
            }
        }
    }

    fn condition(&mut self, wanted: &Arc<CompiledConstraint>) -> u32 {
        let known = self.known.entry(wanted.digest).or_default();
        let same = |at: &&u32| self.conditions.get(**at as usize) == Some(wanted);
        if let Some(at) = known.iter().find(same) {
            return *at;
        }
        let at = count(self.conditions.len());
        known.push(at);
        self.conditions.push(Arc::clone(wanted));
        at
    }

    fn add_list(&mut self, list: &VariantList) -> u32 {
        self.lists.push(list.clone());
        count(self.lists.len() - 1)
    }

    fn add_text(&mut self, text: &str) -> Text {
        let start = self.text.len();
        self.text.extend_from_slice(text.as_bytes());
        self.text.push(b',');
        Text {
            start,
            length: count(self.text.len() - start),
        }
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
