//! All flags of one environment.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::bucket::Dice;
use super::context::Context;
use super::evaluate::{Evaluation, Scratch, Session};
use super::flag::CompiledFlag;

/// All flags of one environment, sorted by name, dependencies resolved to positions.
#[derive(Default, Debug)]
pub struct Program {
    entries: Box<[Entry]>,
    /// How many flags others depend on.
    parents: usize,
}

/// A flag and its place among the others.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) flag: Arc<CompiledFlag>,
    /// For each dependency the position of the parent. None: it can never be satisfied.
    pub(super) parents: Box<[Option<usize>]>,
    /// Where the outcome of a flag that others depend on is remembered.
    pub(super) slot: Option<usize>,
}

impl Program {
    /// Joins flags in any order. Of flags with the same name the last one counts.
    #[must_use]
    pub fn new(mut flags: Vec<Arc<CompiledFlag>>) -> Self {
        flags.sort_by(|a, b| a.name().cmp(b.name()));
        flags.dedup_by(|next, kept| {
            let same = next.name() == kept.name();
            if same {
                std::mem::swap(next, kept);
            }
            same
        });
        let parents: Vec<Box<[Option<usize>]>> =
            flags.iter().map(|flag| parents_of(flag, &flags)).collect();
        let mut slots = vec![None; flags.len()];
        let mut taken = 0;
        for parent in parents.iter().flatten().flatten() {
            if let Some(slot @ None) = slots.get_mut(*parent) {
                *slot = Some(taken);
                taken += 1;
            }
        }
        let entries = flags.into_iter().zip(parents).zip(slots);
        Self {
            entries: entries
                .map(|((flag, parents), slot)| Entry {
                    flag,
                    parents,
                    slot,
                })
                .collect(),
            parents: taken,
        }
    }

    /// How many flags there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no flags.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The flag at a position.
    ///
    /// # Panics
    /// When `index` is not below [`Self::len`], as indexing does.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        reason = "documented: a position comes from `find` or `evaluate_all` of the same program"
    )]
    pub fn flag(&self, index: usize) -> &CompiledFlag {
        &self.entries[index].flag
    }

    /// The position of the flag of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.entries
            .binary_search_by(|entry| entry.flag.name().cmp(name))
            .ok()
    }

    /// All flags, sorted by name.
    pub fn flags(&self) -> impl ExactSizeIterator<Item = &Arc<CompiledFlag>> {
        self.entries.iter().map(|entry| &entry.flag)
    }

    /// Starts the evaluation of any number of flags for one context. What is found out about parents is kept in
    /// `scratch`, whose memory is used again and again.
    pub fn session<'p, 'r, D: Dice + ?Sized>(
        &'p self,
        context: &'r Context<'r>,
        now: DateTime<Utc>,
        host: &'r str,
        dice: &'r mut D,
        scratch: &'r mut Scratch,
    ) -> Session<'p, 'r, D> {
        scratch.prepare(self.parents);
        Session::new(self, context, now, host, dice, scratch)
    }

    /// Evaluates one flag. A position that does not exist is off.
    pub fn evaluate<D: Dice + ?Sized>(
        &self,
        index: usize,
        context: &Context<'_>,
        now: DateTime<Utc>,
        host: &str,
        dice: &mut D,
    ) -> Evaluation<'_> {
        // Without slots nothing is remembered, and nothing is allocated.
        let mut forgetful = Scratch::default();
        Session::new(self, context, now, host, dice, &mut forgetful).evaluate(index)
    }

    /// Evaluates all flags in the order of their names, parents once.
    pub fn evaluate_all<'p, D: Dice + ?Sized>(
        &'p self,
        context: &Context<'_>,
        now: DateTime<Utc>,
        host: &str,
        dice: &mut D,
        scratch: &mut Scratch,
        mut on: impl FnMut(usize, &'p CompiledFlag, Evaluation<'p>),
    ) {
        scratch.prepare(self.parents);
        let mut session = Session::new(self, context, now, host, dice, scratch);
        for (index, entry) in self.entries.iter().enumerate() {
            on(index, &entry.flag, session.evaluate(index));
        }
    }

    pub(super) fn entry(&self, index: usize) -> Option<&Entry> {
        self.entries.get(index)
    }
}

fn parents_of(flag: &CompiledFlag, flags: &[Arc<CompiledFlag>]) -> Box<[Option<usize>]> {
    let position = |name: &str| {
        let at = flags
            .binary_search_by(|other| other.name().cmp(name))
            .ok()?;
        // Dependencies go one level deep only.
        let parent = flags.get(at)?;
        (!parent.has_dependencies()).then_some(at)
    };
    flag.dependencies
        .iter()
        .map(|dependency| position(&dependency.parent))
        .collect()
}
