//! Context fields: what applications say about a user or request.

mod everywhere;
mod fields;
mod in_project;
pub(super) mod schema;

use crate::api::registration::ServiceConfig;

/// Adds the routes of context fields.
pub(super) fn routes(config: &mut ServiceConfig) {
    everywhere::routes(config);
    in_project::routes(config);
}
