//! What operators and their tools call. One module for each resource: `mod.rs` handles, `schema.rs` says the shapes.

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the routes below `/api/admin`.
pub fn routes(_config: &mut ServiceConfig) {}
