//! Kinds of strategies, built in and others.

pub(super) mod schema;

use actix_web::{HttpResponse, delete, get, post, put, web};

use super::answer::{created, done};
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{CreateStrategy, DeleteStrategy, Read, UpdateStrategy};
use crate::change::Writer;
use crate::domain::command::{Command, StrategyKindCommand};
use crate::domain::event::Actor;
use crate::domain::names::StrategyKindName;
use crate::domain::rejection::Rejection;
use crate::domain::state::State;
use crate::snapshot::Hub;
use schema::{CreateStrategySchema, StrategiesSchema, StrategySchema, UpdateStrategySchema};

/// Adds the routes of kinds of strategies.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_all_strategies)
        .service(create_strategy)
        .service(get_strategy)
        .service(update_strategy)
        .service(remove_strategy)
        .service(deprecate_strategy)
        .service(reactivate_strategy);
}

fn show(state: &State, name: &str) -> Result<StrategySchema, ApiError> {
    let kind = state.strategy_kinds.get(name);
    kind.map(|kind| kind.as_ref().into())
        .ok_or_else(|| Rejection::NotFound("No strategy found".into()).into())
}

async fn submit(
    writer: &Writer,
    actor: &Actor,
    wish: StrategyKindCommand,
) -> Result<HttpResponse, ApiError> {
    writer.submit(&Command::StrategyKind(wish), actor).await?;
    Ok(done())
}

/// Lists kinds of strategies.
#[utoipa::path(
    tag = "Strategies",
    operation_id = "getAllStrategies",
    responses((status = 200, body = StrategiesSchema))
)]
#[get("/strategies")]
async fn get_all_strategies(_permit: Permit<Read>, hub: web::Data<Hub>) -> HttpResponse {
    let snapshot = hub.load();
    let kinds = snapshot.state().strategy_kinds.values();
    HttpResponse::Ok().json(StrategiesSchema {
        version: 1,
        strategies: kinds.map(|kind| kind.as_ref().into()).collect(),
    })
}

/// Makes a kind of strategy.
#[utoipa::path(
    tag = "Strategies",
    operation_id = "createStrategy",
    request_body = CreateStrategySchema,
    responses((status = 201, body = StrategySchema))
)]
#[post("/strategies")]
async fn create_strategy(
    permit: Permit<CreateStrategy>,
    body: Json<CreateStrategySchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let name = StrategyKindName::parse(&body.name)?;
    let wish = StrategyKindCommand::Create(name.clone(), body.into());
    let done = writer
        .submit(&Command::StrategyKind(wish), permit.actor())
        .await?;
    let kind = show(done.snapshot.state(), name.as_str())?;
    Ok(created(&format!("strategies/{name}"), &kind))
}

/// Shows a kind of strategy.
#[utoipa::path(tag = "Strategies", operation_id = "getStrategy", responses((status = 200, body = StrategySchema)))]
#[get("/strategies/{name}")]
async fn get_strategy(
    _permit: Permit<Read>,
    name: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(show(hub.load().state(), &name)?))
}

/// Changes a kind of strategy.
#[utoipa::path(
    tag = "Strategies",
    operation_id = "updateStrategy",
    request_body = UpdateStrategySchema,
    responses((status = 200, description = "Done"))
)]
#[put("/strategies/{name}")]
async fn update_strategy(
    permit: Permit<UpdateStrategy>,
    name: web::Path<String>,
    body: Json<UpdateStrategySchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let name = body.name.clone().unwrap_or_else(|| name.into_inner());
    let wish = StrategyKindCommand::Update(name, body.into());
    submit(&writer, permit.actor(), wish).await
}

/// Deletes a kind of strategy.
#[utoipa::path(
    tag = "Strategies",
    operation_id = "removeStrategy",
    responses((status = 200, description = "Done"))
)]
#[delete("/strategies/{name}")]
async fn remove_strategy(
    permit: Permit<DeleteStrategy>,
    name: web::Path<String>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = StrategyKindCommand::Delete(name.into_inner());
    submit(&writer, permit.actor(), wish).await
}

/// Offers a kind of strategy no longer.
#[utoipa::path(
    tag = "Strategies",
    operation_id = "deprecateStrategy",
    responses((status = 200, description = "Done"))
)]
#[post("/strategies/{strategyName}/deprecate")]
async fn deprecate_strategy(
    permit: Permit<UpdateStrategy>,
    name: web::Path<String>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = StrategyKindCommand::Deprecate(name.into_inner());
    submit(&writer, permit.actor(), wish).await
}

/// Offers a kind of strategy again.
#[utoipa::path(
    tag = "Strategies",
    operation_id = "reactivateStrategy",
    responses((status = 200, description = "Done"))
)]
#[post("/strategies/{strategyName}/reactivate")]
async fn reactivate_strategy(
    permit: Permit<UpdateStrategy>,
    name: web::Path<String>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = StrategyKindCommand::Reactivate(name.into_inner());
    submit(&writer, permit.actor(), wish).await
}
