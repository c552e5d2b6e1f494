//! The event log: who changed what, and what it was before.

pub(super) mod schema;
mod search;

use std::collections::BTreeSet;

use actix_web::{HttpResponse, get, web};

use crate::api::error::ApiError;
use crate::api::extract::Permit;
use crate::api::registration::ServiceConfig;
use crate::auth::actions::Read;
use crate::change::{EventPage, EventQuery, History};
use crate::domain::names::FlagName;
use schema::{EventCreatorSchema, EventSearchResponseSchema, EventsSchema, FeatureEventsSchema};
use search::Parameters;

/// How many of the newest events are looked at to say who did something lately.
const LATELY: usize = 10_000;

/// Adds the routes of events.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_events)
        .service(get_events_for_toggle)
        .service(search_events)
        .service(get_event_creators);
}

/// Lists events, the newest first.
#[utoipa::path(
    tag = "Events",
    operation_id = "getEvents",
    params(
        ("project" = Option<String>, Query, description = "Only events of this project"),
        ("limit" = Option<String>, Query, description = "Most events of a page"),
        ("offset" = Option<String>, Query, description = "Events to skip"),
    ),
    responses((status = 200, body = EventsSchema), (status = 503))
)]
#[get("/events")]
async fn get_events(
    _permit: Permit<Read>,
    parameters: web::Query<Parameters>,
    history: web::Data<History>,
) -> Result<HttpResponse, ApiError> {
    let page = history.events(&parameters.plain()).await?;
    Ok(HttpResponse::Ok().json(EventsSchema::from(&page)))
}

/// Lists events about a flag, the newest first.
#[utoipa::path(
    tag = "Events",
    operation_id = "getEventsForToggle",
    responses((status = 200, body = FeatureEventsSchema), (status = 503))
)]
#[get("/events/{featureName}")]
async fn get_events_for_toggle(
    _permit: Permit<Read>,
    flag: web::Path<String>,
    parameters: web::Query<Parameters>,
    history: web::Data<History>,
) -> Result<HttpResponse, ApiError> {
    let query = EventQuery {
        flags: vec![FlagName::trusted(&flag)],
        ..parameters.plain()
    };
    let page = history.events(&query).await?;
    Ok(HttpResponse::Ok().json(FeatureEventsSchema::new(flag.into_inner(), &page)))
}

/// Searches events.
#[utoipa::path(
    tag = "Events",
    operation_id = "searchEvents",
    params(Parameters),
    responses((status = 200, body = EventSearchResponseSchema), (status = 503))
)]
#[get("/search/events")]
async fn search_events(
    _permit: Permit<Read>,
    parameters: web::Query<Parameters>,
    history: web::Data<History>,
) -> Result<HttpResponse, ApiError> {
    let page = match parameters.query()? {
        Some(query) => history.events(&query).await?,
        None => EventPage::default(),
    };
    Ok(HttpResponse::Ok().json(EventSearchResponseSchema::from(&page)))
}

/// Lists those who did something lately.
#[utoipa::path(
    tag = "Events",
    operation_id = "getEventCreators",
    responses((status = 200, body = Vec<EventCreatorSchema>), (status = 503))
)]
#[get("/event-creators")]
async fn get_event_creators(
    _permit: Permit<Read>,
    history: web::Data<History>,
) -> Result<HttpResponse, ApiError> {
    let query = EventQuery {
        limit: LATELY,
        ..EventQuery::default()
    };
    let page = history.events(&query).await?;
    let creators = page.events.iter().map(|event| event.as_ref().into());
    let creators: BTreeSet<EventCreatorSchema> = creators.collect();
    Ok(HttpResponse::Ok().json(creators))
}
