//! Projects: look at, make, change, archive, delete. Their environments are in `environments`.

mod access;
mod access_of_one;
mod access_schema;
mod environments;
pub(super) mod overview;
pub(super) mod schema;

use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};

use super::favorites::Reader;
use super::insights::numbers::Chronicle;
use super::lifecycle::seen;
use super::paths::ProjectPath;
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit, Query, now};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{
    CreateProject, DeleteProject, Read, UpdateProject, UpdateProjectSettings,
};
use crate::change::{Done, History, Writer};
use crate::domain::command::{Command, ProjectCommand};
use crate::domain::decide::project::check_new_id;
use crate::domain::event::Actor;
use crate::domain::names::ProjectId;
use crate::domain::time::Timestamp;
use crate::snapshot::Hub;
use crate::usage::Usage;
use overview::ProjectOverviewSchema;
use schema::{
    CreateProjectSchema, FlagCreatorSchema, ProjectCreatedSchema, ProjectsSchema, Shown,
    UpdateProjectSchema, ValidProjectSchema, ValidateProjectSchema,
};

/// Adds the routes of projects.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_projects)
        .service(create_project)
        .service(validate_project)
        .service(archive_project)
        .service(revive_project)
        .service(get_project_overview)
        .service(get_project_flag_creators)
        .service(update_project_settings)
        .service(get_project)
        .service(update_project)
        .service(delete_project);
    access::routes(config);
    access_of_one::routes(config);
    environments::routes(config);
}

async fn submit(writer: &Writer, wish: ProjectCommand, actor: &Actor) -> Result<Done, ApiError> {
    Ok(writer.submit(&Command::Project(wish), actor).await?)
}

/// Lists projects.
#[utoipa::path(
    tag = "Projects",
    operation_id = "getProjects",
    params(("archived" = Option<bool>, Query, description = "The archived ones instead of the others")),
    responses((status = 200, body = ProjectsSchema))
)]
#[get("/projects")]
async fn get_projects(
    permit: Permit<Read>,
    query: Query,
    request: HttpRequest,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
) -> Result<web::Json<ProjectsSchema>, ApiError> {
    let seen = seen(&usage).await?;
    let snapshot = hub.load();
    let shown = Shown {
        state: snapshot.state(),
        seen: &seen,
        now: now(&request),
        reader: Reader::new(&permit),
    };
    let archived = query.is_true("archived");
    Ok(web::Json(ProjectsSchema::new(shown, archived)))
}

/// Shows a project with its environments and numbers.
#[utoipa::path(
    tag = "Projects",
    operation_id = "getProjectOverview",
    params(ProjectPath),
    responses((status = 200, body = ProjectOverviewSchema))
)]
#[get("/projects/{projectId}/overview")]
async fn get_project_overview(
    permit: Permit<Read>,
    request: HttpRequest,
    path: web::Path<ProjectPath>,
    sources: Sources,
) -> Result<web::Json<ProjectOverviewSchema>, ApiError> {
    overview(&permit, now(&request), &path, sources).await
}

/// Shows a project with its environments and numbers: the older path.
#[utoipa::path(
    tag = "Projects",
    operation_id = "getProject",
    params(ProjectPath),
    responses((status = 200, body = ProjectOverviewSchema))
)]
#[get("/projects/{projectId}")]
async fn get_project(
    permit: Permit<Read>,
    request: HttpRequest,
    path: web::Path<ProjectPath>,
    sources: Sources,
) -> Result<web::Json<ProjectOverviewSchema>, ApiError> {
    overview(&permit, now(&request), &path, sources).await
}

/// What a project is shown from.
type Sources = (web::Data<Hub>, web::Data<Usage>, web::Data<History>);

async fn overview(
    permit: &Permit<Read>,
    now: Timestamp,
    path: &ProjectPath,
    (hub, usage, history): Sources,
) -> Result<web::Json<ProjectOverviewSchema>, ApiError> {
    let seen = seen(&usage).await?;
    let snapshot = hub.load_full();
    let chronicle = Chronicle {
        state: snapshot.state(),
        history: &history,
        project: &path.project_id,
        now,
    };
    let shown = ProjectOverviewSchema::new(chronicle, &seen, Reader::new(permit)).await?;
    Ok(web::Json(shown))
}

/// Lists who made flags of a project.
#[utoipa::path(
    tag = "Projects",
    operation_id = "getProjectFlagCreators",
    params(ProjectPath),
    responses((status = 200, body = Vec<FlagCreatorSchema>))
)]
#[get("/projects/{projectId}/flag-creators")]
async fn get_project_flag_creators(
    _permit: Permit<Read>,
    path: web::Path<ProjectPath>,
    hub: web::Data<Hub>,
) -> web::Json<Vec<FlagCreatorSchema>> {
    let creators = FlagCreatorSchema::all(hub.load().state(), &path.project_id);
    web::Json(creators)
}

/// Makes a project.
#[utoipa::path(
    tag = "Projects",
    operation_id = "createProject",
    request_body = CreateProjectSchema,
    responses((status = 201, body = ProjectCreatedSchema))
)]
#[post("/projects")]
async fn create_project(
    permit: Permit<CreateProject>,
    body: Json<CreateProjectSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let new = body.into_inner().into_wish()?;
    let id = new.id.clone();
    let done = submit(&writer, ProjectCommand::Create(new), permit.actor()).await?;
    let project = done.snapshot.state().project(id.as_str())?;
    Ok(HttpResponse::Created().json(ProjectCreatedSchema::new(project)))
}

/// Says whether a project of this identifier could be made.
#[utoipa::path(
    tag = "Projects",
    operation_id = "validateProject",
    request_body = ValidateProjectSchema,
    responses((status = 200, body = ValidProjectSchema))
)]
#[post("/projects/validate")]
async fn validate_project(
    _permit: Permit<Read>,
    body: Json<ValidateProjectSchema>,
    hub: web::Data<Hub>,
) -> Result<web::Json<ValidProjectSchema>, ApiError> {
    check_new_id(hub.load().state(), &ProjectId::parse(&body.0.id)?)?;
    Ok(web::Json(ValidProjectSchema { valid: true }))
}

async fn change(
    writer: &Writer,
    path: web::Path<ProjectPath>,
    wish: UpdateProjectSchema,
    actor: &Actor,
) -> Result<HttpResponse, ApiError> {
    let command = ProjectCommand::Change {
        id: path.into_inner().project_id,
        change: wish.into_change(),
    };
    submit(writer, command, actor).await?;
    Ok(HttpResponse::Ok().finish())
}

/// Changes a project.
#[utoipa::path(
    tag = "Projects",
    operation_id = "updateProject",
    params(ProjectPath),
    request_body = UpdateProjectSchema,
    responses((status = 200, description = "Changed"))
)]
#[put("/projects/{projectId}")]
async fn update_project(
    permit: Permit<UpdateProject>,
    path: web::Path<ProjectPath>,
    body: Json<UpdateProjectSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    change(&writer, path, body.into_inner(), permit.actor()).await
}

/// Changes a project's settings: the same call on the path some tools use.
#[utoipa::path(
    tag = "Projects",
    operation_id = "updateProjectEnterpriseSettings",
    params(ProjectPath),
    request_body = UpdateProjectSchema,
    responses((status = 200, description = "Changed"))
)]
#[put("/projects/{projectId}/settings")]
async fn update_project_settings(
    permit: Permit<UpdateProjectSettings>,
    path: web::Path<ProjectPath>,
    body: Json<UpdateProjectSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    change(&writer, path, body.into_inner(), permit.actor()).await
}

/// Archives a project without live flags.
#[utoipa::path(
    tag = "Projects",
    operation_id = "archiveProject",
    params(ProjectPath),
    responses((status = 202, description = "Archived"))
)]
#[post("/projects/archive/{projectId}")]
async fn archive_project(
    permit: Permit<DeleteProject>,
    path: web::Path<ProjectPath>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let id = path.into_inner().project_id;
    submit(&writer, ProjectCommand::Archive { id }, permit.actor()).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Brings an archived project back.
#[utoipa::path(
    tag = "Projects",
    operation_id = "reviveProject",
    params(ProjectPath),
    responses((status = 202, description = "Revived"))
)]
#[post("/projects/revive/{projectId}")]
async fn revive_project(
    permit: Permit<UpdateProject>,
    path: web::Path<ProjectPath>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let id = path.into_inner().project_id;
    submit(&writer, ProjectCommand::Revive { id }, permit.actor()).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Deletes a project without live flags, and its archived flags with it.
#[utoipa::path(
    tag = "Projects",
    operation_id = "deleteProject",
    params(ProjectPath),
    responses((status = 200, description = "Deleted"))
)]
#[delete("/projects/{projectId}")]
async fn delete_project(
    permit: Permit<DeleteProject>,
    path: web::Path<ProjectPath>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let id = path.into_inner().project_id;
    submit(&writer, ProjectCommand::Delete { id }, permit.actor()).await?;
    Ok(HttpResponse::Ok().finish())
}
