//! The shapes of one project with its environments and numbers.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::constraints::schema::ConstraintSchema;
use super::super::favorites::Reader;
use super::super::feature_strategies::schema::ParametersSchema;
use super::super::insights::numbers::Chronicle;
use super::super::insights::schema::ProjectStatsSchema;
use super::super::variants::schema::StrategyVariantSchema;
use super::schema::{FeatureNamingSchema, OnboardingStatusSchema, members};
use crate::api::error::ApiError;
use crate::domain::health::{Health, live_flags};
use crate::domain::project::Project;
use crate::domain::state::State;
use crate::domain::strategy::Strategy;
use crate::usage::Seen;

/// The strategy a flag gets when it is switched on without one. What is empty is left out.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct DefaultStrategySchema {
    /// The kind.
    pub name: String,
    /// A label for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Kept, but not served.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// Parameters of the kind.
    #[schema(inline)]
    pub parameters: ParametersSchema,
    /// All must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<ConstraintSchema>,
    /// Variants.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<StrategyVariantSchema>,
    /// Segments that all must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<i32>,
}

impl DefaultStrategySchema {
    pub(in crate::api::admin) fn new(strategy: &Strategy) -> Self {
        Self {
            name: strategy.name.clone(),
            title: strategy.title.clone(),
            disabled: strategy.disabled,
            parameters: strategy.parameters.clone(),
            constraints: ConstraintSchema::list(&strategy.constraints),
            variants: StrategyVariantSchema::list(&strategy.variants),
            segments: strategy.segments.iter().map(|id| id.0).collect(),
        }
    }
}

/// An environment of a project's overview.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct OverviewEnvironmentSchema {
    /// The environment.
    pub environment: String,
    /// The strategy a flag gets here when it is switched on without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_strategy: Option<DefaultStrategySchema>,
}

/// How many flags of a kind there are.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api::admin) struct FeatureTypeCountSchema {
    /// The kind.
    pub r#type: String,
    /// How many.
    pub count: usize,
}

/// A project with its environments and numbers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct ProjectOverviewSchema {
    /// Number of the shape.
    pub version: u32,
    /// The last 30 days and the 30 days before them.
    pub stats: ProjectStatsSchema,
    /// For people.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// Who may do what.
    pub mode: String,
    /// Stickiness offered for new strategies.
    pub default_stickiness: String,
    /// Most flags the project may hold.
    pub feature_limit: Option<u32>,
    /// Rule for names of new flags.
    pub feature_naming: FeatureNamingSchema,
    /// Templates of links; there are none.
    #[schema(value_type = Vec<Object>)]
    pub link_templates: [(); 0],
    /// Share of live flags that are neither stale nor older than expected, in hundredths.
    pub health: usize,
    /// The rest.
    pub technical_debt: usize,
    /// Whether the asking user marked it.
    pub favorite: bool,
    /// When it was last changed.
    pub updated_at: String,
    /// When it was made.
    pub created_at: String,
    /// When it was archived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<String>,
    /// How far somebody has come with it.
    pub onboarding_status: OnboardingStatusSchema,
    /// The environments it uses.
    pub environments: Vec<OverviewEnvironmentSchema>,
    /// How many live flags of each kind there are.
    pub feature_type_counts: Vec<FeatureTypeCountSchema>,
    /// How many users have a role in it.
    pub members: usize,
}

impl ProjectOverviewSchema {
    pub(in crate::api::admin) async fn new(
        chronicle: Chronicle<'_>,
        seen: &Seen,
        reader: Reader<'_>,
    ) -> Result<Self, ApiError> {
        let state = chronicle.state;
        let project = state.project(chronicle.project)?;
        let id = project.id.as_str();
        let health = Health::of(state, id, chronicle.now);
        let naming = project.flag_naming.as_ref();
        Ok(Self {
            version: 1,
            stats: chronicle.stats().await?,
            name: project.name.clone(),
            description: project.description.clone(),
            mode: project.mode.clone(),
            default_stickiness: project.default_stickiness.clone(),
            feature_limit: project.flag_limit,
            feature_naming: FeatureNamingSchema {
                pattern: naming.map(|naming| naming.pattern.clone()),
                example: naming.and_then(|naming| naming.example.clone()),
                description: naming.and_then(|naming| naming.description.clone()),
            },
            link_templates: [],
            health: health.rating(),
            technical_debt: health.technical_debt(),
            favorite: reader.likes_project(project),
            updated_at: project.updated_at.to_string(),
            created_at: project.created_at.to_string(),
            archived_at: project.archived_at.map(|time| time.to_string()),
            onboarding_status: OnboardingStatusSchema::of(state, id, seen),
            environments: environments(project, state),
            feature_type_counts: type_counts(project, state),
            members: members(state, &project.id),
        })
    }
}

fn environments(project: &Project, state: &State) -> Vec<OverviewEnvironmentSchema> {
    let all = state.environments_in_order().into_iter();
    all.filter_map(|environment| {
        let own = project.environments.get(&environment.name)?;
        Some(OverviewEnvironmentSchema {
            environment: environment.name.to_string(),
            default_strategy: own
                .default_strategy
                .as_ref()
                .map(DefaultStrategySchema::new),
        })
    })
    .collect()
}

/// How many live flags of each kind there are.
pub(in crate::api::admin) fn type_counts(
    project: &Project,
    state: &State,
) -> Vec<FeatureTypeCountSchema> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for flag in live_flags(state, project.id.as_str()) {
        *counts.entry(flag.kind.as_str()).or_default() += 1;
    }
    let counts = counts
        .into_iter()
        .map(|(kind, count)| FeatureTypeCountSchema {
            r#type: kind.to_owned(),
            count,
        });
    counts.collect()
}
