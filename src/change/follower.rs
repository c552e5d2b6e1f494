//! Committed changes in, snapshots out.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::sleep;

use crate::domain::names::Revision;
use crate::snapshot::{Hub, Snapshot};
use crate::store::{AnyStore, Store, StoreError};
use crate::telemetry::Telemetry;

/// How many changes are fetched at once.
const PAGE: usize = 100;

/// The first and the longest pause before a failed store is asked again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// Follows the committed changes of a store and publishes a snapshot for each, in order.
///
/// It begins at the revision the hub shows. When the store no longer has the changes in between, it loads the whole
/// state.
#[derive(Debug)]
pub struct Follower {
    store: Arc<AnyStore>,
    hub: Arc<Hub>,
    telemetry: Arc<Telemetry>,
}

impl Follower {
    /// Publishes what is committed to `store` in `hub`. Nobody else may publish there.
    #[must_use]
    pub fn new(store: Arc<AnyStore>, hub: Arc<Hub>) -> Self {
        Self {
            store,
            hub,
            telemetry: Arc::default(),
        }
    }

    /// Counts what it does there.
    #[must_use]
    pub fn counted_in(self, telemetry: Arc<Telemetry>) -> Self {
        Self { telemetry, ..self }
    }

    /// Runs until `shutdown` is ready. Store errors do not end it: the last snapshot stays, and it tries again.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let mut feed = self.store.feed();
        tokio::select! {
            () = shutdown => {}
            () = self.follow(&mut feed) => {}
        }
    }

    async fn follow(&self, feed: &mut watch::Receiver<Revision>) {
        let mut pause = None;
        loop {
            feed.mark_unchanged();
            match self.catch_up().await {
                Ok(()) => {
                    if pause.take().is_some() {
                        tracing::info!("following the store again");
                    }
                    if feed.changed().await.is_err() {
                        return;
                    }
                }
                Err(error) => {
                    let now = longer(pause, &error);
                    pause = Some(now);
                    sleep(now).await;
                }
            }
        }
    }

    /// Publishes all that is committed and not yet visible.
    async fn catch_up(&self) -> Result<(), StoreError> {
        loop {
            let seen = self.revision();
            // Asked first: a change that is told is there, or no longer kept.
            let told = *self.store.feed().borrow();
            let asked = self.store.changes_after(seen, PAGE);
            let asked = self.telemetry.timed("configuration", "changes", asked);
            let changes = asked.await?;
            if changes.is_empty() {
                return match told > seen {
                    true => self.start_over().await,
                    false => Ok(()),
                };
            }
            for change in changes {
                if change.expected != self.revision() {
                    self.start_over().await?;
                    break;
                }
                self.publish(|| self.hub.load_full().next(&change));
            }
        }
    }

    async fn start_over(&self) -> Result<(), StoreError> {
        let load = self.store.load();
        let state = self.telemetry.timed("configuration", "load", load).await?;
        let seen = self.revision();
        // Going back would tell SDKs that what they know never happened.
        if state.revision <= seen {
            return Err(StoreError::unavailable(format!(
                "it is at revision {}, behind revision {seen} which is served already",
                state.revision
            )));
        }
        tracing::info!(
            from = seen.0,
            to = state.revision.0,
            "loading the whole configuration: the changes in between are no longer kept"
        );
        self.publish(|| Snapshot::build(state));
        Ok(())
    }

    fn publish(&self, build: impl FnOnce() -> Snapshot) {
        let begun = Instant::now();
        let snapshot = build();
        self.telemetry.note_build(begun.elapsed());
        self.hub.publish(snapshot);
    }

    fn revision(&self) -> Revision {
        self.hub.load().state().revision
    }
}

/// The next pause of a row; the first one says why.
fn longer(pause: Option<Duration>, error: &StoreError) -> Duration {
    let Some(last) = pause else {
        tracing::warn!(
            error = error as &dyn std::error::Error,
            "cannot follow the store; serving the last known configuration"
        );
        return PAUSES.0;
    };
    last.saturating_mul(2).min(PAUSES.1)
}
