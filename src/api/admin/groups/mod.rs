//! Groups of users, who get roles together.

pub(super) mod schema;

use actix_web::{HttpResponse, delete, get, post, put, web};

use super::answer::{created, done, number_in_path};
use super::roles::submit;
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::Administer;
use crate::change::{Done, Writer};
use crate::domain::command::AccessCommand;
use crate::domain::names::GroupId;
use crate::domain::state::Entity;
use crate::snapshot::Hub;
use schema::{CreateGroupSchema, GroupSchema, GroupsSchema};

/// Adds the routes of groups.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_groups)
        .service(create_group)
        .service(get_group)
        .service(update_group)
        .service(delete_group);
}

/// Lists groups.
#[utoipa::path(
    tag = "Users",
    operation_id = "getGroups",
    responses((status = 200, body = GroupsSchema))
)]
#[get("/groups")]
async fn get_groups(_permit: Permit<Administer>, hub: web::Data<Hub>) -> HttpResponse {
    let snapshot = hub.load();
    let state = snapshot.state();
    let groups = state.groups.values();
    HttpResponse::Ok().json(GroupsSchema {
        groups: groups.map(|it| GroupSchema::new(state, it)).collect(),
    })
}

/// Makes a group.
#[utoipa::path(
    tag = "Users",
    operation_id = "createGroup",
    request_body = CreateGroupSchema,
    responses((status = 201, body = GroupSchema))
)]
#[post("/groups")]
async fn create_group(
    permit: Permit<Administer>,
    body: Json<CreateGroupSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = AccessCommand::CreateGroup(body.into_inner().into_wish());
    let done = submit(&writer, wish, &permit).await?;
    let id = made(&done)?;
    let state = done.snapshot.state();
    let group = GroupSchema::new(state, state.group(id)?);
    Ok(created(&id.to_string(), &group))
}

fn made(done: &Done) -> Result<GroupId, ApiError> {
    let put = done.change.iter().flat_map(|change| &change.put);
    let id = put.into_iter().find_map(|entity| match entity {
        Entity::Group(group) => Some(group.id),
        _ => None,
    });
    id.ok_or_else(|| ApiError::Internal(anyhow::anyhow!("no group was made")))
}

fn id(given: &str) -> Result<GroupId, ApiError> {
    number_in_path("groupId", given).map(|number| GroupId(number.into()))
}

/// Shows a group.
#[utoipa::path(
    tag = "Users",
    operation_id = "getGroup",
    responses((status = 200, body = GroupSchema))
)]
#[get("/groups/{groupId}")]
async fn get_group(
    _permit: Permit<Administer>,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let snapshot = hub.load();
    let state = snapshot.state();
    let group = GroupSchema::new(state, state.group(id(&path)?)?);
    Ok(HttpResponse::Ok().json(group))
}

/// Changes a group. Those who stay in it keep the day they joined.
#[utoipa::path(
    tag = "Users",
    operation_id = "updateGroup",
    request_body = CreateGroupSchema,
    responses((status = 200, body = GroupSchema))
)]
#[put("/groups/{groupId}")]
async fn update_group(
    permit: Permit<Administer>,
    path: web::Path<String>,
    body: Json<CreateGroupSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let id = id(&path)?;
    let wish = AccessCommand::ChangeGroup(id, body.into_inner().into_wish());
    let done = submit(&writer, wish, &permit).await?;
    let state = done.snapshot.state();
    Ok(HttpResponse::Ok().json(GroupSchema::new(state, state.group(id)?)))
}

/// Deletes a group. Its members lose what they could do through it.
#[utoipa::path(
    tag = "Users",
    operation_id = "deleteGroup",
    responses((status = 200, description = "Deleted"))
)]
#[delete("/groups/{groupId}")]
async fn delete_group(
    permit: Permit<Administer>,
    path: web::Path<String>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = AccessCommand::DeleteGroup(id(&path)?);
    submit(&writer, wish, &permit).await?;
    Ok(done())
}
