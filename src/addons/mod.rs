//! Addons at work: telling others about events.
//!
//! The [`Dispatcher`] follows the committed changes like everybody else, picks the addons that want an event, and
//! hands it to the queue of each. A queue tells one event after the other: it writes the request (`message`), sends it
//! (`send`), tries again when that may help, and notes what became of it. What was noted is also how a queue knows what is
//! left after a restart: an event may be told twice when the server dies between sending and noting, and is never left
//! out as long as the store keeps the change it belongs to. Of several nodes one tells (`turn`).
//!
//! *Who calls it:* `app` runs the dispatcher, `api` reads what became of deliveries. *What it may import:* `domain`,
//! `snapshot`, `store`, `telemetry`.

mod dispatcher;
mod event_json;
mod guard;
mod message;
mod queue;
mod send;
mod sentence;
mod template;
mod told;
mod turn;

use std::fmt;
use std::sync::Arc;

pub use dispatcher::Dispatcher;
pub use guard::is_private;
pub use template::check as check_template;

use crate::domain::delivery::Delivery;
use crate::domain::event::Event;
use crate::domain::names::AddonId;
use crate::store::{AnyStore, Store, StoreError};

/// An event in a sentence for people, with Markdown. `url` is where people find this server.
#[must_use]
pub fn summary(event: &Event, url: &str) -> String {
    sentence::about(event, url, sentence::Style::Markdown)
}

/// What became of deliveries. Cheap to clone.
#[derive(Clone)]
pub struct Deliveries(Arc<AnyStore>);

impl fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliveries").finish_non_exhaustive()
    }
}

impl Deliveries {
    /// Reads from `store`.
    #[must_use]
    pub fn new(store: Arc<AnyStore>) -> Self {
        Self(store)
    }

    /// Those of an addon, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn of(&self, addon: AddonId) -> Result<Vec<Delivery>, StoreError> {
        self.0.deliveries(addon).await
    }
}
