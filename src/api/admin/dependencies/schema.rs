//! The shapes of dependencies between flags.

use serde::Deserialize;
use utoipa::ToSchema;

/// The flag to depend on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct CreateDependentFeatureSchema {
    /// The flag.
    pub feature: String,
    /// Whether it must be on or off.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub enabled: bool,
    /// The variants one of which it must resolve to; any when empty.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    pub variants: Option<Vec<String>>,
}

fn yes() -> bool {
    true
}
