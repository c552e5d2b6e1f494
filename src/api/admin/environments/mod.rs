//! Environments of the instance.

pub(super) mod schema;

use actix_web::{HttpResponse, delete, get, post, put, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::names::NameSchema;
use super::paths::ProjectPath;
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{ManageEnvironments, Read};
use crate::change::{Done, Writer};
use crate::domain::command::{CloneEnvironment, Command, EnvironmentCommand};
use crate::domain::decide::environment::check_new_name;
use crate::domain::event::Actor;
use crate::domain::names::EnvironmentName;
use crate::domain::rejection::Rejection;
use crate::domain::state::State;
use crate::snapshot::Hub;
use schema::{
    CloneEnvironmentSchema, CreateEnvironmentSchema, EnvironmentSchema, EnvironmentsProjectSchema,
    EnvironmentsSchema, SortOrderSchema, UpdateEnvironmentSchema,
};

/// Adds the routes of environments.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_all_environments)
        .service(create_environment)
        .service(validate_environment_name)
        .service(update_sort_order)
        .service(update_environment)
        .service(get_project_environments)
        .service(toggle_environment_on)
        .service(toggle_environment_off)
        .service(clone_environment)
        .service(get_environment)
        .service(remove_environment);
}

/// An environment.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct NamePath {
    /// The environment.
    name: String,
}

async fn submit(
    writer: &Writer,
    wish: EnvironmentCommand,
    actor: &Actor,
) -> Result<Done, ApiError> {
    Ok(writer.submit(&Command::Environment(wish), actor).await?)
}

fn found(state: &State, name: &str) -> Result<EnvironmentSchema, Rejection> {
    let environment = state.environments.get(name).ok_or_else(|| {
        Rejection::NotFound(format!("Could not find environment with name: {name}"))
    })?;
    Ok(EnvironmentSchema::new(environment, state))
}

/// Lists environments, in order.
#[utoipa::path(
    tag = "Environments",
    operation_id = "getAllEnvironments",
    responses((status = 200, body = EnvironmentsSchema))
)]
#[get("/environments")]
async fn get_all_environments(
    _permit: Permit<Read>,
    hub: web::Data<Hub>,
) -> web::Json<EnvironmentsSchema> {
    web::Json(EnvironmentsSchema::new(hub.load().state()))
}

/// Shows an environment.
#[utoipa::path(
    tag = "Environments",
    operation_id = "getEnvironment",
    params(NamePath),
    responses((status = 200, body = EnvironmentSchema))
)]
#[get("/environments/{name}")]
async fn get_environment(
    _permit: Permit<Read>,
    path: web::Path<NamePath>,
    hub: web::Data<Hub>,
) -> Result<web::Json<EnvironmentSchema>, ApiError> {
    Ok(web::Json(found(hub.load().state(), &path.name)?))
}

/// Lists environments as a project sees them, in order.
#[utoipa::path(
    tag = "Environments",
    operation_id = "getProjectEnvironments",
    params(ProjectPath),
    responses((status = 200, body = EnvironmentsProjectSchema))
)]
#[get("/environments/project/{projectId}")]
async fn get_project_environments(
    _permit: Permit<Read>,
    path: web::Path<ProjectPath>,
    hub: web::Data<Hub>,
) -> web::Json<EnvironmentsProjectSchema> {
    let seen = EnvironmentsProjectSchema::new(&path.project_id, hub.load().state());
    web::Json(seen)
}

/// Makes an environment.
#[utoipa::path(
    tag = "Environments",
    operation_id = "createEnvironment",
    request_body = CreateEnvironmentSchema,
    responses((status = 201, body = EnvironmentSchema))
)]
#[post("/environments")]
async fn create_environment(
    permit: Permit<ManageEnvironments>,
    body: Json<CreateEnvironmentSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let name = EnvironmentName::parse(&body.0.name)?;
    let wish = EnvironmentCommand::Create {
        name: name.clone(),
        sort_order: body.0.sort_order,
        enabled: body.0.enabled,
        protected: body.0.protected,
        kind: body.0.kind,
    };
    let done = submit(&writer, wish, permit.actor()).await?;
    Ok(HttpResponse::Created().json(found(done.snapshot.state(), name.as_str())?))
}

/// Says whether an environment of this name could be made.
#[utoipa::path(
    tag = "Environments",
    operation_id = "validateEnvironmentName",
    request_body = NameSchema,
    responses((status = 200, description = "It could"))
)]
#[post("/environments/validate")]
async fn validate_environment_name(
    _permit: Permit<Read>,
    body: Json<NameSchema>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    check_new_name(hub.load().state(), &EnvironmentName::parse(&body.0.name)?)?;
    Ok(HttpResponse::Ok().finish())
}

/// Changes an environment.
#[utoipa::path(
    tag = "Environments",
    operation_id = "updateEnvironment",
    params(NamePath),
    request_body = UpdateEnvironmentSchema,
    responses((status = 200, body = EnvironmentSchema))
)]
#[put("/environments/update/{name}")]
async fn update_environment(
    permit: Permit<ManageEnvironments>,
    path: web::Path<NamePath>,
    body: Json<UpdateEnvironmentSchema>,
    writer: web::Data<Writer>,
) -> Result<web::Json<EnvironmentSchema>, ApiError> {
    let wish = EnvironmentCommand::Change {
        name: path.name.clone(),
        sort_order: body.0.sort_order,
        protected: body.0.protected,
        kind: body.0.kind,
    };
    let done = submit(&writer, wish, permit.actor()).await?;
    Ok(web::Json(found(done.snapshot.state(), &path.name)?))
}

/// Makes an environment like another one: projects that use that one use it, and flags have there what they have in the
/// other.
#[utoipa::path(
    tag = "Environments",
    operation_id = "cloneEnvironment",
    params(NamePath),
    request_body = CloneEnvironmentSchema,
    responses((status = 200, body = EnvironmentSchema))
)]
#[post("/environments/{name}/clone")]
async fn clone_environment(
    permit: Permit<ManageEnvironments>,
    path: web::Path<NamePath>,
    body: Json<CloneEnvironmentSchema>,
    writer: web::Data<Writer>,
) -> Result<web::Json<EnvironmentSchema>, ApiError> {
    let body = body.into_inner();
    let name = EnvironmentName::parse(&body.name)?;
    let wish = EnvironmentCommand::Clone(CloneEnvironment {
        source: path.into_inner().name,
        name: name.clone(),
        kind: body.kind,
        projects: body.projects,
        permissions: body.clone_permissions,
    });
    let done = submit(&writer, wish, permit.actor()).await?;
    Ok(web::Json(found(done.snapshot.state(), name.as_str())?))
}

/// Gives environments other places in lists.
#[utoipa::path(
    tag = "Environments",
    operation_id = "updateSortOrder",
    request_body = SortOrderSchema,
    responses((status = 200, description = "Sorted"))
)]
#[put("/environments/sort-order")]
async fn update_sort_order(
    permit: Permit<ManageEnvironments>,
    body: Json<SortOrderSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let places = body.into_inner().0;
    submit(&writer, EnvironmentCommand::Sort { places }, permit.actor()).await?;
    Ok(HttpResponse::Ok().finish())
}

async fn switch(
    writer: &Writer,
    path: web::Path<NamePath>,
    enabled: bool,
    actor: &Actor,
) -> Result<HttpResponse, ApiError> {
    let name = path.into_inner().name;
    let wish = EnvironmentCommand::Switch { name, enabled };
    submit(writer, wish, actor).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Offers an environment to projects.
#[utoipa::path(
    tag = "Environments",
    operation_id = "toggleEnvironmentOn",
    params(NamePath),
    responses((status = 204, description = "Offered"))
)]
#[post("/environments/{name}/on")]
async fn toggle_environment_on(
    permit: Permit<ManageEnvironments>,
    path: web::Path<NamePath>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    switch(&writer, path, true, permit.actor()).await
}

/// Stops offering an environment to projects.
#[utoipa::path(
    tag = "Environments",
    operation_id = "toggleEnvironmentOff",
    params(NamePath),
    responses((status = 204, description = "Not offered"))
)]
#[post("/environments/{name}/off")]
async fn toggle_environment_off(
    permit: Permit<ManageEnvironments>,
    path: web::Path<NamePath>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    switch(&writer, path, false, permit.actor()).await
}

/// Deletes an environment that no project uses.
#[utoipa::path(
    tag = "Environments",
    operation_id = "removeEnvironment",
    params(NamePath),
    responses((status = 200, description = "Deleted"))
)]
#[delete("/environments/{name}")]
async fn remove_environment(
    permit: Permit<ManageEnvironments>,
    path: web::Path<NamePath>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let name = path.into_inner().name;
    submit(&writer, EnvironmentCommand::Delete { name }, permit.actor()).await?;
    Ok(HttpResponse::Ok().finish())
}
