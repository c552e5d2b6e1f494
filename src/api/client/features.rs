//! What backend SDKs poll.

use std::sync::Arc;

use actix_web::http::header::{
    CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, VARY,
};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, get};

use super::query;
use crate::api::conditional::{Freshness, freshness};
use crate::api::encoding;
use crate::api::error::ApiError;
use crate::api::extract::BackendToken;
use crate::api::finish::{ACCEPT_ENCODING, JSON};
use crate::domain::api_token::TokenProjects;
use crate::domain::rejection::Rejection;
use crate::snapshot::{ServedEnvironment, View};
use crate::wire::client_features::{ClientFeature, ClientFeatures, SegmentMode};
use crate::wire::client_spec::segment_mode;
use crate::wire::fingerprint;

/// The environment of very old tokens that are bound to none and ask for none.
const DEFAULT_ENVIRONMENT: &str = "development";

/// All flags the token sees, as backend SDKs evaluate them.
#[utoipa::path(
    tag = "Client",
    operation_id = "getAllClientFeatures",
    params(
        ("namePrefix" = Option<String>, Query, description = "Only flags whose names begin so"),
        ("project" = Option<Vec<String>>, Query, description = "Only flags of these projects"),
        ("tag" = Option<Vec<String>>, Query, description = "Only flags with these tags, as type:value"),
        ("Unleash-Client-Spec" = Option<String>, Header, description = "The client specification the SDK follows"),
    ),
    responses(
        (status = 200, body = ClientFeatures),
        (status = 304, description = "Nothing changed since the body with the tag in `If-None-Match`"),
    )
)]
#[get("/api/client/features")]
pub(super) async fn get_all(
    caller: BackendToken,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let mode = requested_mode(&request)?;
    Ok(match (&caller.token.environment, request.query_string()) {
        (Some(environment), "") => {
            let served = caller.snapshot.environment(environment.as_str());
            answer(&request, &served.view(&caller.token.projects, mode))
        }
        _ => {
            let view = unusual(&caller, &request, mode)?;
            answer(&request, &view)
        }
    })
}

/// One flag.
#[utoipa::path(tag = "Client", operation_id = "getClientFeature", responses(
    (status = 200, body = ClientFeature),
    (status = 404, description = "No such flag, or not among those the token sees"),
))]
#[get("/api/client/features/{featureName}")]
pub(super) async fn get_one(
    caller: BackendToken,
    name: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let mode = requested_mode(&request)?;
    let query = query::parse(request.query_string())?;
    let served = environment(&caller, query.environment.as_deref());
    let flag = served
        .flag(&name)
        .filter(|it| caller.token.projects.contains(it.flag().project.as_str()))
        .ok_or_else(|| Rejection::NotFound(format!("Could not find feature flag {name}")))?;
    let body = served.flag_json(flag, mode);
    let etag = format!("W/\"{:x}-{:016x}\"", body.len(), fingerprint::of(&body));
    if freshness(&request, etag.as_bytes()) != Freshness::Stale {
        return Ok(HttpResponse::NotModified()
            .insert_header((ETAG, etag))
            .finish());
    }
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, JSON))
        .insert_header((VARY, ACCEPT_ENCODING))
        .insert_header((ETAG, etag))
        .body(body))
}

/// Looking a header up by text would make a name of it each time.
static CLIENT_SPEC: HeaderName = HeaderName::from_static("unleash-client-spec");

fn requested_mode(request: &HttpRequest) -> Result<SegmentMode, ApiError> {
    let header = request.headers().get(&CLIENT_SPEC);
    segment_mode(header.and_then(|value| value.to_str().ok()))
        .map_err(|fault| Rejection::BadData(fault.to_string()).into())
}

/// A view that is not one of the token's own: with filters, or of an environment the caller chose.
fn unusual(
    caller: &BackendToken,
    request: &HttpRequest,
    mode: SegmentMode,
) -> Result<Arc<View>, ApiError> {
    let mut query = query::parse(request.query_string())?;
    let projects = &caller.token.projects;
    if *projects != TokenProjects::All {
        query.filter.projects.clear();
    }
    let served = environment(caller, query.environment.as_deref());
    if query.filter.is_empty() && caller.token.environment.is_some() {
        return Ok(served.view(projects, mode));
    }
    let bound = caller.token.environment.as_ref().map(AsRef::as_ref);
    let name = bound.or(query.environment.as_deref());
    Ok(served.filtered(name, projects, mode, &query.filter))
}

fn environment<'c>(caller: &'c BackendToken, wished: Option<&str>) -> &'c Arc<ServedEnvironment> {
    caller
        .snapshot
        .environment(environment_name(caller, wished))
}

/// The token's environment; only very old tokens that have none may wish for one.
fn environment_name<'n>(caller: &'n BackendToken, wished: Option<&'n str>) -> &'n str {
    match &caller.token.environment {
        Some(bound) => bound.as_str(),
        None => wished.unwrap_or(DEFAULT_ENVIRONMENT),
    }
}

/// 200 with the body, or 304. Nothing is copied and nothing is computed.
fn answer(request: &HttpRequest, view: &View) -> HttpResponse {
    let tag = || HeaderValue::from_maybe_shared(view.etag().clone());
    match freshness(request, view.etag()) {
        Freshness::Exact => return HttpResponse::NotModified().finish(),
        Freshness::Matching => {
            let mut response = HttpResponse::NotModified();
            if let Ok(tag) = tag() {
                response.insert_header((ETAG, tag));
            }
            return response.finish();
        }
        Freshness::Stale => {}
    }
    let (body, chosen) = view.encoded(encoding::accepted(request));
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, JSON))
        .insert_header((VARY, ACCEPT_ENCODING));
    if let Ok(tag) = tag() {
        response.insert_header((ETAG, tag));
    }
    if let Some(value) = encoding::header(chosen) {
        response.insert_header((CONTENT_ENCODING, value));
    }
    response.body(body.clone())
}
