//! Strategies of a flag in an environment.

pub(super) mod schema;

use actix_web::{HttpResponse, delete, get, patch, post, put, web};

use super::patches::PatchesSchema;
use super::paths::{FeatureEnvironmentPath, StrategyPath};
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::api::schema::check_document;
use crate::auth::actions::{
    Action, CreateFeatureStrategy, DeleteFeatureStrategy, Read, UpdateFeatureStrategy,
};
use crate::change::{Done, Writer};
use crate::domain::command::{Command, StrategyChange, StrategyCommand};
use crate::domain::names::StrategyId;
use crate::domain::rejection::Rejection;
use crate::domain::state::{Entity, State};
use crate::domain::strategy::Strategy;
use crate::snapshot::Hub;
use schema::{
    CreateFeatureStrategySchema, FeatureStrategySchema, SetStrategySortOrderSchema,
    UpdateFeatureStrategySchema, whole,
};

/// Adds the routes of strategies of flags.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(set_strategy_sort_order)
        .service(get_feature_strategies)
        .service(add_feature_strategy)
        .service(get_feature_strategy)
        .service(update_feature_strategy)
        .service(patch_feature_strategy)
        .service(delete_feature_strategy);
}

fn strategy<'s>(state: &'s State, path: &StrategyPath) -> Result<&'s Strategy, Rejection> {
    state
        .strategy_owner(&path.feature_name, &path.strategy_id)
        .and_then(|(flag, _)| Some(flag.strategy(&path.strategy_id)?.1))
        .ok_or_else(|| {
            Rejection::NotFound(format!(
                "Could not find strategy with id: {}",
                path.strategy_id
            ))
        })
}

/// Lists the strategies, in order.
#[utoipa::path(
    tag = "Features",
    operation_id = "getFeatureStrategies",
    params(FeatureEnvironmentPath),
    responses((status = 200, body = Vec<FeatureStrategySchema>))
)]
#[get("/projects/{projectId}/features/{featureName}/environments/{environment}/strategies")]
async fn get_feature_strategies(
    _permit: Permit<Read>,
    path: web::Path<FeatureEnvironmentPath>,
    hub: web::Data<Hub>,
) -> Result<web::Json<Vec<FeatureStrategySchema>>, ApiError> {
    let snapshot = hub.load();
    let state = snapshot.state();
    let found = state.flag_at(&path.address()).ok();
    let found = found.and_then(|flag| Some((flag, state.environment_of(flag, &path.environment)?)));
    let (flag, environment) = found.ok_or_else(|| {
        Rejection::NotFound(format!(
            "Feature {} does not have environment {}",
            path.feature_name, path.environment
        ))
    })?;
    let own = flag.environments.get(&environment);
    let strategies = own.iter().flat_map(|own| &own.strategies);
    Ok(web::Json(
        strategies.map(FeatureStrategySchema::listed).collect(),
    ))
}

/// Adds a strategy.
#[utoipa::path(
    tag = "Features",
    operation_id = "addFeatureStrategy",
    params(FeatureEnvironmentPath),
    request_body = CreateFeatureStrategySchema,
    responses((status = 200, body = FeatureStrategySchema))
)]
#[post("/projects/{projectId}/features/{featureName}/environments/{environment}/strategies")]
async fn add_feature_strategy(
    permit: Permit<CreateFeatureStrategy>,
    path: web::Path<FeatureEnvironmentPath>,
    body: Json<CreateFeatureStrategySchema>,
    writer: web::Data<Writer>,
) -> Result<web::Json<FeatureStrategySchema>, ApiError> {
    let command = Command::Strategy(StrategyCommand::Add {
        at: path.address(),
        environment: path.environment.clone(),
        strategy: body.into_inner().into_wish()?,
    });
    let done = writer.submit(&command, permit.actor()).await?;
    Ok(web::Json(added(&done)?))
}

/// The strategy a change has added: its event says which.
fn added(done: &Done) -> Result<FeatureStrategySchema, ApiError> {
    let lost = || ApiError::Internal(anyhow::anyhow!("the change has no strategy"));
    let change = done.change.as_ref().ok_or_else(lost)?;
    let told = change.events.iter().find_map(|event| {
        let id = event.what.data.as_ref()?.get("id")?;
        id.as_str().map(ToOwned::to_owned)
    });
    let id = told.ok_or_else(lost)?;
    let strategy = change.put.iter().find_map(|entity| match entity {
        Entity::Flag(flag) => flag.strategy(&id).map(|(_, strategy)| strategy),
        _ => None,
    });
    Ok(FeatureStrategySchema::plain(strategy.ok_or_else(lost)?))
}

/// Shows a strategy.
#[utoipa::path(
    tag = "Features",
    operation_id = "getFeatureStrategy",
    params(StrategyPath),
    responses((status = 200, body = FeatureStrategySchema))
)]
#[get(
    "/projects/{projectId}/features/{featureName}/environments/{environment}/strategies/{strategyId}"
)]
async fn get_feature_strategy(
    _permit: Permit<Read>,
    path: web::Path<StrategyPath>,
    hub: web::Data<Hub>,
) -> Result<web::Json<FeatureStrategySchema>, ApiError> {
    let snapshot = hub.load();
    let strategy = strategy(snapshot.state(), &path)?;
    Ok(web::Json(FeatureStrategySchema::plain(strategy)))
}

/// Replaces a strategy.
#[utoipa::path(
    tag = "Features",
    operation_id = "updateFeatureStrategy",
    params(StrategyPath),
    request_body = UpdateFeatureStrategySchema,
    responses((status = 200, body = FeatureStrategySchema))
)]
#[put(
    "/projects/{projectId}/features/{featureName}/environments/{environment}/strategies/{strategyId}"
)]
async fn update_feature_strategy(
    permit: Permit<UpdateFeatureStrategy>,
    path: web::Path<StrategyPath>,
    body: Json<UpdateFeatureStrategySchema>,
    writer: web::Data<Writer>,
) -> Result<web::Json<FeatureStrategySchema>, ApiError> {
    change(&permit, &writer, &path, body.into_inner().into_change()?).await
}

/// Changes a strategy step by step.
#[utoipa::path(
    tag = "Features",
    operation_id = "patchFeatureStrategy",
    params(StrategyPath),
    request_body = PatchesSchema,
    responses((status = 200, body = FeatureStrategySchema))
)]
#[patch(
    "/projects/{projectId}/features/{featureName}/environments/{environment}/strategies/{strategyId}"
)]
async fn patch_feature_strategy(
    permit: Permit<UpdateFeatureStrategy>,
    path: web::Path<StrategyPath>,
    body: Json<PatchesSchema>,
    writer: web::Data<Writer>,
) -> Result<web::Json<FeatureStrategySchema>, ApiError> {
    let make = |state: &State| {
        let change = patched(strategy(state, &path)?, &body.0)?;
        let at = path.address();
        Ok::<_, ApiError>(Command::Strategy(StrategyCommand::Change { at, change }))
    };
    let done = writer.submit_made(make, permit.actor()).await?;
    let strategy = strategy(done.snapshot.state(), &path)?;
    Ok(web::Json(FeatureStrategySchema::plain(strategy)))
}

fn patched(strategy: &Strategy, patches: &PatchesSchema) -> Result<StrategyChange, ApiError> {
    let document = serde_json::to_value(FeatureStrategySchema::plain(strategy));
    let mut document = document.map_err(|error| ApiError::Internal(error.into()))?;
    patches.apply(&mut document)?;
    let details = check_document::<FeatureStrategySchema>(&mut document);
    if !details.is_empty() {
        return Err(ApiError::PatchedSchema(details));
    }
    let wish: FeatureStrategySchema =
        serde_json::from_value(document).map_err(|error| Rejection::bad_data(error.to_string()))?;
    Ok(wish.into_difference(strategy)?)
}

async fn change<A: Action>(
    permit: &Permit<A>,
    writer: &Writer,
    path: &StrategyPath,
    change: StrategyChange,
) -> Result<web::Json<FeatureStrategySchema>, ApiError> {
    let at = path.address();
    let command = Command::Strategy(StrategyCommand::Change { at, change });
    let done = writer.submit(&command, permit.actor()).await?;
    let strategy = strategy(done.snapshot.state(), path)?;
    Ok(web::Json(FeatureStrategySchema::plain(strategy)))
}

/// Removes a strategy.
#[utoipa::path(
    tag = "Features",
    operation_id = "deleteFeatureStrategy",
    params(StrategyPath),
    responses((status = 200, description = "Removed"))
)]
#[delete(
    "/projects/{projectId}/features/{featureName}/environments/{environment}/strategies/{strategyId}"
)]
async fn delete_feature_strategy(
    permit: Permit<DeleteFeatureStrategy>,
    path: web::Path<StrategyPath>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let command = Command::Strategy(StrategyCommand::Remove(path.address()));
    writer.submit(&command, permit.actor()).await?;
    Ok(HttpResponse::Ok().finish())
}

/// Gives some strategies other places.
#[utoipa::path(
    tag = "Features",
    operation_id = "setStrategySortOrder",
    params(FeatureEnvironmentPath),
    request_body = SetStrategySortOrderSchema,
    responses((status = 200, description = "Sorted"))
)]
#[post(
    "/projects/{projectId}/features/{featureName}/environments/{environment}/strategies/set-sort-order"
)]
async fn set_strategy_sort_order(
    permit: Permit<UpdateFeatureStrategy>,
    path: web::Path<FeatureEnvironmentPath>,
    body: Json<SetStrategySortOrderSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let places = body.into_inner().0.into_iter().map(|item| {
        let place = whole("sortOrder", item.sort_order)?;
        Ok((StrategyId::trusted(&item.id), place))
    });
    let command = Command::Strategy(StrategyCommand::Sort {
        at: path.address(),
        environment: path.environment.clone(),
        places: places.collect::<Result<_, Rejection>>()?,
    });
    writer.submit(&command, permit.actor()).await?;
    Ok(HttpResponse::Ok().finish())
}
