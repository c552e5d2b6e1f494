//! The shapes of API tokens.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::api_token::{ApiToken, TokenKind, TokenProjects};
use crate::domain::document::{project_names, token_kind};
use crate::domain::names::{EnvironmentName, ProjectId};
use crate::domain::rejection::Rejection;

/// The environment of tokens that name none.
const DEFAULT_ENVIRONMENT: &str = "development";

/// What every new token says about itself. The kind may be written in any case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateApiTokenSchema {
    /// What it is for: `backend` (or its older name `client`), `frontend`, or `admin`.
    #[serde(rename = "type")]
    #[schema(
        pattern = "^([Cc][Ll][Ii][Ee][Nn][Tt]|[Bb][Aa][Cc][Kk][Ee][Nn][Dd]|[Ff][Rr][Oo][Nn][Tt][Ee][Nn][Dd]|[Aa][Dd][Mm][Ii][Nn])$"
    )]
    pub kind: String,
    /// A name for people.
    pub token_name: String,
    /// The environment it sees; `development` when left out.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub environment: Option<String>,
    /// The projects it sees; `*`, also among others, is all of them.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    pub projects: Option<Vec<String>>,
    /// When it stops working.
    #[serde(default)]
    #[schema(value_type = String, required = false, format = DateTime)]
    pub expires_at: Option<String>,
}

/// A new token of one project.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateProjectApiTokenSchema {
    /// What it is for: `backend` (or its older name `client`) or `frontend`.
    #[serde(rename = "type")]
    #[schema(
        pattern = "^([Cc][Ll][Ii][Ee][Nn][Tt]|[Bb][Aa][Cc][Kk][Ee][Nn][Dd]|[Ff][Rr][Oo][Nn][Tt][Ee][Nn][Dd])$"
    )]
    pub kind: String,
    /// A name for people.
    pub token_name: String,
    /// The environment it sees; `development` when left out.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub environment: Option<String>,
    /// When it stops working.
    #[serde(default)]
    #[schema(value_type = String, required = false, format = DateTime)]
    pub expires_at: Option<String>,
}

impl CreateProjectApiTokenSchema {
    /// The same wish, bound to a project.
    pub(super) fn in_project(self, project: String) -> CreateApiTokenSchema {
        CreateApiTokenSchema {
            kind: self.kind,
            token_name: self.token_name,
            environment: self.environment,
            projects: Some(vec![project]),
            expires_at: self.expires_at,
        }
    }
}

/// What a new token may do and see: the wish, checked for its form.
#[derive(Debug)]
pub(super) struct TokenScope {
    pub kind: TokenKind,
    pub projects: TokenProjects,
    pub environment: Option<EnvironmentName>,
}

impl CreateApiTokenSchema {
    /// Checks the form of the wish.
    pub(super) fn scope(&self) -> Result<TokenScope, Rejection> {
        if self.token_name.is_empty() {
            return Err(Rejection::empty("tokenName"));
        }
        let (kind, refused) = match self.kind.to_ascii_lowercase().as_str() {
            "admin" => return self.admin_scope(),
            "frontend" => (TokenKind::Frontend, "Frontend"),
            _ => (TokenKind::Backend, "Client"),
        };
        let environment = self.environment.as_deref().unwrap_or(DEFAULT_ENVIRONMENT);
        if environment.is_empty() {
            return Err(Rejection::empty("environment"));
        }
        if environment == "*" {
            return Err(Rejection::bad_data(format!(
                "{refused} token cannot be scoped to all environments"
            )));
        }
        Ok(TokenScope {
            kind,
            projects: self.wished_projects()?,
            environment: Some(EnvironmentName::trusted(environment)),
        })
    }

    fn admin_scope(&self) -> Result<TokenScope, Rejection> {
        let all = |name: Option<&str>| name.is_none_or(|name| name == "*");
        if !all(self.environment.as_deref()) || self.wished_projects()? != TokenProjects::All {
            return Err(Rejection::bad_data(
                "Admin token cannot be scoped to a project or an environment",
            ));
        }
        Ok(TokenScope {
            kind: TokenKind::Admin,
            projects: TokenProjects::All,
            environment: None,
        })
    }

    fn wished_projects(&self) -> Result<TokenProjects, Rejection> {
        match &self.projects {
            None => Ok(TokenProjects::All),
            Some(list) if list.is_empty() => Err(Rejection::invalid(
                "projects",
                "\"projects\" must contain at least 1 items. You provided [].",
            )),
            Some(list) if list.iter().any(|id| id == "*") => Ok(TokenProjects::All),
            Some(list) => Ok(TokenProjects::Only(
                list.iter().map(|id| ProjectId::trusted(id)).collect(),
            )),
        }
    }
}

/// When a token stops working.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdateApiTokenSchema {
    /// The instant.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

/// A token.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct ApiTokenSchema {
    /// The secret in the answer that made it; a handle everywhere else.
    pub secret: String,
    /// A name for people.
    pub token_name: String,
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: String,
    /// The projects it sees, separated by commas.
    pub project: String,
    /// The projects it sees.
    pub projects: Vec<String>,
    /// The environment it sees.
    pub environment: String,
    /// When it stops working. Left out of the answer that made a token that does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Option<String>>,
    /// When it was made.
    pub created_at: String,
    /// Never shown.
    pub alias: Option<String>,
    /// When it was last used; not in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Option<String>>,
    /// Whether the server stores nothing but a hash, in the reference's newer format. Always false: ours has the
    /// older format, and stores nothing but a hash all the same.
    pub secure: bool,
}

/// What a token is called where its secret may not be shown: the visible part and the beginning of its hash.
pub(in crate::api::admin) fn handle(token: &ApiToken) -> String {
    let hash = token.hash.to_hex();
    let beginning: String = hash.chars().take(12).collect();
    format!("{}{beginning}…", token.visible_prefix)
}

impl From<&ApiToken> for ApiTokenSchema {
    fn from(it: &ApiToken) -> Self {
        let projects = project_names(&it.projects);
        Self {
            secret: handle(it),
            token_name: it.name.clone(),
            kind: token_kind(it.kind).into(),
            project: projects.join(","),
            projects: projects.into_iter().map(Into::into).collect(),
            environment: it
                .environment
                .as_ref()
                .map_or_else(|| "*".into(), ToString::to_string),
            expires_at: Some(it.expires_at.map(|time| time.to_string())),
            created_at: it.created_at.to_string(),
            alias: None,
            seen_at: Some(None),
            secure: false,
        }
    }
}

impl ApiTokenSchema {
    /// The one answer that shows the secret, and the kind as the caller wrote it.
    pub(super) fn made(token: &ApiToken, secret: &str, kind: &str) -> Self {
        let shown = Self::from(token);
        Self {
            secret: secret.into(),
            kind: kind.to_ascii_lowercase(),
            expires_at: shown.expires_at.filter(Option::is_some),
            seen_at: None,
            ..shown
        }
    }
}

/// Tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ApiTokensSchema {
    /// The tokens.
    pub tokens: Vec<ApiTokenSchema>,
}
