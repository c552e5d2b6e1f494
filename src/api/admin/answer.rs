//! Answers several resources give in the same form.

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderValue, LOCATION};
use serde::{Deserialize, Deserializer, Serialize};

use crate::api::error::ApiError;
use crate::wire::problem::Detail;

/// 201 with the place of what was made, relative as the reference gives it.
pub(super) fn created(location: &str, body: &impl Serialize) -> HttpResponse {
    let mut response = HttpResponse::Created();
    if let Ok(place) = HeaderValue::from_bytes(location.as_bytes()) {
        response.insert_header((LOCATION, place));
    }
    response.json(body)
}

/// 200 without a body.
pub(super) fn done() -> HttpResponse {
    HttpResponse::Ok().finish()
}

/// 204.
pub(super) fn nothing() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// A number in a path, or the complaint the reference has about anything else.
pub(super) fn number_in_path(name: &str, given: &str) -> Result<i32, ApiError> {
    given.parse().map_err(|_| {
        let place = format!("/params/{name}");
        let message = format!(
            "The `{place}` property must be integer. You sent {}.",
            serde_json::Value::from(given)
        );
        ApiError::Schema(vec![Detail::at(place, message)])
    })
}

/// Tells a value that is there, also `null`, from one that is left out. For use with `#[serde(default)]`.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
