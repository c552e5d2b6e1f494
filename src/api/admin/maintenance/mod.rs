//! Maintenance: while it lasts, the configuration cannot be changed.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::nothing;
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::UpdateMaintenance;
use crate::change::Writer;
use crate::domain::command::{Command, SettingsCommand};
use crate::snapshot::Hub;
use crate::wire::problem::Message;

/// Where it is ended.
const OWN_PATH: &str = "/api/admin/maintenance";

/// Adds the routes of maintenance.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(get_maintenance).service(toggle_maintenance);
}

/// Whether changes are refused.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MaintenanceSchema {
    /// Whether changes are refused.
    pub enabled: bool,
}

/// Whether changes are to be refused.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ToggleMaintenanceSchema {
    /// Whether changes are to be refused.
    pub enabled: bool,
}

/// Says whether changes are refused.
#[utoipa::path(
    tag = "Maintenance",
    operation_id = "getMaintenance",
    responses((status = 200, body = MaintenanceSchema))
)]
#[get("/maintenance")]
async fn get_maintenance(_permit: Permit<UpdateMaintenance>, hub: web::Data<Hub>) -> HttpResponse {
    let enabled = hub.load().state().settings.maintenance;
    HttpResponse::Ok().json(MaintenanceSchema { enabled })
}

/// Begins or ends the time in which changes are refused. Flags are served and usage is taken all the while.
#[utoipa::path(
    tag = "Maintenance",
    operation_id = "toggleMaintenance",
    request_body = ToggleMaintenanceSchema,
    responses((status = 204, description = "Done"))
)]
#[post("/maintenance")]
async fn toggle_maintenance(
    permit: Permit<UpdateMaintenance>,
    body: Json<ToggleMaintenanceSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = SettingsCommand::SetMaintenance(body.into_inner().enabled);
    let command = Command::Settings(wish);
    writer.submit(&command, permit.actor()).await?;
    Ok(nothing())
}

/// Refuses what is no plain question while maintenance lasts, as the reference does.
pub(in crate::api) async fn refuse_changes(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let asks = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if !asks && !request.path().ends_with(OWN_PATH) && lasts(&request) {
        let refusal = HttpResponse::ServiceUnavailable().json(Message {
            message: "Burgee is currently in maintenance mode.".into(),
        });
        return Ok(request.into_response(refusal));
    }
    let response = next.call(request).await?;
    Ok(response.map_into_boxed_body())
}

fn lasts(request: &ServiceRequest) -> bool {
    let hub = request.app_data::<web::Data<Hub>>();
    hub.is_some_and(|hub| hub.load().state().settings.maintenance)
}
