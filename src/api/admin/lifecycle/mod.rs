//! How far flags have come.

pub(super) mod schema;

use actix_web::{HttpResponse, get, post, web};

use super::answer::done;
use super::paths::FeaturePath;
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{Read, UpdateFeature};
use crate::change::Writer;
use crate::domain::command::{Command, FlagCommand};
use crate::domain::flag::{Completion, Flag};
use crate::domain::lifecycle::{Entered, is_production, stages};
use crate::domain::names::FlagName;
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::snapshot::Hub;
use crate::usage::{Counts, Seen, Usage};
use schema::{
    FeatureLifecycleCompletedSchema, FeatureLifecycleCountSchema, FeatureLifecycleSchema,
};

/// Adds the routes of the life of flags.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_feature_lifecycle)
        .service(complete)
        .service(uncomplete)
        .service(get_feature_lifecycle_stage_count);
}

/// When flags were asked for.
pub(super) async fn seen(usage: &Usage) -> Result<std::sync::Arc<Seen>, ApiError> {
    let seen = usage.seen().await;
    seen.map_err(|error| ApiError::StoreUnavailable(error.into()))
}

/// How often a flag was on and off in the present hour.
pub(super) async fn counts(
    usage: &Usage,
    flag: &FlagName,
    now: Timestamp,
) -> Result<Counts, ApiError> {
    let counts = usage.this_hour(flag, now).await;
    counts.map_err(|error| ApiError::StoreUnavailable(error.into()))
}

/// The stages a flag has entered.
pub(super) fn entered(flag: &Flag, state: &State, seen: &Seen) -> Vec<Entered> {
    let known = seen.of(&flag.name).iter().filter_map(|it| {
        let environment = state.environments.get(&it.environment)?;
        Some((it, is_production(environment)))
    });
    stages(flag, known)
}

/// Shows the stages a flag has entered. One that is not there has entered none.
#[utoipa::path(
    tag = "Features",
    operation_id = "getFeatureLifecycle",
    params(FeaturePath),
    responses((status = 200, body = FeatureLifecycleSchema))
)]
#[get("/projects/{projectId}/features/{featureName}/lifecycle")]
async fn get_feature_lifecycle(
    _permit: Permit<Read>,
    path: web::Path<FeaturePath>,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
) -> Result<HttpResponse, ApiError> {
    let seen = seen(&usage).await?;
    let snapshot = hub.load();
    let state = snapshot.state();
    let flag = state.flags.get(path.feature_name.as_str());
    let flag = flag.filter(|flag| flag.project == *path.project_id);
    let entered = flag.map(|flag| entered(flag, state, &seen));
    let stages = entered.iter().flatten().map(Into::into);
    Ok(HttpResponse::Ok().json(FeatureLifecycleSchema(stages.collect())))
}

/// Says that a flag has done its work.
#[utoipa::path(
    tag = "Features",
    operation_id = "complete",
    params(FeaturePath),
    request_body = FeatureLifecycleCompletedSchema,
    responses(
        (status = 200, description = "Done"),
        (status = 404, description = "No such flag")
    )
)]
#[post("/projects/{projectId}/features/{featureName}/lifecycle/complete")]
async fn complete(
    permit: Permit<UpdateFeature>,
    request: actix_web::HttpRequest,
    path: web::Path<FeaturePath>,
    body: Json<FeatureLifecycleCompletedSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let completion = Completion {
        at: crate::api::extract::now(&request),
        outcome: body.status.into(),
        variant: body.status_value,
    };
    let command = Command::Flag(FlagCommand::Complete(path.address(), Some(completion)));
    writer.submit(&command, permit.actor()).await?;
    Ok(done())
}

/// Takes back that a flag has done its work.
#[utoipa::path(
    tag = "Features",
    operation_id = "uncomplete",
    params(FeaturePath),
    responses(
        (status = 200, description = "Done"),
        (status = 404, description = "No such flag")
    )
)]
#[post("/projects/{projectId}/features/{featureName}/lifecycle/uncomplete")]
async fn uncomplete(
    permit: Permit<UpdateFeature>,
    path: web::Path<FeaturePath>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let command = Command::Flag(FlagCommand::Complete(path.address(), None));
    writer.submit(&command, permit.actor()).await?;
    Ok(done())
}

/// Counts flags by the stage they are in.
#[utoipa::path(
    tag = "Features",
    operation_id = "getFeatureLifecycleStageCount",
    responses((status = 200, body = FeatureLifecycleCountSchema))
)]
#[get("/lifecycle/count")]
async fn get_feature_lifecycle_stage_count(
    _permit: Permit<Read>,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
) -> Result<HttpResponse, ApiError> {
    let seen = seen(&usage).await?;
    let snapshot = hub.load();
    let state = snapshot.state();
    let flags = state.flags.values();
    let newest = flags.filter_map(|flag| entered(flag, state, &seen).pop());
    Ok(HttpResponse::Ok().json(FeatureLifecycleCountSchema::new(newest.map(|it| it.stage))))
}
