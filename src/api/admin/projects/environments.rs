//! The environments a project uses.

use actix_web::{HttpResponse, delete, post, web};
use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::super::feature_strategies::schema::CreateFeatureStrategySchema;
use super::super::paths::{ProjectEnvironmentPath, ProjectPath};
use super::schema::ProjectEnvironmentSchema;
use super::submit;
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{UpdateDefaultStrategy, UpdateProject};
use crate::change::Writer;
use crate::domain::command::{Command, ProjectCommand};
use crate::domain::project::ChangeRequests;
use crate::domain::rejection::Rejection;

/// Adds the routes of projects' environments.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(add_environment_to_project)
        .service(remove_environment_from_project)
        .service(add_default_strategy_to_project_environment);
}

/// A strategy as it was sent: the answer repeats it, and the audit log keeps it.
#[derive(Debug, Deserialize)]
struct DefaultStrategyBody(Value);

impl PartialSchema for DefaultStrategyBody {
    fn schema() -> RefOr<Schema> {
        CreateFeatureStrategySchema::schema()
    }
}

impl ToSchema for DefaultStrategyBody {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        CreateFeatureStrategySchema::schemas(schemas);
    }
}

fn set_default_strategy(
    id: String,
    environment: String,
    document: Value,
) -> Result<ProjectCommand, ApiError> {
    let strategy: CreateFeatureStrategySchema = serde_json::from_value(document.clone())
        .map_err(|error| Rejection::bad_data(error.to_string()))?;
    Ok(ProjectCommand::SetDefaultStrategy {
        id,
        environment,
        strategy: strategy.into_wish()?,
        document,
    })
}

/// Lets a project use an environment.
#[utoipa::path(
    tag = "Projects",
    operation_id = "addEnvironmentToProject",
    params(ProjectPath),
    request_body = ProjectEnvironmentSchema,
    responses((status = 200, description = "Added"))
)]
#[post("/projects/{projectId}/environments")]
async fn add_environment_to_project(
    permit: Permit<UpdateProject>,
    path: web::Path<ProjectPath>,
    body: Json<ProjectEnvironmentSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let id = path.into_inner().project_id;
    let ProjectEnvironmentSchema {
        environment,
        default_strategy,
        change_requests_enabled,
    } = body.into_inner();
    let mut commands = vec![Command::Project(ProjectCommand::AddEnvironment {
        id: id.clone(),
        environment: environment.clone(),
    })];
    if change_requests_enabled {
        commands.push(Command::Project(ProjectCommand::SetChangeRequests {
            id: id.clone(),
            environment: environment.clone(),
            wish: ChangeRequests::new(true, None),
        }));
    }
    if let Some(document) = default_strategy {
        let command = set_default_strategy(id, environment, document)?;
        commands.push(Command::Project(command));
    }
    let command = Command::Batch(commands);
    writer.submit(&command, permit.actor()).await?;
    Ok(HttpResponse::Ok().finish())
}

/// Stops the use of an environment: the project's flags go off there and keep their strategies.
#[utoipa::path(
    tag = "Projects",
    operation_id = "removeEnvironmentFromProject",
    params(ProjectEnvironmentPath),
    responses((status = 200, description = "Removed"))
)]
#[delete("/projects/{projectId}/environments/{environment}")]
async fn remove_environment_from_project(
    permit: Permit<UpdateProject>,
    path: web::Path<ProjectEnvironmentPath>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let ProjectEnvironmentPath {
        project_id: id,
        environment,
    } = path.into_inner();
    let command = ProjectCommand::RemoveEnvironment { id, environment };
    submit(&writer, command, permit.actor()).await?;
    Ok(HttpResponse::Ok().finish())
}

/// Sets what a flag gets when it is switched on without a strategy.
#[utoipa::path(
    tag = "Projects",
    operation_id = "addDefaultStrategyToProjectEnvironment",
    params(ProjectEnvironmentPath),
    request_body = CreateFeatureStrategySchema,
    responses((status = 200, description = "What was sent", body = Value))
)]
#[post("/projects/{projectId}/environments/{environment}/default-strategy")]
async fn add_default_strategy_to_project_environment(
    permit: Permit<UpdateDefaultStrategy>,
    path: web::Path<ProjectEnvironmentPath>,
    body: Json<DefaultStrategyBody>,
    writer: web::Data<Writer>,
) -> Result<web::Json<Value>, ApiError> {
    let ProjectEnvironmentPath {
        project_id: id,
        environment,
    } = path.into_inner();
    let document = body.into_inner().0;
    let command = set_default_strategy(id, environment, document.clone())?;
    submit(&writer, command, permit.actor()).await?;
    Ok(web::Json(document))
}
