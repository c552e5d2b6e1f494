//! What handlers take from a request. Rights come first and are decided without waiting, so a caller without the
//! right learns nothing about the rest of the request.

mod json;
mod permit;
mod query;
mod sdk_token;

pub(crate) use json::typed;
pub use json::{BodyLimit, Json};
pub use permit::{AnyToken, Permit};
pub use query::Query;
pub use sdk_token::{BackendToken, FrontendToken};

use actix_web::{HttpRequest, web};

use crate::domain::time::{Clock, Timestamp};

/// The time by the clock the server was given.
pub(in crate::api) fn now(request: &HttpRequest) -> Timestamp {
    // Without a clock nothing has expired yet; `app` always brings one.
    request
        .app_data::<web::Data<Clock>>()
        .map_or(Timestamp::from_millis(0), |clock| clock())
}
