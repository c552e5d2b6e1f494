//! What Unleash Edge calls to learn about tokens (contract CLIENT-API §10).

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the routes below `/edge`.
pub fn routes(_config: &mut ServiceConfig) {}
