//! API tokens. Secrets are shown once, in the answer that makes a token; lists show handles, which every call that
//! takes a secret in its path takes as well.

mod making;
mod rights;
mod schema;

use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};

use super::answer::done;
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit, Somewhere, now};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{CreateApiToken, DeleteApiToken, ReadApiToken, UpdateApiToken};
use crate::change::Writer;
use crate::domain::api_token::{TokenKind, TokenProjects};
use crate::domain::command::{Command, TokenCommand};
use crate::domain::names::ProjectId;
use crate::domain::rejection::Rejection;
use crate::snapshot::Hub;
use schema::{
    ApiTokenSchema, ApiTokensSchema, CreateApiTokenSchema, CreateProjectApiTokenSchema,
    UpdateApiTokenSchema,
};

/// Adds the routes of API tokens.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_all_api_tokens)
        .service(create_api_token)
        .service(get_api_tokens_by_name)
        .service(update_api_token)
        .service(delete_api_token)
        .service(get_project_api_tokens)
        .service(create_project_api_token)
        .service(delete_project_api_token);
}

/// Lists tokens, without their secrets.
#[utoipa::path(
    tag = "API tokens",
    operation_id = "getAllApiTokens",
    responses((status = 200, body = ApiTokensSchema))
)]
#[get("/api-tokens")]
async fn get_all_api_tokens(caller: Somewhere<ReadApiToken>, hub: web::Data<Hub>) -> HttpResponse {
    let permit = caller.for_each();
    making::list(&hub, |token| rights::READ.allows(&permit, token))
}

/// Makes a token. Its secret is shown in this answer only.
#[utoipa::path(
    tag = "API tokens",
    operation_id = "createApiToken",
    request_body = CreateApiTokenSchema,
    responses((status = 201, body = ApiTokenSchema))
)]
#[post("/api-tokens")]
async fn create_api_token(
    caller: Somewhere<CreateApiToken>,
    request: HttpRequest,
    body: Json<CreateApiTokenSchema>,
    writer: web::Data<Writer>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let (permit, now) = (caller.for_each(), now(&request));
    making::create(&writer, &hub, &permit, now, body.into_inner()).await
}

/// Lists tokens of one name, without their secrets.
#[utoipa::path(
    tag = "API tokens",
    operation_id = "getApiTokensByName",
    responses((status = 200, body = ApiTokensSchema))
)]
#[get("/api-tokens/{name}")]
async fn get_api_tokens_by_name(
    caller: Somewhere<ReadApiToken>,
    name: web::Path<String>,
    hub: web::Data<Hub>,
) -> HttpResponse {
    let permit = caller.for_each();
    making::list(&hub, |token| {
        token.name == *name && rights::READ.allows(&permit, token)
    })
}

/// Says when a token stops working. An unknown one is passed over, as with the reference.
#[utoipa::path(
    tag = "API tokens",
    operation_id = "updateApiToken",
    request_body = UpdateApiTokenSchema,
    responses((status = 200, description = "Done"))
)]
#[put("/api-tokens/{token}")]
async fn update_api_token(
    caller: Somewhere<UpdateApiToken>,
    token: web::Path<String>,
    body: Json<UpdateApiTokenSchema>,
    writer: web::Data<Writer>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let end = making::instant(&body.into_inner().expires_at)?;
    let permit = caller.for_each();
    if let Some(hash) = making::find_for(&rights::UPDATE, &permit, &hub, &token)? {
        let wish = Command::Token(TokenCommand::Expire(hash, Some(end)));
        writer.submit(&wish, permit.actor()).await?;
    }
    Ok(done())
}

/// Deletes a token. It stops working at once.
#[utoipa::path(
    tag = "API tokens",
    operation_id = "deleteApiToken",
    responses((status = 200, description = "Done"))
)]
#[delete("/api-tokens/{token}")]
async fn delete_api_token(
    caller: Somewhere<DeleteApiToken>,
    token: web::Path<String>,
    writer: web::Data<Writer>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let permit = caller.for_each();
    if let Some(hash) = making::find_for(&rights::DELETE, &permit, &hub, &token)? {
        let wish = Command::Token(TokenCommand::Delete(hash));
        writer.submit(&wish, permit.actor()).await?;
    }
    Ok(done())
}

/// Lists tokens that see a project by name, without their secrets.
#[utoipa::path(
    tag = "Projects",
    operation_id = "getProjectApiTokens",
    responses((status = 200, body = ApiTokensSchema))
)]
#[get("/projects/{projectId}/api-tokens")]
async fn get_project_api_tokens(
    _permit: Permit<ReadApiToken>,
    project: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    making::check_project(&hub, &project)?;
    Ok(making::list(&hub, |token| {
        let named =
            matches!(&token.projects, TokenProjects::Only(some) if some.contains(project.as_str()));
        named && token.kind != TokenKind::Admin
    }))
}

/// Makes a token of one project.
#[utoipa::path(
    tag = "Projects",
    operation_id = "createProjectApiToken",
    request_body = CreateProjectApiTokenSchema,
    responses((status = 201, body = ApiTokenSchema))
)]
#[post("/projects/{projectId}/api-tokens")]
async fn create_project_api_token(
    permit: Permit<CreateApiToken>,
    request: HttpRequest,
    project: web::Path<String>,
    body: Json<CreateProjectApiTokenSchema>,
    writer: web::Data<Writer>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    making::check_project(&hub, &project)?;
    let body = body.into_inner().in_project(project.into_inner());
    making::create(&writer, &hub, &permit, now(&request), body).await
}

/// Deletes a token of one project.
#[utoipa::path(
    tag = "Projects",
    operation_id = "deleteProjectApiToken",
    responses((status = 200, description = "Done"))
)]
#[delete("/projects/{projectId}/api-tokens/{token}")]
async fn delete_project_api_token(
    permit: Permit<DeleteApiToken>,
    path: web::Path<(String, String)>,
    writer: web::Data<Writer>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let (project, token) = path.into_inner();
    let hash = making::find_for(&rights::DELETE, &permit, &hub, &token)?
        .ok_or_else(|| Rejection::NotFound("No such token".into()))?;
    let wish = TokenCommand::DeleteInProject(ProjectId::trusted(&project), hash);
    writer.submit(&Command::Token(wish), permit.actor()).await?;
    Ok(done())
}
