//! The shapes of kinds of flags.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::flag::FlagKind;

/// A kind of flag.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FeatureTypeSchema {
    /// Its identifier.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// For people.
    pub description: String,
    /// Expected life in days.
    pub lifetime_days: Option<u32>,
}

impl From<&FlagKind> for FeatureTypeSchema {
    fn from(it: &FlagKind) -> Self {
        Self {
            id: it.id.to_string(),
            name: it.name.clone(),
            description: it.description.clone(),
            lifetime_days: it.lifetime_days,
        }
    }
}

/// Kinds of flags.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FeatureTypesSchema {
    /// Version of this shape.
    pub version: u32,
    /// The kinds.
    pub types: Vec<FeatureTypeSchema>,
}

/// How long flags of a kind are expected to live.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdateFeatureTypeLifetimeSchema {
    /// Days; 0 and null mean for ever.
    #[schema(required = true, minimum = 0, maximum = 2_147_483_647)]
    pub lifetime_days: Option<u32>,
}
