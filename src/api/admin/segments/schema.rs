//! The shapes of segments.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::admin::answer::present;
use crate::api::admin::constraints::schema::ConstraintSchema;
use crate::domain::command::{SegmentAssignment, SegmentWish};
use crate::domain::names::{EnvironmentName, ProjectId, SegmentId, StrategyId};
use crate::domain::segment::Segment;
use crate::domain::state::State;
use crate::domain::uses::{self, Placed};

/// A segment to be made or changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct UpsertSegmentSchema {
    /// Unique in the instance.
    pub name: String,
    /// For people. Left out: as it is.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, required = false)]
    pub description: Option<Option<String>>,
    /// The one project it is for.
    pub project: Option<String>,
    /// All must hold.
    pub constraints: Vec<ConstraintSchema>,
}

impl From<UpsertSegmentSchema> for SegmentWish {
    fn from(it: UpsertSegmentSchema) -> Self {
        Self {
            name: it.name,
            description: it.description,
            project: it
                .project
                .filter(|id| !id.is_empty())
                .map(|id| ProjectId::trusted(&id)),
            constraints: it.constraints.into_iter().map(Into::into).collect(),
        }
    }
}

/// A segment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct AdminSegmentSchema {
    /// Its number.
    pub id: i32,
    /// Its name.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// The one project it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// All must hold.
    pub constraints: Vec<ConstraintSchema>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: String,
    /// How many projects use it; in lists only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_in_projects: Option<usize>,
    /// How many flags use it; in lists only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_in_features: Option<usize>,
}

impl From<&Segment> for AdminSegmentSchema {
    fn from(it: &Segment) -> Self {
        Self {
            id: it.id.0,
            name: it.name.clone(),
            description: it.description.clone(),
            project: it.project.as_ref().map(ToString::to_string),
            constraints: ConstraintSchema::list(&it.constraints),
            created_by: it.created_by.clone(),
            created_at: it.created_at.to_string(),
            used_in_projects: None,
            used_in_features: None,
        }
    }
}

/// Segments.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api::admin) struct SegmentsSchema {
    /// The segments.
    pub segments: Vec<AdminSegmentSchema>,
}

impl SegmentsSchema {
    /// All segments with how often they are used.
    pub(super) fn all(state: &State) -> Self {
        let segments = state.segments.values().map(|segment| {
            let used = uses::count(state.users_of_segment(segment.id));
            AdminSegmentSchema {
                used_in_projects: Some(used.projects),
                used_in_features: Some(used.flags),
                ..segment.as_ref().into()
            }
        });
        Self {
            segments: segments.collect(),
        }
    }

    /// The segments of one strategy; none when there is no such strategy.
    pub(super) fn of_strategy(state: &State, id: &str) -> Self {
        let wanted = state.strategy(id).map(|it| it.strategy.segments.as_slice());
        let segments = wanted
            .unwrap_or_default()
            .iter()
            .filter_map(|id| state.segments.get(id))
            .map(|segment| segment.as_ref().into());
        Self {
            segments: segments.collect(),
        }
    }
}

/// A strategy and where it stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct StrategyUseSchema {
    /// The strategy.
    pub id: String,
    /// The project of its flag.
    pub project_id: String,
    /// Its flag.
    pub feature_name: String,
    /// Its kind.
    pub strategy_name: String,
    /// Its environment.
    pub environment: String,
}

impl From<Placed<'_>> for StrategyUseSchema {
    fn from(it: Placed<'_>) -> Self {
        Self {
            id: it.strategy.id.to_string(),
            project_id: it.flag.project.to_string(),
            feature_name: it.flag.name.to_string(),
            strategy_name: it.strategy.name.clone(),
            environment: it.environment.to_string(),
        }
    }
}

/// Strategies that use a segment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SegmentStrategiesSchema {
    /// The strategies.
    pub strategies: Vec<StrategyUseSchema>,
    /// Always empty: there are no change requests here.
    pub change_request_strategies: Vec<StrategyUseSchema>,
}

/// Which segments a strategy shall use.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdateFeatureStrategySegmentsSchema {
    /// The project of its flag.
    pub project_id: String,
    /// The strategy.
    pub strategy_id: String,
    /// Its environment.
    pub environment_id: String,
    /// Its segments from now on.
    pub segment_ids: Vec<i32>,
}

impl From<&UpdateFeatureStrategySegmentsSchema> for SegmentAssignment {
    fn from(it: &UpdateFeatureStrategySegmentsSchema) -> Self {
        Self {
            project: ProjectId::trusted(&it.project_id),
            environment: EnvironmentName::trusted(&it.environment_id),
            strategy: StrategyId::trusted(&it.strategy_id),
            segments: it.segment_ids.iter().copied().map(SegmentId).collect(),
        }
    }
}
