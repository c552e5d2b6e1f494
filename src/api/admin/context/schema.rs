//! The shapes of context fields.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::admin::segments::schema::StrategyUseSchema;
use crate::domain::command::ContextFieldWish;
use crate::domain::context_field::{ContextField, LegalValue};
use crate::domain::state::State;
use crate::domain::uses;

/// A value a form offers for a context field.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api::admin) struct LegalValueSchema {
    /// The value.
    pub value: String,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub description: Option<String>,
}

impl From<LegalValueSchema> for LegalValue {
    fn from(it: LegalValueSchema) -> Self {
        Self {
            value: it.value,
            description: it.description,
        }
    }
}

impl From<&LegalValue> for LegalValueSchema {
    fn from(it: &LegalValue) -> Self {
        Self {
            value: it.value.clone(),
            description: it.description.clone(),
        }
    }
}

/// A context field to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct CreateContextFieldSchema {
    /// Unique in the instance.
    pub name: String,
    /// The one project it is for.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub project: Option<String>,
    /// The rest.
    #[serde(flatten)]
    pub rest: UpdateContextFieldSchema,
}

/// A context field to be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdateContextFieldSchema {
    /// For people. Left out: as it is.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub description: Option<String>,
    /// Whether rollouts may stick to it.
    #[serde(default)]
    pub stickiness: bool,
    /// Smaller comes first.
    #[serde(default)]
    pub sort_order: i32,
    /// Values offered; none means any.
    #[serde(default)]
    #[schema(required = false)]
    pub legal_values: Vec<LegalValueSchema>,
}

impl From<UpdateContextFieldSchema> for ContextFieldWish {
    fn from(it: UpdateContextFieldSchema) -> Self {
        Self {
            description: it.description,
            stickiness: it.stickiness,
            sort_order: it.sort_order,
            legal_values: it.legal_values.into_iter().map(Into::into).collect(),
        }
    }
}

/// A context field.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct ContextFieldSchema {
    /// Its name.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// Whether rollouts may stick to it.
    pub stickiness: bool,
    /// Smaller comes first.
    pub sort_order: i32,
    /// Values offered.
    pub legal_values: Vec<LegalValueSchema>,
    /// When it was made.
    pub created_at: String,
    /// How many projects use it; in lists only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_in_projects: Option<usize>,
    /// How many flags use it; in lists only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_in_features: Option<usize>,
    /// The one project it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
}

impl From<&ContextField> for ContextFieldSchema {
    fn from(it: &ContextField) -> Self {
        Self {
            name: it.name.to_string(),
            description: it.description.clone(),
            stickiness: it.stickiness,
            sort_order: it.sort_order,
            legal_values: it.legal_values.iter().map(Into::into).collect(),
            created_at: it.created_at.to_string(),
            used_in_projects: None,
            used_in_features: None,
            project: it.project.as_ref().map(ToString::to_string),
        }
    }
}

impl ContextFieldSchema {
    /// A field with how often it is used.
    pub(super) fn counted(state: &State, it: &ContextField) -> Self {
        let used = uses::count(state.users_of_context_field(it.name.as_str()));
        Self {
            used_in_projects: Some(used.projects),
            used_in_features: Some(used.flags),
            ..it.into()
        }
    }
}

/// Strategies with a constraint on a context field.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ContextFieldStrategiesSchema {
    /// The strategies.
    pub strategies: Vec<StrategyUseSchema>,
}
