//! The shapes of environments.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::projects::overview::DefaultStrategySchema;
use crate::domain::environment::Environment;
use crate::domain::project::Project;
use crate::domain::state::State;

/// An environment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct EnvironmentSchema {
    /// Its name.
    pub name: String,
    /// The kind.
    pub r#type: String,
    /// Its place in lists.
    pub sort_order: i32,
    /// Whether new projects get it.
    pub enabled: bool,
    /// Protected environments cannot be changed or deleted.
    pub protected: bool,
    /// How many people must agree to a change; there are no change requests.
    pub required_approvals: Option<u32>,
    /// How many projects use it.
    pub project_count: usize,
    /// How many tokens are for it.
    pub api_token_count: usize,
    /// How many live flags are on in it.
    pub enabled_toggle_count: usize,
}

fn switched_on<'s>(
    state: &'s State,
    environment: &'s Environment,
) -> impl Iterator<Item = &'s crate::domain::flag::Flag> {
    let flags = state.flags.values().map(AsRef::as_ref);
    flags.filter(|flag| {
        let own = flag.environments.get(&environment.name);
        !flag.is_archived() && own.is_some_and(|own| own.enabled)
    })
}

impl EnvironmentSchema {
    pub(super) fn new(environment: &Environment, state: &State) -> Self {
        let uses = |project: &&std::sync::Arc<Project>| {
            project.archived_at.is_none() && project.environments.contains_key(&environment.name)
        };
        let tokens = state.tokens.values();
        Self {
            name: environment.name.to_string(),
            r#type: environment.kind.clone(),
            sort_order: environment.sort_order,
            enabled: environment.enabled,
            protected: environment.protected,
            required_approvals: None,
            project_count: state.projects.values().filter(uses).count(),
            api_token_count: tokens
                .filter(|token| token.environment.as_ref() == Some(&environment.name))
                .count(),
            enabled_toggle_count: switched_on(state, environment).count(),
        }
    }
}

/// All environments, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api::admin) struct EnvironmentsSchema {
    /// Number of the shape.
    pub version: u32,
    /// The environments.
    pub environments: Vec<EnvironmentSchema>,
}

impl EnvironmentsSchema {
    pub(super) fn new(state: &State) -> Self {
        let environments = state.environments_in_order().into_iter();
        Self {
            version: 1,
            environments: environments
                .map(|environment| EnvironmentSchema::new(environment, state))
                .collect(),
        }
    }
}

/// An environment as a project sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct EnvironmentProjectSchema {
    /// Its name.
    pub name: String,
    /// The kind.
    pub r#type: String,
    /// Its place in lists.
    pub sort_order: i32,
    /// Whether new projects get it.
    pub enabled: bool,
    /// Protected environments cannot be changed or deleted.
    pub protected: bool,
    /// How many people must agree to a change. Remembered; changes are not held back.
    pub required_approvals: Option<u8>,
    /// How many tokens see the project in it.
    pub project_api_token_count: usize,
    /// How many of the project's flags are on in it.
    pub project_enabled_toggle_count: usize,
    /// What a flag gets when it is switched on without a strategy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_strategy: Option<DefaultStrategySchema>,
    /// Whether the project uses it.
    pub visible: bool,
}

impl EnvironmentProjectSchema {
    fn new(environment: &Environment, project: &str, state: &State) -> Self {
        let own = state
            .projects
            .get(project)
            .and_then(|project| project.environments.get(&environment.name));
        let tokens = state.tokens.values().filter(|token| {
            token.environment.as_ref() == Some(&environment.name)
                && token.projects.contains(project)
        });
        Self {
            name: environment.name.to_string(),
            r#type: environment.kind.clone(),
            sort_order: environment.sort_order,
            enabled: environment.enabled,
            protected: environment.protected,
            required_approvals: own
                .filter(|own| own.change_requests.enabled)
                .and_then(|own| own.change_requests.approvals),
            project_api_token_count: tokens.count(),
            project_enabled_toggle_count: switched_on(state, environment)
                .filter(|flag| flag.project == *project)
                .count(),
            default_strategy: own
                .and_then(|own| own.default_strategy.as_ref())
                .map(DefaultStrategySchema::new),
            visible: own.is_some(),
        }
    }
}

/// All environments as a project sees them, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api::admin) struct EnvironmentsProjectSchema {
    /// Number of the shape.
    pub version: u32,
    /// The environments.
    pub environments: Vec<EnvironmentProjectSchema>,
}

impl EnvironmentsProjectSchema {
    pub(super) fn new(project: &str, state: &State) -> Self {
        let environments = state.environments_in_order().into_iter();
        Self {
            version: 1,
            environments: environments
                .map(|environment| EnvironmentProjectSchema::new(environment, project, state))
                .collect(),
        }
    }
}

/// Places by name.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::api::admin) struct SortOrderSchema(pub BTreeMap<String, i32>);

/// An environment to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct CreateEnvironmentSchema {
    /// A name nobody has.
    pub name: String,
    /// The kind, such as `development`, `test`, `preproduction` or `production`.
    #[serde(rename = "type")]
    #[schema(min_length = 1)]
    pub kind: String,
    /// Whether new projects get it.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub enabled: bool,
    /// Its place in lists; the last one when left out.
    #[serde(default)]
    #[schema(value_type = i32, required = false)]
    pub sort_order: Option<i32>,
    /// Whether it is protected against changes and deletion.
    #[serde(default)]
    #[schema(required = false)]
    pub protected: bool,
}

/// An environment to be made like another one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct CloneEnvironmentSchema {
    /// A name nobody has.
    pub name: String,
    /// The kind, such as `development`, `test`, `preproduction` or `production`.
    #[serde(rename = "type")]
    #[schema(min_length = 1)]
    pub kind: String,
    /// Projects that get it; all that use the other one when left out.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    pub projects: Option<Vec<String>>,
    /// Whether whoever may do something in the one may do it in the other.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub clone_permissions: bool,
}

fn yes() -> bool {
    true
}

/// What is to be different about an environment. What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct UpdateEnvironmentSchema {
    /// The kind.
    #[serde(default, rename = "type")]
    #[schema(value_type = String, required = false, min_length = 1)]
    pub kind: Option<String>,
    /// Its place in lists.
    #[serde(default)]
    #[schema(value_type = i32, required = false)]
    pub sort_order: Option<i32>,
    /// Whether it is protected. A protected one changes only when this says that it no longer is.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    pub protected: Option<bool>,
}
