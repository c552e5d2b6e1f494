//! The list of all routes.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use super::error::ApiError;
use super::{admin, client, edge, frontend};

/// Whether the server is up.
#[derive(Debug, Serialize, ToSchema)]
struct HealthCheckSchema {
    health: &'static str,
}

const GOOD: HealthCheckSchema = HealthCheckSchema { health: "GOOD" };

/// Answers as long as the process runs.
#[utoipa::path(tag = "Operational", responses((status = 200, body = HealthCheckSchema)))]
#[get("/health")]
async fn get_health() -> HttpResponse {
    HttpResponse::Ok().json(GOOD)
}

/// Answers once flags can be served.
#[utoipa::path(tag = "Operational", responses((status = 200, body = HealthCheckSchema)))]
#[get("/ready")]
async fn get_ready() -> HttpResponse {
    HttpResponse::Ok().json(GOOD)
}

/// Registers every route below the base path.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(get_health)
        .service(get_ready)
        .service(scope("/edge").configure(edge::routes))
        .configure(client::routes)
        .service(
            scope("/api/frontend")
                .configure(frontend::routes)
                .default_service(web::to(no_such_path)),
        )
        .service(
            scope("/api/admin")
                .configure(admin::routes)
                .default_service(web::to(no_such_path)),
        )
        .default_service(web::to(no_such_path));
}

async fn no_such_path(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    Err(ApiError::NoSuchPath(request.path().to_owned()))
}
