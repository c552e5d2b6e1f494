//! A flag in an environment: look at it, switch it.

pub(super) mod schema;

use actix_web::{HttpResponse, get, post, web};

use super::feature_strategies::schema::FeatureStrategySchema;
use super::paths::{FeatureEnvironmentPath, ProjectEnvironmentPath};
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit, Query};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{Read, UpdateFeatureEnvironment};
use crate::change::Writer;
use crate::domain::command::{Command, FlagAddress, StrategyCommand};
use crate::domain::rejection::Rejection;
use crate::snapshot::Hub;
use schema::{BulkToggleFeaturesSchema, FeatureEnvironmentSchema};

/// Adds the routes of flags in environments.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_feature_environment)
        .service(toggle_feature_environment_on)
        .service(toggle_feature_environment_off)
        .service(bulk_toggle_features_environment_on)
        .service(bulk_toggle_features_environment_off);
}

/// Shows a flag in an environment.
#[utoipa::path(
    tag = "Features",
    operation_id = "getFeatureEnvironment",
    params(FeatureEnvironmentPath),
    responses((status = 200, body = FeatureEnvironmentSchema))
)]
#[get("/projects/{projectId}/features/{featureName}/environments/{environment}")]
async fn get_feature_environment(
    _permit: Permit<Read>,
    path: web::Path<FeatureEnvironmentPath>,
    hub: web::Data<Hub>,
) -> Result<web::Json<FeatureEnvironmentSchema>, ApiError> {
    let snapshot = hub.load();
    let state = snapshot.state();
    let flag = state.live_flag_at(&path.address())?;
    let environment = state
        .environment_of(flag, &path.environment)
        .ok_or_else(|| {
            let FeatureEnvironmentPath {
                feature_name,
                environment,
                ..
            } = &*path;
            Rejection::NotFound(format!("Could not find {feature_name} in {environment}"))
        })?;
    let own = flag.environments.get(&environment);
    let strategies = own.iter().flat_map(|own| &own.strategies);
    Ok(web::Json(FeatureEnvironmentSchema {
        name: flag.name.to_string(),
        environment: environment.to_string(),
        enabled: own.is_some_and(|own| own.enabled),
        strategies: strategies
            .map(|strategy| FeatureStrategySchema::of_flag(strategy, flag.name.as_str()))
            .collect(),
    }))
}

fn switch(at: FlagAddress, environment: &str, on: bool, query: &Query) -> Command {
    Command::Strategy(StrategyCommand::Switch {
        at,
        environment: environment.to_owned(),
        on,
        activate_disabled: query.is_true("shouldActivateDisabledStrategies"),
    })
}

async fn submit(
    permit: &Permit<UpdateFeatureEnvironment>,
    writer: &Writer,
    command: &Command,
) -> Result<HttpResponse, ApiError> {
    writer.submit(command, permit.actor()).await?;
    Ok(HttpResponse::Ok().finish())
}

/// Switches a flag on.
#[utoipa::path(
    tag = "Features",
    operation_id = "toggleFeatureEnvironmentOn",
    params(
        FeatureEnvironmentPath,
        ("shouldActivateDisabledStrategies" = Option<bool>, Query,
            description = "Activate disabled strategies rather than add one"),
    ),
    responses((status = 200, description = "On"))
)]
#[post("/projects/{projectId}/features/{featureName}/environments/{environment}/on")]
async fn toggle_feature_environment_on(
    permit: Permit<UpdateFeatureEnvironment>,
    path: web::Path<FeatureEnvironmentPath>,
    query: Query,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let command = switch(path.address(), &path.environment, true, &query);
    submit(&permit, &writer, &command).await
}

/// Switches a flag off.
#[utoipa::path(
    tag = "Features",
    operation_id = "toggleFeatureEnvironmentOff",
    params(FeatureEnvironmentPath),
    responses((status = 200, description = "Off"))
)]
#[post("/projects/{projectId}/features/{featureName}/environments/{environment}/off")]
async fn toggle_feature_environment_off(
    permit: Permit<UpdateFeatureEnvironment>,
    path: web::Path<FeatureEnvironmentPath>,
    query: Query,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let command = switch(path.address(), &path.environment, false, &query);
    submit(&permit, &writer, &command).await
}

fn switch_all(
    path: &ProjectEnvironmentPath,
    features: Vec<String>,
    on: bool,
    query: &Query,
) -> Command {
    let commands = features.into_iter().map(|name| {
        let project = path.project_id.clone();
        switch(FlagAddress { project, name }, &path.environment, on, query)
    });
    Command::Batch(commands.collect())
}

/// Switches flags on, all or none.
#[utoipa::path(
    tag = "Features",
    operation_id = "bulkToggleFeaturesEnvironmentOn",
    params(
        ProjectEnvironmentPath,
        ("shouldActivateDisabledStrategies" = Option<bool>, Query,
            description = "Activate disabled strategies rather than add one"),
    ),
    request_body = BulkToggleFeaturesSchema,
    responses((status = 200, description = "On"))
)]
#[post("/projects/{projectId}/bulk_features/environments/{environment}/on")]
async fn bulk_toggle_features_environment_on(
    permit: Permit<UpdateFeatureEnvironment>,
    path: web::Path<ProjectEnvironmentPath>,
    query: Query,
    body: Json<BulkToggleFeaturesSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let command = switch_all(&path, body.0.features, true, &query);
    submit(&permit, &writer, &command).await
}

/// Switches flags off, all or none.
#[utoipa::path(
    tag = "Features",
    operation_id = "bulkToggleFeaturesEnvironmentOff",
    params(ProjectEnvironmentPath),
    request_body = BulkToggleFeaturesSchema,
    responses((status = 200, description = "Off"))
)]
#[post("/projects/{projectId}/bulk_features/environments/{environment}/off")]
async fn bulk_toggle_features_environment_off(
    permit: Permit<UpdateFeatureEnvironment>,
    path: web::Path<ProjectEnvironmentPath>,
    query: Query,
    body: Json<BulkToggleFeaturesSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let command = switch_all(&path, body.0.features, false, &query);
    submit(&permit, &writer, &command).await
}
