//! Tokens of users: each acts as its user. Secrets are shown once.

use actix_web::{HttpResponse, delete, get, post, web};

use super::schema::{CreatePatSchema, PatSchema, PatsSchema};
use super::submit;
use crate::api::admin::answer::{done, number_in_path};
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::api::signing_in::password;
use crate::auth::actions::{Action, Read};
use crate::auth::tokens;
use crate::change::Writer;
use crate::domain::command::{AccountCommand, NewPersonalToken};
use crate::domain::names::UserId;
use crate::domain::rejection::Rejection;
use crate::domain::state::{Entity, State};
use crate::domain::time::Timestamp;
use crate::snapshot::Hub;

const NEEDS_USER: &str = "PATs require an authenticated user.";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_pats)
        .service(create_pat)
        .service(delete_pat);
}

/// The tokens of a user, without their secrets.
pub(in crate::api::admin) fn of(state: &State, user: UserId) -> Vec<PatSchema> {
    let tokens = state.personal_tokens.values();
    let mut own: Vec<_> = tokens.filter(|it| it.user == user).collect();
    own.sort_by_key(|it| it.id);
    own.into_iter().map(|it| (&**it).into()).collect()
}

/// Makes a token of a user.
pub(in crate::api::admin) async fn make<A: Action>(
    user: UserId,
    body: CreatePatSchema,
    permit: &Permit<A>,
    hub: &Hub,
    writer: &Writer,
) -> Result<PatSchema, ApiError> {
    let key = password::hash_key(hub.load().state())?;
    let text = tokens::generate("user").expose().replacen('.', ":", 1);
    let secret = tokens::Secret::new(text);
    let wish = AccountCommand::CreateToken(NewPersonalToken {
        user,
        hash: tokens::hash(&key, secret.expose()),
        description: body.description,
        expires_at: Timestamp::parse(&body.expires_at)
            .ok_or_else(|| Rejection::invalid("expiresAt", "\"expiresAt\" must be a date"))?,
    });
    let done = submit(writer, wish, permit).await?;
    let put = done.change.iter().flat_map(|change| &change.put);
    let token = put.into_iter().find_map(|entity| match entity {
        Entity::PersonalToken(token) => Some(token),
        _ => None,
    });
    let token = token.ok_or_else(|| ApiError::Internal(anyhow::anyhow!("no token was made")))?;
    Ok(PatSchema {
        secret: Some(secret.expose().to_owned()),
        ..(&**token).into()
    })
}

/// Lists the caller's tokens, without their secrets.
#[utoipa::path(
    tag = "Personal access tokens",
    operation_id = "getPats",
    responses((status = 200, body = PatsSchema))
)]
#[get("/user/tokens")]
async fn get_pats(permit: Permit<Read>, hub: web::Data<Hub>) -> Result<HttpResponse, ApiError> {
    let user = permit.needed_user(NEEDS_USER)?;
    let pats = of(hub.load().state(), user.id);
    Ok(HttpResponse::Ok().json(PatsSchema { pats }))
}

/// Makes a token that acts as the caller. Its secret is shown in this answer only.
#[utoipa::path(
    tag = "Personal access tokens",
    operation_id = "createPat",
    request_body = CreatePatSchema,
    responses((status = 201, body = PatSchema))
)]
#[post("/user/tokens")]
async fn create_pat(
    permit: Permit<Read>,
    body: Json<CreatePatSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let user = permit.needed_user(NEEDS_USER)?.id;
    let pat = make(user, body.into_inner(), &permit, &hub, &writer).await?;
    Ok(HttpResponse::Created().json(pat))
}

/// Deletes one of the caller's tokens. It stops working at once.
#[utoipa::path(
    tag = "Personal access tokens",
    operation_id = "deletePat",
    responses((status = 200, description = "Done"))
)]
#[delete("/user/tokens/{id}")]
async fn delete_pat(
    permit: Permit<Read>,
    path: web::Path<String>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let user = permit.needed_user(NEEDS_USER)?.id;
    let wish = AccountCommand::DeleteToken(user, number_in_path("id", &path)?.into());
    submit(&writer, wish, &permit).await?;
    Ok(done())
}
