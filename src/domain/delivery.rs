//! What became of telling somebody about an event. Pure data.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::event::Event;
use super::names::AddonId;
use super::time::Timestamp;

/// How many deliveries of each addon are kept.
pub const DELIVERIES_KEPT: usize = 100;

/// Whether somebody was told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeliveryState {
    /// All of it arrived.
    Success,
    /// Nothing arrived.
    Failed,
    /// Some of it arrived.
    SuccessWithErrors,
}

impl DeliveryState {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
            Self::SuccessWithErrors => "successWithErrors",
        }
    }
}

/// One event told to one addon, or not. Holds no secret.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Delivery {
    /// Its number; the store gives it, and later ones are greater.
    #[serde(default)]
    pub id: u64,
    /// The addon.
    pub addon: AddonId,
    /// When.
    pub at: Timestamp,
    /// The event.
    pub event: Event,
    /// Whether it arrived.
    pub state: DeliveryState,
    /// The same in words.
    pub state_details: String,
    /// What was sent, and where no secret is in it, to whom.
    pub details: Value,
}
