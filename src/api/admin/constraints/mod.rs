//! Constraints: one can ask whether one would be accepted.

pub(super) mod schema;

use actix_web::{HttpResponse, post, web};

use super::answer::nothing;
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::Read;
use crate::domain::decide::constraint_rules::check_constraint;
use crate::snapshot::Hub;
use schema::ConstraintSchema;

/// Adds the routes of constraints.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(validate_constraint);
}

/// Says whether a constraint would be accepted.
#[utoipa::path(
    tag = "Features",
    operation_id = "validateConstraint",
    request_body = ConstraintSchema,
    responses((status = 204, description = "It would"))
)]
#[post("/constraints/validate")]
async fn validate_constraint(
    _permit: Permit<Read>,
    body: Json<ConstraintSchema>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    check_constraint(&body.into_inner().into(), hub.load().state())?;
    Ok(nothing())
}
