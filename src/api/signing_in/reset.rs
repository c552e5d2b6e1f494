//! Choosing a password through a link.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::login::{account, hash_of};
use super::{AccountRules, password};
use crate::api::admin::{RoleSchema, ValidatePasswordSchema};
use crate::api::error::ApiError;
use crate::api::extract::{Json, now};
use crate::auth::attempts::Attempts;
use crate::change::Writer;
use crate::domain::api_token::TokenHash;
use crate::domain::command::{AccountCommand, Command};
use crate::domain::event::Actor;
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::snapshot::Hub;

/// The secret of a link.
#[derive(Deserialize, IntoParams)]
pub(super) struct LinkQuery {
    /// The secret.
    token: Option<String>,
}

/// Whom a link is for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenUserSchema {
    /// The number.
    id: i64,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The address, or the name to sign in with.
    email: String,
    /// The secret of the link, which the caller knows.
    token: String,
    /// Who asked for the link.
    created_by: String,
    /// What the user may do everywhere.
    role: RoleSchema,
}

/// Says whom a link is for.
#[utoipa::path(
    tag = "Auth",
    operation_id = "validateToken",
    params(LinkQuery),
    responses(
        (status = 200, body = TokenUserSchema),
        (status = 401, description = "The link does not work, or not any more"),
    )
)]
#[get("/auth/reset/validate")]
pub(super) async fn validate_token(
    request: HttpRequest,
    query: web::Query<LinkQuery>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let secret = query.into_inner().token.unwrap_or_default();
    let hash = hash_of(&hub, &secret)?;
    let user = user_with(&hub, hash, now(&request)).ok_or(ApiError::InvalidLink)?;
    let snapshot = hub.load();
    let role = snapshot.state().known_role(user.root_role)?;
    let created_by = user.reset.as_ref().map(|it| it.created_by.clone());
    Ok(HttpResponse::Ok().json(TokenUserSchema {
        id: user.id.0,
        name: user.name.clone(),
        email: user.label(),
        token: secret,
        created_by: created_by.unwrap_or_default(),
        role: role.into(),
    }))
}

fn user_with(hub: &Hub, hash: TokenHash, now: Timestamp) -> Option<Arc<User>> {
    let snapshot = hub.load();
    let works = |user: &&Arc<User>| {
        let reset = user.reset.as_ref();
        reset.is_some_and(|it| it.hash == hash && now < it.expires_at)
    };
    let found = snapshot.state().users.values().find(works);
    found.map(Arc::clone)
}

/// A password chosen through a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangePasswordSchema {
    /// The secret of the link.
    token: String,
    /// The password.
    password: String,
}

/// Chooses a password. The link is used up, and all sessions end.
#[utoipa::path(
    tag = "Auth",
    operation_id = "changePassword",
    request_body = ChangePasswordSchema,
    responses(
        (status = 200, description = "Done"),
        (status = 403, description = "Passwords are switched off"),
        (status = 401, description = "The link does not work, or not any more"),
    )
)]
#[post("/auth/reset/password")]
pub(super) async fn change_password(
    request: HttpRequest,
    body: Json<ChangePasswordSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
    attempts: web::Data<Attempts>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    password::check_taken(hub.load().state())?;
    let hash = hash_of(&hub, &body.token)?;
    let user = user_with(&hub, hash, now(&request)).ok_or(ApiError::InvalidLink)?;
    let key = password::hash_key(hub.load().state())?;
    let chosen = password::hashed(key, body.password, user.former_passwords.clone()).await?;
    let actor = Actor {
        name: user.label(),
        user_id: user.id.0,
        ip: request.peer_addr().map(|address| address.ip().to_string()),
    };
    let wish = Command::Account(AccountCommand::UseReset(hash, chosen));
    writer.submit(&wish, &actor).await?;
    // Whoever has the link may try again at once.
    attempts.succeeded(&user.label());
    Ok(HttpResponse::Ok().finish())
}

/// Says whether a password keeps the rules.
#[utoipa::path(
    tag = "Auth",
    operation_id = "validatePassword",
    request_body = ValidatePasswordSchema,
    responses((status = 200, description = "It does"), (status = 400, description = "It does not"))
)]
#[post("/auth/reset/validate-password")]
pub(super) async fn validate_password(
    body: Json<ValidatePasswordSchema>,
) -> Result<HttpResponse, ApiError> {
    password::check(&body.into_inner().password)?;
    Ok(HttpResponse::Ok().finish())
}

/// Who forgot a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EmailSchema {
    /// The address.
    email: String,
}

/// Would mail a link. Burgee sends no mail, so an administrator has to make one; the answer does not tell whether
/// the address is known.
#[utoipa::path(
    tag = "Auth",
    operation_id = "sendResetPasswordEmail",
    request_body = EmailSchema,
    responses(
        (status = 200, description = "Noted for the administrators"),
        (status = 429, description = "Too many attempts"),
    )
)]
#[post("/auth/reset/password-email")]
pub(super) async fn send_reset_password_email(
    request: HttpRequest,
    body: Json<EmailSchema>,
    hub: web::Data<Hub>,
    attempts: web::Data<Attempts>,
    rules: web::Data<AccountRules>,
) -> Result<HttpResponse, ApiError> {
    let email = body.into_inner().email;
    if email.trim().is_empty() {
        return Err(Rejection::empty("email").into());
    }
    let address = request.peer_addr().map(|it| it.ip().to_string());
    let (address, now) = (address.unwrap_or_default(), now(&request));
    attempts
        .begin(
            &account(&hub, &email),
            &address,
            rules.attempts_per_minute,
            now,
        )
        .map_err(|wait| ApiError::TooManyAttempts(wait.seconds))?;
    tracing::warn!(
        "somebody asked for a link to choose a password; make one under user-admin/reset-password"
    );
    Ok(HttpResponse::Ok().finish())
}
