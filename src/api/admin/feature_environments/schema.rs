//! The shapes of a flag in an environment.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::feature_strategies::schema::FeatureStrategySchema;

/// A flag in an environment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct FeatureEnvironmentSchema {
    /// The flag.
    pub name: String,
    /// The environment.
    pub environment: String,
    /// The switch.
    pub enabled: bool,
    /// The strategies, in order.
    pub strategies: Vec<FeatureStrategySchema>,
}

/// Names of flags to be switched.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::api::admin) struct BulkToggleFeaturesSchema {
    /// The flags.
    pub features: Vec<String>,
}
