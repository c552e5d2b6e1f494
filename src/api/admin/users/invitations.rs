//! Links with which people make accounts. A link is shown once; lists show a handle that every call takes as well.

use actix_web::{HttpRequest, HttpResponse, get, post, put, web};

use super::schema::{
    PublicSignupTokenCreateSchema, PublicSignupTokenSchema, PublicSignupTokenUpdateSchema,
    PublicSignupTokensSchema, handle,
};
use super::submit;
use crate::api::admin::answer::created;
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit, now};
use crate::api::registration::ServiceConfig;
use crate::api::signing_in::{AccountRules, password};
use crate::auth::actions::Administer;
use crate::auth::tokens;
use crate::change::Writer;
use crate::domain::command::AccountCommand;
use crate::domain::rejection::Rejection;
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::user::Invitation;
use crate::snapshot::Hub;

/// The longest a link works.
const LONGEST_MILLIS: i64 = 30 * 24 * 3_600_000;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_all)
        .service(create)
        .service(get_one)
        .service(update);
}

/// The link somebody means: by its secret, or by its handle.
fn find<'s>(state: &'s State, given: &str) -> Result<&'s Invitation, ApiError> {
    let hash = tokens::hash(&password::hash_key(state)?, given);
    let by_secret = state.invitations.get(&hash);
    let by_handle = || {
        state
            .invitations
            .values()
            .find(|link| handle(link) == given)
    };
    let found = by_secret.or_else(by_handle).map(AsRef::as_ref);
    Ok(found.ok_or_else(|| Rejection::NotFound("Could not find public signup token.".into()))?)
}

fn instant(text: &str) -> Result<Timestamp, Rejection> {
    Timestamp::parse(text)
        .ok_or_else(|| Rejection::invalid("expiresAt", "\"expiresAt\" must be a date"))
}

/// Lists links, without their secrets.
#[utoipa::path(
    tag = "Public signup tokens",
    operation_id = "getAllPublicSignupTokens",
    responses((status = 200, body = PublicSignupTokensSchema))
)]
#[get("/invite-link/tokens")]
async fn get_all(_permit: Permit<Administer>, hub: web::Data<Hub>) -> HttpResponse {
    let snapshot = hub.load();
    let state = snapshot.state();
    let mut links: Vec<_> = state.invitations.values().collect();
    links.sort_by_key(|link| link.created_at);
    HttpResponse::Ok().json(PublicSignupTokensSchema {
        tokens: links
            .into_iter()
            .map(|link| PublicSignupTokenSchema::new(state, link))
            .collect(),
    })
}

/// Makes a link. It works for a month at most, and is shown in this answer only.
#[utoipa::path(
    tag = "Public signup tokens",
    operation_id = "createPublicSignupToken",
    request_body = PublicSignupTokenCreateSchema,
    responses((status = 201, body = PublicSignupTokenSchema))
)]
#[post("/invite-link/tokens")]
async fn create(
    permit: Permit<Administer>,
    request: HttpRequest,
    body: Json<PublicSignupTokenCreateSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
    rules: web::Data<AccountRules>,
) -> Result<HttpResponse, ApiError> {
    let (body, now) = (body.into_inner(), now(&request));
    let key = password::hash_key(hub.load().state())?;
    let (secret, hash) = password::new_secret(&key, "invite");
    let link = Invitation {
        hash,
        name: body.name,
        enabled: true,
        expires_at: instant(&body.expires_at)?.min(now.plus_millis(LONGEST_MILLIS)),
        created_at: now,
        created_by: permit.actor().name.clone(),
        users: Vec::new(),
    };
    let done = submit(&writer, AccountCommand::Invite(link.clone()), &permit).await?;
    let answer = PublicSignupTokenSchema {
        secret: secret.expose().to_owned(),
        url: Some(format!("{}/new-user?invite={}", rules.url, secret.expose())),
        ..PublicSignupTokenSchema::new(done.snapshot.state(), &link)
    };
    Ok(created(&format!("tokens/{}", handle(&link)), &answer))
}

/// Shows a link, without its secret.
#[utoipa::path(
    tag = "Public signup tokens",
    operation_id = "getPublicSignupToken",
    responses((status = 200, body = PublicSignupTokenSchema))
)]
#[get("/invite-link/tokens/{token}")]
async fn get_one(
    _permit: Permit<Administer>,
    token: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let snapshot = hub.load();
    let state = snapshot.state();
    let link = find(state, &token)?;
    Ok(HttpResponse::Ok().json(PublicSignupTokenSchema::new(state, link)))
}

/// Switches a link on or off, or says when it stops working.
#[utoipa::path(
    tag = "Public signup tokens",
    operation_id = "updatePublicSignupToken",
    request_body = PublicSignupTokenUpdateSchema,
    responses((status = 200, body = PublicSignupTokenSchema))
)]
#[put("/invite-link/tokens/{token}")]
async fn update(
    permit: Permit<Administer>,
    token: web::Path<String>,
    body: Json<PublicSignupTokenUpdateSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let hash = find(hub.load().state(), &token)?.hash;
    if body.enabled.is_none() && body.expires_at.is_none() {
        let message = "Say what is to be different: enabled, expiresAt, or both.";
        return Err(Rejection::bad_data(message).into());
    }
    let end = body.expires_at.as_deref().map(instant).transpose()?;
    let wish = AccountCommand::ChangeInvitation(hash, body.enabled, end);
    let done = submit(&writer, wish, &permit).await?;
    let state = done.snapshot.state();
    let link = find(state, &token)?;
    Ok(HttpResponse::Ok().json(PublicSignupTokenSchema::new(state, link)))
}
