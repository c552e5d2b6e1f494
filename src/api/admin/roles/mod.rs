//! Roles, and the permissions they are made of.

pub(super) mod schema;

use actix_web::{HttpResponse, delete, get, post, put, web};

use super::answer::{done, number_in_path};
use super::users::schema::RolesSchema;
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{Action, Administer, Read, ReadRole};
use crate::change::{Done, Writer};
use crate::domain::command::{AccessCommand, Command};
use crate::domain::decide::role_rules;
use crate::domain::names::RoleId;
use crate::domain::role::{Role, RoleKind, Scope};
use crate::domain::state::Entity;
use crate::snapshot::Hub;
use schema::{
    AdminPermissionSchema, AdminPermissionsSchema, CreateRoleWithPermissionsSchema,
    EnvironmentPermissionsSchema, PermissionsByPlaceSchema, RoleWithPermissionsSchema,
    RoleWithVersionSchema,
};

/// Adds the routes of roles and permissions.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_permissions)
        .service(get_roles)
        .service(create_role)
        .service(validate_role)
        .service(get_role_by_id)
        .service(update_role)
        .service(delete_role);
}

/// Submits a wish about roles, groups and who has which.
pub(super) async fn submit<A: Action>(
    writer: &Writer,
    wish: AccessCommand,
    permit: &Permit<A>,
) -> Result<Done, ApiError> {
    let wish = Command::Access(wish);
    Ok(writer.submit(&wish, permit.actor()).await?)
}

/// Lists what one may be allowed to do.
#[utoipa::path(
    tag = "Auth",
    operation_id = "getPermissions",
    responses((status = 200, body = AdminPermissionsSchema))
)]
#[get("/permissions")]
async fn get_permissions(_permit: Permit<Read>, hub: web::Data<Hub>) -> HttpResponse {
    let snapshot = hub.load();
    let environments = snapshot.state().environments_in_order().into_iter();
    let permissions = PermissionsByPlaceSchema {
        root: AdminPermissionSchema::all(Scope::Root, None),
        project: AdminPermissionSchema::all(Scope::Project, None),
        environments: environments
            .map(|environment| EnvironmentPermissionsSchema {
                name: environment.name.to_string(),
                permissions: AdminPermissionSchema::all(
                    Scope::Environment,
                    Some(environment.name.as_str()),
                ),
            })
            .collect(),
    };
    HttpResponse::Ok().json(AdminPermissionsSchema {
        version: 2,
        permissions,
    })
}

/// Lists roles, those that are always there first.
#[utoipa::path(
    tag = "Users",
    operation_id = "getRoles",
    responses((status = 200, body = RolesSchema))
)]
#[get("/roles")]
async fn get_roles(_permit: Permit<ReadRole>, hub: web::Data<Hub>) -> HttpResponse {
    let snapshot = hub.load();
    HttpResponse::Ok().json(RolesSchema {
        version: 1,
        roles: snapshot.state().all_roles().map(Into::into).collect(),
    })
}

/// Makes a role.
#[utoipa::path(
    tag = "Users",
    operation_id = "createRole",
    request_body = CreateRoleWithPermissionsSchema,
    responses((status = 200, body = RoleWithVersionSchema))
)]
#[post("/roles")]
async fn create_role(
    permit: Permit<Administer>,
    body: Json<CreateRoleWithPermissionsSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = body.into_inner().into_wish(RoleKind::Custom)?;
    let done = submit(&writer, AccessCommand::CreateRole(wish), &permit).await?;
    let role = made(&done)?;
    Ok(HttpResponse::Ok().json(RoleWithVersionSchema::from(&role)))
}

fn made(done: &Done) -> Result<Role, ApiError> {
    let put = done.change.iter().flat_map(|change| &change.put);
    let role = put.into_iter().find_map(|entity| match entity {
        Entity::Role(role) => Some((**role).clone()),
        _ => None,
    });
    role.ok_or_else(|| ApiError::Internal(anyhow::anyhow!("no role was made")))
}

/// Says whether a role could be made.
#[utoipa::path(
    tag = "Users",
    operation_id = "validateRole",
    request_body = CreateRoleWithPermissionsSchema,
    responses((status = 200, description = "It could"))
)]
#[post("/roles/validate")]
async fn validate_role(
    _permit: Permit<ReadRole>,
    body: Json<CreateRoleWithPermissionsSchema>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let wish = body.into_inner().into_wish(RoleKind::Custom)?;
    role_rules::check(hub.load().state(), &wish, None)?;
    Ok(done())
}

pub(super) fn id(given: &str) -> Result<RoleId, ApiError> {
    number_in_path("roleId", given).map(|number| RoleId(number.into()))
}

/// Shows a role and what it allows.
#[utoipa::path(
    tag = "Users",
    operation_id = "getRoleById",
    responses((status = 200, body = RoleWithPermissionsSchema))
)]
#[get("/roles/{roleId}")]
async fn get_role_by_id(
    _permit: Permit<ReadRole>,
    path: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let snapshot = hub.load();
    let role = snapshot.state().known_role(id(&path)?)?;
    Ok(HttpResponse::Ok().json(RoleWithPermissionsSchema::from(role)))
}

/// Changes a role that is not built in. Those who have it may do at once what it then allows, and nothing else.
#[utoipa::path(
    tag = "Users",
    operation_id = "updateRole",
    request_body = CreateRoleWithPermissionsSchema,
    responses((status = 200, body = RoleWithVersionSchema))
)]
#[put("/roles/{roleId}")]
async fn update_role(
    permit: Permit<Administer>,
    path: web::Path<String>,
    body: Json<CreateRoleWithPermissionsSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let id = id(&path)?;
    let kind = hub.load().state().known_role(id)?.kind;
    let wish = body.into_inner().into_wish(kind)?;
    let done = submit(&writer, AccessCommand::ChangeRole(id, wish), &permit).await?;
    let role = done.snapshot.state().known_role(id)?;
    Ok(HttpResponse::Ok().json(RoleWithVersionSchema::from(role)))
}

/// Deletes a role that is not built in and that nobody has.
#[utoipa::path(
    tag = "Users",
    operation_id = "deleteRole",
    responses((status = 200, description = "Deleted"))
)]
#[delete("/roles/{roleId}")]
async fn delete_role(
    permit: Permit<Administer>,
    path: web::Path<String>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = AccessCommand::DeleteRole(id(&path)?);
    submit(&writer, wish, &permit).await?;
    Ok(done())
}
