//! The page a user begins with: what is theirs, and what happened there.

mod schema;

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::lifecycle::seen;
use super::paths::ProjectPath;
use super::projects::schema::{OnboardingStatusSchema, ProjectOwnerSchema, members};
use crate::addons::summary;
use crate::api::admin::ui_config::Address;
use crate::api::error::ApiError;
use crate::api::extract::{Permit, now};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::Read;
use crate::auth::avatar::image_url;
use crate::change::{EventQuery, History};
use crate::domain::event::Event;
use crate::domain::flag::Flag;
use crate::domain::health::Health;
use crate::domain::names::{ProjectId, UserId};
use crate::domain::rejection::Rejection;
use crate::domain::role::{ADMIN, OWNER};
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::user::{AccountKind, User};
use crate::snapshot::Hub;
use crate::usage::Usage;
use schema::{
    LatestEventSchema, PersonalAdminSchema, PersonalDashboardProjectDetailsSchema,
    PersonalDashboardSchema, PersonalFlagSchema, PersonalInsightsSchema, PersonalProjectSchema,
    PersonalRoleSchema,
};

const NEEDS_USER: &str = "This is about the user who asks, and an admin token is none.";
/// How many events and flags are shown.
const EVENTS: usize = 10;
const FLAGS: usize = 100;

/// Adds the routes of the page a user begins with.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_personal_dashboard)
        .service(get_personal_dashboard_project_details);
}

/// Shows what concerns the user.
#[utoipa::path(
    tag = "Projects",
    operation_id = "getPersonalDashboard",
    responses((status = 200, body = PersonalDashboardSchema))
)]
#[get("/personal-dashboard")]
async fn get_personal_dashboard(
    permit: Permit<Read>,
    request: HttpRequest,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let user = permit.needed_user(NEEDS_USER)?;
    let snapshot = hub.load();
    let state = snapshot.state();
    let projects = projects_of(state, user);
    let users = state.users.values().map(AsRef::as_ref);
    let admins = users.filter(|it| it.kind == AccountKind::Person && it.root_role == ADMIN);
    Ok(HttpResponse::Ok().json(PersonalDashboardSchema {
        project_owners: owners(state, projects.iter()),
        projects: projects
            .iter()
            .filter_map(|id| project(state, id, now(&request)))
            .collect(),
        flags: flags_of(state, user),
        admins: admins.map(Into::into).collect(),
    }))
}

/// The projects a user has a role in, and the default one, which everybody sees.
fn projects_of(state: &State, user: &User) -> BTreeSet<ProjectId> {
    let own = state.project_roles(user).into_iter().map(|(id, _)| id);
    let all = own.chain([ProjectId::trusted(ProjectId::DEFAULT)]);
    let live = |id: &ProjectId| {
        let project = state.projects.get(id);
        project.is_some_and(|it| it.archived_at.is_none())
    };
    all.filter(live).collect()
}

fn project(state: &State, id: &ProjectId, now: Timestamp) -> Option<PersonalProjectSchema> {
    let project = state.projects.get(id)?;
    let health = Health::of(state, id.as_str(), now);
    Some(PersonalProjectSchema {
        id: id.to_string(),
        name: project.name.clone(),
        health: health.rating(),
        technical_debt: health.technical_debt(),
        member_count: members(state, id),
        feature_count: health.total(),
    })
}

fn flags_of(state: &State, user: &User) -> Vec<PersonalFlagSchema> {
    let flags = state.flags.values().map(AsRef::as_ref);
    let own = |flag: &&Flag| {
        flag.created_by_user_id == user.id.0 || user.favorite_flags.contains(&flag.name)
    };
    let mut own: Vec<&Flag> = flags.filter(|it| !it.is_archived()).filter(own).collect();
    own.sort_by_key(|flag| std::cmp::Reverse((flag.created_at, &flag.name)));
    let shown = own.into_iter().take(FLAGS);
    shown
        .map(|flag| PersonalFlagSchema {
            name: flag.name.to_string(),
            r#type: flag.kind.to_string(),
            project: flag.project.to_string(),
        })
        .collect()
}

/// The users who own one of these projects.
fn owners<'p>(state: &State, ids: impl Iterator<Item = &'p ProjectId>) -> Vec<ProjectOwnerSchema> {
    let access = ids.filter_map(|id| state.access.get(id));
    let users = access.flat_map(|access| &access.users);
    let users: BTreeSet<UserId> = users
        .filter(|(_, roles)| roles.contains(&OWNER))
        .map(|(id, _)| *id)
        .collect();
    let users = users.iter().filter_map(|id| state.users.get(id));
    users
        .map(|user| ProjectOwnerSchema::of_user(user))
        .collect()
}

impl From<&User> for PersonalAdminSchema {
    fn from(it: &User) -> Self {
        Self {
            id: it.id.0,
            name: it.name.clone(),
            username: it.username.clone(),
            email: it.email.clone(),
            image_url: image_url(it),
        }
    }
}

/// Shows what concerns the user in a project.
#[utoipa::path(
    tag = "Projects",
    operation_id = "getPersonalDashboardProjectDetails",
    params(ProjectPath),
    responses((status = 200, body = PersonalDashboardProjectDetailsSchema), (status = 503))
)]
#[get("/personal-dashboard/{projectId}")]
async fn get_personal_dashboard_project_details(
    permit: Permit<Read>,
    request: HttpRequest,
    path: web::Path<ProjectPath>,
    address: web::Data<Address>,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
    history: web::Data<History>,
) -> Result<HttpResponse, ApiError> {
    let user = permit.needed_user(NEEDS_USER)?;
    let id = &path.project_id;
    let snapshot = hub.load_full();
    let state = snapshot.state();
    if !state.projects.contains_key(id.as_str()) {
        let message = format!("No project with id \"{id}\" exists.");
        return Err(Rejection::NotFound(message).into());
    }
    let seen = seen(&usage).await?;
    Ok(
        HttpResponse::Ok().json(PersonalDashboardProjectDetailsSchema {
            latest_events: latest(&history, state, id, &address).await?,
            onboarding_status: OnboardingStatusSchema::of(state, id, &seen),
            owners: ProjectOwnerSchema::all(state, &ProjectId::trusted(id)),
            roles: roles(state, user, id),
            insights: insights(&Health::of(state, id, now(&request))),
        }),
    )
}

async fn latest(
    history: &History,
    state: &State,
    project: &str,
    address: &Address,
) -> Result<Vec<LatestEventSchema>, ApiError> {
    let query = EventQuery {
        projects: vec![ProjectId::trusted(project)],
        limit: EVENTS,
        ..EventQuery::default()
    };
    let page = history.events(&query).await?;
    let shown = page.events.iter();
    Ok(shown
        .map(|event| LatestEventSchema {
            id: event.id.0,
            summary: Some(summary(event, &address.url)),
            created_by: event.by.name.clone(),
            created_by_image_url: picture(state, event),
            created_at: event.at.to_string(),
        })
        .collect())
}

/// The picture of who did it; programs have none.
fn picture(state: &State, event: &Event) -> String {
    let user = state.users.get(&UserId(event.by.user_id));
    user.map(|user| image_url(user)).unwrap_or_default()
}

fn roles(state: &State, user: &User, project: &str) -> Vec<PersonalRoleSchema> {
    let own = state.project_roles(user).into_iter();
    let here = own.filter(|(id, _)| id.as_str() == project);
    let roles = here.filter_map(|(_, id)| state.role(id));
    roles
        .map(|role| PersonalRoleSchema {
            r#type: role.kind.as_str(),
            id: role.id.0,
            name: role.name.clone(),
        })
        .collect()
}

fn insights(health: &Health) -> PersonalInsightsSchema {
    PersonalInsightsSchema {
        avg_health_current_window: None,
        avg_health_past_window: None,
        total_flags: health.total(),
        potentially_stale_flags: health.potentially_stale,
        stale_flags: health.stale,
        active_flags: health.active,
        health: health.rating(),
        technical_debt: health.technical_debt(),
    }
}
