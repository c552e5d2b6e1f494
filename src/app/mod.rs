//! The one place where the parts are joined.
//!
//! *Who calls it:* `cli` and the tests, with the same [`Settings`]. *What it may import:* everything but `cli`.

mod demo;
mod first_start;
mod greeting;
mod import;
mod server;
mod storage;

use std::path::PathBuf;
use std::sync::Arc;

use actix_web::web;
use thiserror::Error;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::change::{ChangeError, Clock, Follower, IdSource, Writer};
use crate::config::Settings;
use crate::domain::time::Timestamp;
use crate::snapshot::{Hub, Snapshot};
use crate::store::{AnyStore, Store, StoreError};
use crate::usage::Usage;
use crate::usage::aggregate::Bounds;

pub use first_start::FirstStart;
pub use greeting::greeting;
pub use server::Bound;

use storage::Opened;
pub use storage::open_store;

/// The OpenAPI document of a server without a base path.
#[must_use]
pub fn openapi() -> serde_json::Value {
    crate::api::document::complete("")
}

/// Why the server could not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The store could not be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An acknowledged change could be lost there, and the operator does not want that.
    #[error("{place} could lose what it acknowledged, and --require-durable is set: {why}")]
    NotDurable {
        /// The store.
        place: String,
        /// How, and what to do.
        why: String,
    },
    /// It cannot confirm that changes are on a disk, and the operator wants to wait for that.
    #[error(
        "{place} cannot confirm that changes are on its disk, and --redis-wait-disk is set: {why}"
    )]
    NoDisk {
        /// The store.
        place: String,
        /// Why not, and what to do.
        why: String,
    },
    /// A new store could not be filled, or the file to import was refused.
    #[error("{what}")]
    Change {
        /// What was being done.
        what: String,
        /// Why it was refused.
        source: ChangeError,
    },
    /// The file to import could not be read.
    #[error("the file to import, {file}, cannot be used: {why}")]
    Import {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The address is taken or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: String,
        /// What the system says.
        source: std::io::Error,
    },
}

/// The running parts, without the HTTP server.
pub struct App {
    settings: Settings,
    store: Arc<AnyStore>,
    hub: web::Data<Hub>,
    writer: web::Data<Writer>,
    clock: Clock,
    usage: Usage,
    follower: JoinHandle<()>,
    flusher: JoinHandle<()>,
    copier: Option<JoinHandle<()>>,
    stop: watch::Sender<bool>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl App {
    /// Opens the store, fills it if it is new, and begins to follow it.
    ///
    /// Says what a first start made, so that secrets can be shown once.
    ///
    /// # Errors
    /// [`StartError`]: the store is damaged, foreign, locked or cannot be written; the file to import is refused.
    pub async fn open(settings: Settings) -> Result<(Self, Option<FirstStart>), StartError> {
        Self::open_with(settings, system_clock()).await
    }

    /// Like [`App::open`], with another clock: what tests of time use.
    ///
    /// # Errors
    /// As [`App::open`].
    pub async fn open_with(
        settings: Settings,
        clock: Clock,
    ) -> Result<(Self, Option<FirstStart>), StartError> {
        let Opened { store, state, copy } = storage::open(&settings.storage).await?;
        let hub = Arc::new(Hub::new(Snapshot::build(state)));
        let usage = Usage::new(
            Arc::clone(&store),
            Bounds::default(),
            settings.usage_flush_interval,
            settings.usage_retention,
        );
        let writer = Writer::new(
            Arc::clone(&store),
            Arc::clone(&hub),
            settings.limits.clone(),
            Arc::clone(&clock),
            random_ids(),
        )
        .counted_in(usage.telemetry());
        let (stop, stopped) = watch::channel(false);
        let pruning_clock = Arc::clone(&clock);
        let follower =
            Follower::new(Arc::clone(&store), Arc::clone(&hub)).counted_in(usage.telemetry());
        let copier = copy.map(|copy| {
            let (store, hub) = (Arc::clone(&store), Arc::clone(&hub));
            tokio::spawn(storage::keep_copy(
                copy,
                store,
                hub,
                told_to(stopped.clone()),
            ))
        });
        let app = Self {
            settings,
            store,
            copier,
            hub: web::Data::from(hub),
            writer: web::Data::new(writer),
            clock,
            follower: tokio::spawn(follower.run(told_to(stopped.clone()))),
            flusher: tokio::spawn(look_after(usage.clone(), pruning_clock, stopped)),
            usage,
            stop,
        };
        let first = first_start::fill(&app).await?;
        if let Some(user) = first_start::add_user(&app).await? {
            greeting::announce(&user);
        }
        import::run(&app).await?;
        Ok((app, first))
    }

    /// The settings it was opened with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Stops following, writes what SDKs reported and closes the store.
    async fn close(self, addons: JoinHandle<()>) {
        let _ = self.stop.send(true);
        if let Err(error) = addons.await {
            tracing::error!(%error, "the dispatcher of addons ended badly");
        }
        if let Err(error) = self.follower.await {
            tracing::error!(%error, "the follower ended badly");
        }
        if let Err(error) = self.flusher.await {
            tracing::error!(%error, "what SDKs reported was not written");
        }
        if let Some(Err(error)) = match self.copier {
            Some(copier) => Some(copier.await),
            None => None,
        } {
            tracing::error!(%error, "the copy of the configuration was not written");
        }
        if let Err(error) = self.store.close().await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the store did not close cleanly"
            );
        }
    }
}

/// Writes what SDKs report and forgets what is old, until the server stops.
async fn look_after(usage: Usage, clock: Clock, stopped: watch::Receiver<bool>) {
    let writing = usage.clone().run(told_to(stopped.clone()));
    let pruning = usage.run_pruning(clock, told_to(stopped));
    tokio::join!(writing, pruning);
}

/// Ready when the server is to stop.
async fn told_to(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// The clock of the machine. Everybody else is handed this one.
fn system_clock() -> Clock {
    Arc::new(now)
}

/// The time, for commands that are no server.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from(chrono::Utc::now())
}

fn random_ids() -> IdSource {
    Arc::new(|| Uuid::new_v4().to_string())
}
