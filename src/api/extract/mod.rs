//! What handlers take from a request. Rights come first and are decided without waiting, so a caller without the
//! right learns nothing about the rest of the request.

mod json;
mod permit;
mod query;
mod sdk_token;
mod somewhere;

pub(in crate::api) use json::read;
pub(crate) use json::typed;
pub use json::{BodyLimit, Json, RawJson};
pub(in crate::api) use permit::session_secret;
pub use permit::{AnyToken, Permit};
pub use query::Query;
pub use sdk_token::{BackendToken, FrontendToken};
pub use somewhere::Somewhere;

use actix_web::{HttpRequest, web};

use crate::api::error::ApiError;
use crate::wire::problem::Detail;

use crate::domain::time::{Clock, Timestamp};

/// The time by the clock the server was given.
pub(in crate::api) fn now(request: &HttpRequest) -> Timestamp {
    // Without a clock nothing has expired yet; `app` always brings one.
    request
        .app_data::<web::Data<Clock>>()
        .map_or(Timestamp::from_millis(0), |clock| clock())
}

/// Queries that cannot be read are refused in the form of all errors.
#[must_use]
pub fn queries() -> web::QueryConfig {
    web::QueryConfig::default().error_handler(|error, _| {
        ApiError::BadQuery(vec![Detail::at("/query", error.to_string())]).into()
    })
}

/// Paths with parts that cannot be what they stand for are refused in the form of all errors.
#[must_use]
pub fn paths() -> web::PathConfig {
    web::PathConfig::default().error_handler(|error, _| {
        ApiError::Schema(vec![Detail::at("/params", error.to_string())]).into()
    })
}
