//! The shapes of what tools ask first.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::limits::Limits;

/// What tools ask first: where the server is, what it is, and what is too much.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UiConfigSchema {
    /// What the server calls itself.
    pub name: &'static str,
    /// The version of the reference it is compatible with.
    pub version: &'static str,
    /// The edition.
    pub environment: &'static str,
    /// Switches of the reference's own user interface; there are none.
    #[schema(value_type = Object)]
    pub flags: serde_json::Map<String, serde_json::Value>,
    /// Links of the user interface; there are none.
    #[schema(value_type = Vec<Object>)]
    pub links: Vec<serde_json::Value>,
    /// Whether it sends mail.
    pub email_enabled: bool,
    /// Where people reach it.
    pub unleash_url: String,
    /// The path in front of all others.
    pub base_uri_path: String,
    /// How people sign in.
    pub authentication_type: &'static str,
    /// Origins browsers may call from.
    pub frontend_api_origins: Vec<String>,
    /// Versions.
    pub version_info: VersionInfoSchema,
    /// Whether it can ask a Prometheus server.
    #[serde(rename = "prometheusAPIAvailable")]
    pub prometheus_api_available: bool,
    /// What is too much.
    pub resource_limits: ResourceLimitsSchema,
    /// Whether passwords are refused.
    pub disable_password_auth: bool,
    /// Whether changes are refused.
    pub maintenance_mode: bool,
    /// Most sessions of one person.
    pub max_sessions_count: usize,
}

/// Versions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct VersionInfoSchema {
    /// What runs.
    pub current: CurrentVersionSchema,
    /// What is known to be newer: nothing, because nobody is asked.
    #[schema(value_type = Object)]
    pub latest: serde_json::Map<String, serde_json::Value>,
    /// Always true, for the same reason.
    pub is_latest: bool,
    /// Tells one instance from another.
    pub instance_id: String,
}

/// What runs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CurrentVersionSchema {
    /// The version of the reference it is compatible with.
    pub oss: &'static str,
    /// Always empty.
    pub enterprise: &'static str,
    /// The version of this server.
    pub burgee: &'static str,
}

/// What is too much.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceLimitsSchema {
    segment_values: usize,
    strategy_segments: usize,
    feature_environment_strategies: usize,
    constraint_values: usize,
    constraints: usize,
    environments: usize,
    projects: usize,
    api_tokens: usize,
    segments: usize,
    feature_flags: usize,
    signal_endpoints: usize,
    signal_tokens_per_endpoint: usize,
    action_set_actions: usize,
    action_sets_per_project: usize,
    action_set_filters: usize,
    action_set_filter_values: usize,
    release_templates: usize,
}

impl From<&Limits> for ResourceLimitsSchema {
    /// The limits of things this server does not have are the reference's, for tools that insist on them.
    fn from(it: &Limits) -> Self {
        Self {
            segment_values: it.segment_values,
            strategy_segments: it.strategy_segments,
            feature_environment_strategies: it.flag_environment_strategies,
            constraint_values: it.constraint_values,
            constraints: it.constraints,
            environments: it.environments,
            projects: it.projects,
            api_tokens: it.api_tokens,
            segments: it.segments,
            feature_flags: it.flags,
            signal_endpoints: 5,
            signal_tokens_per_endpoint: 5,
            action_set_actions: 10,
            action_sets_per_project: 5,
            action_set_filters: 5,
            action_set_filter_values: 25,
            release_templates: 10,
        }
    }
}

/// Origins browsers may call from.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SetCorsSchema {
    /// `*`, or scheme and host.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    pub frontend_api_origins: Option<Vec<String>>,
}
