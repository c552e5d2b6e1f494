//! What server-side SDKs call (contract CLIENT-API §2–§8).

mod features;
mod query;
mod reports;

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the routes below `/api/client`.
pub fn routes(config: &mut ServiceConfig) {
    // The busiest routes stand outside of any scope: each scope costs an allocation.
    config
        .service(features::get_all)
        .service(features::get_one)
        .service(
            scope("/api/client")
                .service(reports::register)
                .service(reports::metrics)
                .service(reports::bulk),
        );
}
