//! Signing in with a password, and out.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{AccountRules, password};
use crate::api::admin::UserSchema;
use crate::api::error::ApiError;
use crate::api::extract::{Json, now, session_secret};
use crate::auth::attempts::Attempts;
use crate::auth::identity::Caller;
use crate::auth::tokens;
use crate::change::Writer;
use crate::domain::command::{AccountCommand, Command};
use crate::domain::event::Actor;
use crate::domain::state::EntityKey;
use crate::domain::time::Timestamp;
use crate::domain::user::{Session, User};
use crate::snapshot::Hub;

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginSchema {
    /// The name or address.
    username: String,
    /// The password.
    password: String,
}

/// Signs in with a password. The answer sets the cookie of the session.
#[utoipa::path(
    tag = "Auth",
    operation_id = "login",
    request_body = LoginSchema,
    responses(
        (status = 200, body = UserSchema),
        (status = 401, description = "Wrong name or password"),
        (status = 403, description = "Passwords are switched off"),
        (status = 429, description = "Too many attempts"),
    )
)]
#[post("/auth/simple/login")]
pub(super) async fn login(
    request: HttpRequest,
    body: Json<LoginSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
    attempts: web::Data<Attempts>,
    rules: web::Data<AccountRules>,
) -> Result<HttpResponse, ApiError> {
    let (now, body) = (now(&request), body.into_inner());
    password::check_taken(hub.load().state())?;
    let address = address(&request).unwrap_or_default();
    let account = account(&hub, &body.username);
    attempts
        .begin(&account, &address, rules.attempts_per_minute, now)
        .map_err(|wait| ApiError::TooManyAttempts(wait.seconds))?;
    let Some(user) = right_user(&hub, &body).await? else {
        attempts.failed(&account, now);
        note_failure(&body.username, &request, &hub, &writer).await;
        return Err(ApiError::WrongPassword);
    };
    attempts.succeeded(&account);
    sign_in(&user, now, &request, &hub, &writer, &rules).await
}

/// What attempts are counted for: whoever has two names to sign in with has no more tries for that.
pub(super) fn account(hub: &Hub, name: &str) -> String {
    let snapshot = hub.load();
    let user = snapshot.state().person_called(name);
    user.map_or_else(|| name.to_owned(), |user| user.label())
}

/// Notes a failure for those who look after the server. It does not matter to whom it happened.
async fn note_failure(name: &str, request: &HttpRequest, hub: &Hub, writer: &Writer) {
    let user = hub.load().state().person_called(name).map(Arc::clone);
    let reason = match user {
        Some(_) => "wrong password",
        None => "unknown name",
    };
    let actor = Actor {
        name: user.as_ref().map_or("nobody".into(), |user| user.label()),
        user_id: user.as_ref().map_or(0, |user| user.id.0),
        ip: address(request),
    };
    let wish = AccountCommand::FailSignIn(user.map(|user| user.id), reason);
    let noted = writer.submit(&Command::Account(wish), &actor).await;
    if let Err(error) = noted {
        tracing::warn!(%error, "somebody failed to sign in, and it could not be noted");
    }
}

/// The user, if name and password are right.
async fn right_user(hub: &Hub, body: &LoginSchema) -> Result<Option<Arc<User>>, ApiError> {
    let (key, user) = {
        let snapshot = hub.load();
        let state = snapshot.state();
        let user = state.person_called(&body.username).map(Arc::clone);
        (password::hash_key(state)?, user)
    };
    let known = user.as_ref().and_then(|user| user.password.clone());
    let right = password::is_right(key, body.password.clone(), known).await?;
    Ok(user.filter(|_| right))
}

async fn sign_in(
    user: &User,
    now: Timestamp,
    request: &HttpRequest,
    hub: &Hub,
    writer: &Writer,
    rules: &AccountRules,
) -> Result<HttpResponse, ApiError> {
    let key = password::hash_key(hub.load().state())?;
    let (secret, hash) = password::new_secret(&key, "session");
    let session = Session {
        hash,
        user: user.id,
        created_at: now,
        expires_at: now.plus_millis(rules.session_millis),
    };
    let actor = Actor {
        name: user.label(),
        user_id: user.id.0,
        ip: address(request),
    };
    let wish = AccountCommand::SignIn(session, rules.most_sessions);
    let done = writer.submit(&Command::Account(wish), &actor).await?;
    let user = Arc::clone(done.snapshot.state().user(user.id)?);
    let gone = done.change.iter().flat_map(|change| &change.delete);
    let ended = gone
        .filter(|key| matches!(key, EntityKey::Session(_)))
        .count();
    Ok(HttpResponse::Ok()
        .insert_header((SET_COOKIE, rules.cookie(secret.expose())))
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(UserSchema::signed_in(done.snapshot.state(), &user, ended)))
}

fn address(request: &HttpRequest) -> Option<String> {
    request.peer_addr().map(|address| address.ip().to_string())
}

/// Signs out. The cookie goes, and so does the session.
#[utoipa::path(
    tag = "Auth",
    operation_id = "logout",
    responses((status = 302, description = "Signed out; look at the start page"))
)]
#[post("/logout")]
pub(super) async fn logout(
    request: HttpRequest,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
    rules: web::Data<AccountRules>,
) -> Result<HttpResponse, ApiError> {
    sign_out(&request, &hub, &writer, &rules).await
}

/// Signs out by following a link. A page of somebody else can do no worse than to sign one out.
#[utoipa::path(
    tag = "Auth",
    operation_id = "logoutByLink",
    responses((status = 302, description = "Signed out; look at the start page"))
)]
#[get("/logout")]
pub(super) async fn logout_by_link(
    request: HttpRequest,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
    rules: web::Data<AccountRules>,
) -> Result<HttpResponse, ApiError> {
    sign_out(&request, &hub, &writer, &rules).await
}

async fn sign_out(
    request: &HttpRequest,
    hub: &Hub,
    writer: &Writer,
    rules: &AccountRules,
) -> Result<HttpResponse, ApiError> {
    let caller = session_secret(request).and_then(|secret| {
        let snapshot = hub.load();
        Caller::with_session(snapshot.state(), secret, now(request))
    });
    if let Some(caller @ Caller::Browser(_, hash)) = &caller {
        let wish = Command::Account(AccountCommand::SignOut(*hash));
        writer
            .submit(&wish, &caller.actor(address(request)))
            .await?;
    }
    Ok(HttpResponse::Found()
        .insert_header((SET_COOKIE, rules.no_cookie()))
        .insert_header(("Clear-Site-Data", "\"cookies\", \"storage\""))
        .insert_header((LOCATION, format!("{}/", rules.url)))
        .finish())
}

/// The key is looked up anew in each request, so a restored store knows its own sessions only.
pub(super) fn hash_of(
    hub: &Hub,
    secret: &str,
) -> Result<crate::domain::api_token::TokenHash, ApiError> {
    let key = password::hash_key(hub.load().state())?;
    Ok(tokens::hash(&key, secret))
}
