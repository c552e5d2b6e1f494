//! The instance in numbers.

mod numbers;
mod schema;

use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpRequest, HttpResponse, get, web};

use crate::api::error::ApiError;
use crate::api::extract::{Permit, now};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::Read;
use crate::change::History;
use crate::snapshot::Hub;
use crate::usage::Usage;
use numbers::Sources;
use schema::InstanceAdminStatsSchema;

/// Adds the routes of statistics.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_instance_admin_stats_csv)
        .service(get_instance_admin_stats);
}

/// The instance in numbers.
#[utoipa::path(
    tag = "Instance Admin",
    operation_id = "getInstanceAdminStats",
    responses((status = 200, body = InstanceAdminStatsSchema))
)]
#[get("/instance-admin/statistics")]
async fn get_instance_admin_stats(
    _permit: Permit<Read>,
    request: HttpRequest,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
    history: web::Data<History>,
) -> Result<HttpResponse, ApiError> {
    let numbers = numbers(&request, &hub, &usage, &history).await?;
    Ok(HttpResponse::Ok().json(numbers))
}

/// The same as a table with one row.
#[utoipa::path(
    tag = "Instance Admin",
    operation_id = "getInstanceAdminStatsCsv",
    responses((status = 200, body = String, content_type = "text/csv"))
)]
#[get("/instance-admin/statistics/csv")]
async fn get_instance_admin_stats_csv(
    _permit: Permit<Read>,
    request: HttpRequest,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
    history: web::Data<History>,
) -> Result<HttpResponse, ApiError> {
    let numbers = numbers(&request, &hub, &usage, &history).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, numbers.as_attachment()))
        .body(numbers.as_csv()))
}

async fn numbers(
    request: &HttpRequest,
    hub: &Hub,
    usage: &Usage,
    history: &History,
) -> Result<InstanceAdminStatsSchema, ApiError> {
    let snapshot = hub.load_full();
    let sources = Sources {
        state: snapshot.state(),
        now: now(request),
        usage,
        history,
    };
    sources.numbers().await
}
