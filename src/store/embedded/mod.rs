//! The store of a single node: one file, owned by one process.
//!
//! One thread of its own does all writing, one transaction after the other, each on the disk before it is
//! acknowledged. Reading sees the last committed transaction and waits for nobody; it happens on the runtime's
//! threads for blocking work. All names of redb are in this directory.

mod codec;
mod delivery;
mod fault;
mod fill;
mod log;
mod place;
mod prune;
mod rehearsal;
mod tables;
mod upgrade;
mod usage;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

pub use self::place::Aside;
use self::worker::Worker;
use super::{CommitError, EventPage, EventQuery, Part, Store, StoreError};
use crate::domain::change::Change;
use crate::domain::delivery::Delivery;
use crate::domain::names::{AddonId, Revision};
use crate::domain::state::State;
use crate::domain::usage::{Expiry, Sightings, UsageQuery, UsageReport, UsageRow};

/// Keeps everything in one file of a data directory.
#[derive(Debug)]
pub struct EmbeddedStore {
    worker: Worker,
}

impl EmbeddedStore {
    /// Opens the store in a data directory; makes both if they do not exist, readable for their owner only.
    ///
    /// Blocks while the file is read and checked.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another process has it open; [`StoreError::Corrupt`], [`StoreError::Foreign`] or
    /// [`StoreError::NewerFormat`] when the file cannot be used, in which case not a byte of it was changed;
    /// [`StoreError::Io`] when the operating system refuses.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let (path, database) = place::open(directory)?;
        Ok(Self {
            worker: Worker::start(path, database)?,
        })
    }

    /// Whether there is a data file in a directory. It may be damaged or foreign.
    #[must_use]
    pub fn is_in(directory: &Path) -> bool {
        place::is_in(directory)
    }

    /// Gives the data file of a directory another name that ends in `suffix`; none if there is no file.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when a process has it open; [`StoreError::Io`].
    pub fn move_aside(directory: &Path, suffix: &str) -> Result<Option<Aside>, StoreError> {
        place::move_aside(directory, suffix)
    }

    /// The data file.
    #[must_use]
    pub fn path(&self) -> &PathBuf {
        self.worker.path()
    }
}

impl Store for EmbeddedStore {
    async fn load(&self) -> Result<State, StoreError> {
        self.worker.read(log::load).await
    }

    async fn commit(&self, change: Arc<Change>) -> Result<Revision, CommitError> {
        let feed = self.worker.revision().clone();
        self.worker
            .write(move |database| {
                let committed = log::commit(database, &change)?;
                if let Ok(revision) = committed {
                    feed.send_replace(revision);
                }
                Ok(committed)
            })
            .await?
    }

    async fn changes_after(
        &self,
        from: Revision,
        limit: usize,
    ) -> Result<Vec<Arc<Change>>, StoreError> {
        self.worker
            .read(move |txn| log::changes_after(txn, from, limit))
            .await
    }

    async fn events(&self, query: &EventQuery) -> Result<EventPage, StoreError> {
        let query = query.clone();
        self.worker.read(move |txn| log::events(txn, &query)).await
    }

    fn feed(&self) -> watch::Receiver<Revision> {
        self.worker.revision().subscribe()
    }

    async fn add_usage(&self, report: Arc<UsageReport>) -> Result<(), StoreError> {
        self.worker
            .write(move |database| usage::add(database, &report))
            .await
    }

    async fn usage(&self, query: &UsageQuery) -> Result<Vec<UsageRow>, StoreError> {
        let query = query.clone();
        self.worker.read(move |txn| usage::rows(txn, &query)).await
    }

    async fn sightings(&self) -> Result<Sightings, StoreError> {
        self.worker.read(usage::sightings).await
    }

    async fn prune_usage(&self, expiry: Expiry) -> Result<usize, StoreError> {
        self.worker
            .write(move |database| prune::prune(database, &expiry))
            .await
    }

    async fn forget_application(&self, app_name: &str) -> Result<(), StoreError> {
        let app_name = app_name.to_owned();
        self.worker
            .write(move |database| prune::forget_application(database, &app_name))
            .await
    }

    async fn add_delivery(&self, delivery: Arc<Delivery>) -> Result<(), StoreError> {
        self.worker
            .write(move |database| delivery::add(database, &delivery))
            .await
    }

    async fn deliveries(&self, addon: AddonId) -> Result<Vec<Delivery>, StoreError> {
        self.worker
            .read(move |txn| delivery::of_addon(txn, addon))
            .await
    }

    async fn read_out(&self, parts: mpsc::Sender<Part>) -> Result<(), StoreError> {
        self.worker
            .read(move |txn| fill::read_out(txn, &parts))
            .await
    }

    async fn fill(&self, part: Part) -> Result<(), StoreError> {
        self.worker.fill(part).await
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.worker.close().await
    }
}
