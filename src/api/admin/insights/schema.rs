//! The shapes of numbers about a project.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::features::list::ProjectFeatureSchema;
use super::super::projects::overview::{FeatureTypeCountSchema, OverviewEnvironmentSchema};
use super::super::projects::schema::FeatureNamingSchema;
use crate::domain::health::Health;

/// The last 30 days and the 30 days before them.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct ProjectStatsSchema {
    /// Days from being made to being on in production, of flags that were first switched on there.
    pub avg_time_to_prod_current_window: f64,
    /// Flags made.
    pub created_current_window: usize,
    /// Flags made before that.
    pub created_past_window: usize,
    /// Flags archived.
    pub archived_current_window: usize,
    /// Flags archived before that.
    pub archived_past_window: usize,
    /// Events.
    pub project_activity_current_window: usize,
    /// Events before that.
    pub project_activity_past_window: usize,
    /// Users who got roles of their own.
    pub project_members_added_current_window: usize,
}

/// How long a flag took to production.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DoraFeaturesSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct DoraFeatureSchema {
    /// The flag.
    pub name: String,
    /// Days.
    pub time_to_production: f64,
}

/// How long flags took to production.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct ProjectDoraMetricsSchema {
    /// Flag by flag.
    pub features: Vec<DoraFeatureSchema>,
    /// The average, in days.
    pub project_average: f64,
}

/// Live flags by how fresh they are.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RatingSchema {
    /// In hundredths.
    pub rating: usize,
    /// Neither of the others.
    pub active_count: usize,
    /// Older than flags of their kind are expected to become.
    pub potentially_stale_count: usize,
    /// Marked.
    pub stale_count: usize,
}

impl RatingSchema {
    pub(super) fn new(rating: usize, health: &Health) -> Self {
        Self {
            rating,
            active_count: health.active,
            potentially_stale_count: health.potentially_stale,
            stale_count: health.stale,
        }
    }
}

/// Who works on a project.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProjectMembersSchema {
    /// How many.
    pub current_members: usize,
    /// By how many more than 30 days ago.
    pub change: i64,
}

/// A project in numbers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProjectInsightsSchema {
    /// The last 30 days and the 30 days before them.
    pub stats: ProjectStatsSchema,
    /// How many live flags of each kind there are.
    pub feature_type_counts: Vec<FeatureTypeCountSchema>,
    /// Flags somebody should look after.
    pub technical_debt: RatingSchema,
    /// How long flags took to production.
    pub lead_time: ProjectDoraMetricsSchema,
    /// Who works on it.
    pub members: ProjectMembersSchema,
    /// The opposite of technical debt.
    pub health: RatingSchema,
}

/// A project with all its live flags.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct HealthReportSchema {
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
    /// Most flags the project may hold.
    pub feature_limit: Option<u32>,
    /// Rule for names of new flags.
    pub feature_naming: FeatureNamingSchema,
    /// Stickiness offered for new strategies.
    pub default_stickiness: String,
    /// Share of active flags, in hundredths.
    pub health: usize,
    /// The rest.
    pub technical_debt: usize,
    /// Whether the asking user marked it.
    pub favorite: bool,
    /// When it was last changed.
    pub updated_at: String,
    /// When it was made.
    pub created_at: String,
    /// The environments it uses.
    pub environments: Vec<OverviewEnvironmentSchema>,
    /// Its live flags.
    pub features: Vec<ProjectFeatureSchema>,
    /// How many members there are.
    pub members: usize,
    /// Older than flags of their kind are expected to become.
    pub potentially_stale_count: usize,
    /// Neither stale nor potentially stale.
    pub active_count: usize,
    /// Marked.
    pub stale_count: usize,
}

/// How many events there were on a day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActivitySchema {
    /// The day.
    pub date: String,
    /// How many.
    pub count: usize,
}

/// Days with events.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProjectActivitySchema(pub Vec<ActivitySchema>);

/// A share.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CurrentSchema {
    /// In hundredths.
    pub current: usize,
}

/// What belongs to a project.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProjectResourcesSchema {
    /// Users with roles of their own.
    pub members: usize,
    /// Tokens for this project.
    pub api_tokens: usize,
    /// Segments of this project.
    pub segments: usize,
}

/// Flags in a stage.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct StageSummarySchema {
    /// How many days flags stayed in it; null when none has left it.
    pub average_days: Option<f64>,
    /// How many are in it.
    pub current_flags: usize,
}

/// Archived flags.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArchivedSummarySchema {
    /// How many there are.
    pub current_flags: usize,
    /// How many of them were archived within 30 days.
    #[serde(rename = "last30Days")]
    pub last_30_days: usize,
}

/// Flags by stage.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LifecycleSummarySchema {
    /// Made.
    pub initial: StageSummarySchema,
    /// Tried out.
    pub pre_live: StageSummarySchema,
    /// In production.
    pub live: StageSummarySchema,
    /// Done.
    pub completed: StageSummarySchema,
    /// Put away.
    pub archived: ArchivedSummarySchema,
}

/// Flags somebody should look after.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StaleFlagsSchema {
    /// How many.
    pub total: usize,
}

/// How a project is doing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProjectStatusSchema {
    /// What belongs to it.
    pub resources: ProjectResourcesSchema,
    /// Days with events.
    pub activity_count_by_date: ProjectActivitySchema,
    /// Share of active flags.
    pub health: CurrentSchema,
    /// The rest.
    pub technical_debt: CurrentSchema,
    /// Flags by stage.
    pub lifecycle_summary: LifecycleSummarySchema,
    /// Flags somebody should look after.
    pub stale_flags: StaleFlagsSchema,
}
