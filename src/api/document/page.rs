//! The document for programs and for people.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, get, web};

use super::Document;
use crate::api::finish;
use crate::api::registration::ServiceConfig;

const PAGE: &str = include_str!("page.html");

/// Nothing is loaded from elsewhere, and requests go to this server only.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Adds the routes of the document.
pub(in crate::api) fn routes(config: &mut ServiceConfig) {
    config.service(get_document).service(get_page);
}

/// This document.
#[utoipa::path(
    tag = "Operational",
    operation_id = "getOpenApiDocument",
    responses((status = 200, description = "The document", body = Object))
)]
#[get("/docs/openapi.json")]
async fn get_document(document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, finish::JSON))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(document.text())
}

/// This document as a page for people.
#[utoipa::path(
    tag = "Operational",
    operation_id = "getOpenApiPage",
    responses((status = 200, description = "The page", body = String, content_type = "text/html"))
)]
#[get("/docs/openapi")]
async fn get_page() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(PAGE)
}
