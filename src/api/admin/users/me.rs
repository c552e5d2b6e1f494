//! What users see of themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use super::schema::{
    MeSchema, PasswordSchema, PermissionSchema, ProfileSchema, RoleSchema, RolesSchema, UserSchema,
};
use super::submit;
use crate::api::admin::answer::done;
use crate::api::admin::user_interface::FeedbackResponseSchema;
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit};
use crate::api::registration::ServiceConfig;
use crate::api::signing_in::password;
use crate::auth::actions::Read;
use crate::auth::identity::{ADMIN_TOKEN_USER, Caller};
use crate::change::Writer;
use crate::domain::command::AccountCommand;
use crate::domain::rejection::Rejection;
use crate::domain::rights::Right;
use crate::domain::state::State;
use crate::domain::user::User;
use crate::snapshot::Hub;

const NEEDS_USER: &str = "This is about the user who asks, and an admin token is none.";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_me)
        .service(get_profile)
        .service(get_user_roles)
        .service(change_my_password);
}

/// Says who the caller is and what it may do.
#[utoipa::path(tag = "Users", operation_id = "getMe", responses((status = 200, body = MeSchema)))]
#[get("/user")]
async fn get_me(permit: Permit<Read>, hub: web::Data<Hub>) -> HttpResponse {
    let snapshot = hub.load();
    let (user, permissions) = match permit.caller() {
        Caller::Token(token) => (
            json!({
                "username": token.name,
                "permissions": ["ADMIN"],
                "environment": "*",
                "type": "admin",
                "projects": ["*"],
                "internalAdminTokenUserId": ADMIN_TOKEN_USER,
            }),
            vec![everything()],
        ),
        Caller::User(user) | Caller::Browser(user, _) => (
            json!(UserSchema::new(user)),
            permissions(snapshot.state(), user),
        ),
    };
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(MeSchema {
            user,
            permissions,
            feedback: permit.user().map(|it| feedback(it)).unwrap_or_default(),
            splash: permit.user().map(|it| splash(it)).unwrap_or_default(),
        })
}

/// What a user said to questions of the admin page.
fn feedback(user: &User) -> Vec<FeedbackResponseSchema> {
    let answers = user.pages.feedback.iter();
    answers
        .map(|(question, answer)| FeedbackResponseSchema::new(user.id, question, answer))
        .collect()
}

/// The announcements a user saw.
fn splash(user: &User) -> BTreeMap<String, bool> {
    let seen = user.pages.seen.iter();
    seen.map(|it| (it.clone(), true)).collect()
}

fn everything() -> PermissionSchema {
    PermissionSchema {
        permission: "ADMIN".into(),
        project: None,
        environment: None,
    }
}

/// What a user may do. Permissions in environments are told one by one, as the reference does.
fn permissions(state: &State, user: &User) -> Vec<PermissionSchema> {
    let rights = state.rights(user);
    rights.iter().flat_map(|right| told(state, right)).collect()
}

fn told(state: &State, right: &Right) -> Vec<PermissionSchema> {
    use crate::domain::role::{Scope, scope_of};
    let one = |environment: Option<String>| PermissionSchema {
        permission: right.permission.clone(),
        project: right.project.as_ref().map(ToString::to_string),
        environment,
    };
    let everywhere = right.environment.is_none();
    let project = right.project.as_ref().and_then(|id| state.projects.get(id));
    match project {
        Some(project) if everywhere && scope_of(&right.permission) == Some(Scope::Environment) => {
            let names = project.environments.keys();
            names.map(|name| one(Some(name.to_string()))).collect()
        }
        _ => vec![one(right.environment.as_ref().map(ToString::to_string))],
    }
}

/// Shows the role, projects and groups of the caller.
#[utoipa::path(
    tag = "Users",
    operation_id = "getProfile",
    responses(
        (status = 200, body = ProfileSchema),
        (status = 400, description = "The caller is no user"),
    )
)]
#[get("/user/profile")]
async fn get_profile(permit: Permit<Read>, hub: web::Data<Hub>) -> Result<HttpResponse, ApiError> {
    let user = permit.user().ok_or_else(no_user)?;
    let snapshot = hub.load();
    let state = snapshot.state();
    let own = state.project_roles(user);
    let mut projects: BTreeSet<String> = own.iter().map(|(id, _)| id.to_string()).collect();
    projects.insert(crate::domain::names::ProjectId::DEFAULT.to_owned());
    let groups = state.groups.values();
    let groups = groups.filter(|group| group.users.contains_key(&user.id));
    Ok(HttpResponse::Ok().json(ProfileSchema {
        root_role: state.known_role(user.root_role)?.into(),
        projects: projects.into_iter().collect(),
        groups: groups.map(|group| (&**group).into()).collect(),
        subscriptions: Vec::new(),
        features: Vec::new(),
        can_change_password: user.password.is_some(),
    }))
}

fn no_user() -> ApiError {
    Rejection::bad_data("User id is missing in request user object").into()
}

/// Which project.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
struct RolesQuery {
    /// The project.
    project_id: Option<String>,
}

/// Lists the roles the caller has in a project.
#[utoipa::path(
    tag = "Users",
    operation_id = "getUserRoles",
    params(RolesQuery),
    responses(
        (status = 200, body = RolesSchema),
        (status = 400, description = "No project given, or the caller is no user"),
        (status = 404, description = "No such project"),
    )
)]
#[get("/user/roles")]
async fn get_user_roles(
    permit: Permit<Read>,
    query: web::Query<RolesQuery>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let project = query
        .into_inner()
        .project_id
        .ok_or_else(|| Rejection::bad_data("Say which project: ?projectId=…"))?;
    let user = permit.user().ok_or_else(no_user)?;
    let snapshot = hub.load();
    let state = snapshot.state();
    state.project(&project)?;
    let roots = state.root_roles(user).into_iter();
    let here = state.project_roles(user).into_iter();
    let here = here.filter(|(id, _)| id.as_str() == project);
    let ids = roots.chain(here.map(|(_, role)| role));
    let roles = ids.filter_map(|id| state.role(id));
    Ok(HttpResponse::Ok().json(RolesSchema {
        version: 1,
        roles: roles
            .map(|role| RoleSchema {
                project: Some(project.clone()),
                ..role.into()
            })
            .collect(),
    }))
}

/// Changes the password of the caller, who must know the old one. Its other sessions end.
#[utoipa::path(
    tag = "Users",
    operation_id = "changeMyPassword",
    request_body = PasswordSchema,
    responses((status = 200, description = "Done"))
)]
#[post("/user/change-password")]
async fn change_my_password(
    permit: Permit<Read>,
    body: Json<PasswordSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let user = Arc::clone(permit.needed_user(NEEDS_USER)?);
    let body = body.into_inner();
    if body.confirm_password.as_ref() != Some(&body.password) {
        let message =
            "The two new passwords differ: send the same text as password and confirmPassword.";
        return Err(Rejection::bad_data(message).into());
    }
    password::check(&body.password)?;
    let key = password::hash_key(hub.load().state())?;
    let old = body.old_password.unwrap_or_default();
    if !password::is_right(key.clone(), old, user.password.clone()).await? {
        return Err(ApiError::WrongPassword);
    }
    let chosen = password::hashed(key, body.password, user.former_passwords.clone()).await?;
    let keep = match permit.caller() {
        Caller::Browser(_, session) => Some(*session),
        Caller::User(_) | Caller::Token(_) => None,
    };
    let wish = AccountCommand::SetPassword(user.id, chosen, keep);
    submit(&writer, wish, &permit).await?;
    Ok(done())
}
