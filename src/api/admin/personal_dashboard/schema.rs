//! The shapes of the page a user begins with.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::projects::schema::{OnboardingStatusSchema, ProjectOwnerSchema};

/// A project of the user.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PersonalProjectSchema {
    /// Its identifier.
    pub id: String,
    /// For people.
    pub name: String,
    /// Share of active flags, in hundredths.
    pub health: usize,
    /// The rest.
    pub technical_debt: usize,
    /// How many members there are.
    pub member_count: usize,
    /// How many live flags there are.
    pub feature_count: usize,
}

/// A flag of the user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PersonalFlagSchema {
    /// Its name.
    pub name: String,
    /// The kind.
    pub r#type: String,
    /// The project it belongs to.
    pub project: String,
}

/// Somebody who can help.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PersonalAdminSchema {
    /// The number.
    pub id: i64,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub name: Option<String>,
    /// A name to sign in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub username: Option<String>,
    /// An address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub email: Option<String>,
    /// A picture.
    pub image_url: String,
}

/// What concerns the user.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PersonalDashboardSchema {
    /// Projects the user has a role in, and the default one.
    pub projects: Vec<PersonalProjectSchema>,
    /// Flags the user made or marked, the newest first.
    pub flags: Vec<PersonalFlagSchema>,
    /// Owners of projects.
    pub project_owners: Vec<ProjectOwnerSchema>,
    /// Administrators.
    pub admins: Vec<PersonalAdminSchema>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LatestEventSchema {
    /// Its number.
    pub id: u64,
    /// In a sentence, with Markdown.
    pub summary: Option<String>,
    /// Who did it.
    pub created_by: String,
    /// A picture of who did it.
    pub created_by_image_url: String,
    /// When.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// A role of the user.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PersonalRoleSchema {
    /// Its name.
    pub name: String,
    /// Its number.
    pub id: i64,
    /// `project` or `custom`.
    pub r#type: &'static str,
}

/// The flags of a project by how fresh they are.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PersonalInsightsSchema {
    /// The average health of the last four weeks: null, for it is not written down.
    pub avg_health_current_window: Option<usize>,
    /// That of the four weeks before: null.
    pub avg_health_past_window: Option<usize>,
    /// Live flags.
    pub total_flags: usize,
    /// Older than flags of their kind are expected to become.
    pub potentially_stale_flags: usize,
    /// Marked.
    pub stale_flags: usize,
    /// Neither.
    pub active_flags: usize,
    /// Share of active flags, in hundredths.
    pub health: usize,
    /// The rest.
    pub technical_debt: usize,
}

/// What concerns the user in a project.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PersonalDashboardProjectDetailsSchema {
    /// What happened last.
    pub latest_events: Vec<LatestEventSchema>,
    /// How far people have come with it.
    pub onboarding_status: OnboardingStatusSchema,
    /// Who owns it.
    pub owners: Vec<ProjectOwnerSchema>,
    /// Roles of the user in it.
    pub roles: Vec<PersonalRoleSchema>,
    /// Its flags.
    pub insights: PersonalInsightsSchema,
}
