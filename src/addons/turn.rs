//! Which of the nodes that share a store tells an addon about an event.
//!
//! Whoever claims it first, and as long as it says so again and again. When it is done, all others hear that from the
//! claim. When it dies or stops in the middle, another one goes on.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::told::Told;
use crate::domain::names::{AddonId, Revision};
use crate::store::{AnyStore, Claim, Store, StoreError, Turn};

/// How long a node that no longer says so counts as telling.
pub(super) const LEASE: Duration = Duration::from_secs(15);

/// How often it says so.
const RENEWAL: Duration = Duration::from_secs(5);

/// How long a claim says that it is done. Nodes that were away for longer look at what was noted.
const REMEMBERED: Duration = Duration::from_secs(3600);

/// How long a store that failed is left alone.
const PATIENCE: Duration = Duration::from_secs(5);

/// Takes turns with the other nodes.
pub(super) struct Turns {
    store: Arc<AnyStore>,
    /// This node, among those that share the store.
    name: String,
    /// What this node has claimed and not done.
    claimed: Mutex<BTreeSet<String>>,
}

impl Turns {
    pub(super) fn new(store: Arc<AnyStore>, name: String) -> Self {
        Self {
            store,
            name,
            claimed: Mutex::default(),
        }
    }

    /// Whose turn it is. When that cannot be settled, it is asked again.
    pub(super) async fn whose(&self, addon: AddonId, event: Revision) -> Turn {
        let task = task(addon, event);
        let turn = loop {
            match self.claim(&task, Claim::Do(LEASE)).await {
                Ok(turn) => break turn,
                Err(error) => {
                    tracing::warn!(
                        addon = addon.0,
                        error = &error as &dyn std::error::Error,
                        "which node is to tell about an event cannot be settled; trying again"
                    );
                    tokio::time::sleep(PATIENCE).await;
                }
            }
        };
        if turn == Turn::Mine {
            self.with(|claimed| claimed.insert(task));
        }
        turn
    }

    /// Does what this node has claimed, and says meanwhile that it does. None when another node has taken it over,
    /// because this one could not say so for long.
    pub(super) async fn hold<T>(
        &self,
        addon: AddonId,
        event: Revision,
        work: impl Future<Output = T> + Send,
    ) -> Option<T> {
        let task = task(addon, event);
        let lost = async {
            loop {
                tokio::time::sleep(RENEWAL).await;
                let turn = self.claim(&task, Claim::Do(LEASE)).await;
                if turn.is_ok_and(|turn| turn != Turn::Mine) {
                    return;
                }
            }
        };
        tokio::select! {
            done = work => Some(done),
            () = lost => None,
        }
    }

    /// Says that it is done.
    pub(super) async fn end(&self, addon: AddonId, event: Revision) {
        let task = task(addon, event);
        // When this fails, the others look at what was noted.
        let _ = self.claim(&task, Claim::Done(REMEMBERED)).await;
        self.with(|claimed| claimed.remove(&task));
    }

    /// Leaves what is not done to others.
    pub(super) async fn leave_all(&self) {
        let left = self.with(std::mem::take);
        for task in left {
            if self.claim(&task, Claim::Leave).await.is_err() {
                // Then they wait until the claim ends.
                return;
            }
        }
    }

    /// What an addon has been told. When that cannot be read, it is read again: better late than twice.
    pub(super) async fn told(&self, addon: AddonId) -> Told {
        loop {
            match self.store.deliveries(addon).await {
                Ok(noted) => return Told::by(&noted),
                Err(_) => tokio::time::sleep(PATIENCE).await,
            }
        }
    }

    async fn claim(&self, task: &str, claim: Claim) -> Result<Turn, StoreError> {
        self.store.claim(task, &self.name, claim).await
    }

    fn with<T>(&self, change: impl FnOnce(&mut BTreeSet<String>) -> T) -> T {
        change(&mut self.claimed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn task(addon: AddonId, event: Revision) -> String {
    format!("addon:{addon}:{event}")
}
