//! What operators and their tools call. One module for each resource: `mod.rs` handles, `schema.rs` says the shapes.

mod answer;
mod api_tokens;
mod constraints;
mod context;
mod feature_types;
mod names;
mod segments;
mod strategies;
mod tags;

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the routes below `/api/admin`.
pub fn routes(config: &mut ServiceConfig) {
    api_tokens::routes(config);
    constraints::routes(config);
    context::routes(config);
    feature_types::routes(config);
    segments::routes(config);
    strategies::routes(config);
    tags::routes(config);
}
