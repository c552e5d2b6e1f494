//! The thread that writes.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread;

use redb::{Database, ReadTransaction, ReadableDatabase};
use tokio::sync::{oneshot, watch};

use super::fault::{Fault, io};
use super::{fill, log, place};
use crate::domain::names::Revision;
use crate::store::{Part, StoreError};

type Answer<T> = oneshot::Receiver<Result<T, StoreError>>;

type Job = Box<dyn FnOnce(&Shared) + Send>;

/// The way to the writing thread. When the last handle is dropped, the thread finishes its jobs and closes the file.
#[derive(Debug)]
pub(super) struct Worker {
    shared: Arc<Shared>,
    jobs: Mutex<Option<Sender<Job>>>,
}

/// What readers and the writing thread share.
#[derive(Debug)]
struct Shared {
    path: PathBuf,
    /// None once it is closed. Locked for reading by everybody who uses it, for writing only to close or reopen it.
    database: RwLock<Option<Database>>,
    /// The newest committed revision.
    revision: watch::Sender<Revision>,
    /// Whether it is being filled with what another store held, and good for nothing else.
    incomplete: AtomicBool,
}

impl Worker {
    pub(super) fn start(path: PathBuf, database: Database) -> Result<Self, StoreError> {
        let revision = log::revision(&database).map_err(|fault| fault.at(&path))?;
        let shared = Arc::new(Shared {
            path,
            database: RwLock::new(Some(database)),
            incomplete: AtomicBool::new(revision.is_none()),
            revision: watch::Sender::new(revision.unwrap_or_default()),
        });
        let (sender, receiver) = mpsc::channel();
        let its = Arc::clone(&shared);
        thread::Builder::new()
            .name("burgee-store".into())
            .spawn(move || work(&its, receiver))
            .map_err(|error| io(&shared.path, "starting the writing thread", error))?;
        Ok(Self {
            shared,
            jobs: Mutex::new(Some(sender)),
        })
    }

    pub(super) fn path(&self) -> &PathBuf {
        &self.shared.path
    }

    /// Where the newest committed revision is told.
    pub(super) fn revision(&self) -> &watch::Sender<Revision> {
        &self.shared.revision
    }

    /// Runs `job` on the writing thread after those that came before.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Database) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        answer(self.order(move |shared| {
            shared.check_whole()?;
            shared.write(job)
        }))
        .await
    }

    /// Takes a part of what another store held.
    pub(super) async fn fill(&self, part: Part) -> Result<(), StoreError> {
        answer(self.order(move |shared| shared.fill(part))).await
    }

    /// Runs `job` on a thread for blocking work, on what is committed now.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&ReadTransaction) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || {
            let txn = shared
                .check_whole()
                .and_then(|()| shared.with(|database| Ok(database.begin_read()?)));
            txn.and_then(|txn| job(&txn))
                .map_err(|fault| fault.at(&shared.path))
        })
        .await
        .map_err(|error| StoreError::Unavailable {
            what: "reading the data file was broken off".into(),
            source: Some(Box::new(error)),
        })?
    }

    /// Lets the writing thread finish its jobs and closes the file.
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        let closed = self.order(Shared::close);
        self.jobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match answer(closed).await {
            Err(StoreError::Unavailable { .. }) => Ok(()),
            result => result,
        }
    }

    fn order<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Shared) -> Result<T, Fault> + Send + 'static,
    ) -> Answer<T> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |shared| {
            // Whoever asked may have stopped waiting.
            let _ = answer.send(job(shared).map_err(|fault| fault.at(&shared.path)));
        });
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        // When the thread is gone, so are the job and its answer.
        let _ = jobs.as_ref().map(|jobs| jobs.send(job));
        answered
    }
}

async fn answer<T>(answer: Answer<T>) -> Result<T, StoreError> {
    answer
        .await
        .unwrap_or_else(|_| Err(StoreError::unavailable("the data file has been closed")))
}

impl Shared {
    fn with<T>(&self, f: impl FnOnce(&Database) -> Result<T, Fault>) -> Result<T, Fault> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        database.as_ref().map_or(Err(Fault::Closed), f)
    }

    fn check_whole(&self) -> Result<(), Fault> {
        if self.incomplete.load(Ordering::Acquire) {
            return Err(Fault::Incomplete);
        }
        Ok(())
    }

    fn fill(&self, part: Part) -> Result<(), Fault> {
        let begins = matches!(part, Part::Begin(_));
        let whole = self.write(|database| fill::fill(database, part))?;
        if begins {
            self.incomplete.store(true, Ordering::Release);
        }
        if let Some(revision) = whole {
            self.incomplete.store(false, Ordering::Release);
            self.revision.send_replace(revision);
        }
        Ok(())
    }

    fn write<T>(&self, job: impl FnOnce(&Database) -> Result<T, Fault>) -> Result<T, Fault> {
        let result = self.with(job);
        if let Err(Fault::Database(error)) = &result
            && is_stuck(error)
        {
            self.reopen();
        }
        result
    }

    /// After an I/O error redb does nothing more until the file is opened anew: what was not committed is undone
    /// then, and a full disk that was emptied is no longer a reason to restart.
    fn reopen(&self) {
        let mut database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        drop(database.take());
        let opened = place::in_earnest(&self.path).and_then(|opened| {
            let revision = log::revision(&opened).map_err(|fault| fault.at(&self.path))?;
            Ok((opened, revision))
        });
        match opened {
            Ok((opened, revision)) => {
                *database = Some(opened);
                // A commit may have reached the disk although an error was reported.
                self.incomplete.store(revision.is_none(), Ordering::Release);
                self.revision.send_replace(revision.unwrap_or_default());
            }
            Err(error) => tracing::error!(
                error = &error as &dyn std::error::Error,
                "the data file cannot be opened again after an error"
            ),
        }
    }

    fn close(&self) -> Result<(), Fault> {
        let database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        Ok(database.map_or(Ok(()), Database::close)?)
    }
}

fn is_stuck(error: &redb::Error) -> bool {
    matches!(error, redb::Error::Io(_) | redb::Error::PreviousIo)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the thread owns its end of the channel"
)]
fn work(shared: &Shared, jobs: Receiver<Job>) {
    while let Ok(job) = jobs.recv() {
        job(shared);
    }
    if let Err(fault) = shared.close() {
        let error = fault.at(&shared.path);
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "the data file could not be closed in order"
        );
    }
}
