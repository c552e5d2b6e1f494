//! What a change concerns, as far as readers see it.

use std::collections::{BTreeMap, BTreeSet};

use super::flag::segments_of;
use crate::domain::api_token::{TokenKind, TokenProjects};
use crate::domain::change::Change;
use crate::domain::flag::Flag;
use crate::domain::names::{EnvironmentName, FlagName, ProjectId, SegmentId};
use crate::domain::state::{EntityKey, State};

/// The projects tokens see, for each environment they are bound to.
pub(super) type Scopes = BTreeMap<EnvironmentName, BTreeSet<TokenProjects>>;

/// What may be served otherwise than before.
#[derive(Debug, Default)]
pub(super) struct Touched {
    pub(super) flags: BTreeSet<FlagName>,
    pub(super) segments: BTreeSet<SegmentId>,
    /// None when no token changed.
    pub(super) scopes: Option<Scopes>,
}

impl Touched {
    /// Everything there is.
    pub(super) fn all(state: &State) -> Self {
        Self {
            flags: state.flags.keys().cloned().collect(),
            segments: BTreeSet::new(),
            scopes: Some(scopes(state)),
        }
    }

    /// What `change` concerns, which led from one state to the other.
    pub(super) fn by(change: &Change, before: &State, after: &State) -> Self {
        let mut touched = Self::default();
        let mut projects = BTreeSet::new();
        let put = change.put.iter().map(|entity| entity.key());
        for key in put.chain(change.delete.iter().cloned()) {
            match key {
                EntityKey::Flag(name) => _ = touched.flags.insert(name),
                EntityKey::Segment(id) => _ = touched.segments.insert(id),
                EntityKey::Project(id) if uses_others(&id, before, after) => {
                    projects.insert(id);
                }
                EntityKey::Token(_) if touched.scopes.is_none() => {
                    touched.scopes = Some(scopes(after));
                }
                EntityKey::Project(_)
                | EntityKey::Token(_)
                | EntityKey::Instance
                | EntityKey::Settings
                | EntityKey::Counters
                | EntityKey::Environment(_)
                | EntityKey::FlagKind(_)
                | EntityKey::TagKind(_)
                | EntityKey::StrategyKind(_)
                | EntityKey::ContextField(_)
                | EntityKey::Addon(_)
                | EntityKey::User(_)
                | EntityKey::PersonalToken(_)
                | EntityKey::Session(_)
                | EntityKey::Invitation(_)
                | EntityKey::Role(_)
                | EntityKey::Group(_)
                | EntityKey::Access(_) => {}
            }
        }
        touched.add_flags_of(&projects, after);
        touched
    }

    /// Flags that did not change themselves but what they are served from did.
    fn add_flags_of(&mut self, projects: &BTreeSet<ProjectId>, state: &State) {
        if projects.is_empty() && self.segments.is_empty() {
            return;
        }
        let concerned = |flag: &Flag| {
            let mut places = flag.environments.values();
            projects.contains(&flag.project)
                || places.any(|there| !segments_of(there).is_disjoint(&self.segments))
        };
        let more = state.flags.values().filter(|flag| concerned(flag));
        let more: Vec<FlagName> = more.map(|flag| flag.name.clone()).collect();
        self.flags.extend(more);
    }

    /// What the flags were and what they are; archived flags are not there.
    pub(super) fn flags_before_and_after<'s>(
        &'s self,
        before: &'s State,
        after: &'s State,
    ) -> impl Iterator<Item = (Option<&'s Flag>, Option<&'s Flag>)> {
        let live =
            |state: &'s State, name: &FlagName| state.live_flag(name.as_str()).map(AsRef::as_ref);
        self.flags
            .iter()
            .map(move |name| (live(before, name), live(after, name)))
    }
}

/// Whether the project uses other environments than it did.
fn uses_others(id: &ProjectId, before: &State, after: &State) -> bool {
    let environments = |state: &State| -> Option<Vec<EnvironmentName>> {
        let project = state.projects.get(id)?;
        Some(project.environments.keys().cloned().collect())
    };
    environments(before) != environments(after)
}

fn scopes(state: &State) -> Scopes {
    let mut scopes = Scopes::new();
    let tokens = state.tokens.values();
    for token in tokens.filter(|token| token.kind != TokenKind::Admin) {
        if let Some(environment) = &token.environment {
            let there = scopes.entry(environment.clone()).or_default();
            there.insert(token.projects.clone());
        }
    }
    scopes
}
