//! Segments: constraints with a name.

pub(super) mod schema;

use actix_web::{HttpResponse, delete, get, post, put, web};

use super::answer::{created, nothing, number_in_path};
use super::names::NameSchema;
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit, Somewhere};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{
    Action, CreateSegment, DeleteSegment, Read, UpdateFeatureStrategy, UpdateSegment,
};
use crate::change::{Done, Writer};
use crate::domain::command::{Command, SegmentCommand, SegmentWish};
use crate::domain::decide::segment::check_name;
use crate::domain::names::{ProjectId, SegmentId};
use crate::domain::rejection::Rejection;
use crate::domain::segment::Segment;
use crate::domain::state::{Entity, State};
use crate::snapshot::Hub;
use schema::{
    AdminSegmentSchema, SegmentStrategiesSchema, SegmentsSchema,
    UpdateFeatureStrategySegmentsSchema, UpsertSegmentSchema,
};

/// Adds the routes of segments.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_segments)
        .service(create_segment)
        .service(validate_segment)
        .service(update_feature_strategy_segments)
        .service(get_segments_by_strategy_id)
        .service(get_strategies_by_segment_id)
        .service(get_segment)
        .service(update_segment)
        .service(remove_segment);
}

fn find<'s>(state: &'s State, id: &str) -> Result<&'s Segment, ApiError> {
    let id = number_in_path("id", id)?;
    let found = state.segments.get(&SegmentId(id)).map(AsRef::as_ref);
    found.ok_or_else(|| Rejection::NotFound(format!("No segment exists with ID \"{id}\"")).into())
}

fn place(project: Option<&ProjectId>) -> Option<&str> {
    project.map(ProjectId::as_str)
}

/// The permit for a segment, by the project it is for. For one that is not there it takes the right everywhere.
fn permit_for<A: Action>(
    caller: Somewhere<A>,
    hub: &Hub,
    id: &str,
) -> Result<(SegmentId, Permit<A>), ApiError> {
    let id = SegmentId(number_in_path("id", id)?);
    let snapshot = hub.load();
    let segment = snapshot.state().segments.get(&id);
    let permit = caller.at(segment.and_then(|it| place(it.project.as_ref())), None)?;
    Ok((id, permit))
}

/// The segment a change has made.
fn made(done: &Done) -> Result<AdminSegmentSchema, ApiError> {
    let put = done.change.iter().flat_map(|change| &change.put);
    let mut segments = put.filter_map(|entity| match entity {
        Entity::Segment(segment) => Some(AdminSegmentSchema::from(segment.as_ref())),
        _ => None,
    });
    segments
        .next()
        .ok_or_else(|| ApiError::Internal(anyhow::anyhow!("the change has no segment")))
}

/// Lists all segments.
#[utoipa::path(tag = "Segments", operation_id = "getSegments", responses((status = 200, body = SegmentsSchema)))]
#[get("/segments")]
async fn get_segments(_permit: Permit<Read>, hub: web::Data<Hub>) -> HttpResponse {
    HttpResponse::Ok().json(SegmentsSchema::all(hub.load().state()))
}

/// Makes a segment.
#[utoipa::path(
    tag = "Segments",
    operation_id = "createSegment",
    request_body = UpsertSegmentSchema,
    responses((status = 201, body = AdminSegmentSchema))
)]
#[post("/segments")]
async fn create_segment(
    caller: Somewhere<CreateSegment>,
    body: Json<UpsertSegmentSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = SegmentWish::from(body.into_inner());
    let permit = caller.at(place(wish.project.as_ref()), None)?;
    let wish = Command::Segment(SegmentCommand::Create(wish));
    let segment = made(&writer.submit(&wish, permit.actor()).await?)?;
    Ok(created(&format!("segments/{}", segment.id), &segment))
}

/// Says whether a name is free.
#[utoipa::path(
    tag = "Segments",
    operation_id = "validateSegment",
    request_body = NameSchema,
    responses((status = 204, description = "It is"))
)]
#[post("/segments/validate")]
async fn validate_segment(
    _permit: Permit<Read>,
    body: Json<NameSchema>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let name = body.into_inner().name;
    if name.is_empty() {
        return Err(Rejection::bad_data("Segment name cannot be empty").into());
    }
    check_name(hub.load().state(), &name, None)?;
    Ok(nothing())
}

/// Shows a segment.
#[utoipa::path(tag = "Segments", operation_id = "getSegment", responses((status = 200, body = AdminSegmentSchema)))]
#[get("/segments/{id}")]
async fn get_segment(
    _permit: Permit<Read>,
    id: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let snapshot = hub.load();
    let segment = find(snapshot.state(), &id)?;
    Ok(HttpResponse::Ok().json(AdminSegmentSchema::from(segment)))
}

/// Changes a segment.
#[utoipa::path(
    tag = "Segments",
    operation_id = "updateSegment",
    request_body = UpsertSegmentSchema,
    responses((status = 204, description = "Done"))
)]
#[put("/segments/{id}")]
async fn update_segment(
    caller: Somewhere<UpdateSegment>,
    id: web::Path<String>,
    body: Json<UpsertSegmentSchema>,
    writer: web::Data<Writer>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let wish = SegmentWish::from(body.into_inner());
    let (id, permit) = permit_for(caller, &hub, &id)?;
    // Whoever takes a segment to another project must have the right there as well.
    permit.check_any(
        UpdateSegment::PERMISSIONS,
        place(wish.project.as_ref()),
        None,
    )?;
    let wish = Command::Segment(SegmentCommand::Update(id, wish));
    writer.submit(&wish, permit.actor()).await?;
    Ok(nothing())
}

/// Deletes a segment that no flag uses.
#[utoipa::path(tag = "Segments", operation_id = "removeSegment", responses((status = 204, description = "Done")))]
#[delete("/segments/{id}")]
async fn remove_segment(
    caller: Somewhere<DeleteSegment>,
    id: web::Path<String>,
    writer: web::Data<Writer>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let (id, permit) = permit_for(caller, &hub, &id)?;
    let wish = Command::Segment(SegmentCommand::Delete(id));
    writer.submit(&wish, permit.actor()).await?;
    Ok(nothing())
}

/// Lists the strategies that use a segment.
#[utoipa::path(
    tag = "Segments",
    operation_id = "getStrategiesBySegmentId",
    responses((status = 200, body = SegmentStrategiesSchema))
)]
#[get("/segments/{id}/strategies")]
async fn get_strategies_by_segment_id(
    _permit: Permit<Read>,
    id: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let snapshot = hub.load();
    let segment = find(snapshot.state(), &id)?;
    let users = snapshot.state().users_of_segment(segment.id);
    Ok(HttpResponse::Ok().json(SegmentStrategiesSchema {
        strategies: users.map(Into::into).collect(),
        change_request_strategies: Vec::new(),
    }))
}

/// Lists the segments a strategy uses.
#[utoipa::path(
    tag = "Segments",
    operation_id = "getSegmentsByStrategyId",
    responses((status = 200, body = SegmentsSchema))
)]
#[get("/segments/strategies/{strategyId}")]
async fn get_segments_by_strategy_id(
    _permit: Permit<Read>,
    id: web::Path<String>,
    hub: web::Data<Hub>,
) -> HttpResponse {
    HttpResponse::Ok().json(SegmentsSchema::of_strategy(hub.load().state(), &id))
}

/// Says which segments a strategy uses.
#[utoipa::path(
    tag = "Strategies",
    operation_id = "updateFeatureStrategySegments",
    request_body = UpdateFeatureStrategySegmentsSchema,
    responses((status = 201, body = UpdateFeatureStrategySegmentsSchema))
)]
#[post("/segments/strategies")]
async fn update_feature_strategy_segments(
    caller: Somewhere<UpdateFeatureStrategy>,
    body: Json<UpdateFeatureStrategySegmentsSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let permit = caller.at(Some(&body.project_id), Some(&body.environment_id))?;
    let wish = Command::Segment(SegmentCommand::Assign((&body).into()));
    writer.submit(&wish, permit.actor()).await?;
    Ok(created(&format!("strategies/{}", body.strategy_id), &body))
}
