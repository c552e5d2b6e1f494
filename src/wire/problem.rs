//! Bodies of error answers (contract CLIENT-API §1.5). Which one is used where is decided in `api::error`.

use serde::Serialize;
use utoipa::ToSchema;

/// Names of errors. A closed list: clients can rely on them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the reference's")]
pub enum ProblemName {
    ArchivedFeatureError,
    AuthenticationRequired,
    BadDataError,
    BadRequestError,
    ConflictError,
    ContentTypeError,
    ExceedsLimitError,
    FeatureHasTagError,
    ForbiddenError,
    InternalError,
    InvalidTokenError,
    InvalidOperationError,
    NameExistsError,
    NoAccessError,
    NotFoundError,
    NotImplementedError,
    OperationDeniedError,
    OwaspValidationError,
    PasswordMismatch,
    PasswordPreviouslyUsedError,
    PatternError,
    PermissionError,
    PreconditionFailedError,
    RateLimitError,
    UnauthorizedError,
    UnavailableError,
}

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Detail {
    /// What is wrong and what to do.
    pub message: String,
    /// Where in the request, such as `/body/name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl Detail {
    /// A detail without a place.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            path: None,
        }
    }

    /// A detail about a place.
    pub fn at(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            path: Some(path.into()),
        }
    }
}

/// An error as the admin API and the schema checks write it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Identifies this answer in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What kind of error it is.
    pub name: ProblemName,
    /// A sentence for people.
    pub message: String,
    /// What is wrong, thing by thing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
}

/// An error as the token checks and the HTTP layer write it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Message {
    /// A sentence for people.
    pub message: String,
}
