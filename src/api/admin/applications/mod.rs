//! The applications that use this server: what they told of themselves, what people told of them, which flags they
//! ask for.

mod fleet;
mod schema;
mod shapes;

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};

use super::answer::done;
use super::paths::ProjectPath;
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit, Query, now};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{Read, UpdateApplication};
use crate::domain::names::FlagName;
use crate::domain::rejection::Rejection;
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::usage::{ApplicationCard, UsageQuery};
use crate::snapshot::Hub;
use crate::usage::Usage;
use fleet::{Fleet, flags_of};
use schema::{
    ApplicationDetailsSchema, ApplicationOverviewSchema, ApplicationSchema, ApplicationsSchema,
    CreateApplicationSchema, OutdatedSdksSchema, ProjectApplicationsSchema,
};

const DAY: i64 = 24 * 3_600_000;
/// How many applications a page has when the caller does not say: of all, and of a project.
const PAGE: usize = 1000;
const PROJECT_PAGE: usize = 50;
/// The longest texts people may say about an application.
const LONGEST: usize = 1000;

/// Adds the routes of applications.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_applications)
        .service(get_application_overview)
        .service(get_application)
        .service(create_application)
        .service(delete_application)
        .service(get_outdated_sdks)
        .service(get_project_applications)
        .service(get_outdated_project_sdks);
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> ApiError {
    ApiError::StoreUnavailable(error.into())
}

/// The flags an application asked for within a day.
async fn flags_used(
    usage: &Usage,
    app_name: &str,
    now: Timestamp,
) -> Result<BTreeSet<FlagName>, ApiError> {
    let query = UsageQuery {
        app_name: Some(app_name.to_owned()),
        from: Some(now.plus_millis(-DAY).hour()),
        ..UsageQuery::default()
    };
    let rows = usage.rows(&query).await.map_err(unavailable)?;
    Ok(flags_of(&rows).into_iter().cloned().collect())
}

/// The applications that asked for flags of a project within a day. Flags are looked at one by one: the counts of all
/// of them together may be many.
async fn users_of(
    usage: &Usage,
    state: &State,
    project: &str,
    now: Timestamp,
) -> Result<BTreeSet<String>, ApiError> {
    let mut users = BTreeSet::new();
    for flag in state.flags.values().filter(|it| it.project == *project) {
        let query = UsageQuery {
            flag: Some(flag.name.clone()),
            from: Some(now.plus_millis(-DAY).hour()),
            ..UsageQuery::default()
        };
        let rows = usage.rows(&query).await.map_err(unavailable)?;
        users.extend(rows.into_iter().map(|row| row.app_name));
    }
    Ok(users)
}

/// The part of a list the caller asks for.
fn page<T>(mut all: Vec<T>, query: &Query, usual: usize) -> Vec<T> {
    if query.first("sortOrder") == Some("desc") {
        all.reverse();
    }
    let number = |name: &str| query.first(name).and_then(|text| text.parse().ok());
    let (offset, limit) = (number("offset"), number("limit"));
    let rest = all.into_iter().skip(offset.unwrap_or(0));
    rest.take(limit.unwrap_or(usual).min(PAGE)).collect()
}

fn words(query: &Query) -> String {
    query.first("query").unwrap_or_default().to_lowercase()
}

/// Lists applications by name.
#[utoipa::path(
    tag = "Metrics",
    operation_id = "getApplications",
    params(
        ("query" = Option<String>, Query, description = "A part of the name"),
        ("offset" = Option<String>, Query, description = "How many to leave out first"),
        ("limit" = Option<String>, Query, description = "How many to show; 1000 when left out"),
        ("sortBy" = Option<String>, Query, description = "`appName`"),
        ("sortOrder" = Option<String>, Query, description = "`asc` or `desc`")
    ),
    responses((status = 200, body = ApplicationsSchema), (status = 503))
)]
#[get("/metrics/applications")]
async fn get_applications(
    _permit: Permit<Read>,
    query: Query,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
) -> Result<HttpResponse, ApiError> {
    let seen = usage.sightings().await.map_err(unavailable)?;
    let snapshot = hub.load();
    let fleet = Fleet {
        state: snapshot.state(),
        seen: &seen,
    };
    let mut members = fleet.members();
    let words = words(&query);
    members.retain(|it| it.name.to_lowercase().contains(&words));
    let total = members.len();
    let page = page(members, &query, PAGE);
    let applications: Vec<ApplicationSchema> = page.iter().map(Into::into).collect();
    Ok(HttpResponse::Ok().json(ApplicationsSchema {
        applications,
        total,
    }))
}

/// Shows an application.
#[utoipa::path(
    tag = "Metrics",
    operation_id = "getApplication",
    params(("appName" = String, Path, description = "The application")),
    responses((status = 200, body = ApplicationDetailsSchema), (status = 503))
)]
#[get("/metrics/applications/{appName}")]
async fn get_application(
    _permit: Permit<Read>,
    request: HttpRequest,
    name: web::Path<String>,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
) -> Result<HttpResponse, ApiError> {
    let seen = usage.sightings().await.map_err(unavailable)?;
    let flags = flags_used(&usage, &name, now(&request)).await?;
    let snapshot = hub.load();
    let fleet = Fleet {
        state: snapshot.state(),
        seen: &seen,
    };
    let member = fleet
        .member(&name)
        .ok_or_else(|| Rejection::NotFound(format!("Could not find appName={name}")))?;
    Ok(HttpResponse::Ok().json(shapes::details(fleet, &member, &flags)))
}

/// Shows where an application runs and what may be wrong with it.
#[utoipa::path(
    tag = "Metrics",
    operation_id = "getApplicationOverview",
    params(("appName" = String, Path, description = "The application")),
    responses((status = 200, body = ApplicationOverviewSchema), (status = 503))
)]
#[get("/metrics/applications/{appName}/overview")]
async fn get_application_overview(
    _permit: Permit<Read>,
    request: HttpRequest,
    name: web::Path<String>,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
) -> Result<HttpResponse, ApiError> {
    let seen = usage.sightings().await.map_err(unavailable)?;
    let flags = flags_used(&usage, &name, now(&request)).await?;
    let snapshot = hub.load();
    let fleet = Fleet {
        state: snapshot.state(),
        seen: &seen,
    };
    Ok(HttpResponse::Ok().json(shapes::overview(fleet, &name, &flags)))
}

/// Says something about an application, also of one that has not been heard of yet.
#[utoipa::path(
    tag = "Metrics",
    operation_id = "createApplication",
    params(("appName" = String, Path, description = "The application")),
    request_body = CreateApplicationSchema,
    responses((status = 202, description = "Done"))
)]
#[post("/metrics/applications/{appName}")]
async fn create_application(
    _permit: Permit<UpdateApplication>,
    request: HttpRequest,
    name: web::Path<String>,
    body: Json<CreateApplicationSchema>,
    usage: web::Data<Usage>,
) -> Result<HttpResponse, ApiError> {
    let said = body.into_inner();
    said.check(&name)?;
    let seen = usage.sightings().await.map_err(unavailable)?;
    let before = seen.cards.into_iter().find(|it| it.app_name == *name);
    let card = said.onto(before, name.into_inner(), now(&request));
    usage.describe(card).await.map_err(unavailable)?;
    Ok(HttpResponse::Accepted().finish())
}

impl CreateApplicationSchema {
    fn check(&self, name: &str) -> Result<(), Rejection> {
        let texts = [&self.description, &self.url, &self.color, &self.icon];
        let texts = texts.into_iter().flatten();
        let mut all = texts.chain(self.strategies.iter().flatten());
        if all.any(|text| text.chars().count() > LONGEST) || name.chars().count() > 255 {
            return Err(Rejection::bad_data(format!(
                "Names have at most 255 characters, other texts at most {LONGEST}."
            )));
        }
        if self.strategies.as_ref().is_some_and(|it| it.len() > 200) {
            return Err(Rejection::bad_data("No more than 200 strategies are kept."));
        }
        Ok(())
    }

    fn onto(
        self,
        before: Option<ApplicationCard>,
        app_name: String,
        now: Timestamp,
    ) -> ApplicationCard {
        let before = before.unwrap_or(ApplicationCard {
            app_name,
            changed_at: now,
            created_at: now,
            description: None,
            strategies: None,
            url: None,
            color: None,
            icon: None,
        });
        ApplicationCard {
            changed_at: now.max(before.changed_at.plus_millis(1)),
            description: self.description.or(before.description),
            strategies: self.strategies.or(before.strategies),
            url: self.url.or(before.url),
            color: self.color.or(before.color),
            icon: self.icon.or(before.icon),
            ..before
        }
    }
}

/// Forgets an application until it is heard of again.
#[utoipa::path(
    tag = "Metrics",
    operation_id = "deleteApplication",
    params(("appName" = String, Path, description = "The application")),
    responses((status = 200, description = "Done"))
)]
#[delete("/metrics/applications/{appName}")]
async fn delete_application(
    _permit: Permit<UpdateApplication>,
    name: web::Path<String>,
    usage: web::Data<Usage>,
) -> Result<HttpResponse, ApiError> {
    usage.forget_application(&name).await.map_err(unavailable)?;
    Ok(done())
}

/// Lists versions of SDKs that are too old, and who uses them.
#[utoipa::path(
    tag = "Metrics",
    operation_id = "getOutdatedSdks",
    responses((status = 200, body = OutdatedSdksSchema), (status = 503))
)]
#[get("/metrics/sdks/outdated")]
async fn get_outdated_sdks(
    _permit: Permit<Read>,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
) -> Result<HttpResponse, ApiError> {
    let seen = usage.sightings().await.map_err(unavailable)?;
    let snapshot = hub.load();
    let fleet = Fleet {
        state: snapshot.state(),
        seen: &seen,
    };
    Ok(HttpResponse::Ok().json(shapes::outdated(fleet.outdated(|_| true))))
}

/// Lists applications that ask for flags of a project.
#[utoipa::path(
    tag = "Projects",
    operation_id = "getProjectApplications",
    params(
        ProjectPath,
        ("query" = Option<String>, Query, description = "A part of a name, an environment or an SDK"),
        ("offset" = Option<String>, Query, description = "How many to leave out first"),
        ("limit" = Option<String>, Query, description = "How many to show; 50 when left out"),
        ("sortBy" = Option<String>, Query, description = "`appName`"),
        ("sortOrder" = Option<String>, Query, description = "`asc` or `desc`")
    ),
    responses((status = 200, body = ProjectApplicationsSchema), (status = 503))
)]
#[get("/projects/{projectId}/applications")]
async fn get_project_applications(
    _permit: Permit<Read>,
    request: HttpRequest,
    path: web::Path<ProjectPath>,
    query: Query,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
) -> Result<HttpResponse, ApiError> {
    let snapshot = hub.load_full();
    let state = snapshot.state();
    let users = users_of(&usage, state, &path.project_id, now(&request)).await?;
    let seen = usage.sightings().await.map_err(unavailable)?;
    let fleet = Fleet { state, seen: &seen };
    let known = users.iter().filter(|name| fleet.member(name).is_some());
    let words = words(&query);
    let mut found: Vec<_> = known.map(|name| shapes::of_project(fleet, name)).collect();
    found.retain(|it| it.is_found_by(&words));
    let total = found.len();
    Ok(HttpResponse::Ok().json(ProjectApplicationsSchema {
        applications: page(found, &query, PROJECT_PAGE),
        total,
    }))
}

/// Lists versions of SDKs that are too old and that ask for flags of a project.
#[utoipa::path(
    tag = "Projects",
    operation_id = "getOutdatedProjectSdks",
    params(ProjectPath),
    responses((status = 200, body = OutdatedSdksSchema), (status = 503))
)]
#[get("/projects/{projectId}/sdks/outdated")]
async fn get_outdated_project_sdks(
    _permit: Permit<Read>,
    request: HttpRequest,
    path: web::Path<ProjectPath>,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
) -> Result<HttpResponse, ApiError> {
    let snapshot = hub.load_full();
    let state = snapshot.state();
    let users = users_of(&usage, state, &path.project_id, now(&request)).await?;
    let seen = usage.sightings().await.map_err(unavailable)?;
    let fleet = Fleet { state, seen: &seen };
    let found = fleet.outdated(|it| users.contains(&it.app_name));
    Ok(HttpResponse::Ok().json(shapes::outdated(found)))
}
