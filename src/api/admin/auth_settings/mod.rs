//! How people may sign in. Only passwords are served; single sign-on is remembered for tools that set it.

mod schema;

use actix_web::{HttpResponse, get, post, web};

use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::api::signing_in::password;
use crate::auth::actions::UpdateAuthConfiguration;
use crate::auth::tokens;
use crate::change::{Done, Writer};
use crate::domain::command::{Command, SettingsCommand};
use crate::snapshot::Hub;
use schema::{
    OidcSettingsResponseSchema, OidcSettingsSchema, PasswordAuthSchema, SamlSettingsResponseSchema,
    SamlSettingsSchema,
};

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_simple_settings)
        .service(set_simple_settings)
        .service(get_oidc_settings)
        .service(set_oidc_settings)
        .service(get_saml_settings)
        .service(set_saml_settings);
}

type MayConfigure = Permit<UpdateAuthConfiguration>;

async fn submit(
    writer: &Writer,
    wish: SettingsCommand,
    permit: &MayConfigure,
) -> Result<Done, ApiError> {
    let wish = Command::Settings(wish);
    Ok(writer.submit(&wish, permit.actor()).await?)
}

/// Says whether passwords are taken.
#[utoipa::path(
    tag = "Auth",
    operation_id = "getSimpleSettings",
    responses((status = 200, body = PasswordAuthSchema))
)]
#[get("/auth/simple/settings")]
async fn get_simple_settings(_permit: MayConfigure, hub: web::Data<Hub>) -> HttpResponse {
    let disabled = hub.load().state().settings.sign_in.passwords_disabled;
    HttpResponse::Ok().json(PasswordAuthSchema { disabled })
}

/// Takes passwords no more, or again. Sessions and tokens go on working. Without passwords nobody can sign in anew,
/// since single sign-on is not served; an admin token can take them again.
#[utoipa::path(
    tag = "Auth",
    operation_id = "setSimpleSettings",
    request_body = PasswordAuthSchema,
    responses((status = 200, body = PasswordAuthSchema))
)]
#[post("/auth/simple/settings")]
async fn set_simple_settings(
    permit: MayConfigure,
    body: Json<PasswordAuthSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let wish = SettingsCommand::DisablePasswords(body.disabled);
    submit(&writer, wish, &permit).await?;
    Ok(HttpResponse::Ok().json(body))
}

/// Shows what is remembered of OpenID Connect, without the secret. Signing in with it is not served.
#[utoipa::path(
    tag = "Auth",
    operation_id = "getOidcSettings",
    responses((status = 200, body = OidcSettingsResponseSchema))
)]
#[get("/auth/oidc/settings")]
async fn get_oidc_settings(_permit: MayConfigure, hub: web::Data<Hub>) -> HttpResponse {
    let snapshot = hub.load();
    let oidc = &snapshot.state().settings.sign_in.oidc;
    HttpResponse::Ok().json(OidcSettingsResponseSchema::from(oidc))
}

/// Remembers OpenID Connect in place of what was, so that tools can set and read it. Signing in with it is not served,
/// whatever `enabled` says. Of the secret only a hash is kept.
#[utoipa::path(
    tag = "Auth",
    operation_id = "setOidcSettings",
    request_body = OidcSettingsSchema,
    responses((status = 200, body = OidcSettingsResponseSchema))
)]
#[post("/auth/oidc/settings")]
async fn set_oidc_settings(
    permit: MayConfigure,
    body: Json<OidcSettingsSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let key = password::hash_key(hub.load().state())?;
    let wish = body.into_inner();
    let wish = wish.into_wish(|secret| tokens::hash(&key, secret));
    let done = submit(&writer, SettingsCommand::SetOidc(wish), &permit).await?;
    let oidc = &done.snapshot.state().settings.sign_in.oidc;
    Ok(HttpResponse::Ok().json(OidcSettingsResponseSchema::from(oidc)))
}

/// Shows what is remembered of SAML 2.0, without the signing certificate. Signing in with it is not served.
#[utoipa::path(
    tag = "Auth",
    operation_id = "getSamlSettings",
    responses((status = 200, body = SamlSettingsResponseSchema))
)]
#[get("/auth/saml/settings")]
async fn get_saml_settings(_permit: MayConfigure, hub: web::Data<Hub>) -> HttpResponse {
    let snapshot = hub.load();
    let saml = &snapshot.state().settings.sign_in.saml;
    HttpResponse::Ok().json(SamlSettingsResponseSchema::from(saml))
}

/// Remembers SAML 2.0 in place of what was, so that tools can set and read it. Signing in with it is not served,
/// whatever `enabled` says. Of the signing certificate only a hash is kept.
#[utoipa::path(
    tag = "Auth",
    operation_id = "setSamlSettings",
    request_body = SamlSettingsSchema,
    responses((status = 200, body = SamlSettingsResponseSchema))
)]
#[post("/auth/saml/settings")]
async fn set_saml_settings(
    permit: MayConfigure,
    body: Json<SamlSettingsSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let key = password::hash_key(hub.load().state())?;
    let wish = body.into_inner();
    let wish = wish.into_wish(|secret| tokens::hash(&key, secret));
    let done = submit(&writer, SettingsCommand::SetSaml(wish), &permit).await?;
    let saml = &done.snapshot.state().settings.sign_in.saml;
    Ok(HttpResponse::Ok().json(SamlSettingsResponseSchema::from(saml)))
}
