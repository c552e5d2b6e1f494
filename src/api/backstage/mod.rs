//! For those who look after the server: what Prometheus scrapes.

mod gauges;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, get, web};

use super::error::ApiError;
use crate::api::extract::Permit;
use crate::api::registration::ServiceConfig;
use crate::auth::actions::Administer;
use crate::change::Standing;
use crate::snapshot::Hub;
use crate::telemetry::{CONTENT_TYPE, Telemetry};
use crate::usage::Usage;

/// Adds the routes below `/internal-backstage`.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(get_prometheus);
}

/// Who may scrape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scraping {
    /// Everybody who reaches the port.
    Open,
    /// Whoever has an admin token.
    Admin,
    /// Nobody.
    Off,
}

const PATH: &str = "/internal-backstage/prometheus";

/// Numbers about this node, in the text format of Prometheus.
#[utoipa::path(
    tag = "Operational",
    operation_id = "getPrometheus",
    responses(
        (status = 200, description = "The numbers", body = String, content_type = "text/plain"),
        (status = 401, description = "An admin token is needed, by setting"),
        (status = 404, description = "Switched off"),
    )
)]
#[get("/internal-backstage/prometheus")]
async fn get_prometheus(
    permit: Option<Permit<Administer>>,
    scraping: web::Data<Scraping>,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
    standing: web::Data<Standing>,
    telemetry: web::Data<Telemetry>,
) -> Result<HttpResponse, ApiError> {
    match (**scraping, permit) {
        (Scraping::Open, _) | (Scraping::Admin, Some(_)) => {}
        (Scraping::Admin, None) => return Err(ApiError::Unauthorized),
        (Scraping::Off, _) => return Err(ApiError::NoSuchPath(PATH.into())),
    }
    usage.settle();
    let snapshot = hub.load();
    let mut now = gauges::of_state(snapshot.state());
    now.extend(gauges::of_store(&standing.condition()));
    now.extend(gauges::of_usage(&usage));
    let text = telemetry
        .text(now)
        .map_err(|error| ApiError::Internal(error.into()))?;
    Ok(HttpResponse::Ok()
        .content_type(CONTENT_TYPE)
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(text))
}
