//! The shapes of calls about several flags.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Names of flags.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::api::admin) struct BatchFeaturesSchema {
    /// The flags.
    pub features: Vec<String>,
}

/// Names of flags and a mark.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::api::admin) struct BatchStaleSchema {
    /// The flags.
    pub features: Vec<String>,
    /// Whether they are marked for removal.
    pub stale: bool,
}

/// What would stand in the way of archiving flags.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct ValidateArchiveFeaturesSchema {
    /// Flags on which flags depend that would stay.
    pub parents_with_child_features: Vec<String>,
    /// Whether dependencies would be removed.
    pub has_deleted_dependencies: bool,
}
