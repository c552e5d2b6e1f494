//! Trying flags out: what they would be for somebody, and why.

mod combinations;
mod explained;
mod request;
mod schema;

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, post, web};

use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit, now};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::Read;
use crate::snapshot::Hub;
use explained::Evaluator;
use request::{AdvancedPlaygroundRequestSchema, PlaygroundRequestSchema};
use schema::{AdvancedPlaygroundResponseSchema, PlaygroundResponseSchema};

/// Adds the routes of the playground.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_playground)
        .service(get_advanced_playground);
}

/// Evaluates flags for one context in one environment, with the reasons.
#[utoipa::path(
    tag = "Playground",
    operation_id = "getPlayground",
    request_body = PlaygroundRequestSchema,
    responses((status = 200, body = PlaygroundResponseSchema))
)]
#[post("/playground")]
async fn get_playground(
    _permit: Permit<Read>,
    request: HttpRequest,
    body: Json<PlaygroundRequestSchema>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let evaluator = Evaluator::new(hub.load_full(), now(&request));
    let input = body.into_inner();
    let answer = web::block(move || evaluator.simple(input))
        .await
        .map_err(|error| ApiError::Internal(error.into()))?;
    Ok(HttpResponse::Ok().json(answer))
}

/// Evaluates flags in several environments for every combination of the context's comma-separated values.
#[utoipa::path(
    tag = "Playground",
    operation_id = "getAdvancedPlayground",
    request_body = AdvancedPlaygroundRequestSchema,
    responses(
        (status = 200, body = AdvancedPlaygroundResponseSchema),
        (status = 400, description = "Too many combinations")
    )
)]
#[post("/playground/advanced")]
async fn get_advanced_playground(
    _permit: Permit<Read>,
    request: HttpRequest,
    body: Json<AdvancedPlaygroundRequestSchema>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let input = body.into_inner();
    let snapshot = hub.load_full();
    combinations::check(&input, snapshot.state())?;
    let evaluator = Evaluator::new(Arc::clone(&snapshot), now(&request));
    let answer = web::block(move || evaluator.advanced(input))
        .await
        .map_err(|error| ApiError::Internal(error.into()))?;
    Ok(HttpResponse::Ok().json(answer))
}
