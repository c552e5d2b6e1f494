//! What the playground is asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::names::ProjectId;

/// A request to evaluate flags.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct PlaygroundRequestSchema {
    /// The environment.
    pub environment: String,
    /// Projects whose flags are wanted; all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ProjectsChoice, required = false)]
    pub projects: Option<ProjectsChoice>,
    /// Who asks.
    pub context: SdkContextSchema,
    /// Anything else is repeated and has no effect.
    #[serde(flatten)]
    #[schema(ignore)]
    pub others: BTreeMap<String, Value>,
}

/// A request to evaluate flags in several environments for many contexts at once.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct AdvancedPlaygroundRequestSchema {
    /// The environments.
    #[schema(min_items = 1)]
    pub environments: Vec<PlaygroundEnvironmentName>,
    /// Projects whose flags are wanted; all when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = ProjectsChoice, required = false)]
    pub projects: Option<ProjectsChoice>,
    /// Who asks; values may be several with commas between them.
    pub context: SdkContextSchema,
    /// Anything else is repeated and has no effect.
    #[serde(flatten)]
    #[schema(ignore)]
    pub others: BTreeMap<String, Value>,
}

/// The name of an environment.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 1, pattern = "^[a-zA-Z0-9~_.-]+$")]
pub(super) struct PlaygroundEnvironmentName(pub String);

/// Some projects, or all.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub(super) enum ProjectsChoice {
    Some(Vec<String>),
    All(AllProjects),
}

/// All projects.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub(super) enum AllProjects {
    #[serde(rename = "*")]
    All,
}

/// Whether a choice of projects includes one.
pub(super) fn includes(choice: Option<&ProjectsChoice>, project: &ProjectId) -> bool {
    match choice {
        Some(ProjectsChoice::Some(ids)) => ids.iter().any(|id| id == project.as_str()),
        Some(ProjectsChoice::All(_)) | None => true,
    }
}

/// Who asks, as SDKs say it. Fields not named here are properties.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SdkContextSchema {
    /// The application.
    #[schema(min_length = 1)]
    pub app_name: String,
    /// When; now when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    pub current_time: Option<String>,
    /// What the application calls its environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub environment: Option<String>,
    /// More fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = BTreeMap<String, String>, required = false)]
    pub properties: Option<BTreeMap<String, String>>,
    /// The address of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub remote_address: Option<String>,
    /// The session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub session_id: Option<String>,
    /// The user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub user_id: Option<String>,
    /// Fields that are properties. Those that are no text say nothing.
    #[serde(flatten)]
    #[schema(ignore)]
    pub others: BTreeMap<String, Value>,
}

/// A context in one level.
pub(super) type Fields = BTreeMap<String, String>;

impl SdkContextSchema {
    /// All fields in one level, in the order in which their values take turns; what stands at the top goes before
    /// properties.
    pub(super) fn pairs(&self) -> Vec<(&str, &str)> {
        let named = [
            ("userId", &self.user_id),
            ("sessionId", &self.session_id),
            ("remoteAddress", &self.remote_address),
            ("environment", &self.environment),
            ("currentTime", &self.current_time),
        ];
        let others = self.others.iter();
        let mut pairs: Vec<(&str, &str)> = others
            .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
            .chain(
                named
                    .iter()
                    .filter_map(|(name, value)| Some((*name, value.as_deref()?))),
            )
            .collect();
        let properties = self.properties.iter().flatten();
        for (name, value) in properties {
            if name != "appName" && pairs.iter().all(|(known, _)| known != name) {
                pairs.push((name, value));
            }
        }
        pairs.push(("appName", &self.app_name));
        pairs
    }

    /// All fields in one level.
    pub(super) fn fields(&self) -> Fields {
        let pairs = self.pairs().into_iter();
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// Fields at the top that are no text.
    pub(super) fn unusable(&self) -> Vec<String> {
        let others = self.others.iter();
        let unusable = others.filter(|(_, value)| !value.is_string());
        unusable.map(|(name, _)| name.clone()).collect()
    }
}
