//! Users, as administrators see them.

mod invitations;
pub(in crate::api::admin) mod matrix;
mod me;
pub(in crate::api) mod schema;
pub(in crate::api::admin) mod tokens;

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::answer::{created, done, number_in_path};
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit, now};
use crate::api::registration::ServiceConfig;
use crate::api::signing_in::{AccountRules, password};
use crate::auth::actions::{Administer, Read};
use crate::auth::attempts::Attempts;
use crate::change::{Done, Writer};
use crate::domain::command::{AccountCommand, Command, NewUser, UserChange};
use crate::domain::names::UserId;
use crate::domain::rejection::Rejection;
use crate::domain::state::{Entity, State};
use crate::domain::time::Timestamp;
use crate::domain::user::{AccountKind, User};
use crate::snapshot::Hub;
use schema::{
    AdminCountSchema, CreateUserSchema, GroupItemSchema, IdSchema, IdsSchema, InactiveUserSchema,
    InactiveUsersSchema, PasswordSchema, ResetPasswordSchema, RootRole, UpdateUserSchema,
    UserSchema, UsersGroupsBaseSchema, UsersSchema, ValidatePasswordSchema,
};

/// Adds the routes of users.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_users)
        .service(create_user)
        .service(search_users)
        .service(get_base_users_and_groups)
        .service(get_admin_count)
        .service(get_inactive_users)
        .service(delete_inactive_users)
        .service(validate_user_password)
        .service(reset_user_password)
        .service(delete_scim_users)
        .service(get_user)
        .service(update_user)
        .service(delete_user)
        .service(change_user_password);
    me::routes(config);
    tokens::routes(config);
    invitations::routes(config);
    matrix::routes(config);
}

pub(super) fn people(state: &State) -> impl Iterator<Item = &Arc<User>> {
    let users = state.users.values();
    users.filter(|user| user.kind == AccountKind::Person)
}

/// Submits a wish about users.
pub(super) async fn submit<A: crate::auth::actions::Action>(
    writer: &Writer,
    wish: AccountCommand,
    permit: &Permit<A>,
) -> Result<Done, ApiError> {
    Ok(writer
        .submit(&Command::Account(wish), permit.actor())
        .await?)
}

/// The user a change made.
pub(super) fn made(done: &Done) -> Result<Arc<User>, ApiError> {
    let put = done.change.iter().flat_map(|change| &change.put);
    let user = put.into_iter().find_map(|entity| match entity {
        Entity::User(user) => Some(Arc::clone(user)),
        _ => None,
    });
    user.ok_or_else(|| ApiError::Internal(anyhow::anyhow!("no user was made")))
}

/// Lists people.
#[utoipa::path(tag = "Users", operation_id = "getUsers", responses((status = 200, body = UsersSchema)))]
#[get("/user-admin")]
async fn get_users(
    _permit: Permit<Administer>,
    request: HttpRequest,
    hub: web::Data<Hub>,
    attempts: web::Data<Attempts>,
) -> HttpResponse {
    let (snapshot, now) = (hub.load(), now(&request));
    let state = snapshot.state();
    HttpResponse::Ok().json(UsersSchema {
        users: people(state)
            .map(|user| UserSchema {
                invite_link: Some(String::new()),
                login_attempts: Some(attempts.failures(&user.label(), now)),
                ..UserSchema::with_role(user)
            })
            .collect(),
        root_roles: state
            .all_roles()
            .filter(|role| role.kind.is_root())
            .map(Into::into)
            .collect(),
    })
}

/// Makes a user. Without a password the answer has a link to choose one; it is shown once.
#[utoipa::path(
    tag = "Users",
    operation_id = "createUser",
    request_body = CreateUserSchema,
    responses((status = 201, body = UserSchema))
)]
#[post("/user-admin")]
async fn create_user(
    permit: Permit<Administer>,
    request: HttpRequest,
    body: Json<CreateUserSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
    rules: web::Data<AccountRules>,
) -> Result<HttpResponse, ApiError> {
    let body = body.into_inner();
    let (key, root_role) = {
        let snapshot = hub.load();
        let state = snapshot.state();
        (password::hash_key(state)?, body.root_role.id(state)?)
    };
    let (secret, reset) = password::new_link(&key, now(&request), &permit.actor().name);
    let chosen = match body.password {
        Some(password) => Some(password::hashed(key, password, Vec::new()).await?),
        None => None,
    };
    let link = match &chosen {
        Some(_) => String::new(),
        None => format!("{}/new-user?token={}", rules.url, secret.expose()),
    };
    let new = NewUser {
        kind: AccountKind::Person,
        username: body.username,
        email: body.email,
        name: body.name,
        root_role,
        reset: chosen.is_none().then_some(reset),
        password: chosen,
    };
    let user = made(&submit(&writer, AccountCommand::Create(new), &permit).await?)?;
    let answer = UserSchema {
        root_role: Some(body.root_role.given()),
        invite_link: Some(link),
        email_sent: Some(false),
        ..UserSchema::new(&user)
    };
    Ok(created(&user.id.to_string(), &answer))
}

/// What to look for.
#[derive(Deserialize, IntoParams)]
struct SearchQuery {
    /// Part of a name or address, two characters at least.
    q: Option<String>,
}

/// Finds people by a part of their name or address.
#[utoipa::path(
    tag = "Users",
    operation_id = "searchUsers",
    params(SearchQuery),
    responses((status = 200, body = Vec<UserSchema>))
)]
#[get("/user-admin/search")]
async fn search_users(
    _permit: Permit<Read>,
    query: web::Query<SearchQuery>,
    hub: web::Data<Hub>,
) -> HttpResponse {
    let wanted = query.into_inner().q.unwrap_or_default().to_lowercase();
    let snapshot = hub.load();
    let fits = |user: &&Arc<User>| {
        let texts = [&user.name, &user.email, &user.username];
        let mut texts = texts.into_iter().flatten();
        wanted.chars().count() > 1 && texts.any(|text| text.to_lowercase().contains(&wanted))
    };
    let found = people(snapshot.state()).filter(fits);
    let found: Vec<UserSchema> = found.map(|user| UserSchema::found(user)).collect();
    HttpResponse::Ok().json(found)
}

/// Lists users and groups to choose from.
#[utoipa::path(
    tag = "Users",
    operation_id = "getBaseUsersAndGroups",
    responses((status = 200, body = UsersGroupsBaseSchema))
)]
#[get("/user-admin/access")]
async fn get_base_users_and_groups(_permit: Permit<Read>, hub: web::Data<Hub>) -> HttpResponse {
    let snapshot = hub.load();
    let state = snapshot.state();
    HttpResponse::Ok().json(UsersGroupsBaseSchema {
        users: state.users.values().map(|it| (&**it).into()).collect(),
        groups: state.groups.values().map(|it| (&**it).into()).collect(),
    })
}

impl From<&crate::domain::user::Group> for GroupItemSchema {
    fn from(it: &crate::domain::user::Group) -> Self {
        Self {
            id: it.id.0,
            name: it.name.clone(),
            description: it.description.clone(),
            user_count: it.users.len(),
        }
    }
}

/// Counts administrators.
#[utoipa::path(
    tag = "Users",
    operation_id = "getAdminCount",
    responses((status = 200, body = AdminCountSchema))
)]
#[get("/user-admin/admin-count")]
async fn get_admin_count(_permit: Permit<Administer>, hub: web::Data<Hub>) -> HttpResponse {
    let snapshot = hub.load();
    let state = snapshot.state();
    let admins = || state.users.values().filter(|user| state.is_admin(user));
    let people = || admins().filter(|user| user.kind == AccountKind::Person);
    HttpResponse::Ok().json(AdminCountSchema {
        password: people().filter(|user| user.password.is_some()).count(),
        no_password: people().filter(|user| user.password.is_none()).count(),
        service: admins()
            .filter(|user| user.kind == AccountKind::Service)
            .count(),
    })
}

/// People who neither signed in nor were made within the time that operators set.
fn inactive<'s>(
    state: &'s State,
    now: Timestamp,
    rules: &AccountRules,
) -> impl Iterator<Item = &'s Arc<User>> {
    let since = now.plus_millis(-rules.inactive_millis);
    people(state).filter(move |user| user.seen_at.unwrap_or(user.created_at) < since)
}

/// Lists people nobody has seen for a long time.
#[utoipa::path(
    tag = "Users",
    operation_id = "getInactiveUsers",
    responses((status = 200, body = InactiveUsersSchema))
)]
#[get("/user-admin/inactive")]
async fn get_inactive_users(
    _permit: Permit<Administer>,
    request: HttpRequest,
    hub: web::Data<Hub>,
    rules: web::Data<AccountRules>,
) -> HttpResponse {
    let snapshot = hub.load();
    let users = inactive(snapshot.state(), now(&request), &rules);
    HttpResponse::Ok().json(InactiveUsersSchema {
        version: 1,
        inactive_users: users
            .map(|user| InactiveUserSchema {
                id: user.id.0,
                name: user.name.clone(),
                email: user.email.clone(),
                username: user.username.clone(),
                seen_at: user.seen_at.map(|it| it.to_string()),
                created_at: user.created_at.to_string(),
            })
            .collect(),
    })
}

/// Deletes people nobody has seen for a long time. All of them, or none: somebody who came back meanwhile stops it.
#[utoipa::path(
    tag = "Users",
    operation_id = "deleteInactiveUsers",
    request_body = IdsSchema,
    responses((status = 200, description = "Done"))
)]
#[post("/user-admin/inactive/delete")]
async fn delete_inactive_users(
    permit: Permit<Administer>,
    request: HttpRequest,
    body: Json<IdsSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
    rules: web::Data<AccountRules>,
) -> Result<HttpResponse, ApiError> {
    let ids: Vec<UserId> = body.into_inner().ids.into_iter().map(UserId).collect();
    let (snapshot, now) = (hub.load_full(), now(&request));
    for id in &ids {
        snapshot.state().user(*id)?;
        if !inactive(snapshot.state(), now, &rules).any(|user| user.id == *id) {
            let message = format!("The user {id} is active. Nobody was deleted.");
            return Err(Rejection::bad_data(message).into());
        }
    }
    submit(&writer, AccountCommand::Delete(ids), &permit).await?;
    Ok(done())
}

/// Says whether a password keeps the rules.
#[utoipa::path(
    tag = "Users",
    operation_id = "validateUserPassword",
    request_body = ValidatePasswordSchema,
    responses((status = 200, description = "It does"))
)]
#[post("/user-admin/validate-password")]
async fn validate_user_password(
    _permit: Permit<Read>,
    body: Json<ValidatePasswordSchema>,
) -> Result<HttpResponse, ApiError> {
    password::check(&body.into_inner().password)?;
    Ok(done())
}

/// Makes a link with which a user chooses a password. It is shown once, and takes the place of an older one.
#[utoipa::path(
    tag = "Users",
    operation_id = "resetUserPassword",
    request_body = IdSchema,
    responses((status = 200, body = ResetPasswordSchema))
)]
#[post("/user-admin/reset-password")]
async fn reset_user_password(
    permit: Permit<Administer>,
    request: HttpRequest,
    body: Json<IdSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
    rules: web::Data<AccountRules>,
) -> Result<HttpResponse, ApiError> {
    let (key, id) = {
        let snapshot = hub.load();
        let state = snapshot.state();
        let user = found(state, &body.into_inner().id)?;
        (password::hash_key(state)?, user.id)
    };
    let (secret, reset) = password::new_link(&key, now(&request), &permit.actor().name);
    submit(&writer, AccountCommand::OfferReset(id, reset), &permit).await?;
    Ok(HttpResponse::Ok().json(ResetPasswordSchema {
        reset_password_url: format!("{}/reset-password?token={}", rules.url, secret.expose()),
    }))
}

/// A person by address, name to sign in with, or number.
fn found(state: &State, given: &str) -> Result<Arc<User>, Rejection> {
    let by_number = || {
        let user = state.users.get(&UserId(given.parse().ok()?))?;
        (user.kind == AccountKind::Person).then_some(user)
    };
    let user = state.person_called(given).or_else(by_number);
    user.map(Arc::clone)
        .ok_or_else(|| Rejection::NotFound("No user found".into()))
}

/// Would delete users that came from a directory; there are none.
#[utoipa::path(
    tag = "Users",
    operation_id = "deleteScimUsers",
    responses((status = 200, description = "There were none"))
)]
#[delete("/user-admin/scim-users")]
async fn delete_scim_users(_permit: Permit<Administer>) -> HttpResponse {
    done()
}

/// A number of a user in a path.
pub(super) fn id(given: &str) -> Result<UserId, ApiError> {
    number_in_path("id", given).map(|number| UserId(number.into()))
}

/// Shows a person.
#[utoipa::path(
    tag = "Users",
    operation_id = "getUser",
    responses((status = 200, body = UserSchema))
)]
#[get("/user-admin/{id}")]
async fn get_user(
    _permit: Permit<Administer>,
    request: HttpRequest,
    path: web::Path<String>,
    hub: web::Data<Hub>,
    attempts: web::Data<Attempts>,
) -> Result<HttpResponse, ApiError> {
    let id = id(&path)?;
    let snapshot = hub.load();
    let user = snapshot.state().user(id)?;
    Ok(HttpResponse::Ok().json(UserSchema {
        login_attempts: Some(attempts.failures(&user.label(), now(&request))),
        ..UserSchema::with_role(user)
    }))
}

/// Changes a person.
#[utoipa::path(
    tag = "Users",
    operation_id = "updateUser",
    request_body = UpdateUserSchema,
    responses((status = 200, body = UserSchema))
)]
#[put("/user-admin/{id}")]
async fn update_user(
    permit: Permit<Administer>,
    path: web::Path<String>,
    body: Json<UpdateUserSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let (id, body) = (id(&path)?, body.into_inner());
    let role = |role: &RootRole| role.id(hub.load().state());
    let change = UserChange {
        email: body.email,
        username: None,
        name: body.name,
        root_role: body.root_role.as_ref().map(role).transpose()?,
    };
    let done = submit(&writer, AccountCommand::Change(id, change), &permit).await?;
    Ok(HttpResponse::Ok().json(UserSchema {
        root_role: body.root_role.as_ref().map(RootRole::given),
        ..UserSchema::new(done.snapshot.state().user(id)?)
    }))
}

/// Deletes a person. Tokens and sessions stop working at once.
#[utoipa::path(
    tag = "Users",
    operation_id = "deleteUser",
    responses((status = 200, description = "Done"))
)]
#[delete("/user-admin/{id}")]
async fn delete_user(
    permit: Permit<Administer>,
    path: web::Path<String>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = AccountCommand::Delete(vec![id(&path)?]);
    submit(&writer, wish, &permit).await?;
    Ok(done())
}

/// Sets the password of a user. All its sessions end.
#[utoipa::path(
    tag = "Users",
    operation_id = "changeUserPassword",
    request_body = PasswordSchema,
    responses((status = 200, description = "Done"))
)]
#[post("/user-admin/{id}/change-password")]
async fn change_user_password(
    permit: Permit<Administer>,
    path: web::Path<String>,
    body: Json<PasswordSchema>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
    attempts: web::Data<Attempts>,
) -> Result<HttpResponse, ApiError> {
    let (id, given) = (id(&path)?, body.into_inner().password);
    password::check(&given)?;
    let (key, user) = {
        let snapshot = hub.load();
        let state = snapshot.state();
        (password::hash_key(state)?, Arc::clone(state.user(id)?))
    };
    let chosen = password::hashed(key, given, user.former_passwords.clone()).await?;
    let wish = AccountCommand::SetPassword(id, chosen, None);
    submit(&writer, wish, &permit).await?;
    attempts.succeeded(&user.label());
    Ok(done())
}
