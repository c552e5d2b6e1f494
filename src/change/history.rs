//! Reading the event log.

use std::fmt;
use std::sync::Arc;

use crate::store::{AnyStore, Store, StoreError};
pub use crate::store::{EventOrder, EventPage, EventQuery};
use crate::telemetry::Telemetry;

/// The log cannot be read at the moment.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Unreadable(#[from] StoreError);

/// Answers questions about what happened. Cheap to clone. The log is read from the store, not from a snapshot: it is
/// long, and nobody needs it in a hurry.
#[derive(Clone)]
pub struct History {
    store: Arc<AnyStore>,
    telemetry: Arc<Telemetry>,
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").finish_non_exhaustive()
    }
}

impl History {
    /// Reads from `store`, and counts that in `telemetry`.
    #[must_use]
    pub fn new(store: Arc<AnyStore>, telemetry: Arc<Telemetry>) -> Self {
        Self { store, telemetry }
    }

    /// A page of the event log.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn events(&self, query: &EventQuery) -> Result<EventPage, Unreadable> {
        let read = self.store.events(query);
        Ok(self.telemetry.timed("events", "read", read).await?)
    }
}
