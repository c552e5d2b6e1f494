//! What answers that are made for one request have in common: how their type is written, and compression.

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, VARY};
use actix_web::middleware::Next;

use super::compression::compressed;
use super::encoding;

/// The type of JSON bodies, as the reference writes it.
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// The request header that bodies depend on.
pub(super) const ACCEPT_ENCODING: HeaderValue = HeaderValue::from_static("Accept-Encoding");

/// Finishes the answers of the routes below it. Busy routes do without: they write these headers themselves and keep
/// their bodies compressed.
pub(super) async fn finish(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let wish = encoding::accepted_quickly(request.request());
    let response = next.call(request).await?;
    let is_json = response.headers().get(CONTENT_TYPE).is_some_and(|kind| {
        let kind = kind.as_bytes();
        kind.starts_with(b"application/json")
    });
    if !is_json {
        return Ok(response.map_into_boxed_body());
    }
    let (request, response) = response.into_parts();
    let (mut response, body) = response.into_parts();
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response.headers_mut().insert(VARY, ACCEPT_ENCODING);
    let response = match body.try_into_bytes() {
        Ok(bytes) => {
            let (body, encoding) = compressed(bytes.into(), wish);
            if let Some(value) = encoding::header(encoding) {
                response.headers_mut().insert(CONTENT_ENCODING, value);
            }
            response.set_body(BoxBody::new(body))
        }
        Err(stream) => response.set_body(BoxBody::new(stream)),
    };
    Ok(ServiceResponse::new(request, response))
}
