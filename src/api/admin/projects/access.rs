//! Who has which roles in a project. The calls about single users and groups are in `access_of_one`.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpResponse, get, post, put, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::super::answer::{done, number_in_path};
use super::super::paths::ProjectPath;
use super::super::roles;
use super::access_schema::{
    ProjectAccessConfigurationSchema, ProjectAccessSchema, ProjectAddAccessSchema,
    ProjectAddRoleAccessSchema, ProjectRoleUsageSchema, ProjectUsersSchema,
};
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{Action, ChangeAccess, ReadAccess, ReadRole};
use crate::change::Writer;
use crate::domain::command::{AccessCommand, Roles};
use crate::domain::names::{ProjectId, RoleId};
use crate::domain::role::PERMISSIONS;
use crate::domain::state::State;
use crate::domain::user::ProjectAccess;
use crate::snapshot::Hub;

/// Adds the routes of access to projects.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_role_project_access)
        .service(get_project_access)
        .service(set_project_access)
        .service(add_access_to_project)
        .service(add_role_access_to_project)
        .service(get_project_users);
}

/// Nobody gives what they do not have: of the roles in `wish` that are new to somebody, the caller must have every
/// permission in the project.
pub(super) fn check_gift<A: Action>(
    permit: &Permit<A>,
    state: &State,
    project: &ProjectId,
    wish: &Roles,
) -> Result<(), ApiError> {
    let nobody = ProjectAccess::nobody(project.clone());
    let now = state.access.get(project).map_or(&nobody, AsRef::as_ref);
    let mut gifts = new_roles(&wish.users, &now.users);
    gifts.extend(new_roles(&wish.groups, &now.groups));
    for role in gifts.into_iter().filter_map(|id| state.role(id)) {
        for granted in &role.permissions {
            let known = PERMISSIONS.iter().find(|it| it.0 == granted.name);
            let environment = granted.environment.as_ref().map(AsRef::as_ref);
            if let Some((name, ..)) = known {
                permit.check_in(name, Some(project.as_str()), environment)?;
            }
        }
    }
    Ok(())
}

fn new_roles<K: Ord>(
    wish: &BTreeMap<K, BTreeSet<RoleId>>,
    now: &BTreeMap<K, BTreeSet<RoleId>>,
) -> BTreeSet<RoleId> {
    let none = BTreeSet::new();
    let of_one = |(who, roles): (&K, &BTreeSet<RoleId>)| -> Vec<RoleId> {
        let own = now.get(who).unwrap_or(&none);
        roles.difference(own).copied().collect()
    };
    wish.iter().flat_map(of_one).collect()
}

/// Checks that the caller may give these roles, and submits the wish.
pub(super) async fn give<A: Action>(
    permit: &Permit<A>,
    hub: &Hub,
    writer: &Writer,
    project: ProjectId,
    (wish, command): (Roles, fn(ProjectId, Roles) -> AccessCommand),
) -> Result<HttpResponse, ApiError> {
    {
        let snapshot = hub.load();
        snapshot.state().project(project.as_str())?;
        check_gift(permit, snapshot.state(), &project, &wish)?;
    }
    roles::submit(writer, command(project, wish), permit).await?;
    Ok(done())
}

/// Shows who has which roles in a project, and which roles there are.
#[utoipa::path(
    tag = "Projects",
    operation_id = "getProjectAccess",
    params(ProjectPath),
    responses((status = 200, body = ProjectAccessSchema))
)]
#[get("/projects/{projectId}/access")]
async fn get_project_access(
    _permit: Permit<ReadAccess>,
    path: web::Path<ProjectPath>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let snapshot = hub.load();
    let state = snapshot.state();
    let project = &state.project(&path.project_id)?.id;
    Ok(HttpResponse::Ok().json(ProjectAccessSchema::new(state, project)))
}

/// Sets who has which roles in a project. Who is not named has none afterwards. Nobody can give a role that allows more
/// than they may do themselves.
#[utoipa::path(
    tag = "Projects",
    operation_id = "setProjectAccess",
    params(ProjectPath),
    request_body = ProjectAccessConfigurationSchema,
    responses((status = 200, description = "Set"))
)]
#[put("/projects/{projectId}/access")]
async fn set_project_access(
    permit: Permit<ChangeAccess>,
    path: web::Path<ProjectPath>,
    body: Json<ProjectAccessConfigurationSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let project = ProjectId::trusted(&path.project_id);
    let wish = (body.into_inner().into_wish(), AccessCommand::Replace as _);
    give(&permit, &hub, &writer, project, wish).await
}

/// Gives users and groups more roles in a project.
#[utoipa::path(
    tag = "Projects",
    operation_id = "addAccessToProject",
    params(ProjectPath),
    request_body = ProjectAddAccessSchema,
    responses((status = 200, description = "Given"))
)]
#[post("/projects/{projectId}/access")]
async fn add_access_to_project(
    permit: Permit<ChangeAccess>,
    path: web::Path<ProjectPath>,
    body: Json<ProjectAddAccessSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let project = ProjectId::trusted(&path.project_id);
    let wish = (body.into_inner().into_wish(), AccessCommand::Give as _);
    give(&permit, &hub, &writer, project, wish).await
}

/// A role, and a project it can be given in.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
struct RolePath {
    /// The project.
    project_id: String,
    /// The number of the role.
    role_id: String,
}

/// Gives users and groups one more role in a project.
#[utoipa::path(
    tag = "Projects",
    operation_id = "addRoleAccessToProject",
    params(RolePath),
    request_body = ProjectAddRoleAccessSchema,
    responses((status = 200, description = "Given"))
)]
#[post("/projects/{projectId}/role/{roleId}/access")]
async fn add_role_access_to_project(
    permit: Permit<ChangeAccess>,
    path: web::Path<RolePath>,
    body: Json<ProjectAddRoleAccessSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let role = roles::id(&path.role_id)?;
    let project = ProjectId::trusted(&path.project_id);
    let wish = (body.into_inner().into_wish(role), AccessCommand::Give as _);
    give(&permit, &hub, &writer, project, wish).await
}

/// Lists users with roles of their own in a project.
#[utoipa::path(
    tag = "Projects",
    operation_id = "getProjectUsers",
    params(ProjectPath),
    responses((status = 200, body = ProjectUsersSchema))
)]
#[get("/projects/{projectId}/users")]
async fn get_project_users(
    _permit: Permit<ReadAccess>,
    path: web::Path<ProjectPath>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let snapshot = hub.load();
    let state = snapshot.state();
    let project = &state.project(&path.project_id)?.id;
    let ProjectAccessSchema { users, roles, .. } = ProjectAccessSchema::new(state, project);
    Ok(HttpResponse::Ok().json(ProjectUsersSchema { users, roles }))
}

/// Counts to whom a role is given, by project.
#[utoipa::path(
    tag = "Projects",
    operation_id = "getRoleProjectAccess",
    responses((status = 200, body = ProjectRoleUsageSchema))
)]
#[get("/projects/roles/{roleId}/access")]
async fn get_role_project_access(
    _permit: Permit<ReadRole>,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let role = RoleId(number_in_path("roleId", &path)?.into());
    let snapshot = hub.load();
    let state = snapshot.state();
    state.known_role(role)?;
    Ok(HttpResponse::Ok().json(ProjectRoleUsageSchema::new(state, role)))
}
