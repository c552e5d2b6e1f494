//! What backend SDKs and Edge report.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post};

use crate::api::error::ApiError;
use crate::api::extract::{BackendToken, Json, RawJson};
use crate::api::reporter::{self, Reporter, Sdk};
use crate::domain::rejection::Rejection;
use crate::telemetry::Registration;
use crate::usage::Usage;
use crate::usage::ingest;
use crate::wire::bulk_metrics::BulkMetrics;
use crate::wire::client_application::ClientApplication;
use crate::wire::client_metrics::ClientMetrics;

/// Says that a copy of an application runs.
#[utoipa::path(tag = "Client", operation_id = "registerClientApplication", request_body = ClientApplication, responses(
    (status = 202, description = "Noted"),
))]
#[post("/register")]
pub(super) async fn register(
    caller: BackendToken,
    request: HttpRequest,
    body: Json<ClientApplication>,
    usage: Data<Usage>,
) -> Result<HttpResponse, ApiError> {
    let reporter = Reporter::new(&request, &caller.token);
    let body = body.into_inner();
    let origin = reporter.origin();
    let report = ingest::registration(&body, origin)
        .map_err(|fault| Rejection::BadData(fault.to_string()))?;
    usage.add(report, origin.now);
    usage.telemetry().count_registration(Registration {
        app: &body.app_name,
        environment: origin.environment.as_str(),
        interval: body.interval,
        sdk: body.sdk_version.as_deref(),
        platform: [
            body.platform_name.as_deref(),
            body.platform_version.as_deref(),
        ],
        engine: body.yggdrasil_version.as_deref(),
        specification: body.spec_version.as_deref(),
        flavor: [
            body.sdk_flavor.as_deref(),
            body.sdk_flavor_version.as_deref(),
        ],
    });
    Ok(HttpResponse::Accepted()
        .insert_header(("X-Unleash-Version", env!("CARGO_PKG_VERSION")))
        .finish())
}

/// Says how often a copy of an application asked for flags.
#[utoipa::path(tag = "Client", operation_id = "registerClientMetrics", request_body = ClientMetrics, responses(
    (status = 202, description = "Noted"),
))]
#[post("/metrics")]
pub(super) async fn metrics(
    caller: BackendToken,
    request: HttpRequest,
    body: RawJson,
    usage: Data<Usage>,
) -> Result<HttpResponse, ApiError> {
    let reporter = Reporter::new(&request, &caller.token);
    let state = caller.snapshot.state();
    reporter::count(&usage, &body, &reporter, state, Sdk::InBody)?;
    Ok(HttpResponse::Accepted().finish())
}

/// Says what Edge collected from its clients.
#[utoipa::path(tag = "Unleash Edge", operation_id = "clientBulkMetrics", request_body = BulkMetrics, responses(
    (status = 202, description = "Noted"),
))]
#[post("/metrics/bulk")]
pub(super) async fn bulk(
    caller: BackendToken,
    request: HttpRequest,
    body: Json<BulkMetrics>,
    usage: Data<Usage>,
) -> Result<HttpResponse, ApiError> {
    let reporter = Reporter::new(&request, &caller.token);
    let (body, state) = (body.into_inner(), caller.snapshot.state());
    let report = ingest::bulk(&body, reporter.origin(), state);
    let report = report.map_err(|_| ApiError::InvalidReport)?;
    usage.add(report, reporter.origin().now);
    usage.add_impact(&body.impact_metrics);
    Ok(HttpResponse::Accepted().finish())
}
