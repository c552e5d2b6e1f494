//! What tools ask first, and the origins browsers may call from.

mod schema;

use actix_web::{HttpResponse, get, post, web};

use super::answer::nothing;
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{Read, UpdateSettings};
use crate::change::Writer;
use crate::domain::command::{Command, SettingsCommand};
use crate::domain::limits::Limits;
use crate::domain::rejection::Rejection;
use crate::snapshot::Hub;
use schema::{CurrentVersionSchema, SetCorsSchema, UiConfigSchema, VersionInfoSchema};

/// The version of the reference whose API this is.
pub(super) const COMPATIBLE_WITH: &str = "8.2.0";

/// Where people reach the server; made by `app`, which knows the settings.
#[derive(Clone, Debug, Default)]
pub struct Address {
    /// Scheme, host, port and base path.
    pub url: String,
    /// The path in front of all others, empty or beginning with a slash.
    pub base_path: String,
}

/// Adds the routes of the server's own settings.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(get_ui_config).service(set_cors);
}

/// Tells tools where the server is, what it is and what is too much.
#[utoipa::path(tag = "Admin UI", operation_id = "getUiConfig", responses((status = 200, body = UiConfigSchema)))]
#[get("/ui-config")]
async fn get_ui_config(
    _permit: Permit<Read>,
    hub: web::Data<Hub>,
    limits: web::Data<Limits>,
    address: web::Data<Address>,
) -> HttpResponse {
    let snapshot = hub.load();
    let state = snapshot.state();
    HttpResponse::Ok().json(UiConfigSchema {
        name: "Burgee",
        version: COMPATIBLE_WITH,
        environment: "Open Source",
        flags: serde_json::Map::new(),
        links: Vec::new(),
        email_enabled: false,
        unleash_url: address.url.clone(),
        base_uri_path: address.base_path.clone(),
        authentication_type: "open-source",
        frontend_api_origins: state.settings.frontend_origins.clone(),
        version_info: VersionInfoSchema {
            current: CurrentVersionSchema {
                oss: COMPATIBLE_WITH,
                enterprise: "",
                burgee: env!("CARGO_PKG_VERSION"),
            },
            latest: serde_json::Map::new(),
            is_latest: true,
            instance_id: state
                .instance
                .as_ref()
                .map(|instance| instance.id.clone())
                .unwrap_or_default(),
        },
        prometheus_api_available: false,
        resource_limits: limits.as_ref().into(),
        disable_password_auth: state.settings.sign_in.passwords_disabled,
        maintenance_mode: state.settings.maintenance,
        max_sessions_count: 0,
    })
}

/// Says from which origins browsers may call.
#[utoipa::path(
    tag = "Admin UI",
    operation_id = "setCors",
    request_body = SetCorsSchema,
    responses((status = 204, description = "Done"))
)]
#[post("/ui-config/cors")]
async fn set_cors(
    permit: Permit<UpdateSettings>,
    body: Json<SetCorsSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let origins = body
        .into_inner()
        .frontend_api_origins
        .ok_or_else(|| Rejection::NotFound("The requested resource could not be found".into()))?;
    let wish = Command::Settings(SettingsCommand::SetFrontendOrigins(origins));
    writer.submit(&wish, permit.actor()).await?;
    Ok(nothing())
}
