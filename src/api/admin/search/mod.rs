//! Finding flags, live or archived, page by page.

mod filter;
pub(super) mod schema;

use actix_web::{HttpRequest, get, web};

use super::favorites::Reader;
use crate::api::error::ApiError;
use crate::api::extract::{Permit, Query, now};
use crate::api::registration::ServiceConfig;
use crate::auth::actions::Read;
use crate::domain::names::FlagName;
use crate::snapshot::Hub;
use crate::usage::Usage;
use filter::Filter;
use schema::SearchFeaturesSchema;

/// Adds the routes of the search for flags.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(search_features);
}

/// Finds flags.
#[utoipa::path(
    tag = "Search",
    operation_id = "searchFeatures",
    params(
        ("query" = Option<String>, Query, description = "Words in names, descriptions and tags, with commas between them"),
        ("archived" = Option<String>, Query, description = "IS:true for archived flags"),
        ("project" = Option<String>, Query, description = "IS:id or IS_ANY_OF:id,id"),
        ("type" = Option<String>, Query, description = "IS:release, IS_NOT:release …"),
        ("state" = Option<String>, Query, description = "IS:active or IS:stale"),
        ("tag" = Option<String>, Query, description = "INCLUDE:type:value, DO_NOT_INCLUDE:type:value …"),
        ("segment" = Option<String>, Query, description = "INCLUDE:name …"),
        ("createdBy" = Option<String>, Query, description = "IS:number"),
        ("status[]" = Option<Vec<String>>, Query, description = "environment:enabled or environment:disabled"),
        ("sortBy" = Option<String>, Query, description = "name, type, createdAt, stale, archivedAt"),
        ("sortOrder" = Option<String>, Query, description = "asc or desc"),
        ("favoritesFirst" = Option<bool>, Query, description = "What the caller marked before the rest"),
        ("limit" = Option<usize>, Query, description = "Most flags of a page"),
        ("offset" = Option<usize>, Query, description = "Flags to skip"),
    ),
    responses((status = 200, body = SearchFeaturesSchema))
)]
#[get("/search/features")]
async fn search_features(
    permit: Permit<Read>,
    request: HttpRequest,
    query: Query,
    hub: web::Data<Hub>,
    usage: web::Data<Usage>,
) -> Result<web::Json<SearchFeaturesSchema>, ApiError> {
    let seen = super::lifecycle::seen(&usage).await?;
    let filter = Filter::read(&query);
    let reader = Reader::new(&permit);
    let mut found = SearchFeaturesSchema::new(&filter, hub.load().state(), &seen, reader);
    for flag in &mut found.features {
        let name = FlagName::trusted(&flag.name);
        flag.count(&super::lifecycle::counts(&usage, &name, now(&request)).await?);
    }
    Ok(web::Json(found))
}
