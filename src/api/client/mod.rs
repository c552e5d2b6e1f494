//! What server-side SDKs call (contract CLIENT-API §2–§8).

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the routes below `/api/client`.
pub fn routes(_config: &mut ServiceConfig) {}
