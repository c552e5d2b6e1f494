//! Roles of one user or one group in a project.

use actix_web::{HttpResponse, delete, post, put, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::super::answer::number_in_path;
use super::super::roles;
use super::access::give;
use super::access_schema::{SetRolesSchema, of_group, of_user};
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::ChangeAccess;
use crate::change::Writer;
use crate::domain::command::AccessCommand;
use crate::domain::names::{GroupId, ProjectId, RoleId, UserId};
use crate::snapshot::Hub;

/// Adds the routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(set_roles_for_user)
        .service(remove_user_access)
        .service(add_role_to_user)
        .service(change_role_for_user)
        .service(remove_role_for_user)
        .service(set_roles_for_group)
        .service(remove_group_access)
        .service(add_role_to_group)
        .service(change_role_for_group)
        .service(remove_role_from_group);
}

/// A user in a project, and perhaps a role.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
struct UserPath {
    /// The project.
    project_id: String,
    /// The number of the user.
    user_id: String,
}

impl UserPath {
    fn read(&self) -> Result<(ProjectId, UserId), ApiError> {
        let id = number_in_path("userId", &self.user_id)?;
        Ok((ProjectId::trusted(&self.project_id), UserId(id.into())))
    }
}

/// A user in a project, and a role.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
struct UserRolePath {
    /// The project.
    project_id: String,
    /// The number of the user.
    user_id: String,
    /// The number of the role.
    role_id: String,
}

impl UserRolePath {
    fn read(&self) -> Result<(ProjectId, UserId, RoleId), ApiError> {
        let id = number_in_path("userId", &self.user_id)?;
        let role = roles::id(&self.role_id)?;
        let project = ProjectId::trusted(&self.project_id);
        Ok((project, UserId(id.into()), role))
    }
}

/// A group in a project.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
struct GroupPath {
    /// The project.
    project_id: String,
    /// The number of the group.
    group_id: String,
}

impl GroupPath {
    fn read(&self) -> Result<(ProjectId, GroupId), ApiError> {
        let id = number_in_path("groupId", &self.group_id)?;
        Ok((ProjectId::trusted(&self.project_id), GroupId(id.into())))
    }
}

/// A group in a project, and a role.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
struct GroupRolePath {
    /// The project.
    project_id: String,
    /// The number of the group.
    group_id: String,
    /// The number of the role.
    role_id: String,
}

impl GroupRolePath {
    fn read(&self) -> Result<(ProjectId, GroupId, RoleId), ApiError> {
        let id = number_in_path("groupId", &self.group_id)?;
        let role = roles::id(&self.role_id)?;
        let project = ProjectId::trusted(&self.project_id);
        Ok((project, GroupId(id.into()), role))
    }
}

/// Sets the roles of a user in a project.
#[utoipa::path(
    tag = "Projects",
    operation_id = "setRolesForUser",
    params(UserPath),
    request_body = SetRolesSchema,
    responses((status = 200, description = "Set"))
)]
#[put("/projects/{projectId}/users/{userId}/roles")]
async fn set_roles_for_user(
    permit: Permit<ChangeAccess>,
    path: web::Path<UserPath>,
    body: Json<SetRolesSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (project, user) = path.read()?;
    let roles = body.into_inner().roles.into_iter().map(RoleId);
    let wish = (of_user(user, roles), AccessCommand::Set as _);
    give(&permit, &hub, &writer, project, wish).await
}

/// Takes all roles in a project from a user. Those of its groups stay.
#[utoipa::path(
    tag = "Projects",
    operation_id = "removeUserAccess",
    params(UserPath),
    responses((status = 200, description = "Taken"))
)]
#[delete("/projects/{projectId}/users/{userId}/roles")]
async fn remove_user_access(
    permit: Permit<ChangeAccess>,
    path: web::Path<UserPath>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (project, user) = path.read()?;
    let wish = (of_user(user, []), AccessCommand::Set as _);
    give(&permit, &hub, &writer, project, wish).await
}

/// Gives a user one more role in a project.
#[utoipa::path(
    tag = "Projects",
    operation_id = "addRoleToUser",
    params(UserRolePath),
    responses((status = 200, description = "Given"))
)]
#[post("/projects/{projectId}/users/{userId}/roles/{roleId}")]
async fn add_role_to_user(
    permit: Permit<ChangeAccess>,
    path: web::Path<UserRolePath>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (project, user, role) = path.read()?;
    let wish = (of_user(user, [role]), AccessCommand::Give as _);
    give(&permit, &hub, &writer, project, wish).await
}

/// Gives a user a role in a project in place of those it has.
#[utoipa::path(
    tag = "Projects",
    operation_id = "changeRoleForUser",
    params(UserRolePath),
    responses((status = 200, description = "Set"))
)]
#[put("/projects/{projectId}/users/{userId}/roles/{roleId}")]
async fn change_role_for_user(
    permit: Permit<ChangeAccess>,
    path: web::Path<UserRolePath>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (project, user, role) = path.read()?;
    let wish = (of_user(user, [role]), AccessCommand::Set as _);
    give(&permit, &hub, &writer, project, wish).await
}

/// Takes one role in a project from a user.
#[utoipa::path(
    tag = "Projects",
    operation_id = "removeRoleForUser",
    params(UserRolePath),
    responses((status = 200, description = "Taken"))
)]
#[delete("/projects/{projectId}/users/{userId}/roles/{roleId}")]
async fn remove_role_for_user(
    permit: Permit<ChangeAccess>,
    path: web::Path<UserRolePath>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (project, user, role) = path.read()?;
    let wish = (of_user(user, [role]), AccessCommand::Take as _);
    give(&permit, &hub, &writer, project, wish).await
}

/// Sets the roles of a group in a project.
#[utoipa::path(
    tag = "Projects",
    operation_id = "setRolesForGroup",
    params(GroupPath),
    request_body = SetRolesSchema,
    responses((status = 200, description = "Set"))
)]
#[put("/projects/{projectId}/groups/{groupId}/roles")]
async fn set_roles_for_group(
    permit: Permit<ChangeAccess>,
    path: web::Path<GroupPath>,
    body: Json<SetRolesSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (project, group) = path.read()?;
    let roles = body.into_inner().roles.into_iter().map(RoleId);
    let wish = (of_group(group, roles), AccessCommand::Set as _);
    give(&permit, &hub, &writer, project, wish).await
}

/// Takes all roles in a project from a group.
#[utoipa::path(
    tag = "Projects",
    operation_id = "removeGroupAccess",
    params(GroupPath),
    responses((status = 200, description = "Taken"))
)]
#[delete("/projects/{projectId}/groups/{groupId}/roles")]
async fn remove_group_access(
    permit: Permit<ChangeAccess>,
    path: web::Path<GroupPath>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (project, group) = path.read()?;
    let wish = (of_group(group, []), AccessCommand::Set as _);
    give(&permit, &hub, &writer, project, wish).await
}

/// Gives a group one more role in a project.
#[utoipa::path(
    tag = "Projects",
    operation_id = "addRoleToGroup",
    params(GroupRolePath),
    responses((status = 200, description = "Given"))
)]
#[post("/projects/{projectId}/groups/{groupId}/roles/{roleId}")]
async fn add_role_to_group(
    permit: Permit<ChangeAccess>,
    path: web::Path<GroupRolePath>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (project, group, role) = path.read()?;
    let wish = (of_group(group, [role]), AccessCommand::Give as _);
    give(&permit, &hub, &writer, project, wish).await
}

/// Gives a group a role in a project in place of those it has.
#[utoipa::path(
    tag = "Projects",
    operation_id = "changeRoleForGroup",
    params(GroupRolePath),
    responses((status = 200, description = "Set"))
)]
#[put("/projects/{projectId}/groups/{groupId}/roles/{roleId}")]
async fn change_role_for_group(
    permit: Permit<ChangeAccess>,
    path: web::Path<GroupRolePath>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (project, group, role) = path.read()?;
    let wish = (of_group(group, [role]), AccessCommand::Set as _);
    give(&permit, &hub, &writer, project, wish).await
}

/// Takes one role in a project from a group.
#[utoipa::path(
    tag = "Projects",
    operation_id = "removeRoleFromGroup",
    params(GroupRolePath),
    responses((status = 200, description = "Taken"))
)]
#[delete("/projects/{projectId}/groups/{groupId}/roles/{roleId}")]
async fn remove_role_from_group(
    permit: Permit<ChangeAccess>,
    path: web::Path<GroupRolePath>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (project, group, role) = path.read()?;
    let wish = (of_group(group, [role]), AccessCommand::Take as _);
    give(&permit, &hub, &writer, project, wish).await
}
