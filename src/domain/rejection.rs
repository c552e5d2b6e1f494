//! Why a command was refused. The only error of the domain.

use thiserror::Error;

/// A refusal with a sentence for the caller. Which HTTP status it becomes is decided in `api`.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Rejection {
    /// The thing named does not exist (404).
    #[error("{0}")]
    NotFound(String),
    /// The name is taken (409).
    #[error("{0}")]
    NameTaken(String),
    /// A value breaks a rule (400).
    #[error("{message}")]
    Invalid {
        /// The field, as the caller wrote it; empty when the rule concerns several.
        field: String,
        /// What is wrong and what to do.
        message: String,
    },
    /// The wish makes no sense in the present state, or a value breaks a rule that is not about its form alone (400).
    #[error("{0}")]
    BadData(String),
    /// Something else still uses the thing (409).
    #[error("{0}")]
    InUse(String),
    /// The state forbids the operation as such (403).
    #[error("{0}")]
    InvalidOperation(String),
    /// An archived flag cannot be switched (400).
    #[error("Cannot perform this operation on archived features")]
    Archived,
    /// A project's rule for flag names is broken (400).
    #[error("{0}")]
    PatternMismatch(String),
    /// A configured limit is reached (400).
    #[error(
        "Failed to create {resource}. You can't create more than the established limit of {limit}."
    )]
    Limit {
        /// What there would be too many of.
        resource: String,
        /// The limit.
        limit: usize,
    },
}

impl Rejection {
    /// A wish that makes no sense in the present state.
    pub fn bad_data(message: impl Into<String>) -> Self {
        Self::BadData(message.into())
    }

    /// A broken rule about one field, in the reference's words: `"field" rule. You provided value.`
    #[must_use]
    pub fn broken_rule(field: &str, rule: &str, given: &serde_json::Value) -> Self {
        Self::invalid(field, format!("\"{field}\" {rule}. You provided {given}."))
    }

    /// A field that must not be empty.
    #[must_use]
    pub fn empty(field: &str) -> Self {
        Self::invalid(field, format!("\"{field}\" is not allowed to be empty."))
    }

    /// A broken rule about one field.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid {
            field: field.into(),
            message: message.into(),
        }
    }
}
