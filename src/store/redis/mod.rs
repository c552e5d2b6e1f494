//! The store that several nodes share: Redis or Valkey, alone, by Sentinel or as a cluster.
//!
//! One script commits; nothing else writes configuration. Followers hear of commits through a stream and are told each
//! second what the store holds, so that neither a lost message nor a loss of data goes unnoticed. Everything happens on
//! a runtime of its own: connections live as long as the store, whoever asked first.
//!
//! What is stored where: [`keys`]. When the store no longer holds what this node serves: [`lineage`].

mod address;
mod counts;
mod delivery;
mod durability;
mod fault;
mod feed;
mod fill;
mod keys;
mod lineage;
mod link;
mod log;
mod prune;
mod read_out;
mod report;
mod sights;
mod take_over;
mod witness;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Mutex, mpsc, watch};
use tokio::task::AbortHandle;

use self::address::Address;
use self::fault::Fault;
use self::keys::Keys;
use self::lineage::Known;
use self::link::Link;
use self::report::Batch;
use self::witness::Witnesses;
use super::{
    Claim, CommitError, Condition, EventPage, EventQuery, Held, Part, Store, StoreError, Turn,
};
use crate::domain::change::Change;
use crate::domain::delivery::Delivery;
use crate::domain::names::{AddonId, Revision};
use crate::domain::state::State;
use crate::domain::usage::{Expiry, Sightings, UsageQuery, UsageReport, UsageRow};

pub use durability::Durability;

/// How to reach Redis. `Debug` says nothing about it: the address may hold a password.
#[derive(Clone)]
pub struct RedisOptions {
    /// The address: see the documentation of `--redis-url`.
    pub url: String,
    /// What the names of all keys begin with.
    pub namespace: String,
    /// A certificate (PEM) to trust in place of those of the system.
    pub root_certificate: Option<Vec<u8>>,
    /// How long an answer may take.
    pub patience: Duration,
    /// How many connections there are at most.
    pub connections: usize,
    /// How many replicas have to confirm each commit; 0 is none.
    pub replicas: u32,
    /// Whether each commit has to be on the disk of the server, and of these replicas.
    pub disk: bool,
}

impl std::fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisOptions")
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

impl RedisOptions {
    /// The usual options for an address.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            namespace: "burgee".into(),
            root_certificate: None,
            patience: Duration::from_secs(1),
            connections: 4,
            replicas: 0,
            disk: false,
        }
    }
}

/// Keeps everything in Redis.
pub struct RedisStore {
    inner: Arc<Inner>,
    /// None once it is dropped.
    runtime: Option<Runtime>,
    follower: AbortHandle,
}

impl std::fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisStore")
            .field("place", &self.inner.place)
            .finish_non_exhaustive()
    }
}

/// What the tasks of a store share.
struct Inner {
    link: Link,
    keys: Keys,
    place: String,
    known: Known,
    witnesses: Option<Witnesses>,
    /// A report of which nobody knows whether it was added.
    unsure: Mutex<Option<Batch>>,
    closed: AtomicBool,
}

impl RedisStore {
    /// Begins to follow what is in Redis. When it cannot be reached, this succeeds all the same: [`Store::load`] says
    /// so, and it is tried again all the time.
    ///
    /// # Errors
    /// [`StoreError::Address`] when the options make no sense, [`StoreError::Foreign`] or [`StoreError::NewerFormat`]
    /// when what is there cannot be used.
    pub async fn open(options: &RedisOptions) -> Result<Self, StoreError> {
        let address = Address::parse(&options.url)?;
        let root = options.root_certificate.clone();
        let link = Link::new(&address, root, options.patience, options.connections)?;
        let inner = Arc::new(Inner {
            link,
            keys: Keys::new(&options.namespace)?,
            place: address.shown(),
            known: Known::new(),
            witnesses: Witnesses::new(options.replicas, options.disk, options.patience),
            unsure: Mutex::default(),
            closed: AtomicBool::new(false),
        });
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("burgee-redis")
            .enable_all()
            .build()
            .map_err(|source| StoreError::Io {
                place: inner.place.clone(),
                doing: "starting a thread for it",
                source,
            })?;
        let first = Arc::clone(&inner);
        let looked =
            runtime.spawn(async move { first.head().await.map_err(|it| it.at(&first.place)) });
        if let Ok(Err(error)) = looked.await {
            match error {
                StoreError::Foreign { .. } | StoreError::NewerFormat { .. } => {
                    runtime.shutdown_background();
                    return Err(error);
                }
                other => inner.known.lost(&other),
            }
        }
        let follower = runtime
            .spawn(feed::follow(Arc::clone(&inner)))
            .abort_handle();
        Ok(Self {
            inner,
            runtime: Some(runtime),
            follower,
        })
    }

    /// Where it is, without user and password.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.inner.place
    }

    /// What an acknowledged change survives there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn durability(&self) -> Result<Durability, StoreError> {
        self.on(async |inner| inner.durability().await).await
    }

    /// Which history is served, for the snapshot of this node; none before the first commit.
    #[must_use]
    pub fn lineage(&self) -> Option<String> {
        self.inner.known.lineage()
    }

    /// The mark of a revision, for the snapshot of this node; none if it is not the newest one.
    #[must_use]
    pub fn mark_of(&self, revision: Revision) -> Option<String> {
        self.inner.known.mark_of(revision)
    }

    /// Says what this node serves although Redis could not be asked: an older revision there, or another history, is a
    /// loss.
    pub fn serve(&self, lineage: Option<String>, revision: Revision, mark: Option<String>) {
        self.inner.known.remember(lineage, revision, mark);
    }

    /// What is there, whether or not it is what this node serves.
    ///
    /// # Errors
    /// [`StoreError`], but not [`StoreError::Diverged`].
    pub async fn held(&self) -> Result<Held, StoreError> {
        self.on(async |inner| inner.held().await).await
    }

    /// Ends a divergence: writes `after`, to which `change` led, in place of what was `found`, so that every node goes
    /// on from there. `goes_on`: it goes on from what was found, whose event log stays whoever wrote it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], also when the store changed since it was looked at.
    pub async fn take_over(
        &self,
        found: Held,
        change: Arc<Change>,
        after: State,
        goes_on: bool,
    ) -> Result<(), StoreError> {
        self.on(async move |inner: Arc<Inner>| {
            inner.take_over(&found, &change, &after, goes_on).await
        })
        .await
    }

    /// Does something on the runtime of the store.
    async fn on<T: Send + 'static, F>(
        &self,
        job: impl FnOnce(Arc<Inner>) -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Fault>> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        let work = job(Arc::clone(&inner));
        let done = self.spawn(Box::pin(async move {
            if inner.known.is_incomplete() {
                inner.head().await?;
            }
            work.await
        }));
        done.await?.map_err(|fault| fault.at(&self.inner.place))
    }

    /// The work is boxed: its type has more layers than the compiler likes.
    async fn spawn<T: Send + 'static>(
        &self,
        work: Pin<Box<dyn Future<Output = T> + Send>>,
    ) -> Result<T, StoreError> {
        let closed = || Fault::Closed.at(&self.inner.place);
        if self.inner.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        let runtime = self.runtime.as_ref().ok_or_else(closed)?;
        runtime
            .spawn(work)
            .await
            .map_err(|error| StoreError::Unavailable {
                what: self.inner.place.clone(),
                source: Some(Box::new(error)),
            })
    }
}

impl Drop for RedisStore {
    fn drop(&mut self) {
        self.follower.abort();
        if let Some(runtime) = self.runtime.take() {
            // Waiting for it is not allowed where this may be dropped.
            runtime.shutdown_background();
        }
    }
}

impl Store for RedisStore {
    async fn load(&self) -> Result<State, StoreError> {
        self.on(async move |inner: Arc<Inner>| inner.load().await)
            .await
    }

    async fn commit(&self, change: Arc<Change>) -> Result<Revision, CommitError> {
        let inner = Arc::clone(&self.inner);
        self.spawn(Box::pin(async move { inner.commit(&change).await }))
            .await?
    }

    async fn changes_after(
        &self,
        from: Revision,
        limit: usize,
    ) -> Result<Vec<Arc<Change>>, StoreError> {
        self.on(async move |inner: Arc<Inner>| inner.changes_after(from, limit).await)
            .await
    }

    async fn events(&self, query: &EventQuery) -> Result<EventPage, StoreError> {
        let query = query.clone();
        self.on(async move |inner: Arc<Inner>| inner.events(&query).await)
            .await
    }

    fn feed(&self) -> watch::Receiver<Revision> {
        self.inner.known.feed()
    }

    fn condition(&self) -> watch::Receiver<Condition> {
        self.inner.known.condition()
    }

    async fn add_usage(&self, report: Arc<UsageReport>) -> Result<(), StoreError> {
        self.on(async move |inner: Arc<Inner>| inner.add_usage(&report).await)
            .await
    }

    async fn usage(&self, query: &UsageQuery) -> Result<Vec<UsageRow>, StoreError> {
        let query = query.clone();
        self.on(async move |inner: Arc<Inner>| inner.usage(&query).await)
            .await
    }

    async fn sightings(&self) -> Result<Sightings, StoreError> {
        self.on(async move |inner: Arc<Inner>| inner.sightings().await)
            .await
    }

    async fn prune_usage(&self, expiry: Expiry) -> Result<usize, StoreError> {
        self.on(async move |inner: Arc<Inner>| inner.prune(&expiry).await)
            .await
    }

    async fn forget_application(&self, app_name: &str) -> Result<(), StoreError> {
        let app_name = app_name.to_owned();
        self.on(async move |inner: Arc<Inner>| inner.forget_application(&app_name).await)
            .await
    }

    async fn claim(&self, task: &str, by: &str, claim: Claim) -> Result<Turn, StoreError> {
        let (task, by) = (task.to_owned(), by.to_owned());
        self.on(async move |inner: Arc<Inner>| inner.claim(&task, &by, claim).await)
            .await
    }

    async fn add_delivery(&self, delivery: Arc<Delivery>) -> Result<(), StoreError> {
        self.on(async move |inner: Arc<Inner>| inner.add_delivery(&delivery).await)
            .await
    }

    async fn deliveries(&self, addon: AddonId) -> Result<Vec<Delivery>, StoreError> {
        self.on(async move |inner: Arc<Inner>| inner.deliveries(addon).await)
            .await
    }

    async fn read_out(&self, parts: mpsc::Sender<Part>) -> Result<(), StoreError> {
        self.on(async move |inner: Arc<Inner>| inner.read_out(&parts).await)
            .await
    }

    async fn fill(&self, part: Part) -> Result<(), StoreError> {
        let inner = Arc::clone(&self.inner);
        let done = self.spawn(Box::pin(async move { inner.fill(part).await }));
        done.await?.map_err(|fault| fault.at(&self.inner.place))
    }

    async fn close(&self) -> Result<(), StoreError> {
        let settled = self
            .on(async move |inner: Arc<Inner>| inner.settle().await)
            .await;
        let was_open = !self.inner.closed.swap(true, Ordering::AcqRel);
        self.follower.abort();
        self.inner.link.close();
        if was_open { settled } else { Ok(()) }
    }
}
