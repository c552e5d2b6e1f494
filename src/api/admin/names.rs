//! A name alone: what the `validate` calls of several resources take.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A name.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NameSchema {
    /// The name.
    pub name: String,
}
