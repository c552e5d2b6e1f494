//! Service accounts: programs that use the admin API under a name of their own.

mod schema;

use std::sync::Arc;

use actix_web::{HttpResponse, delete, get, post, put, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::answer::{created, done, number_in_path};
use super::users::matrix::{MatrixQuery, UserPermissionsSchema};
use super::users::schema::{CreatePatSchema, PatSchema, PatsSchema};
use super::users::{id, made, submit, tokens};
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::Administer;
use crate::change::Writer;
use crate::domain::command::{AccountCommand, NewUser, UserChange};
use crate::domain::names::{RoleId, UserId};
use crate::domain::rejection::Rejection;
use crate::domain::state::State;
use crate::domain::user::{AccountKind, User};
use crate::snapshot::Hub;
use schema::{
    CreateServiceAccountSchema, ServiceAccountSchema, ServiceAccountsSchema,
    UpdateServiceAccountSchema,
};

/// Adds the routes of service accounts.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_service_accounts)
        .service(create_service_account)
        .service(update_service_account)
        .service(delete_service_account)
        .service(get_service_account_permissions)
        .service(get_service_account_tokens)
        .service(create_service_account_token)
        .service(delete_service_account_token);
}

fn all(state: &State) -> impl Iterator<Item = &Arc<User>> {
    let users = state.users.values();
    users.filter(|user| user.kind == AccountKind::Service)
}

fn known(state: &State, id: UserId) -> Result<&Arc<User>, Rejection> {
    let user = state.users.get(&id);
    user.filter(|user| user.kind == AccountKind::Service)
        .ok_or_else(|| Rejection::NotFound(format!("Could not find service account with id {id}")))
}

/// Lists service accounts with their tokens.
#[utoipa::path(
    tag = "Service Accounts",
    operation_id = "getServiceAccounts",
    responses((status = 200, body = ServiceAccountsSchema))
)]
#[get("/service-account")]
async fn get_service_accounts(_permit: Permit<Administer>, hub: web::Data<Hub>) -> HttpResponse {
    let snapshot = hub.load();
    let state = snapshot.state();
    HttpResponse::Ok().json(ServiceAccountsSchema {
        service_accounts: all(state)
            .map(|user| ServiceAccountSchema::new(state, user))
            .collect(),
        root_roles: state
            .all_roles()
            .filter(|role| role.kind.is_root())
            .map(Into::into)
            .collect(),
    })
}

/// Makes a service account.
#[utoipa::path(
    tag = "Service Accounts",
    operation_id = "createServiceAccount",
    request_body = CreateServiceAccountSchema,
    responses((status = 201, body = ServiceAccountSchema))
)]
#[post("/service-account")]
async fn create_service_account(
    permit: Permit<Administer>,
    body: Json<CreateServiceAccountSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let new = NewUser {
        kind: AccountKind::Service,
        username: Some(body.username),
        email: None,
        name: Some(body.name),
        root_role: RoleId(body.root_role),
        password: None,
        reset: None,
    };
    let done = submit(&writer, AccountCommand::Create(new), &permit).await?;
    let user = made(&done)?;
    let account = ServiceAccountSchema::new(done.snapshot.state(), &user);
    Ok(created(&user.id.to_string(), &account))
}

/// Changes a service account.
#[utoipa::path(
    tag = "Service Accounts",
    operation_id = "updateServiceAccount",
    request_body = UpdateServiceAccountSchema,
    responses((status = 200, body = ServiceAccountSchema))
)]
#[put("/service-account/{id}")]
async fn update_service_account(
    permit: Permit<Administer>,
    path: web::Path<String>,
    body: Json<UpdateServiceAccountSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let id = known(hub.load().state(), id(&path)?)?.id;
    let change = UserChange {
        name: body.0.name,
        root_role: body.0.root_role.map(RoleId),
        ..UserChange::default()
    };
    let done = submit(&writer, AccountCommand::Change(id, change), &permit).await?;
    let state = done.snapshot.state();
    Ok(HttpResponse::Ok().json(ServiceAccountSchema::new(state, known(state, id)?)))
}

/// Deletes a service account. Its tokens stop working at once.
#[utoipa::path(
    tag = "Service Accounts",
    operation_id = "deleteServiceAccount",
    responses((status = 200, description = "Deleted"))
)]
#[delete("/service-account/{id}")]
async fn delete_service_account(
    permit: Permit<Administer>,
    path: web::Path<String>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let id = known(hub.load().state(), id(&path)?)?.id;
    submit(&writer, AccountCommand::Delete(vec![id]), &permit).await?;
    Ok(done())
}

/// Says what a service account may do, everywhere or in a place.
#[utoipa::path(
    tag = "Auth",
    operation_id = "getServiceAccountPermissions",
    params(MatrixQuery),
    responses((status = 200, body = UserPermissionsSchema))
)]
#[get("/service-account/{id}/permissions")]
async fn get_service_account_permissions(
    _permit: Permit<Administer>,
    path: web::Path<String>,
    query: web::Query<MatrixQuery>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let snapshot = hub.load();
    let state = snapshot.state();
    let user = known(state, id(&path)?)?;
    Ok(HttpResponse::Ok().json(UserPermissionsSchema::new(state, user, &query)?))
}

/// Lists the tokens of a service account, without their secrets.
#[utoipa::path(
    tag = "Service Accounts",
    operation_id = "getServiceAccountTokens",
    responses((status = 200, body = PatsSchema))
)]
#[get("/service-account/{id}/token")]
async fn get_service_account_tokens(
    _permit: Permit<Administer>,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let snapshot = hub.load();
    let state = snapshot.state();
    let pats = tokens::of(state, known(state, id(&path)?)?.id);
    Ok(HttpResponse::Ok().json(PatsSchema { pats }))
}

/// Makes a token that acts as a service account. Its secret is shown in this answer only.
#[utoipa::path(
    tag = "Service Accounts",
    operation_id = "createServiceAccountToken",
    request_body = CreatePatSchema,
    responses((status = 201, body = PatSchema))
)]
#[post("/service-account/{id}/token")]
async fn create_service_account_token(
    permit: Permit<Administer>,
    path: web::Path<String>,
    body: Json<CreatePatSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let id = known(hub.load().state(), id(&path)?)?.id;
    let pat = tokens::make(id, body.into_inner(), &permit, &hub, &writer).await?;
    Ok(HttpResponse::Created().json(pat))
}

/// A token of a service account.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
struct TokenPath {
    /// The number of the account.
    id: String,
    /// The number of the token.
    token_id: String,
}

/// Deletes a token of a service account. It stops working at once.
#[utoipa::path(
    tag = "Service Accounts",
    operation_id = "deleteServiceAccountToken",
    params(TokenPath),
    responses((status = 200, description = "Deleted"))
)]
#[delete("/service-account/{id}/token/{tokenId}")]
async fn delete_service_account_token(
    permit: Permit<Administer>,
    path: web::Path<TokenPath>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let id = known(hub.load().state(), id(&path.id)?)?.id;
    let token = number_in_path("tokenId", &path.token_id)?.into();
    submit(&writer, AccountCommand::DeleteToken(id, token), &permit).await?;
    Ok(done())
}
