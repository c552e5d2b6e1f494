//! What browser and mobile SDKs call (contract CLIENT-API §9).

mod answer;
mod chance;
mod context;
mod cors;
mod features;
mod reports;

use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::web;

use crate::api::registration::ServiceConfig;

pub use chance::Seeds;
pub use cors::MaxAge;

/// Name of the host we run on. Strategies for hosts compare with it when flags are evaluated here, as on the reference
/// server; SDKs that evaluate by themselves compare with theirs.
#[derive(Clone, Debug)]
pub struct HostName(pub Arc<str>);

/// Paths of the reference's oldest frontend API; asking for them is answered with 405.
const NOT_SUPPORTED: [&str; 3] = [
    "/client/features",
    "/health",
    "/internal-backstage/prometheus",
];

/// Where all of this is found: the second is the address of the proxy of old, which Edge still serves.
const PLACES: [&str; 2] = ["/api/frontend", "/api/proxy"];

/// Adds the routes below `/api/frontend` and its older names.
pub fn routes(config: &mut ServiceConfig) {
    for place in PLACES {
        config.scope(place, routes_of_a_place, |scope| {
            scope
                .default_service(web::to(features::no_such_path))
                .wrap(from_fn(cors::cors))
        });
    }
}

fn routes_of_a_place(config: &mut ServiceConfig<'_>) {
    config
        .service(features::get)
        .service(features::post)
        .service(features::get_all)
        .service(features::post_all)
        .service(features::get_one)
        .service(features::post_one)
        .service(reports::metrics)
        .service(reports::register);
    for path in NOT_SUPPORTED {
        let answer = web::get().to(features::not_supported);
        config.undescribed(|config| config.route(path, answer));
    }
}
