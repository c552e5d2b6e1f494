//! The shapes of applications.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::features::answer::FeatureSchema;
use super::super::strategies::schema::StrategySchema;

/// What people say about an application. What is left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct CreateApplicationSchema {
    /// Kinds of strategies it knows.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    pub strategies: Option<Vec<String>>,
    /// For people.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub description: Option<String>,
    /// A page about it.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub url: Option<String>,
    /// A colour for lists.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub color: Option<String>,
    /// A picture for lists.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub icon: Option<String>,
}

/// Where an application runs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ApplicationUsageSchema {
    /// A project its tokens see; `*` is all of them.
    pub project: String,
    /// Environments.
    pub environments: Vec<String>,
}

/// An application of the list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApplicationSchema {
    /// What it calls itself.
    pub app_name: String,
    /// When it was first heard of.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last heard of.
    #[schema(format = DateTime)]
    pub updated_at: String,
    /// For people.
    pub description: Option<String>,
    /// Kinds of strategies it knows.
    pub strategies: Vec<String>,
    /// Who told of it; null for people.
    pub created_by: Option<&'static str>,
    /// A page about it.
    pub url: Option<String>,
    /// A colour for lists.
    pub color: Option<String>,
    /// A picture for lists.
    pub icon: Option<String>,
    /// The first of the projects its tokens see.
    pub project: String,
    /// The first of the environments it runs in.
    pub environment: String,
    /// Where it runs.
    pub usage: Vec<ApplicationUsageSchema>,
}

/// Applications.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ApplicationsSchema {
    /// A page of them.
    pub applications: Vec<ApplicationSchema>,
    /// How many there are in all.
    pub total: usize,
}

/// A kind of strategy nobody made here.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UnknownStrategySchema {
    /// Its name.
    pub name: String,
    /// Always true.
    pub not_found: bool,
}

/// A kind of strategy an application knows.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum ApplicationStrategySchema {
    /// One that is known here.
    Known(StrategySchema),
    /// One that is not.
    Unknown(UnknownStrategySchema),
}

/// A running copy of an application.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApplicationInstanceSchema {
    /// The application.
    pub app_name: String,
    /// What the copy calls itself.
    pub instance_id: String,
    /// The SDK it uses.
    pub sdk_version: Option<String>,
    /// `frontend` or `backend`.
    pub sdk_type: Option<&'static str>,
    /// The address it reported from.
    pub client_ip: Option<String>,
    /// When it was last heard of.
    #[schema(format = DateTime)]
    pub last_seen: String,
    /// When it was first heard of.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// The environment it runs in.
    pub environment: String,
}

/// Paths that belong to something.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ApplicationLinksSchema {
    /// Its own.
    #[serde(rename = "self")]
    pub own: String,
}

/// An application with what belongs to it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApplicationDetailsSchema {
    /// What it calls itself.
    pub app_name: String,
    /// When it was first heard of.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// For people.
    pub description: Option<String>,
    /// A page about it.
    pub url: Option<String>,
    /// A colour for lists.
    pub color: Option<String>,
    /// A picture for lists.
    pub icon: Option<String>,
    /// Kinds of strategies it knows.
    pub strategies: Vec<ApplicationStrategySchema>,
    /// Its running copies.
    pub instances: Vec<ApplicationInstanceSchema>,
    /// Flags it asked for.
    pub seen_toggles: Vec<FeatureSchema>,
    /// Its path.
    pub links: ApplicationLinksSchema,
}

/// What may be wrong with an application in an environment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApplicationEnvironmentIssuesSchema {
    /// Flags it asks for that do not exist.
    pub missing_features: Vec<String>,
    /// SDKs that are too old.
    pub outdated_sdks: Vec<String>,
}

/// An application in an environment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApplicationOverviewEnvironmentSchema {
    /// The environment.
    pub name: String,
    /// How many copies of it run there.
    pub instance_count: usize,
    /// SDKs it uses there.
    pub sdks: Vec<String>,
    /// Those in browsers and on devices.
    pub frontend_sdks: Vec<String>,
    /// Those on servers.
    pub backend_sdks: Vec<String>,
    /// When it was last heard of.
    #[schema(format = DateTime)]
    pub last_seen: Option<String>,
    /// What may be wrong.
    pub issues: ApplicationEnvironmentIssuesSchema,
}

/// What may be wrong with an application.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApplicationOverviewIssuesSchema {
    /// Kinds of strategies it knows that nobody made here.
    pub missing_strategies: Vec<String>,
}

/// An application at a glance.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApplicationOverviewSchema {
    /// Projects of the flags it asks for.
    pub projects: Vec<String>,
    /// How many flags it asks for.
    pub feature_count: usize,
    /// The environments it runs in.
    pub environments: Vec<ApplicationOverviewEnvironmentSchema>,
    /// What may be wrong.
    pub issues: ApplicationOverviewIssuesSchema,
}

/// Versions of an SDK that an application uses.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProjectApplicationSdkSchema {
    /// The SDK.
    pub name: String,
    /// Its versions.
    pub versions: Vec<String>,
}

/// An application that asks for flags of a project.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProjectApplicationSchema {
    /// What it calls itself.
    pub name: String,
    /// The environments it runs in.
    pub environments: Vec<String>,
    /// Its running copies.
    pub instances: Vec<String>,
    /// The SDKs it uses.
    pub sdks: Vec<ProjectApplicationSdkSchema>,
}

/// Applications that ask for flags of a project.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProjectApplicationsSchema {
    /// A page of them.
    pub applications: Vec<ProjectApplicationSchema>,
    /// How many there are in all.
    pub total: usize,
}

/// A version of an SDK that is too old, and who uses it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OutdatedSdkSchema {
    /// The SDK and its version.
    pub sdk_version: String,
    /// Applications.
    pub applications: Vec<String>,
}

/// Versions of SDKs that are too old.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OutdatedSdksSchema {
    /// The versions.
    pub sdks: Vec<OutdatedSdkSchema>,
}
