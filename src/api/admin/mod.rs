//! What operators and their tools call. One module for each resource: `mod.rs` handles, `schema.rs` says the shapes.

mod answer;
mod constraints;
mod context;
mod feature_types;
mod names;
mod segments;
mod strategies;

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the routes below `/api/admin`.
pub fn routes(config: &mut ServiceConfig) {
    constraints::routes(config);
    context::routes(config);
    feature_types::routes(config);
    segments::routes(config);
    strategies::routes(config);
}
