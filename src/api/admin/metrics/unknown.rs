//! Flags that applications ask for and that do not exist.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::unavailable;
use crate::api::error::ApiError;
use crate::api::extract::{Permit, now};
use crate::auth::actions::Read;
use crate::change::{EventQuery, History};
use crate::domain::event::EventKind;
use crate::domain::names::FlagName;
use crate::domain::time::Timestamp;
use crate::domain::usage::UnknownFlag;
use crate::snapshot::Hub;
use crate::usage::Usage;

const DAY: i64 = 24 * 3_600_000;
/// How many flags are shown.
const MOST: usize = 1000;

/// When an application asked in an environment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UnknownFlagEnvironmentSchema {
    /// The environment.
    environment: String,
    /// When it last asked there.
    #[schema(format = DateTime)]
    seen_at: String,
}

/// An application that asks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UnknownFlagReportSchema {
    /// The application.
    app_name: String,
    /// Where it asks.
    environments: Vec<UnknownFlagEnvironmentSchema>,
}

/// A flag that does not exist.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UnknownFlagSchema {
    /// The name asked for.
    name: String,
    /// When it was last asked for.
    #[schema(format = DateTime)]
    last_seen_at: String,
    /// When a flag of this name was deleted, if there was one.
    #[schema(format = DateTime)]
    last_event_at: Option<String>,
    /// Who asks for it.
    reports: Vec<UnknownFlagReportSchema>,
}

/// Flags that do not exist.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UnknownFlagsResponseSchema {
    /// The flags, those asked for last first.
    unknown_flags: Vec<UnknownFlagSchema>,
}

/// Lists flags that were asked for within a day and do not exist.
#[utoipa::path(
    tag = "Unknown Flags",
    operation_id = "getUnknownFlags",
    responses((status = 200, body = UnknownFlagsResponseSchema), (status = 503))
)]
#[get("/metrics/unknown-flags")]
pub(super) async fn get_unknown_flags(
    _permit: Permit<Read>,
    request: HttpRequest,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
    history: web::Data<History>,
) -> Result<HttpResponse, ApiError> {
    let mut found: Vec<_> = recent(&usage, &hub, now(&request))
        .await?
        .into_iter()
        .collect();
    found.sort_by_key(|(_, reports)| Reverse(last_seen(reports)));
    found.truncate(MOST);
    let deleted = deletions(&history, found.iter().map(|(name, _)| name.as_str())).await?;
    let unknown_flags = found.into_iter().map(|(name, reports)| {
        let event = deleted.get(name.as_str()).map(ToString::to_string);
        UnknownFlagSchema::new(name, event, &reports)
    });
    Ok(HttpResponse::Ok().json(UnknownFlagsResponseSchema {
        unknown_flags: unknown_flags.collect(),
    }))
}

/// What was asked for within a day and does not exist, by name.
async fn recent(
    usage: &Usage,
    hub: &Hub,
    now: Timestamp,
) -> Result<BTreeMap<String, Vec<UnknownFlag>>, ApiError> {
    let seen = usage.sightings().await.map_err(unavailable)?;
    let snapshot = hub.load();
    let flags = &snapshot.state().flags;
    let mut by_name: BTreeMap<String, Vec<UnknownFlag>> = BTreeMap::new();
    for it in seen.unknown_flags {
        let is_recent = it.last_seen >= now.plus_millis(-DAY);
        if is_recent && !flags.contains_key(it.name.as_str()) {
            by_name.entry(it.name.clone()).or_default().push(it);
        }
    }
    Ok(by_name)
}

fn last_seen(reports: &[UnknownFlag]) -> Option<Timestamp> {
    reports.iter().map(|it| it.last_seen).max()
}

/// When flags of these names were last deleted.
async fn deletions(
    history: &History,
    names: impl Iterator<Item = &str>,
) -> Result<BTreeMap<String, Timestamp>, ApiError> {
    let query = EventQuery {
        flags: names.map(FlagName::trusted).collect(),
        kinds: vec![EventKind::FeatureDeleted],
        limit: usize::MAX,
        ..EventQuery::default()
    };
    let mut found = BTreeMap::new();
    if query.flags.is_empty() {
        return Ok(found);
    }
    for event in history.events(&query).await?.events {
        if let Some(flag) = &event.what.flag {
            found.entry(flag.to_string()).or_insert(event.at);
        }
    }
    Ok(found)
}

impl UnknownFlagSchema {
    fn new(name: String, last_event_at: Option<String>, reports: &[UnknownFlag]) -> Self {
        let mut by_application: BTreeMap<&str, Vec<UnknownFlagEnvironmentSchema>> = BTreeMap::new();
        for it in reports {
            let environments = by_application.entry(&it.app_name).or_default();
            environments.push(UnknownFlagEnvironmentSchema {
                environment: it.environment.to_string(),
                seen_at: it.last_seen.to_string(),
            });
        }
        let applications = by_application.into_iter();
        Self {
            last_seen_at: last_seen(reports)
                .map(|at| at.to_string())
                .unwrap_or_default(),
            last_event_at,
            reports: applications
                .map(|(app_name, environments)| UnknownFlagReportSchema {
                    app_name: app_name.to_owned(),
                    environments,
                })
                .collect(),
            name,
        }
    }
}
