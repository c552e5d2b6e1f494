//! Kinds of flags and how long such flags are expected to live.

mod schema;

use actix_web::{HttpResponse, get, put, web};

use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{Read, UpdateFeatureType};
use crate::change::Writer;
use crate::domain::command::{Command, FlagKindCommand};
use crate::snapshot::Hub;
use schema::{FeatureTypeSchema, FeatureTypesSchema, UpdateFeatureTypeLifetimeSchema};

/// Adds the routes of kinds of flags.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_all_feature_types)
        .service(update_feature_type_lifetime);
}

/// Lists kinds of flags.
#[utoipa::path(
    tag = "Feature Types",
    operation_id = "getAllFeatureTypes",
    responses((status = 200, body = FeatureTypesSchema))
)]
#[get("/feature-types")]
async fn get_all_feature_types(_permit: Permit<Read>, hub: web::Data<Hub>) -> HttpResponse {
    let snapshot = hub.load();
    let kinds = snapshot.state().flag_kinds.values();
    HttpResponse::Ok().json(FeatureTypesSchema {
        version: 1,
        types: kinds.map(|kind| kind.as_ref().into()).collect(),
    })
}

/// Says how long flags of a kind are expected to live.
#[utoipa::path(
    tag = "Feature Types",
    operation_id = "updateFeatureTypeLifetime",
    request_body = UpdateFeatureTypeLifetimeSchema,
    responses((status = 200, body = FeatureTypeSchema))
)]
#[put("/feature-types/{id}/lifetime")]
async fn update_feature_type_lifetime(
    permit: Permit<UpdateFeatureType>,
    id: web::Path<String>,
    body: Json<UpdateFeatureTypeLifetimeSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = FlagKindCommand::SetLifetime {
        id: id.to_string(),
        days: body.into_inner().lifetime_days,
    };
    let done = writer
        .submit(&Command::FlagKind(wish), permit.actor())
        .await?;
    let kind = done.snapshot.state().flag_kinds.get(id.as_str());
    Ok(HttpResponse::Ok().json(kind.map(|kind| FeatureTypeSchema::from(kind.as_ref()))))
}
