//! Kinds of tags, tags, and the tags of flags.

mod kinds;
mod of_flags;
pub(super) mod schema;
mod values;

use crate::api::registration::ServiceConfig;

/// Adds the routes of tags.
pub(super) fn routes(config: &mut ServiceConfig) {
    kinds::routes(config);
    values::routes(config);
    of_flags::routes(config);
}
