//! The list of all routes.

use actix_web::http::header;
use actix_web::middleware::from_fn;
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;

use super::error::ApiError;
use super::extract::{AnyToken, Permit};
use super::finish::{self, finish};
use super::versions::versions;
use super::{admin, client, document, edge, frontend, registration, signing_in};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::Read;

/// Whether the server is up.
#[derive(Debug, Serialize, ToSchema)]
struct HealthCheckSchema {
    health: &'static str,
}

const GOOD: HealthCheckSchema = HealthCheckSchema { health: "GOOD" };

/// Answers as long as the process runs.
#[utoipa::path(
    tag = "Operational",
    operation_id = "getHealth",
    responses((status = 200, body = HealthCheckSchema))
)]
#[get("/health")]
async fn get_health() -> HttpResponse {
    good()
}

/// Answers once flags can be served.
#[utoipa::path(
    tag = "Operational",
    operation_id = "getReady",
    responses((status = 200, body = HealthCheckSchema))
)]
#[get("/ready")]
async fn get_ready() -> HttpResponse {
    good()
}

fn good() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, finish::JSON))
        .insert_header((header::VARY, finish::ACCEPT_ENCODING))
        .json(GOOD)
}

/// Registers every route below the base path. The busiest come first.
pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(client::routes)
        .configure(frontend::routes)
        .service(get_health)
        .service(get_ready)
        .configure(edge::routes)
        .configure(document::routes)
        .configure(signing_in::routes)
        .scope("/api/admin", admin::routes, |scope| {
            scope
                .default_service(web::to(no_such_admin_path))
                .wrap(from_fn(versions))
                .wrap(from_fn(admin::maintenance::refuse_changes))
                .wrap(from_fn(finish))
        })
        .scope(
            "/api",
            |_| {},
            |scope| scope.default_service(web::to(no_such_api)),
        )
        .undescribed(|config| config.default_service(web::to(no_such_path)));
}

/// All routes with what their handlers say about them. What is published is [`document::complete`].
#[must_use]
pub fn registered() -> OpenApi {
    registration::document(routes)
}

/// Strangers learn nothing about the paths of the admin API.
async fn no_such_admin_path(
    _permit: Permit<Read>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    no_such_path(request).await
}

async fn no_such_api(_caller: AnyToken, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    no_such_path(request).await
}

async fn no_such_path(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    Err(ApiError::NoSuchPath(request.path().to_owned()))
}
