//! What browsers and devices report.

use actix_web::http::header::{CONTENT_TYPE, HeaderValue, VARY};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post};

use crate::api::error::ApiError;
use crate::api::extract::{FrontendToken, Json, RawJson};
use crate::api::reporter::{self, Reporter, Sdk};
use crate::usage::Usage;
use crate::wire::client_application::FrontendClient;
use crate::wire::client_metrics::ClientMetrics;

/// Says how often flags were asked for.
#[utoipa::path(tag = "Frontend API", operation_id = "registerFrontendMetrics", request_body = ClientMetrics, responses(
    (status = 200, description = "Noted", body = String),
))]
#[post("/client/metrics")]
pub(super) async fn metrics(
    caller: FrontendToken,
    request: HttpRequest,
    body: RawJson,
    usage: Data<Usage>,
) -> Result<HttpResponse, ApiError> {
    let reporter = Reporter::new(&request, &caller.token);
    let header = request.headers().get("unleash-sdk");
    let sdk = Sdk::InHeader(header.and_then(|value| value.to_str().ok()));
    reporter::count(&usage, &body, &reporter, caller.snapshot.state(), sdk)?;
    Ok(noted())
}

/// Says that a copy of an application runs. No SDK of today calls it, and nothing is kept.
#[utoipa::path(tag = "Frontend API", operation_id = "registerFrontendClient", request_body = FrontendClient, responses(
    (status = 200, description = "Noted", body = String),
))]
#[post("/client/register")]
pub(super) async fn register(_caller: FrontendToken, _body: Json<FrontendClient>) -> HttpResponse {
    noted()
}

fn noted() -> HttpResponse {
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, text))
        .insert_header((VARY, HeaderValue::from_static("Accept-Encoding")))
        .body("OK")
}
