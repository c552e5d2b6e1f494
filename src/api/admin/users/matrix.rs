//! What users may do, told to administrators, and to users about themselves.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::schema::{RoleSchema, UserSchema};
use crate::api::admin::roles::schema::AdminPermissionSchema;
use crate::api::error::ApiError;
use crate::api::extract::Permit;
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{Administer, Read};
use crate::domain::rejection::Rejection;
use crate::domain::rights::Wanted;
use crate::domain::role::Scope;
use crate::domain::state::State;
use crate::domain::user::User;
use crate::snapshot::Hub;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_user_permissions)
        .service(get_access_overview);
}

/// Where.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::api::admin) struct MatrixQuery {
    /// The project.
    project: Option<String>,
    /// The environment.
    environment: Option<String>,
}

/// What a user may do, everywhere or in a place.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct UserPermissionsSchema {
    /// Every permission, and whether the user has it.
    pub matrix: PermissionMatrixSchema,
    /// What the user may do everywhere.
    pub root_role: RoleSchema,
    /// What the user may do in the project.
    pub project_roles: Vec<RoleSchema>,
    /// The user.
    pub user: UserSchema,
}

/// Every permission, and whether a user has it.
#[derive(Serialize, ToSchema)]
pub(in crate::api::admin) struct PermissionMatrixSchema {
    /// Those that count everywhere.
    pub root: Vec<MatrixPermissionSchema>,
    /// Those that count in a project.
    pub project: Vec<MatrixPermissionSchema>,
    /// Those that count in an environment.
    pub environment: Vec<MatrixPermissionSchema>,
}

/// A permission, and whether a user has it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct MatrixPermissionSchema {
    /// The permission.
    #[serde(flatten)]
    pub permission: AdminPermissionSchema,
    /// Whether the user has it there.
    pub has_permission: bool,
}

impl UserPermissionsSchema {
    pub(in crate::api::admin) fn new(
        state: &State,
        user: &User,
        at: &MatrixQuery,
    ) -> Result<Self, Rejection> {
        if let Some(project) = &at.project {
            state.project(project)?;
        }
        if let Some(environment) = &at.environment {
            state.environment(environment)?;
        }
        let of = |scope: Scope| {
            let all = AdminPermissionSchema::all(scope, at.environment.as_deref());
            let told = all.into_iter().map(|permission| MatrixPermissionSchema {
                has_permission: state.may(
                    user,
                    &Wanted {
                        permission: permission.name,
                        project: at.project.as_deref(),
                        environment: at.environment.as_deref(),
                    },
                ),
                permission: AdminPermissionSchema {
                    environment: permission
                        .environment
                        .filter(|_| scope == Scope::Environment),
                    ..permission
                },
            });
            told.collect()
        };
        let roles = state.project_roles(user).into_iter();
        let here = roles.filter(|(id, _)| Some(id.as_str()) == at.project.as_deref());
        let here = here.filter_map(|(_, role)| state.role(role));
        Ok(Self {
            matrix: PermissionMatrixSchema {
                root: of(Scope::Root),
                project: of(Scope::Project),
                environment: of(Scope::Environment),
            },
            root_role: state.known_role(user.root_role)?.into(),
            project_roles: here.map(Into::into).collect(),
            user: UserSchema::with_role(user),
        })
    }
}

/// Says what a user may do, everywhere or in a place. Users may ask about themselves.
#[utoipa::path(
    tag = "Auth",
    operation_id = "getUserPermissions",
    params(MatrixQuery),
    responses((status = 200, body = UserPermissionsSchema))
)]
#[get("/user-admin/{id}/permissions")]
async fn get_user_permissions(
    permit: Permit<Read>,
    path: web::Path<String>,
    query: web::Query<MatrixQuery>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let id = super::id(&path)?;
    if permit.user().is_none_or(|user| user.id != id) {
        permit.check("ADMIN", None)?;
    }
    let snapshot = hub.load();
    let state = snapshot.state();
    let told = UserPermissionsSchema::new(state, state.user(id)?, &query)?;
    Ok(HttpResponse::Ok().json(told))
}

/// What all users have access to.
#[derive(Serialize, ToSchema)]
struct AccessOverviewSchema {
    /// By user.
    overview: Vec<UserAccessSchema>,
}

/// What a user has access to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UserAccessSchema {
    /// The number of the user.
    user_id: i64,
    /// The address, or what it signs in with.
    user_email: String,
    /// For people.
    user_name: Option<String>,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it last signed in.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_seen: Option<String>,
    /// Projects it has a role in.
    accessible_projects: Vec<String>,
    /// Groups it is in.
    groups: Vec<String>,
    /// The name of what it may do everywhere.
    root_role: String,
}

impl UserAccessSchema {
    fn new(state: &State, user: &User) -> Self {
        let projects = state.project_roles(user).into_iter();
        let projects: BTreeSet<String> = projects.map(|(id, _)| id.to_string()).collect();
        let groups = state.groups.values();
        let groups = groups.filter(|group| group.users.contains_key(&user.id));
        Self {
            user_id: user.id.0,
            user_email: user.label(),
            user_name: user.name.clone(),
            created_at: user.created_at.to_string(),
            last_seen: user.seen_at.map(|it| it.to_string()),
            accessible_projects: projects.into_iter().collect(),
            groups: groups.map(|group| group.name.clone()).collect(),
            root_role: state
                .role(user.root_role)
                .map(|role| role.name.clone())
                .unwrap_or_default(),
        }
    }
}

/// Tells what all users have access to.
#[utoipa::path(
    tag = "Auth",
    operation_id = "getAccessOverview",
    responses((status = 200, body = AccessOverviewSchema))
)]
#[get("/access/overview")]
async fn get_access_overview(_permit: Permit<Administer>, hub: web::Data<Hub>) -> HttpResponse {
    let snapshot = hub.load();
    let state = snapshot.state();
    let users = state.users.values();
    HttpResponse::Ok().json(AccessOverviewSchema {
        overview: users.map(|it| UserAccessSchema::new(state, it)).collect(),
    })
}
