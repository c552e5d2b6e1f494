//! Wishes about addons.

use std::collections::BTreeMap;

use crate::domain::names::AddonId;

/// Wishes about addons.
#[derive(Clone, Debug)]
pub enum AddonCommand {
    /// Make an addon.
    Create(AddonWish),
    /// Change an addon. A secret written as [`MASK`](crate::domain::addon::MASK) stays.
    Update(AddonId, AddonWish),
    /// Delete an addon.
    Delete(AddonId),
}

/// What an addon shall be.
#[derive(Clone)]
pub struct AddonWish {
    /// Who is told.
    pub provider: String,
    /// For people; the present one stays when none is given.
    pub description: Option<String>,
    /// Whether it tells anybody.
    pub enabled: bool,
    /// Parameters of the provider.
    pub parameters: BTreeMap<String, String>,
    /// Kinds of events it tells about.
    pub events: Vec<String>,
    /// Projects it tells about; the present ones stay when none are given.
    pub projects: Option<Vec<String>>,
    /// Environments it tells about; the present ones stay when none are given.
    pub environments: Option<Vec<String>>,
}

impl std::fmt::Debug for AddonWish {
    /// Parameters hold secrets and are not shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AddonWish")
            .field("provider", &self.provider)
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}
