//! The shapes of found flags.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::favorites::Reader;
use super::super::features::answer::{AuthorSchema, stage};
use super::super::features::list::ListedEnvironmentSchema;
use super::super::lifecycle::schema::LifecycleEntry;
use super::filter::Filter;
use crate::domain::flag::Flag;
use crate::domain::state::State;
use crate::usage::{Counts, Seen};

/// A tag of a found flag.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api::admin) struct FoundTagSchema {
    /// The value.
    pub value: String,
    /// The kind.
    pub r#type: String,
    /// The kind's colour.
    pub color: Option<String>,
}

/// A found flag in one environment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct FoundEnvironmentSchema {
    /// The flag there.
    #[serde(flatten)]
    pub listed: ListedEnvironmentSchema,
    /// How often it was on during the last hour.
    pub yes: u64,
    /// How often it was off during the last hour.
    pub no: u64,
    /// Change requests; there are none.
    #[schema(value_type = Vec<i64>)]
    pub change_request_ids: [i64; 0],
}

/// A found flag.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct FoundFeatureSchema {
    /// The kind.
    pub r#type: String,
    /// For people.
    pub description: Option<String>,
    /// The project.
    pub project: String,
    /// Whether the asking user marked it.
    pub favorite: bool,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: String,
    /// Marked for removal.
    pub stale: bool,
    /// When it was archived.
    pub archived_at: Option<String>,
    /// Whether SDKs tell the application about each evaluation.
    pub impression_data: bool,
    /// `parent` when flags depend on it, `child` when it depends on one.
    pub dependency_type: Option<&'static str>,
    /// The environments its project uses.
    pub environments: Vec<FoundEnvironmentSchema>,
    /// Names of the segments its strategies use.
    pub segments: Vec<String>,
    /// Who made it.
    pub created_by: AuthorSchema,
    /// The stage it is in.
    pub lifecycle: Option<LifecycleEntry>,
    /// Tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<FoundTagSchema>,
}

impl FoundFeatureSchema {
    fn new(flag: &Flag, filter: &Filter, state: &State, seen: &Seen, reader: Reader<'_>) -> Self {
        let environments = state.environments_of(flag).into_iter();
        Self {
            r#type: flag.kind.to_string(),
            description: flag.description.clone(),
            project: flag.project.to_string(),
            favorite: reader.likes_flag(flag),
            name: flag.name.to_string(),
            created_at: flag.created_at.to_string(),
            stale: flag.stale,
            archived_at: flag.archived_at.map(|time| time.to_string()),
            impression_data: flag.impression_data,
            dependency_type: dependency_type(flag, state),
            environments: environments
                .map(|environment| ListedEnvironmentSchema::new(environment, flag, seen))
                .filter(|listed| filter.shows(&listed.name, listed.enabled))
                .map(|listed| FoundEnvironmentSchema {
                    listed,
                    yes: 0,
                    no: 0,
                    change_request_ids: [],
                })
                .collect(),
            segments: segments(flag, state),
            created_by: AuthorSchema::of(flag),
            lifecycle: stage(flag, state, seen),
            tags: tags(flag, state),
        }
    }
}

impl FoundFeatureSchema {
    /// Says how often the flag was on and off in the present hour.
    pub(super) fn count(&mut self, counts: &Counts) {
        for it in &mut self.environments {
            let found = counts.get(it.listed.name.as_str());
            (it.yes, it.no) = found.copied().unwrap_or_default();
        }
    }
}

fn dependency_type(flag: &Flag, state: &State) -> Option<&'static str> {
    if !flag.dependencies.is_empty() {
        return Some("child");
    }
    let mut children = state.children(flag.name.as_str());
    children.next().map(|_| "parent")
}

pub(super) fn segments(flag: &Flag, state: &State) -> Vec<String> {
    let strategies = flag.environments.values().flat_map(|it| &it.strategies);
    let used: std::collections::BTreeSet<_> =
        strategies.flat_map(|strategy| &strategy.segments).collect();
    let found = used.into_iter().filter_map(|id| state.segments.get(id));
    found.map(|segment| segment.name.clone()).collect()
}

fn tags(flag: &Flag, state: &State) -> Vec<FoundTagSchema> {
    let tags = flag.tags.iter().map(|tag| FoundTagSchema {
        value: tag.value.clone(),
        r#type: tag.kind.to_string(),
        color: state
            .tag_kinds
            .get(&tag.kind)
            .and_then(|kind| kind.color.clone()),
    });
    tags.collect()
}

/// A page of found flags.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api::admin) struct SearchFeaturesSchema {
    /// The flags of this page.
    pub features: Vec<FoundFeatureSchema>,
    /// How many there are on all pages.
    pub total: usize,
}

impl SearchFeaturesSchema {
    pub(super) fn new(filter: &Filter, state: &State, seen: &Seen, reader: Reader<'_>) -> Self {
        let mut found: Vec<&Flag> = state
            .flags
            .values()
            .map(AsRef::as_ref)
            .filter(|flag| filter.fits(flag, state))
            .collect();
        filter.sort(&mut found, reader);
        let page = found.iter().skip(filter.offset).take(filter.limit);
        Self {
            features: page
                .map(|flag| FoundFeatureSchema::new(flag, filter, state, seen, reader))
                .collect(),
            total: found.len(),
        }
    }
}
