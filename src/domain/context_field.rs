//! Context fields: what applications say about a user or request.

use serde::{Deserialize, Serialize};

use super::names::{ContextFieldName, ProjectId};
use super::time::Timestamp;

/// A value a form offers for a context field.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LegalValue {
    /// The value.
    pub value: String,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A context field that forms offer. Fields without an entry work in SDKs all the same.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ContextField {
    /// Unique in the instance.
    pub name: ContextFieldName,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether rollouts may stick to it.
    #[serde(default)]
    pub stickiness: bool,
    /// Smaller comes first.
    pub sort_order: i32,
    /// Values offered; empty means any.
    #[serde(default)]
    pub legal_values: Vec<LegalValue>,
    /// When set, the field is offered in this project only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectId>,
    /// When it was made.
    pub created_at: Timestamp,
}
