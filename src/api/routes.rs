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
use super::{admin, backstage, client, document, edge, frontend, registration, signing_in};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::Read;
use crate::change::{Condition, Standing};

/// Whether the server is up.
#[derive(Debug, Serialize, ToSchema)]
struct HealthCheckSchema {
    health: &'static str,
}

const GOOD: HealthCheckSchema = HealthCheckSchema { health: "GOOD" };

/// Whether flags can be served, and whether they can be changed.
#[derive(Debug, Serialize, ToSchema)]
struct ReadySchema {
    health: &'static str,
    /// Of a shared store that cannot be written to: `away` or `diverged`. Flags are served all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<&'static str>,
    /// What that means.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
    /// The revision that is served meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<u64>,
}

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

/// Answers once flags can be served, and says when a shared store is away or holds something else.
#[utoipa::path(
    tag = "Operational",
    operation_id = "getReady",
    responses((status = 200, body = ReadySchema))
)]
#[get("/ready")]
async fn get_ready(standing: web::Data<Standing>) -> HttpResponse {
    // Why it is away may name addresses, which are not for everybody; the log has it.
    let (store, message) = match standing.condition() {
        Condition::Good => return good(),
        Condition::Away(_) => (
            "away",
            "The store cannot be reached. Flags are served as they last were; changes are refused.",
        ),
        Condition::Diverged(_) => (
            "diverged",
            "The store does not hold what is served. Flags are served as they last were; changes are refused until an \
             administrator decides: burgee store reseed, or burgee store adopt.",
        ),
    };
    answer(&ReadySchema {
        health: "GOOD",
        store: Some(store),
        message: Some(message),
        revision: Some(standing.served().0),
    })
}

fn good() -> HttpResponse {
    answer(&GOOD)
}

fn answer(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, finish::JSON))
        .insert_header((header::VARY, finish::ACCEPT_ENCODING))
        .json(body)
}

/// Registers every route below the base path. The busiest come first.
pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(client::routes)
        .configure(frontend::routes)
        .service(get_health)
        .service(get_ready)
        .configure(backstage::routes)
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
