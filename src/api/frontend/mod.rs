//! What browser and mobile SDKs call (contract CLIENT-API §9).

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the routes below `/api/frontend`.
pub fn routes(_config: &mut ServiceConfig) {}
