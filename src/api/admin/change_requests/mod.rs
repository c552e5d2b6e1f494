//! Whether changes are to be agreed to, by project and environment. Remembered for tools that set it; changes are not
//! held back.

use actix_web::{HttpResponse, get, put, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::nothing;
use super::paths::{ProjectEnvironmentPath, ProjectPath};
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{Read, UpdateChangeRequestSettings};
use crate::change::Writer;
use crate::domain::command::{Command, ProjectCommand};
use crate::domain::project::ChangeRequests;
use crate::snapshot::Hub;

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_project_change_request_config)
        .service(update_project_change_request_config);
}

/// Whether changes in an environment are to be agreed to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ChangeRequestEnvironmentConfigSchema {
    /// The environment.
    environment: String,
    /// Its kind.
    #[serde(rename = "type")]
    kind: String,
    /// They are.
    change_request_enabled: bool,
    /// By how many.
    required_approvals: Option<u8>,
}

/// Whether changes in an environment are to be agreed to from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UpdateChangeRequestEnvironmentConfigSchema {
    /// They are.
    change_requests_enabled: bool,
    /// By how many; brought into the bounds from 1 to 10.
    #[serde(default)]
    required_approvals: Option<i64>,
}

/// Shows in which environments of a project changes are to be agreed to. It is remembered only: changes are not held
/// back.
#[utoipa::path(
    tag = "Change Requests",
    operation_id = "getProjectChangeRequestConfig",
    params(ProjectPath),
    responses((status = 200, body = Vec<ChangeRequestEnvironmentConfigSchema>))
)]
#[get("/projects/{projectId}/change-requests/config")]
async fn get_project_change_request_config(
    _permit: Permit<Read>,
    path: web::Path<ProjectPath>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let snapshot = hub.load();
    let state = snapshot.state();
    let project = state.project(&path.project_id)?;
    let all = state.environments_in_order().into_iter();
    let config = all.filter_map(|environment| {
        let own = project.environments.get(&environment.name)?;
        Some(ChangeRequestEnvironmentConfigSchema {
            environment: environment.name.to_string(),
            kind: environment.kind.clone(),
            change_request_enabled: own.change_requests.enabled,
            required_approvals: own.change_requests.approvals,
        })
    });
    Ok(HttpResponse::Ok().json(config.collect::<Vec<_>>()))
}

/// Says whether changes in an environment of a project are to be agreed to, and by how many. It is remembered only:
/// changes are not held back.
#[utoipa::path(
    tag = "Change Requests",
    operation_id = "updateProjectChangeRequestConfig",
    params(ProjectEnvironmentPath),
    request_body = UpdateChangeRequestEnvironmentConfigSchema,
    responses((status = 204, description = "Remembered"))
)]
#[put("/projects/{projectId}/environments/{environment}/change-requests/config")]
async fn update_project_change_request_config(
    permit: Permit<UpdateChangeRequestSettings>,
    path: web::Path<ProjectEnvironmentPath>,
    body: Json<UpdateChangeRequestEnvironmentConfigSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let ProjectEnvironmentPath {
        project_id: id,
        environment,
    } = path.into_inner();
    let wish = Command::Project(ProjectCommand::SetChangeRequests {
        id,
        environment,
        wish: ChangeRequests::new(body.0.change_requests_enabled, body.0.required_approvals),
    });
    writer.submit(&wish, permit.actor()).await?;
    Ok(nothing())
}
