//! Committed events in, queues of addons out.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::queue::{Job, Queue, Tools};
use super::send::Sender;
use super::told::Told;
use super::turn::Turns;
use crate::domain::addon::Addon;
use crate::domain::change::Change;
use crate::domain::names::{AddonId, Revision};
use crate::domain::time::Clock;
use crate::snapshot::Hub;
use crate::store::{AnyStore, Store, StoreError};
use crate::telemetry::Telemetry;

/// How many changes are fetched at once.
const PAGE: usize = 100;

/// How long what is being sent may take when the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// How long a store that failed is left alone.
const PAUSE: Duration = Duration::from_secs(5);

/// Tells addons about events.
#[derive(Debug)]
pub struct Dispatcher {
    hub: Arc<Hub>,
    tools: Arc<Tools>,
    seen: Revision,
    /// What each addon was told before this start.
    told: BTreeMap<AddonId, Told>,
    queues: BTreeMap<AddonId, Queue>,
    running: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl Dispatcher {
    /// Follows `store` on behalf of the addons `hub` shows. `name` tells this node from others on the same store, `url`
    /// is where people find it.
    #[must_use]
    pub fn new(
        store: Arc<AnyStore>,
        hub: Arc<Hub>,
        clock: Clock,
        name: String,
        url: String,
        allow_private: bool,
        telemetry: Arc<Telemetry>,
    ) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self {
            tools: Arc::new(Tools {
                turns: Turns::new(Arc::clone(&store), name),
                store,
                clock,
                url,
                sender: Sender::new(allow_private),
                stopped,
                telemetry,
            }),
            seen: hub.load().state().revision,
            hub,
            told: BTreeMap::new(),
            queues: BTreeMap::new(),
            running: JoinSet::new(),
            stop,
        }
    }

    /// Runs until `shutdown` is ready. What has not been told then is told by other nodes, or after the next start.
    pub async fn run(mut self, shutdown: impl Future<Output = ()> + Send) {
        tokio::select! {
            () = shutdown => {}
            () = self.follow() => {}
        }
        let _ = self.stop.send(true);
        let all = async { while self.running.join_next().await.is_some() {} };
        let _ = timeout(GRACE, all).await;
        self.running.shutdown().await;
        self.tools.turns.leave_all().await;
    }

    async fn follow(&mut self) {
        let mut newer = self.hub.subscribe();
        while let Err(error) = self.recall().await {
            pause(&error).await;
        }
        loop {
            newer.mark_unchanged();
            match self.catch_up().await {
                Ok(()) => {
                    if newer.changed().await.is_err() {
                        return;
                    }
                }
                Err(error) => pause(&error).await,
            }
        }
    }

    /// Finds out what each addon was told.
    async fn recall(&mut self) -> Result<(), StoreError> {
        let snapshot = self.hub.load_full();
        let mut from = self.seen;
        for addon in snapshot.state().addons.values() {
            let last = self.tools.store.deliveries(addon.id).await?;
            let told = Told::by(&last);
            if addon.enabled {
                from = from.min(told.all_up_to().max(addon.since));
            }
            self.told.insert(addon.id, told);
        }
        self.seen = from;
        Ok(())
    }

    /// Hands on all events up to what is visible.
    async fn catch_up(&mut self) -> Result<(), StoreError> {
        loop {
            let snapshot = self.hub.load_full();
            if self.seen >= snapshot.state().revision {
                return Ok(());
            }
            let changes = self.tools.store.changes_after(self.seen, PAGE).await?;
            if changes.is_empty() {
                return Ok(());
            }
            let addons: Vec<Arc<Addon>> = snapshot.state().addons.values().cloned().collect();
            self.queues
                .retain(|id, _| addons.iter().any(|addon| addon.id == *id));
            for change in changes {
                self.hand_on(&change, &addons);
                self.seen = change.revision();
            }
        }
    }

    fn hand_on(&mut self, change: &Arc<Change>, addons: &[Arc<Addon>]) {
        for (place, event) in change.events.iter().enumerate() {
            for addon in addons.iter().filter(|addon| addon.wants(event)) {
                let told = self.told.get(&addon.id);
                if !told.is_some_and(|told| told.contains(event.id)) {
                    let job = Job {
                        addon: Arc::clone(addon),
                        change: Arc::clone(change),
                        place,
                    };
                    self.queue(addon.id).add(job);
                }
            }
        }
    }

    fn queue(&mut self, addon: AddonId) -> &Queue {
        let (tools, running) = (&self.tools, &mut self.running);
        self.queues.entry(addon).or_insert_with(|| {
            let (queue, work) = Queue::new(Arc::clone(tools));
            running.spawn(work);
            queue
        })
    }
}

async fn pause(error: &StoreError) {
    tracing::warn!(
        error = error as &dyn std::error::Error,
        "addons cannot follow the store; trying again"
    );
    tokio::time::sleep(PAUSE).await;
}
