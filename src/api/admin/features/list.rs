//! The shapes of lists of flags.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::favorites::Reader;
use super::answer::last_seen;
use crate::domain::environment::Environment;
use crate::domain::flag::{Flag, FlagEnvironment};
use crate::domain::state::State;
use crate::usage::Seen;

/// A tag of a flag.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api::admin) struct FeatureTagSchema {
    /// The value.
    pub value: String,
    /// The kind.
    pub r#type: String,
}

/// A flag of a list in one environment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct ListedEnvironmentSchema {
    /// The environment.
    pub name: String,
    /// The switch.
    pub enabled: bool,
    /// The kind of environment.
    pub r#type: String,
    /// The environment's place in lists.
    pub sort_order: i32,
    /// How many variants the flag itself has here.
    pub variant_count: usize,
    /// When an SDK last asked for the flag here.
    pub last_seen_at: Option<String>,
    /// Whether there are strategies.
    pub has_strategies: bool,
    /// Whether one of them is active.
    pub has_enabled_strategies: bool,
}

impl ListedEnvironmentSchema {
    pub(in crate::api::admin) fn new(environment: &Environment, flag: &Flag, seen: &Seen) -> Self {
        let none = FlagEnvironment::default();
        let own = flag.environments.get(&environment.name).unwrap_or(&none);
        Self {
            name: environment.name.to_string(),
            enabled: own.enabled,
            r#type: environment.kind.clone(),
            sort_order: environment.sort_order,
            variant_count: own.variants.len(),
            last_seen_at: last_seen(flag, environment, seen),
            has_strategies: !own.strategies.is_empty(),
            has_enabled_strategies: own.active_strategies().next().is_some(),
        }
    }
}

/// A flag of a project's list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct ProjectFeatureSchema {
    /// The kind.
    pub r#type: String,
    /// For people.
    pub description: Option<String>,
    /// Whether the asking user marked it.
    pub favorite: bool,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: String,
    /// Marked for removal.
    pub stale: bool,
    /// Whether SDKs tell the application about each evaluation.
    pub impression_data: bool,
    /// The environments its project uses.
    pub environments: Vec<ListedEnvironmentSchema>,
    /// Tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<FeatureTagSchema>,
}

impl ProjectFeatureSchema {
    fn new(flag: &Flag, state: &State, seen: &Seen, reader: Reader<'_>) -> Self {
        Self {
            r#type: flag.kind.to_string(),
            description: flag.description.clone(),
            favorite: reader.likes_flag(flag),
            name: flag.name.to_string(),
            created_at: flag.created_at.to_string(),
            stale: flag.stale,
            impression_data: flag.impression_data,
            environments: listed_environments(flag, state, seen),
            tags: tags(flag),
        }
    }
}

fn listed_environments(flag: &Flag, state: &State, seen: &Seen) -> Vec<ListedEnvironmentSchema> {
    let environments = state.environments_of(flag).into_iter();
    environments
        .map(|environment| ListedEnvironmentSchema::new(environment, flag, seen))
        .collect()
}

pub(in crate::api::admin) fn tags(flag: &Flag) -> Vec<FeatureTagSchema> {
    flag.tags
        .iter()
        .map(|tag| FeatureTagSchema {
            value: tag.value.clone(),
            r#type: tag.kind.to_string(),
        })
        .collect()
}

/// The live flags of a project.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api::admin) struct ProjectFeaturesSchema {
    /// Number of the shape.
    #[schema(example = 2)]
    pub version: u32,
    /// The flags by name.
    pub features: Vec<ProjectFeatureSchema>,
}

/// Which flags of a project are listed.
#[derive(Debug, Default)]
pub(in crate::api::admin) struct Filter<'a> {
    pub(super) name_prefix: Option<&'a str>,
    /// Kinds and values, all of which a flag must have.
    pub(super) tags: Vec<(&'a str, &'a str)>,
}

impl Filter<'_> {
    fn fits(&self, flag: &Flag) -> bool {
        let has = |(kind, value): &(&str, &str)| {
            flag.tags
                .iter()
                .any(|tag| tag.kind == **kind && tag.value == *value)
        };
        self.name_prefix
            .is_none_or(|prefix| flag.name.as_str().starts_with(prefix))
            && self.tags.iter().all(has)
    }
}

impl ProjectFeaturesSchema {
    pub(in crate::api::admin) fn new(
        project: &str,
        filter: &Filter<'_>,
        state: &State,
        seen: &Seen,
        reader: Reader<'_>,
    ) -> Self {
        let features = state
            .flags
            .values()
            .filter(|flag| !flag.is_archived() && flag.project == *project)
            .filter(|flag| filter.fits(flag))
            .map(|flag| ProjectFeatureSchema::new(flag, state, seen, reader));
        Self {
            version: 2,
            features: features.collect(),
        }
    }
}
