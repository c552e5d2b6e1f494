//! For those who look after the server: what Prometheus scrapes.
//!
//! Operators may give it another path, and a port of its own where nothing else is served.

mod gauges;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, get, web};

use super::error::ApiError;
use super::signing_in::AccountRules;
use crate::api::extract::{Permit, now};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::Administer;
use crate::change::Standing;
use crate::domain::limits::Limits;
use crate::snapshot::Hub;
use crate::telemetry::{CONTENT_TYPE, Gauges, Telemetry};
use crate::usage::Usage;

/// Adds the routes below `/internal-backstage`.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(get_prometheus).service(get_impact_metrics);
}

/// Adds the path operators chose, below the base path.
pub fn route_elsewhere(config: &mut web::ServiceConfig, base_path: &str, place: &Place) {
    if !place.apart && place.path != PATH {
        let path = format!("{base_path}{}", place.path);
        config.route(&path, web::get().to(scrape));
    }
}

/// All there is on a port of its own.
pub fn routes_apart(config: &mut web::ServiceConfig, place: &Place) {
    config
        .route(&place.path, web::get().to(scrape))
        .route(IMPACT_PATH, web::get().to(scrape_impact));
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
const IMPACT_PATH: &str = "/internal-backstage/impact/metrics";

/// Where numbers are.
#[derive(Clone, Debug)]
pub struct Place {
    /// The path.
    pub path: String,
    /// Whether they have a port of their own, and are not on that of everything else.
    pub apart: bool,
}

/// What the numbers are about.
#[derive(Debug)]
pub struct Backstage {
    /// Who may scrape.
    pub scraping: Scraping,
    /// Where.
    pub place: Place,
    /// What is served.
    pub hub: web::Data<Hub>,
    /// What SDKs report.
    pub usage: web::Data<Usage>,
    /// How the store is doing.
    pub standing: web::Data<Standing>,
    /// How much there may be of everything.
    pub limits: web::Data<Limits>,
    /// How often one may try to sign in.
    pub rules: web::Data<AccountRules>,
    /// What is counted.
    pub telemetry: web::Data<Telemetry>,
}

impl Backstage {
    fn admit(&self, permit: Option<&Permit<Administer>>) -> Result<(), ApiError> {
        match (self.scraping, permit) {
            (Scraping::Open, _) | (Scraping::Admin, Some(_)) => Ok(()),
            (Scraping::Admin, None) => Err(ApiError::Unauthorized),
            (Scraping::Off, _) => Err(ApiError::NoSuchPath(PATH.into())),
        }
    }

    async fn gauges(&self, request: &HttpRequest) -> Vec<Gauges> {
        let (snapshot, now) = (self.hub.load_full(), now(request));
        let census = self.usage.census(now).await;
        self.usage.settle();
        [
            gauges::of_state(snapshot.state()),
            gauges::of_people(snapshot.state(), now),
            gauges::of_settings(&self.limits, &self.rules),
            gauges::of_snapshot(&snapshot),
            gauges::of_store(&self.standing.condition()),
            gauges::of_usage(&self.usage),
            census.map(|it| gauges::of_census(&it)).unwrap_or_default(),
        ]
        .concat()
    }
}

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
    request: HttpRequest,
    backstage: web::Data<Backstage>,
) -> Result<HttpResponse, ApiError> {
    if backstage.place.apart || backstage.place.path != PATH {
        return Err(ApiError::NoSuchPath(PATH.into()));
    }
    scrape(permit, request, backstage).await
}

/// Numbers that applications define themselves, in the text format of Prometheus.
#[utoipa::path(
    tag = "Operational",
    operation_id = "getImpactMetrics",
    responses(
        (status = 200, description = "The numbers", body = String, content_type = "text/plain"),
        (status = 401, description = "An admin token is needed, by setting"),
        (status = 404, description = "Switched off"),
    )
)]
#[get("/internal-backstage/impact/metrics")]
async fn get_impact_metrics(
    permit: Option<Permit<Administer>>,
    backstage: web::Data<Backstage>,
) -> Result<HttpResponse, ApiError> {
    if backstage.place.apart {
        return Err(ApiError::NoSuchPath(IMPACT_PATH.into()));
    }
    scrape_impact(permit, backstage).await
}

async fn scrape(
    permit: Option<Permit<Administer>>,
    request: HttpRequest,
    backstage: web::Data<Backstage>,
) -> Result<HttpResponse, ApiError> {
    backstage.admit(permit.as_ref())?;
    let now = backstage.gauges(&request).await;
    let snapshot = backstage.hub.load_full();
    let text = backstage.telemetry.text(now, snapshot.state());
    Ok(told(
        text.map_err(|error| ApiError::Internal(error.into()))?,
    ))
}

async fn scrape_impact(
    permit: Option<Permit<Administer>>,
    backstage: web::Data<Backstage>,
) -> Result<HttpResponse, ApiError> {
    backstage.admit(permit.as_ref())?;
    let text = backstage.telemetry.impact_text();
    Ok(told(
        text.map_err(|error| ApiError::Internal(error.into()))?,
    ))
}

fn told(text: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(CONTENT_TYPE)
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(text)
}
