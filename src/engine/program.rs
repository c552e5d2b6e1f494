//! All flags of one environment.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::bucket::Dice;
use super::context::Context;
use super::evaluate::{Evaluation, Scratch, Session};
use super::flag::{CompiledDependency, CompiledFlag};
use super::layout::Layout;
use super::variant::CompiledVariant;

/// All flags of one environment, sorted by name, dependencies resolved to positions.
#[derive(Default, Debug)]
pub struct Program {
    flags: Box<[Arc<CompiledFlag>]>,
    /// For each dependency of each flag the position of the parent. None: it can never be satisfied.
    parents: Box<[Box<[Option<usize>]>]>,
    /// How many flags others depend on.
    slots: usize,
    layout: Layout,
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
        let parents: Box<[Box<[Option<usize>]>]> =
            flags.iter().map(|flag| parents_of(flag, &flags)).collect();
        let mut slots = vec![None; flags.len()];
        let mut taken = 0;
        for parent in parents.iter().flatten().flatten() {
            if let Some(slot @ None) = slots.get_mut(*parent) {
                *slot = Some(taken);
                taken += 1;
            }
        }
        Self {
            layout: Layout::new(&flags, &slots),
            flags: flags.into(),
            parents,
            slots: taken as usize,
        }
    }

    /// How many flags there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.flags.len()
    }

    /// Whether there are no flags.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.flags.is_empty()
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
        &self.flags[index]
    }

    /// The position of the flag of that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.flags
            .binary_search_by(|flag| flag.name().cmp(name))
            .ok()
    }

    /// All flags, sorted by name.
    pub fn flags(&self) -> impl ExactSizeIterator<Item = &Arc<CompiledFlag>> {
        self.flags.iter()
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
        Session::new(self, context, now, host, dice, scratch).remembering(self.slots)
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
        // Without memory nothing is remembered, and nothing is allocated.
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
        let mut session = self.session(context, now, host, dice, scratch);
        for (index, flag) in self.flags.iter().enumerate() {
            on(index, flag, session.evaluate(index));
        }
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The dependencies of a flag with the positions of the parents.
    pub(super) fn dependencies(
        &self,
        index: usize,
    ) -> impl Iterator<Item = (&CompiledDependency, Option<usize>)> {
        let flag = self.flags.get(index).zip(self.parents.get(index));
        let pairs =
            flag.map(|(flag, parents)| flag.dependencies.iter().zip(parents.iter().copied()));
        pairs.into_iter().flatten()
    }

    /// The variants of a flag.
    pub(super) fn variants(&self, index: usize) -> &[CompiledVariant] {
        self.flags
            .get(index)
            .map(|flag| flag.variants())
            .unwrap_or_default()
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
