//! Whichever store was chosen at start.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::{
    Claim, CommitError, Condition, EmbeddedStore, EventPage, EventQuery, MemoryStore, Part,
    RedisStore, Store, StoreError, Turn,
};
use crate::domain::change::Change;
use crate::domain::delivery::Delivery;
use crate::domain::names::{AddonId, Revision};
use crate::domain::state::State;
use crate::domain::usage::{Expiry, Sightings, UsageQuery, UsageReport, UsageRow};

/// One of the stores there are. An enum rather than a trait object, so futures need no boxes.
#[derive(Debug)]
pub enum AnyStore {
    /// Forgets everything when the process ends.
    Memory(MemoryStore),
    /// One file, one process.
    Embedded(EmbeddedStore),
    /// Shared by any number of processes.
    Redis(RedisStore),
}

macro_rules! whichever {
    ($self:ident, $store:ident => $call:expr) => {
        match $self {
            Self::Memory($store) => $call,
            Self::Embedded($store) => $call,
            Self::Redis($store) => $call,
        }
    };
}

impl Store for AnyStore {
    async fn load(&self) -> Result<State, StoreError> {
        whichever!(self, store => store.load().await)
    }

    async fn commit(&self, change: Arc<Change>) -> Result<Revision, CommitError> {
        whichever!(self, store => store.commit(change).await)
    }

    async fn changes_after(
        &self,
        from: Revision,
        limit: usize,
    ) -> Result<Vec<Arc<Change>>, StoreError> {
        whichever!(self, store => store.changes_after(from, limit).await)
    }

    async fn events(&self, query: &EventQuery) -> Result<EventPage, StoreError> {
        whichever!(self, store => store.events(query).await)
    }

    fn feed(&self) -> watch::Receiver<Revision> {
        whichever!(self, store => store.feed())
    }

    fn condition(&self) -> watch::Receiver<Condition> {
        whichever!(self, store => store.condition())
    }

    async fn add_usage(&self, report: Arc<UsageReport>) -> Result<(), StoreError> {
        whichever!(self, store => store.add_usage(report).await)
    }

    async fn usage(&self, query: &UsageQuery) -> Result<Vec<UsageRow>, StoreError> {
        whichever!(self, store => store.usage(query).await)
    }

    async fn sightings(&self) -> Result<Sightings, StoreError> {
        whichever!(self, store => store.sightings().await)
    }

    async fn prune_usage(&self, expiry: Expiry) -> Result<usize, StoreError> {
        whichever!(self, store => store.prune_usage(expiry).await)
    }

    async fn forget_application(&self, app_name: &str) -> Result<(), StoreError> {
        whichever!(self, store => store.forget_application(app_name).await)
    }

    async fn claim(&self, task: &str, by: &str, claim: Claim) -> Result<Turn, StoreError> {
        whichever!(self, store => store.claim(task, by, claim).await)
    }

    async fn add_delivery(&self, delivery: Arc<Delivery>) -> Result<(), StoreError> {
        whichever!(self, store => store.add_delivery(delivery).await)
    }

    async fn deliveries(&self, addon: AddonId) -> Result<Vec<Delivery>, StoreError> {
        whichever!(self, store => store.deliveries(addon).await)
    }

    async fn read_out(&self, parts: mpsc::Sender<Part>) -> Result<(), StoreError> {
        whichever!(self, store => store.read_out(parts).await)
    }

    async fn fill(&self, part: Part) -> Result<(), StoreError> {
        whichever!(self, store => store.fill(part).await)
    }

    async fn close(&self) -> Result<(), StoreError> {
        whichever!(self, store => store.close().await)
    }
}
