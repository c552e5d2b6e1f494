//! The newest snapshot, for everybody.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use tokio::sync::watch;

use super::Snapshot;
use crate::domain::names::Revision;

/// Holds the newest snapshot. Readers load it without waiting; those who want to know of newer ones subscribe.
#[derive(Debug)]
pub struct Hub {
    current: ArcSwap<Snapshot>,
    revision: watch::Sender<Revision>,
}

impl Hub {
    /// Starts with `snapshot`.
    #[must_use]
    pub fn new(snapshot: Snapshot) -> Self {
        let revision = watch::Sender::new(snapshot.state().revision);
        Self {
            current: ArcSwap::from_pointee(snapshot),
            revision,
        }
    }

    /// The newest snapshot, for the length of a request.
    #[must_use]
    pub fn load(&self) -> Guard<Arc<Snapshot>> {
        self.current.load()
    }

    /// The newest snapshot, to keep.
    #[must_use]
    pub fn load_full(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// Makes `snapshot` the newest one. Only the follower calls this.
    pub fn publish(&self, snapshot: Snapshot) {
        let revision = snapshot.state().revision;
        self.current.store(Arc::new(snapshot));
        self.revision.send_replace(revision);
    }

    /// Tells about each newer revision; slow receivers skip some.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Revision> {
        self.revision.subscribe()
    }
}
