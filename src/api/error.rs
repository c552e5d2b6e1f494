//! The only type that becomes an HTTP error, and the shapes it takes (contract CLIENT-API §1.5).

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use thiserror::Error;
use uuid::Uuid;

use crate::change::{ChangeError, StandingError, Unreadable};
use crate::domain::rejection::Rejection;
use crate::wire::problem::{Detail, Message, Problem, ProblemName};

/// A request that could not be served.
#[derive(Debug, Error)]
pub enum ApiError {
    /// 401 on the SDK APIs: no token, or none we know.
    #[error(
        "This endpoint requires an API token. Please add an authorization header to your request with a valid token"
    )]
    TokenNeeded,
    /// 403: a token of another kind.
    #[error("invalid token: expected a different token type for this endpoint")]
    OtherTokenNeeded,
    /// 401 on the admin API without a token.
    #[error(
        "You must log in to use Burgee. Your request had no authorization header, so we could not authorize you."
    )]
    LoginNeeded,
    /// 401 on the admin API with an unknown token.
    #[error("You must log in to use Burgee.")]
    Unauthorized,
    /// 403: the caller lacks every one of these permissions.
    #[error(
        "You don't have the required permissions to perform this operation. To perform this action, you need {}.",
        needed(.0)
    )]
    NotAllowed(Vec<&'static str>),
    /// 403: a user has to do it, not a token of nobody.
    #[error("{0}")]
    UserNeeded(&'static str),
    /// 403: a page of somebody else made a browser ask.
    #[error(
        "A page of another site asked for this with your cookie, so it was refused. Programs use a token instead."
    )]
    ForeignPage,
    /// 401: a wrong name or password; which one is not told.
    #[error(
        "The combination of password and username you provided is invalid. If you have forgotten your password, ask \
         an administrator for a link to choose another."
    )]
    WrongPassword,
    /// 403: passwords are not taken.
    #[error("Signing in with a password is switched off.")]
    PasswordsDisabled,
    /// 400: a password breaks rules.
    #[error("{}", .0.first().unwrap_or(&"The password breaks the rules."))]
    WeakPassword(Vec<&'static str>),
    /// 400: a password that was used before.
    #[error("You've previously used this password. Please use a new password.")]
    UsedPassword,
    /// 401: a link that does not work, or not any more.
    #[error("Token was not valid")]
    InvalidLink,
    /// 429: too many attempts; try again in so many seconds.
    #[error("Too many attempts. Please try again in {0} seconds.")]
    TooManyAttempts(i64),
    /// 404: no such path.
    #[error("The path you were looking for ({0}) is not available.")]
    NoSuchPath(String),
    /// 405: a path of the reference's older frontend API.
    #[error("The frontend API does not support this endpoint.")]
    NotSupported,
    /// 413: more bytes than the limit, counted after inflation.
    #[error("request entity too large")]
    BodyTooLarge,
    /// 415: a content encoding we do not inflate.
    #[error("unsupported content encoding \"{0}\"")]
    ContentEncoding(String),
    /// 400: the body is not JSON.
    #[error("{0}")]
    MalformedJson(String),
    /// 415: the body is of another type.
    #[error(
        "We do not accept the content-type you provided ({}). Try using one of the content-types we do accept instead \
         (application/json) and make sure the body is in the corresponding format.",
        .0.as_deref().unwrap_or("you didn't provide one")
    )]
    ContentType(Option<String>),
    /// 400: the body or the parameters break the schema.
    #[error(
        "Request validation failed: your request body or params contain invalid data. Refer to the `details` list for \
         more information."
    )]
    Schema(Vec<Detail>),
    /// 400: the query string breaks the rules. Told without an id.
    #[error(
        "Request validation failed: your request body or params contain invalid data. Refer to the `details` list for \
         more information."
    )]
    BadQuery(Vec<Detail>),
    /// 400: a document breaks its schema after a patch. Told without an id.
    #[error(
        "Request validation failed: your request body or params contain invalid data. Refer to the `details` list for \
         more information."
    )]
    PatchedSchema(Vec<Detail>),
    /// 403: a patch touches what is changed in another way.
    #[error("{0}")]
    OperationDenied(&'static str),
    /// 400 without a body, as the reference answers the second stage of metrics validation.
    #[error("the report is not valid")]
    InvalidReport,
    /// 412: `If-Match` names another version.
    #[error(
        "It has changed since you read it: the tag in `If-Match` is not that of the present version."
    )]
    Outdated,
    /// The state a write was bound to is no longer the newest; `versions` begins anew and no caller sees it.
    #[error("the configuration has changed meanwhile")]
    Moved,
    /// A command was refused.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// 503: the store cannot be reached; reads go on.
    #[error("the store cannot be reached, so nothing was changed. Try again in a few seconds.")]
    StoreUnavailable(#[source] anyhow::Error),
    /// 503: the store no longer holds what is served, in these words; reads go on.
    #[error(
        "the store does not hold what this node serves, so nothing was changed: {0}. An administrator has to decide which          is right: burgee store reseed, or burgee store adopt."
    )]
    StoreDiverged(String),
    /// 500: a fault of ours. Logged with its id; the caller sees only the id.
    #[error("Something went wrong on our side. The log has more under this id.")]
    Internal(#[source] anyhow::Error),
}

impl From<ChangeError> for ApiError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Rejected(rejection) => Self::Rejected(rejection),
            ChangeError::Moved => Self::Moved,
            ChangeError::Diverged(what) => Self::StoreDiverged(what),
            error @ (ChangeError::Store(_) | ChangeError::Contended) => {
                Self::StoreUnavailable(error.into())
            }
        }
    }
}

impl From<StandingError> for ApiError {
    fn from(error: StandingError) -> Self {
        match error {
            StandingError::Store(error) => Self::StoreUnavailable(error.into()),
            refused @ (StandingError::NotShared | StandingError::Agreed | StandingError::Empty) => {
                Self::Rejected(Rejection::InUse(refused.to_string()))
            }
        }
    }
}

impl From<Unreadable> for ApiError {
    fn from(error: Unreadable) -> Self {
        Self::StoreUnavailable(error.into())
    }
}

/// Keys the reference adds when a person has to sign in.
#[derive(Serialize)]
struct LoginProblem {
    #[serde(flatten)]
    problem: Problem,
    path: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "defaultHidden")]
    default_hidden: bool,
}

/// Says which permissions would do.
#[derive(Serialize)]
struct PermissionProblem<'p> {
    #[serde(flatten)]
    problem: Problem,
    permissions: &'p [&'static str],
}

/// Says which rules a password breaks.
#[derive(Serialize)]
struct PasswordProblem<'p> {
    name: ProblemName,
    message: String,
    details: [BrokenRules<'p>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BrokenRules<'p> {
    validation_errors: &'p [&'static str],
    message: String,
}

/// `the "A" permission`, or `one of the following permissions: "A", "B"`.
fn needed(permissions: &[&str]) -> String {
    match permissions {
        [one] => format!("the \"{one}\" permission"),
        several => {
            let quoted: Vec<String> = several.iter().map(|it| format!("\"{it}\"")).collect();
            format!("one of the following permissions: {}", quoted.join(", "))
        }
    }
}

impl ApiError {
    /// The error's name where the body has one.
    fn name(&self) -> ProblemName {
        match self {
            Self::LoginNeeded => ProblemName::AuthenticationRequired,
            Self::TokenNeeded | Self::Unauthorized => ProblemName::UnauthorizedError,
            Self::OtherTokenNeeded => ProblemName::NoAccessError,
            Self::NotAllowed(_) => ProblemName::PermissionError,
            Self::UserNeeded(_) | Self::ForeignPage | Self::PasswordsDisabled => {
                ProblemName::ForbiddenError
            }
            Self::WrongPassword => ProblemName::PasswordMismatch,
            Self::WeakPassword(_) => ProblemName::OwaspValidationError,
            Self::UsedPassword => ProblemName::PasswordPreviouslyUsedError,
            Self::InvalidLink => ProblemName::InvalidTokenError,
            Self::TooManyAttempts(_) => ProblemName::RateLimitError,
            Self::NoSuchPath(_) => ProblemName::NotFoundError,
            Self::NotSupported => ProblemName::NotImplementedError,
            Self::ContentType(_) => ProblemName::ContentTypeError,
            Self::BodyTooLarge | Self::ContentEncoding(_) | Self::MalformedJson(_) => {
                ProblemName::BadRequestError
            }
            Self::Schema(_) | Self::BadQuery(_) | Self::PatchedSchema(_) | Self::InvalidReport => {
                ProblemName::BadDataError
            }
            Self::OperationDenied(_) => ProblemName::OperationDeniedError,
            Self::Outdated | Self::Moved => ProblemName::PreconditionFailedError,
            Self::Rejected(rejection) => rejection_name(rejection),
            Self::StoreUnavailable(_) | Self::StoreDiverged(_) => ProblemName::UnavailableError,
            Self::Internal(_) => ProblemName::InternalError,
        }
    }

    fn details(&self) -> Vec<Detail> {
        match self {
            Self::Schema(details) | Self::BadQuery(details) | Self::PatchedSchema(details) => {
                details.clone()
            }
            _ => vec![Detail::new(self.to_string())],
        }
    }

    fn problem(&self, id: Option<String>) -> Problem {
        Problem {
            id,
            name: self.name(),
            message: self.headline(),
            details: self.details(),
        }
    }

    /// The sentence above the details. For data that breaks a rule it says so first, as the reference does.
    fn headline(&self) -> String {
        match self {
            Self::Rejected(Rejection::Invalid { .. }) => Self::Schema(Vec::new()).to_string(),
            Self::Rejected(Rejection::BadData(message)) => format!(
                "Request validation failed: your request body or params contain invalid data: {message}"
            ),
            _ => self.to_string(),
        }
    }

    /// Logs what the caller is not told, under the id the caller is given.
    fn logged(&self, cause: &anyhow::Error) -> Problem {
        let id = Uuid::new_v4().to_string();
        tracing::error!(%id, cause = format!("{cause:#}"), "a request failed");
        self.problem(Some(id))
    }
}

fn rejection_name(rejection: &Rejection) -> ProblemName {
    match rejection {
        Rejection::NotFound(_) => ProblemName::NotFoundError,
        Rejection::NameTaken(_) => ProblemName::NameExistsError,
        Rejection::Invalid { .. } | Rejection::BadData(_) => ProblemName::BadDataError,
        Rejection::InUse(_) => ProblemName::ConflictError,
        Rejection::Limit { .. } => ProblemName::ExceedsLimitError,
        Rejection::InvalidOperation(_) => ProblemName::InvalidOperationError,
        Rejection::Archived => ProblemName::ArchivedFeatureError,
        Rejection::PatternMismatch(_) => ProblemName::PatternError,
    }
}

fn rejection_status(rejection: &Rejection) -> StatusCode {
    match rejection {
        Rejection::NotFound(_) => StatusCode::NOT_FOUND,
        Rejection::NameTaken(_) | Rejection::InUse(_) => StatusCode::CONFLICT,
        Rejection::Invalid { .. }
        | Rejection::BadData(_)
        | Rejection::Archived
        | Rejection::PatternMismatch(_)
        | Rejection::Limit { .. } => StatusCode::BAD_REQUEST,
        Rejection::InvalidOperation(_) => StatusCode::FORBIDDEN,
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::TokenNeeded
            | Self::LoginNeeded
            | Self::Unauthorized
            | Self::WrongPassword
            | Self::InvalidLink => StatusCode::UNAUTHORIZED,
            Self::OtherTokenNeeded
            | Self::OperationDenied(_)
            | Self::NotAllowed(_)
            | Self::UserNeeded(_)
            | Self::PasswordsDisabled
            | Self::ForeignPage => StatusCode::FORBIDDEN,
            Self::WeakPassword(_) | Self::UsedPassword => StatusCode::BAD_REQUEST,
            Self::TooManyAttempts(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::NoSuchPath(_) => StatusCode::NOT_FOUND,
            Self::NotSupported => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ContentEncoding(_) | Self::ContentType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::MalformedJson(_)
            | Self::Schema(_)
            | Self::BadQuery(_)
            | Self::PatchedSchema(_)
            | Self::InvalidReport => StatusCode::BAD_REQUEST,
            Self::Outdated | Self::Moved => StatusCode::PRECONDITION_FAILED,
            Self::Rejected(rejection) => rejection_status(rejection),
            Self::StoreUnavailable(_) | Self::StoreDiverged(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::VARY, HeaderValue::from_static("Accept-Encoding")));
        if !matches!(self, Self::InvalidReport) {
            let json = HeaderValue::from_static("application/json; charset=utf-8");
            response.insert_header((header::CONTENT_TYPE, json));
        }
        match self {
            Self::InvalidReport => response.finish(),
            Self::TokenNeeded
            | Self::OtherTokenNeeded
            | Self::BodyTooLarge
            | Self::ContentEncoding(_)
            | Self::MalformedJson(_) => response.json(Message {
                message: self.to_string(),
            }),
            Self::LoginNeeded => response.json(LoginProblem {
                problem: self.problem(Some(Uuid::new_v4().to_string())),
                path: "/auth/simple/login",
                kind: "password",
                default_hidden: false,
            }),
            Self::NotAllowed(permissions) => response.json(PermissionProblem {
                problem: self.problem(Some(Uuid::new_v4().to_string())),
                permissions,
            }),
            Self::WeakPassword(rules) => response.json(PasswordProblem {
                name: self.name(),
                message: self.to_string(),
                details: [BrokenRules {
                    validation_errors: rules,
                    message: self.to_string(),
                }],
            }),
            Self::TooManyAttempts(seconds) => response
                .insert_header((header::RETRY_AFTER, seconds.to_string()))
                .json(self.problem(None)),
            Self::UserNeeded(_)
            | Self::PasswordsDisabled
            | Self::ForeignPage
            | Self::WrongPassword
            | Self::UsedPassword
            | Self::InvalidLink
            | Self::Rejected(_)
            | Self::BadQuery(_)
            | Self::PatchedSchema(_)
            | Self::Outdated
            | Self::Moved
            | Self::OperationDenied(_) => response.json(self.problem(None)),
            Self::StoreUnavailable(cause) => response
                .insert_header((header::RETRY_AFTER, HeaderValue::from_static("5")))
                .json(self.logged(cause)),
            Self::StoreDiverged(_) => response
                .insert_header((header::RETRY_AFTER, HeaderValue::from_static("30")))
                .json(self.problem(None)),
            Self::Internal(cause) => response.json(self.logged(cause)),
            Self::Unauthorized
            | Self::NoSuchPath(_)
            | Self::NotSupported
            | Self::ContentType(_)
            | Self::Schema(_) => response.json(self.problem(Some(Uuid::new_v4().to_string()))),
        }
    }
}
