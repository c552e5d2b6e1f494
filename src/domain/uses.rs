//! Who uses what: questions that are asked before something is deleted, and shown beside it in lists.

use std::collections::BTreeSet;

use super::flag::Flag;
use super::names::{EnvironmentName, FlagName, ProjectId, SegmentId};
use super::state::State;
use super::strategy::Strategy;

/// A strategy and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'s> {
    /// The flag it belongs to.
    pub flag: &'s Flag,
    /// The environment it is for.
    pub environment: &'s EnvironmentName,
    /// The strategy.
    pub strategy: &'s Strategy,
}

/// How many projects and flags use a thing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct UseCount {
    /// Projects with at least one such flag.
    pub projects: usize,
    /// Flags.
    pub flags: usize,
}

impl State {
    /// All strategies of flags that are not archived.
    pub fn placed_strategies(&self) -> impl Iterator<Item = Placed<'_>> {
        self.flags
            .values()
            .filter(|flag| !flag.is_archived())
            .flat_map(|flag| placed(flag))
    }

    /// Strategies that use a segment.
    pub fn users_of_segment(&self, id: SegmentId) -> impl Iterator<Item = Placed<'_>> {
        self.placed_strategies()
            .filter(move |it| it.strategy.segments.contains(&id))
    }

    /// Strategies with a constraint on a context field.
    pub fn users_of_context_field<'s>(&'s self, name: &'s str) -> impl Iterator<Item = Placed<'s>> {
        self.placed_strategies().filter(move |it| {
            let constraints = &it.strategy.constraints;
            constraints.iter().any(|it| it.context_name == name)
        })
    }

    /// A strategy by its id, also of archived flags.
    #[must_use]
    pub fn strategy(&self, id: &str) -> Option<Placed<'_>> {
        self.flags
            .values()
            .flat_map(|flag| placed(flag))
            .find(|it| it.strategy.id.as_str() == id)
    }
}

/// The strategies of one flag.
fn placed(flag: &Flag) -> impl Iterator<Item = Placed<'_>> {
    flag.environments
        .iter()
        .flat_map(move |(environment, settings)| {
            settings.strategies.iter().map(move |strategy| Placed {
                flag,
                environment,
                strategy,
            })
        })
}

/// Counts projects and flags among the strategies found.
pub fn count<'s>(found: impl Iterator<Item = Placed<'s>>) -> UseCount {
    let mut projects: BTreeSet<&ProjectId> = BTreeSet::new();
    let mut flags: BTreeSet<&FlagName> = BTreeSet::new();
    for it in found {
        projects.insert(&it.flag.project);
        flags.insert(&it.flag.name);
    }
    UseCount {
        projects: projects.len(),
        flags: flags.len(),
    }
}
