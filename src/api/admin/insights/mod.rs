//! A project in numbers: its health, its activity, how far its flags have come and how long that took.

pub(super) mod numbers;
pub(super) mod schema;

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::favorites::Reader;
use super::features::list::{Filter, ProjectFeaturesSchema};
use super::lifecycle::{entered, seen};
use super::paths::ProjectPath;
use super::projects::overview::{ProjectOverviewSchema, type_counts};
use super::projects::schema::members;
use crate::api::error::ApiError;
use crate::api::extract::{Permit, now};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::Read;
use crate::change::History;
use crate::domain::api_token::TokenProjects;
use crate::domain::flag::Flag;
use crate::domain::health::{Health, live_flags};
use crate::domain::lifecycle::{Entered, Stage};
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::snapshot::{Hub, Snapshot};
use crate::usage::{Seen, Usage};
use numbers::{Chronicle, DAY, WINDOW, average, days, direct_members};
use schema::{
    ActivitySchema, ArchivedSummarySchema, CurrentSchema, HealthReportSchema,
    LifecycleSummarySchema, ProjectActivitySchema, ProjectDoraMetricsSchema, ProjectInsightsSchema,
    ProjectMembersSchema, ProjectResourcesSchema, ProjectStatusSchema, RatingSchema,
    StageSummarySchema, StaleFlagsSchema,
};

/// Adds the routes of projects in numbers.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_project_dora)
        .service(get_project_insights)
        .service(get_project_health_report)
        .service(get_project_status);
}

/// How long flags of a project took from being made to being on in production.
#[utoipa::path(
    tag = "Projects",
    operation_id = "getProjectDora",
    params(ProjectPath),
    responses((status = 200, body = ProjectDoraMetricsSchema), (status = 503))
)]
#[get("/projects/{projectId}/dora")]
async fn get_project_dora(
    _permit: Permit<Read>,
    request: HttpRequest,
    path: web::Path<ProjectPath>,
    hub: web::Data<Hub>,
    history: web::Data<History>,
) -> Result<HttpResponse, ApiError> {
    let snapshot = hub.load_full();
    let chronicle = Chronicle {
        state: snapshot.state(),
        history: &history,
        project: &path.project_id,
        now: now(&request),
    };
    Ok(HttpResponse::Ok().json(chronicle.dora().await?))
}

/// A project in numbers.
#[utoipa::path(
    tag = "Projects",
    operation_id = "getProjectInsights",
    params(ProjectPath),
    responses((status = 200, body = ProjectInsightsSchema), (status = 503))
)]
#[get("/projects/{projectId}/insights")]
async fn get_project_insights(
    _permit: Permit<Read>,
    request: HttpRequest,
    path: web::Path<ProjectPath>,
    hub: web::Data<Hub>,
    history: web::Data<History>,
) -> Result<HttpResponse, ApiError> {
    let snapshot: Arc<Snapshot> = hub.load_full();
    let state = snapshot.state();
    let project = state.project(&path.project_id)?;
    let chronicle = Chronicle {
        state,
        history: &history,
        project: project.id.as_str(),
        now: now(&request),
    };
    let health = Health::of(state, project.id.as_str(), chronicle.now);
    Ok(HttpResponse::Ok().json(ProjectInsightsSchema {
        stats: chronicle.stats().await?,
        feature_type_counts: type_counts(project, state),
        technical_debt: RatingSchema::new(health.technical_debt(), &health),
        lead_time: chronicle.dora().await?,
        members: ProjectMembersSchema {
            current_members: members(state, &project.id),
            change: chronicle.change_of_members().await?,
        },
        health: RatingSchema::new(health.rating(), &health),
    }))
}

/// A project with its health and all its live flags.
#[utoipa::path(
    tag = "Projects",
    operation_id = "getProjectHealthReport",
    params(ProjectPath),
    responses((status = 200, body = HealthReportSchema), (status = 503))
)]
#[get("/projects/{projectId}/health-report")]
async fn get_project_health_report(
    permit: Permit<Read>,
    request: HttpRequest,
    path: web::Path<ProjectPath>,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
    history: web::Data<History>,
) -> Result<HttpResponse, ApiError> {
    let seen = seen(&usage).await?;
    let snapshot = hub.load_full();
    let chronicle = Chronicle {
        state: snapshot.state(),
        history: &history,
        project: &path.project_id,
        now: now(&request),
    };
    let report = health_report(chronicle, &seen, Reader::new(&permit)).await?;
    Ok(HttpResponse::Ok().json(report))
}

async fn health_report(
    chronicle: Chronicle<'_>,
    seen: &Seen,
    reader: Reader<'_>,
) -> Result<HealthReportSchema, ApiError> {
    let state = chronicle.state;
    let project = state.project(chronicle.project)?;
    let id = project.id.as_str();
    let overview = ProjectOverviewSchema::new(chronicle, seen, reader).await?;
    let health = Health::of(state, id, chronicle.now);
    let listed = ProjectFeaturesSchema::new(id, &Filter::default(), state, seen, reader);
    Ok(HealthReportSchema {
        version: overview.version,
        stats: overview.stats,
        name: overview.name,
        description: overview.description,
        mode: overview.mode,
        feature_limit: overview.feature_limit,
        feature_naming: overview.feature_naming,
        default_stickiness: overview.default_stickiness,
        health: overview.health,
        technical_debt: overview.technical_debt,
        favorite: overview.favorite,
        updated_at: overview.updated_at,
        created_at: overview.created_at,
        environments: overview.environments,
        features: listed.features,
        members: overview.members,
        potentially_stale_count: health.potentially_stale,
        active_count: health.active,
        stale_count: health.stale,
    })
}

/// How a project is doing. Of one that is not there, nothing is known.
#[utoipa::path(
    tag = "Projects",
    operation_id = "getProjectStatus",
    params(ProjectPath),
    responses((status = 200, body = ProjectStatusSchema), (status = 503))
)]
#[get("/projects/{projectId}/status")]
async fn get_project_status(
    _permit: Permit<Read>,
    request: HttpRequest,
    path: web::Path<ProjectPath>,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
    history: web::Data<History>,
) -> Result<HttpResponse, ApiError> {
    let seen = seen(&usage).await?;
    let snapshot = hub.load_full();
    let chronicle = Chronicle {
        state: snapshot.state(),
        history: &history,
        project: &path.project_id,
        now: now(&request),
    };
    Ok(HttpResponse::Ok().json(status(chronicle, &seen).await?))
}

async fn status(chronicle: Chronicle<'_>, seen: &Seen) -> Result<ProjectStatusSchema, ApiError> {
    let Chronicle {
        state,
        project,
        now,
        ..
    } = chronicle;
    let health = Health::of(state, project, now);
    let activity = chronicle.days_with_events().await?.into_iter();
    let activity = activity.map(|(day, count)| ActivitySchema {
        date: day.to_utc().format("%Y-%m-%d").to_string(),
        count,
    });
    Ok(ProjectStatusSchema {
        resources: resources(state, project),
        activity_count_by_date: ProjectActivitySchema(activity.collect()),
        health: CurrentSchema {
            current: health.rating(),
        },
        technical_debt: CurrentSchema {
            current: health.technical_debt(),
        },
        lifecycle_summary: lifecycle(state, project, seen, now),
        stale_flags: StaleFlagsSchema {
            total: health.stale + health.potentially_stale,
        },
    })
}

fn resources(state: &State, project: &str) -> ProjectResourcesSchema {
    let tokens = state.tokens.values();
    let own = tokens.filter(|token| match &token.projects {
        TokenProjects::All => false,
        TokenProjects::Only(projects) => projects.iter().any(|it| it.as_str() == project),
    });
    let segments = state.segments.values();
    let segments = segments.filter(|it| it.project.as_ref().is_some_and(|it| *it == *project));
    ProjectResourcesSchema {
        members: direct_members(state, project).len(),
        api_tokens: own.count(),
        segments: segments.count(),
    }
}

/// The flags of a project by stage. Archived ones are looked at too: how long they were in a stage counts.
fn lifecycle(state: &State, project: &str, seen: &Seen, now: Timestamp) -> LifecycleSummarySchema {
    let flags = state.flags.values().map(AsRef::as_ref);
    let own = flags.filter(|flag: &&Flag| flag.project == *project);
    let lives: Vec<Vec<Entered>> = own.map(|flag| entered(flag, state, seen)).collect();
    let summary = |stage: Stage| StageSummarySchema {
        average_days: average_stay(&lives, stage),
        current_flags: lives.iter().filter(|life| is_in(life, stage)).count(),
    };
    let archived = lives.iter().filter(|life| is_in(life, Stage::Archived));
    let recently = now.plus_millis(-WINDOW * DAY);
    let last = |life: &&&Vec<Entered>| life.last().is_some_and(|it| it.at >= recently);
    LifecycleSummarySchema {
        initial: summary(Stage::Initial),
        pre_live: summary(Stage::PreLive),
        live: summary(Stage::Live),
        completed: summary(Stage::Completed),
        archived: ArchivedSummarySchema {
            current_flags: archived.clone().count(),
            last_30_days: archived.clone().filter(|life| last(&life)).count(),
        },
    }
}

fn is_in(life: &[Entered], stage: Stage) -> bool {
    life.last().is_some_and(|it| it.stage == stage)
}

/// How many days those that have left a stage were in it.
fn average_stay(lives: &[Vec<Entered>], stage: Stage) -> Option<f64> {
    let stays = lives.iter().flat_map(|life| life.windows(2));
    let stays: Vec<f64> = stays
        .filter_map(|pair| match pair {
            [one, next] if one.stage == stage => Some(days(one.at, next.at)),
            _ => None,
        })
        .collect();
    (!stays.is_empty()).then(|| average(stays.into_iter()))
}

/// How far people have come with a project: it has flags, SDKs ask for them, one is switched on.
pub(super) fn onboarding<'s>(state: &'s State, project: &str, seen: &Seen) -> Onboarding<'s> {
    let flags: Vec<&Flag> = live_flags(state, project).collect();
    let Some(first) = flags.iter().min_by_key(|it| (it.created_at, &it.name)) else {
        return Onboarding::Started;
    };
    let asked_for = |flag: &&Flag| {
        let mut seen = seen.of(&flag.name).iter();
        seen.any(|it| it.at >= flag.created_at)
    };
    let on = |flag: &&Flag| flag.environments.values().any(|it| it.enabled);
    if !flags.iter().any(asked_for) {
        Onboarding::FirstFlagCreated(first)
    } else if !flags.iter().any(on) {
        Onboarding::SdkConnected
    } else {
        Onboarding::Onboarded
    }
}

/// How far people have come with a project.
#[derive(Clone, Copy, Debug)]
pub(super) enum Onboarding<'s> {
    /// There is no flag.
    Started,
    /// There are flags; this one came first.
    FirstFlagCreated(&'s Flag),
    /// An SDK asked for one.
    SdkConnected,
    /// One is switched on.
    Onboarded,
}
