//! One flag in one environment as it is read: written out for SDKs, compiled for ourselves.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::segments::ServedSegments;
use crate::domain::flag::{Flag, FlagEnvironment};
use crate::domain::names::{EnvironmentName, SegmentId};
use crate::domain::state::State;
use crate::engine::{CompiledFlag, FlagSource};
use crate::wire::client_features::{ClientFeature, SegmentMode};

/// A flag in an environment. Shared by all snapshots in which it is the same.
#[derive(Debug)]
pub struct ServedFlag {
    flag: Arc<Flag>,
    /// Where it is configured; none where it is off for want of any configuration.
    environment: Option<EnvironmentName>,
    global: Bytes,
    /// Only for flags with segments, and only when somebody asks.
    inlined: OnceLock<Bytes>,
    segments: BTreeSet<SegmentId>,
    compiled: Arc<CompiledFlag>,
}

impl ServedFlag {
    /// Writes and compiles `flag` for `environment`, or for all environments it is not configured in.
    pub(super) fn new(
        flag: &Arc<Flag>,
        environment: Option<&EnvironmentName>,
        segments: &ServedSegments,
    ) -> Self {
        let there = environment.and_then(|name| flag.environments.get(name));
        Self {
            flag: Arc::clone(flag),
            environment: environment.cloned(),
            global: write(flag, there, SegmentMode::Global, segments),
            inlined: OnceLock::new(),
            segments: there.map(segments_of).unwrap_or_default(),
            compiled: Arc::new(compile(flag, there, segments)),
        }
    }

    /// The flag itself.
    #[must_use]
    pub fn flag(&self) -> &Arc<Flag> {
        &self.flag
    }

    pub(super) fn size(&self) -> usize {
        self.global.len()
    }

    pub(super) fn name(&self) -> &str {
        self.flag.name.as_str()
    }

    pub(super) fn compiled(&self) -> &Arc<CompiledFlag> {
        &self.compiled
    }

    /// The flag as it is compiled: what an explanation starts from.
    #[must_use]
    pub fn source(&self) -> FlagSource<'_> {
        let there = self.environment.as_ref();
        source(
            &self.flag,
            there.and_then(|name| self.flag.environments.get(name)),
        )
    }

    /// Its JSON.
    pub(super) fn json(&self, mode: SegmentMode, segments: &ServedSegments) -> &Bytes {
        if mode == SegmentMode::Global || self.segments.is_empty() {
            return &self.global;
        }
        self.inlined.get_or_init(|| {
            let there = self.environment.as_ref();
            let there = there.and_then(|name| self.flag.environments.get(name));
            write(&self.flag, there, mode, segments)
        })
    }

    pub(super) fn uses_any(&self, segments: &BTreeSet<SegmentId>) -> bool {
        !self.segments.is_disjoint(segments)
    }

    /// Whether `other` would be written and compiled to the same, as far as the two flags decide that.
    pub(super) fn serves(&self, other: &Flag, environment: Option<&EnvironmentName>) -> bool {
        let own = &*self.flag;
        self.environment.as_ref() == environment
            && own.project == other.project
            && own.kind == other.kind
            && own.description == other.description
            && own.impression_data == other.impression_data
            && own.stale == other.stale
            && own.dependencies == other.dependencies
            && own.tags == other.tags
            && environment.is_none_or(|it| own.environments.get(it) == other.environments.get(it))
    }
}

/// The environment under which `flag` is served in `environment`: itself, or none when the flag is not configured
/// there or its project does not use it.
pub(super) fn configured<'n>(
    state: &State,
    flag: &Flag,
    environment: &'n EnvironmentName,
) -> Option<&'n EnvironmentName> {
    let in_use = state
        .projects
        .get(flag.project.as_str())
        .is_none_or(|project| project.environments.contains_key(environment));
    (in_use && flag.environments.contains_key(environment)).then_some(environment)
}

/// Segments that strategies served in an environment name.
pub(super) fn segments_of(there: &FlagEnvironment) -> BTreeSet<SegmentId> {
    there
        .active_strategies()
        .flat_map(|strategy| strategy.segments.iter().copied())
        .collect()
}

fn write(
    flag: &Flag,
    there: Option<&FlagEnvironment>,
    mode: SegmentMode,
    segments: &ServedSegments,
) -> Bytes {
    let lookup = |id: SegmentId| segments.get(id);
    let feature = ClientFeature::new(flag, there, mode, &lookup);
    // Only maps with odd keys and failing writers can make this fail; there are neither.
    serde_json::to_vec(&feature).unwrap_or_default().into()
}

fn source<'f>(flag: &'f Flag, there: Option<&'f FlagEnvironment>) -> FlagSource<'f> {
    // A list without any weight is not served, so it is not evaluated either.
    let variants = there
        .map(|it| it.variants.as_slice())
        .filter(|list| list.iter().any(|variant| variant.weight > 0))
        .unwrap_or_default();
    FlagSource {
        name: flag.name.as_str(),
        project: flag.project.as_str(),
        enabled: there.is_some_and(|it| it.enabled),
        impression_data: flag.impression_data,
        strategies: there.map(|it| it.strategies.as_slice()).unwrap_or_default(),
        variants,
        dependencies: &flag.dependencies,
    }
}

fn compile(
    flag: &Flag,
    there: Option<&FlagEnvironment>,
    segments: &ServedSegments,
) -> CompiledFlag {
    CompiledFlag::compile(&source(flag, there), segments.compiled())
}
