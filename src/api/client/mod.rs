//! What server-side SDKs call (contract CLIENT-API §2–§8).

mod features;
mod query;
mod reports;

use actix_web::{HttpRequest, HttpResponse, web};

use super::error::ApiError;
use super::extract::BackendToken;
use crate::api::registration::ServiceConfig;

/// Adds the routes below `/api/client`.
pub fn routes(config: &mut ServiceConfig) {
    // The busiest routes stand outside of any scope: each scope costs an allocation.
    config
        .service(features::get_all)
        .service(features::get_one)
        .scope("/api/client", report_routes, |scope| {
            scope.default_service(web::to(no_such_path))
        });
}

fn report_routes(config: &mut ServiceConfig<'_>) {
    config
        .service(reports::register)
        .service(reports::metrics)
        .service(reports::bulk);
}

/// Also the answer where `delta` and `streaming` are asked for: SDKs then poll.
async fn no_such_path(
    _caller: BackendToken,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    Err(ApiError::NoSuchPath(request.path().to_owned()))
}
