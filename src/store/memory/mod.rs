//! A store that forgets everything when the process ends: for tests, trials and `--store memory`.

mod fill;
mod usage;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, watch};

use self::usage::UsageBook;
use super::{
    CHANGES_KEPT, CommitError, EventOrder, EventPage, EventQuery, Part, Store, StoreError,
    check_order,
};
use crate::domain::change::Change;
use crate::domain::delivery::{DELIVERIES_KEPT, Delivery};
use crate::domain::event::Event;
use crate::domain::names::{AddonId, Revision};
use crate::domain::state::State;
use crate::domain::usage::{Expiry, Sightings, UsageQuery, UsageReport, UsageRow};

/// Keeps everything in memory. Nodes of a test share one through an `Arc`.
#[derive(Debug)]
pub struct MemoryStore {
    contents: Mutex<Box<Contents>>,
    revision: watch::Sender<Revision>,
}

#[derive(Debug, Default)]
struct Contents {
    state: State,
    changes: VecDeque<Arc<Change>>,
    events: Vec<Arc<Event>>,
    usage: UsageBook,
    deliveries: Vec<Delivery>,
    /// What it is being filled with, and the revision it will be at.
    filling: Option<(Revision, Box<Contents>)>,
    closed: bool,
}

/// What errors call it.
const PLACE: &str = "the store in memory";

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self {
            contents: Mutex::default(),
            revision: watch::Sender::new(Revision::EMPTY),
        }
    }

    /// Ends what `close` began: a store that was away for a while.
    #[cfg(test)]
    pub(crate) fn open_again(&self) {
        let mut contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        contents.closed = false;
    }

    fn lock(&self) -> Result<MutexGuard<'_, Box<Contents>>, StoreError> {
        let contents = self.lock_to_fill()?;
        if contents.filling.is_some() {
            return Err(StoreError::Incomplete {
                place: PLACE.into(),
            });
        }
        Ok(contents)
    }

    /// Whole or not.
    fn lock_to_fill(&self) -> Result<MutexGuard<'_, Box<Contents>>, StoreError> {
        let contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        if contents.closed {
            return Err(StoreError::unavailable("it has been closed"));
        }
        Ok(contents)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Store for MemoryStore {
    async fn load(&self) -> Result<State, StoreError> {
        Ok(self.lock()?.state.clone())
    }

    async fn commit(&self, change: Arc<Change>) -> Result<Revision, CommitError> {
        let mut contents = self.lock()?;
        check_order(&change, contents.state.revision)?;
        contents.append(change);
        let revision = contents.state.revision;
        // Told under the lock: the feed never goes backwards.
        self.revision.send_replace(revision);
        Ok(revision)
    }

    async fn changes_after(
        &self,
        from: Revision,
        limit: usize,
    ) -> Result<Vec<Arc<Change>>, StoreError> {
        let contents = self.lock()?;
        let first = contents
            .changes
            .partition_point(|change| change.revision() <= from);
        let wanted = contents.changes.iter().skip(first).take(limit);
        Ok(wanted.cloned().collect())
    }

    async fn events(&self, query: &EventQuery) -> Result<EventPage, StoreError> {
        let contents = self.lock()?;
        let matching = || contents.events.iter().filter(|event| query.matches(event));
        let cut = |events: &mut dyn Iterator<Item = &Arc<Event>>| {
            let wanted = events.skip(query.offset).take(query.limit);
            wanted.cloned().collect()
        };
        Ok(EventPage {
            events: match query.order {
                EventOrder::OldestFirst => cut(&mut matching()),
                EventOrder::NewestFirst => cut(&mut matching().rev()),
            },
            total: matching().count(),
        })
    }

    fn feed(&self) -> watch::Receiver<Revision> {
        self.revision.subscribe()
    }

    async fn add_usage(&self, report: Arc<UsageReport>) -> Result<(), StoreError> {
        self.lock()?.usage.add(&report);
        Ok(())
    }

    async fn usage(&self, query: &UsageQuery) -> Result<Vec<UsageRow>, StoreError> {
        Ok(self.lock()?.usage.rows(query))
    }

    async fn sightings(&self) -> Result<Sightings, StoreError> {
        Ok(self.lock()?.usage.sightings())
    }

    async fn prune_usage(&self, expiry: Expiry) -> Result<usize, StoreError> {
        let mut contents = self.lock()?;
        let state = contents.state.clone();
        let exists = |flag: &str| state.flags.contains_key(flag);
        Ok(contents.usage.prune(&expiry, &exists))
    }

    async fn forget_application(&self, app_name: &str) -> Result<(), StoreError> {
        self.lock()?.usage.forget_application(app_name);
        Ok(())
    }

    async fn add_delivery(&self, delivery: Arc<Delivery>) -> Result<(), StoreError> {
        self.lock()?.add_delivery(&delivery);
        Ok(())
    }

    async fn deliveries(&self, addon: AddonId) -> Result<Vec<Delivery>, StoreError> {
        let contents = self.lock()?;
        let own = contents.deliveries.iter().rev();
        Ok(own.filter(|it| it.addon == addon).cloned().collect())
    }

    async fn read_out(&self, parts: mpsc::Sender<Part>) -> Result<(), StoreError> {
        let all = self.lock()?.parts();
        for part in all {
            if parts.send(part).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    async fn fill(&self, part: Part) -> Result<(), StoreError> {
        let mut contents = self.lock_to_fill()?;
        if let Some(revision) = contents.fill(part)? {
            self.revision.send_replace(revision);
        }
        Ok(())
    }

    async fn close(&self) -> Result<(), StoreError> {
        if let Ok(mut contents) = self.lock_to_fill() {
            contents.closed = true;
        }
        Ok(())
    }
}

impl Contents {
    fn add_delivery(&mut self, delivery: &Delivery) {
        let id = self.deliveries.last().map_or(1, |it| it.id + 1);
        self.deliveries.push(Delivery {
            id,
            ..delivery.clone()
        });
        let of_addon = |it: &&Delivery| it.addon == delivery.addon;
        if self.deliveries.iter().filter(of_addon).count() > DELIVERIES_KEPT
            && let Some(oldest) = self.deliveries.iter().position(|it| of_addon(&it))
        {
            self.deliveries.remove(oldest);
        }
    }

    fn append(&mut self, change: Arc<Change>) {
        self.state = self.state.apply(&change);
        self.events
            .extend(change.events.iter().cloned().map(Arc::new));
        self.changes.push_back(change);
        if self.changes.len() > CHANGES_KEPT {
            self.changes.pop_front();
        }
    }
}
