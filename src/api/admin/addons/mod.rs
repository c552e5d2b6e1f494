//! Addons: who is told about events.

mod schema;

use std::net::IpAddr;

use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};

use super::answer::{created, done, number_in_path};
use crate::addons::{Deliveries, check_template, is_private};
use crate::api::error::ApiError;
use crate::api::extract::{Json, Permit, Query};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::{CreateAddon, DeleteAddon, Read, UpdateAddon};
use crate::change::Writer;
use crate::domain::command::{AddonCommand, Command};
use crate::domain::decide::addon::find;
use crate::domain::names::AddonId;
use crate::domain::rejection::Rejection;
use crate::domain::state::Entity;
use crate::snapshot::Hub;
use schema::{AddonCreateUpdateSchema, AddonSchema, AddonsSchema, IntegrationEventsSchema};

/// Whether addons may have private addresses.
#[derive(Clone, Copy, Debug)]
pub struct PrivateAddresses(pub bool);

/// Adds the routes of addons.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(get_addons)
        .service(create_addon)
        .service(get_integration_events)
        .service(get_addon)
        .service(update_addon)
        .service(delete_addon);
}

/// Lists addons and the providers there are.
#[utoipa::path(tag = "Addons", operation_id = "getAddons", responses((status = 200, body = AddonsSchema)))]
#[get("/addons")]
async fn get_addons(_permit: Permit<Read>, hub: web::Data<Hub>) -> HttpResponse {
    HttpResponse::Ok().json(AddonsSchema::new(hub.load().state()))
}

/// Makes an addon.
#[utoipa::path(
    tag = "Addons",
    operation_id = "createAddon",
    request_body = AddonCreateUpdateSchema,
    responses(
        (status = 201, body = AddonSchema),
        (status = 400, description = "A parameter is missing or makes no sense")
    )
)]
#[post("/addons")]
async fn create_addon(
    permit: Permit<CreateAddon>,
    request: HttpRequest,
    body: Json<AddonCreateUpdateSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let wish = body.into_inner().into_wish();
    check(&request, &wish.parameters)?;
    let command = Command::Addon(AddonCommand::Create(wish));
    let done = writer.submit(&command, permit.actor()).await?;
    let put = done.change.iter().flat_map(|change| &change.put);
    let mut made = put.filter_map(|entity| match entity {
        Entity::Addon(addon) => Some(AddonSchema::from(&**addon)),
        _ => None,
    });
    let made = made.next_back().ok_or_else(missing)?;
    Ok(created(&format!("addons/{}", made.id), &made))
}

/// Shows an addon.
#[utoipa::path(
    tag = "Addons",
    operation_id = "getAddon",
    params(("id" = String, Path, description = "The number of the addon")),
    responses((status = 200, body = AddonSchema), (status = 404, description = "No such addon"))
)]
#[get("/addons/{id}")]
async fn get_addon(
    _permit: Permit<Read>,
    id: web::Path<String>,
    hub: web::Data<Hub>,
) -> Result<HttpResponse, ApiError> {
    let snapshot = hub.load();
    let addon = find(snapshot.state(), number(&id)?)?;
    Ok(HttpResponse::Ok().json(AddonSchema::from(&**addon)))
}

/// Changes an addon. Secrets written as `*****` stay.
#[utoipa::path(
    tag = "Addons",
    operation_id = "updateAddon",
    params(("id" = String, Path, description = "The number of the addon")),
    request_body = AddonCreateUpdateSchema,
    responses(
        (status = 200, body = AddonSchema),
        (status = 400, description = "A parameter is missing or makes no sense"),
        (status = 404, description = "No such addon")
    )
)]
#[put("/addons/{id}")]
async fn update_addon(
    permit: Permit<UpdateAddon>,
    request: HttpRequest,
    id: web::Path<String>,
    body: Json<AddonCreateUpdateSchema>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let id = number(&id)?;
    let wish = body.into_inner().into_wish();
    check(&request, &wish.parameters)?;
    let command = Command::Addon(AddonCommand::Update(id, wish));
    let done = writer.submit(&command, permit.actor()).await?;
    let addon = find(done.snapshot.state(), id)?;
    Ok(HttpResponse::Ok().json(AddonSchema::from(&**addon)))
}

/// Deletes an addon.
#[utoipa::path(
    tag = "Addons",
    operation_id = "deleteAddon",
    params(("id" = String, Path, description = "The number of the addon")),
    responses(
        (status = 200, description = "Done"),
        (status = 404, description = "No such addon")
    )
)]
#[delete("/addons/{id}")]
async fn delete_addon(
    permit: Permit<DeleteAddon>,
    id: web::Path<String>,
    writer: web::Data<Writer>,
) -> Result<HttpResponse, ApiError> {
    let command = Command::Addon(AddonCommand::Delete(number(&id)?));
    writer.submit(&command, permit.actor()).await?;
    Ok(done())
}

/// Lists what became of telling an addon about events, the newest first.
#[utoipa::path(
    tag = "Addons",
    operation_id = "getIntegrationEvents",
    params(
        ("id" = String, Path, description = "The number of the addon"),
        ("limit" = Option<String>, Query, description = "Most of them; 50 when left out"),
        ("offset" = Option<String>, Query, description = "How many to skip")
    ),
    responses((status = 200, body = IntegrationEventsSchema))
)]
#[get("/addons/{id}/events")]
async fn get_integration_events(
    _permit: Permit<Read>,
    id: web::Path<String>,
    query: Query,
    deliveries: web::Data<Deliveries>,
) -> Result<HttpResponse, ApiError> {
    let whole = |name| query.first(name).and_then(|text| text.parse().ok());
    let (limit, offset) = (whole("limit").unwrap_or(50), whole("offset").unwrap_or(0));
    let found = deliveries.of(number(&id)?).await;
    let found = found.map_err(|error| ApiError::StoreUnavailable(error.into()))?;
    let page = found.iter().skip(offset).take(limit);
    Ok(HttpResponse::Ok().json(IntegrationEventsSchema {
        integration_events: page.map(Into::into).collect(),
    }))
}

fn number(given: &str) -> Result<AddonId, ApiError> {
    number_in_path("id", given).map(AddonId)
}

fn missing() -> ApiError {
    Rejection::NotFound("Could not find addon".into()).into()
}

/// Refuses templates that cannot be read, and addresses that would be refused each time. Names are looked up when
/// something is sent.
fn check(
    request: &HttpRequest,
    parameters: &std::collections::BTreeMap<String, String>,
) -> Result<(), Rejection> {
    if let Some(template) = parameters.get("bodyTemplate") {
        check_template(template).map_err(|flaw| {
            Rejection::bad_data(format!("The body template cannot be read: {flaw}"))
        })?;
    }
    let allowed = request
        .app_data::<PrivateAddresses>()
        .is_some_and(|it| it.0);
    let address = parameters.get("url").and_then(|url| literal_address(url));
    if !allowed && address.is_some_and(is_private) {
        return Err(Rejection::bad_data(
            "The parameter \"url\" has a private address, which this server does not allow",
        ));
    }
    Ok(())
}

/// The address in a URL that has an address in the place of a name.
fn literal_address(url: &str) -> Option<IpAddr> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None => host.split(':').next()?,
    };
    if host.eq_ignore_ascii_case("localhost") {
        return Some(std::net::Ipv4Addr::LOCALHOST.into());
    }
    host.parse().ok()
}
