//! What Unleash Edge calls to learn about tokens (contract CLIENT-API §10).

use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Json, now};
use super::finish::finish;
use crate::api::registration::ServiceConfig;
use crate::auth::tokens;
use crate::domain::api_token::{ApiToken, TokenKind, TokenProjects};
use crate::snapshot::Hub;
use crate::wire::edge_tokens::{EdgeToken, TokenStringList, ValidatedEdgeTokens};

/// Adds the routes below `/edge`.
pub fn routes(config: &mut ServiceConfig) {
    let routes = |config: &mut ServiceConfig<'_>| {
        config.service(validate).service(issue_token);
    };
    config.scope("/edge", routes, |scope| scope.wrap(from_fn(finish)));
}

/// Tells which of the tokens are valid and what they may see. Whoever asks has the secrets already.
#[utoipa::path(tag = "Unleash Edge", operation_id = "getValidTokens", request_body = TokenStringList, responses(
    (status = 200, body = ValidatedEdgeTokens),
))]
#[post("/validate")]
async fn validate(
    request: HttpRequest,
    body: Json<TokenStringList>,
    hub: Data<Hub>,
) -> HttpResponse {
    let (snapshot, now) = (hub.load(), now(&request));
    let known = body.into_inner().tokens.into_iter().filter_map(|secret| {
        let token = tokens::find(&snapshot, &secret, now)?;
        Some(describe(secret, token))
    });
    HttpResponse::Ok().json(ValidatedEdgeTokens {
        tokens: known.collect(),
    })
}

/// An environment and projects to be seen there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EdgeEnvironmentProjects {
    #[expect(
        dead_code,
        reason = "checked, and of no use to a server without Edge's secret"
    )]
    environment: String,
    #[expect(dead_code, reason = "as above")]
    projects: Vec<String>,
}

/// Tokens that Edge would like to have.
#[derive(Debug, Deserialize, ToSchema)]
struct EdgeEnvironmentProjectsListSchema {
    #[expect(dead_code, reason = "as above")]
    tokens: Vec<EdgeEnvironmentProjects>,
}

/// Why Edge gets no tokens.
#[derive(Debug, Serialize, ToSchema)]
struct EdgeRefusalSchema {
    /// In words.
    error: &'static str,
}

/// Refuses to make tokens for Edge: that needs a secret which Edge and this server share, and there is none.
#[utoipa::path(
    tag = "Unleash Edge",
    operation_id = "edgeCreateOrReturnTokens",
    request_body = EdgeEnvironmentProjectsListSchema,
    responses((status = 401, description = "There is no shared secret", body = EdgeRefusalSchema))
)]
#[post("/issue-token")]
async fn issue_token(_body: Json<EdgeEnvironmentProjectsListSchema>) -> HttpResponse {
    HttpResponse::Unauthorized().json(EdgeRefusalSchema {
        error: "Missing HMAC authorization header",
    })
}

fn describe(secret: String, token: &ApiToken) -> EdgeToken {
    let environment = token.environment.as_ref();
    EdgeToken {
        kind: match token.kind {
            TokenKind::Backend if secret.contains(".v2_") => "backend",
            TokenKind::Backend => "client",
            TokenKind::Frontend => "frontend",
            TokenKind::Admin => "admin",
        },
        projects: match &token.projects {
            TokenProjects::All => vec!["*".into()],
            TokenProjects::Only(projects) => projects.iter().map(ToString::to_string).collect(),
        },
        environment: environment.map_or_else(|| "*".into(), ToString::to_string),
        token: secret,
    }
}
