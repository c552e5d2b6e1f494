//! Making an account through an invitation.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::login::hash_of;
use super::password;
use crate::api::admin::UserSchema;
use crate::api::error::ApiError;
use crate::api::extract::{Json, now};
use crate::change::Writer;
use crate::domain::api_token::TokenHash;
use crate::domain::command::{AccountCommand, Command, NewUser};
use crate::domain::event::Actor;
use crate::domain::rejection::Rejection;
use crate::domain::role::VIEWER;
use crate::domain::state::Entity;
use crate::domain::time::Timestamp;
use crate::domain::user::AccountKind;
use crate::snapshot::Hub;

/// Who makes an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateInvitedUserSchema {
    /// A name to sign in with.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    username: Option<String>,
    /// An address to sign in with.
    email: String,
    /// For people.
    name: String,
    /// The password.
    password: String,
}

fn check(hub: &Hub, secret: &str, now: Timestamp) -> Result<TokenHash, ApiError> {
    let hash = hash_of(hub, secret)?;
    let snapshot = hub.load();
    let link = snapshot.state().invitations.get(&hash);
    match link.is_some_and(|link| link.works(now)) {
        true => Ok(hash),
        false => Err(Rejection::bad_data("The invitation does not work, or not any more.").into()),
    }
}

/// Says whether an invitation works.
#[utoipa::path(
    tag = "Public signup tokens",
    operation_id = "validatePublicSignupToken",
    responses((status = 200, description = "It does"), (status = 400, description = "It does not"))
)]
#[get("/invite/{token}/validate")]
pub(super) async fn validate_public_signup_token(
    request: HttpRequest,
    token: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    check(&hub, &token, now(&request))?;
    Ok(HttpResponse::Ok().finish())
}

/// Makes an account that may look at everything.
#[utoipa::path(
    tag = "Public signup tokens",
    operation_id = "addPublicSignupTokenUser",
    request_body = CreateInvitedUserSchema,
    responses(
        (status = 201, body = UserSchema),
        (status = 400, description = "The invitation does not work, or the name is taken"),
    )
)]
#[post("/invite/{token}/signup")]
pub(super) async fn add_public_signup_token_user(
    request: HttpRequest,
    token: web::Path<String>,
    body: Json<CreateInvitedUserSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (hash, body) = (check(&hub, &token, now(&request))?, body.into_inner());
    let key = password::hash_key(hub.load().state())?;
    let password = password::hashed(key, body.password, Vec::new()).await?;
    let new = NewUser {
        kind: AccountKind::Person,
        username: body.username,
        email: Some(body.email),
        name: Some(body.name),
        root_role: VIEWER,
        password: Some(password),
        reset: None,
    };
    let actor = Actor {
        ip: request.peer_addr().map(|address| address.ip().to_string()),
        ..Actor::system()
    };
    let wish = Command::Account(AccountCommand::SignUp(hash, new));
    let done = writer.submit(&wish, &actor).await?;
    let put = done.change.iter().flat_map(|change| &change.put);
    let made = put.into_iter().find_map(|entity| match entity {
        Entity::User(user) => Some(UserSchema::with_role(user)),
        _ => None,
    });
    Ok(HttpResponse::Created().json(made))
}
