//! A node without its HTTP server: what commits, follows and serves.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use burgee::change::{ChangeError, Follower, Right, Standing, StandingError, Writer};
use burgee::domain::command::{Command, CreateInstance, TagCommand, TagKindWish};
use burgee::domain::event::Actor;
use burgee::domain::instance::{HashKey, Instance};
use burgee::domain::limits::Limits;
use burgee::domain::names::{Revision, TagKindName};
use burgee::domain::state::State;
use burgee::domain::time::{Clock, Timestamp};
use burgee::snapshot::{Hub, Snapshot};
use burgee::store::{AnyStore, Condition, RedisOptions, RedisStore, Store, StoreError};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::rig::PATIENCE;

/// A node. Somebody reads from it all the time, and sees it if it goes back.
pub(crate) struct Node {
    pub(crate) store: Arc<AnyStore>,
    hub: Arc<Hub>,
    writer: Writer,
    standing: Standing,
    stop: watch::Sender<bool>,
    follower: JoinHandle<()>,
    reader: JoinHandle<()>,
    gone_back: Arc<Mutex<Vec<String>>>,
}

/// Options for tests: nobody waits for long.
pub(crate) fn options(url: impl Into<String>) -> RedisOptions {
    RedisOptions {
        patience: Duration::from_millis(500),
        ..RedisOptions::new(url)
    }
}

impl Node {
    /// Starts, as soon as the store can be read.
    pub(crate) async fn open(options: &RedisOptions) -> Self {
        let store = RedisStore::open(options).await.unwrap();
        let store = Arc::new(AnyStore::Redis(store));
        let state = load(&store).await;
        let hub = Arc::new(Hub::new(Snapshot::build(state)));
        let clock: Clock = Arc::new(|| Timestamp::from_millis(1));
        let writer = Writer::new(
            Arc::clone(&store),
            Arc::clone(&hub),
            Limits::default(),
            Arc::clone(&clock),
            Arc::new(|| "an-id".into()),
        );
        let (stop, mut stopped) = watch::channel(false);
        let follower = Follower::new(Arc::clone(&store), Arc::clone(&hub));
        let gone_back = Arc::default();
        Self {
            standing: Standing::new(Arc::clone(&store), Arc::clone(&hub), clock),
            writer,
            follower: tokio::spawn(follower.run(async move {
                let _ = stopped.wait_for(|stop| *stop).await;
            })),
            reader: tokio::spawn(read(Arc::clone(&hub), Arc::clone(&gone_back))),
            stop,
            store,
            hub,
            gone_back,
        }
    }

    /// Fills an empty store as a first start does.
    pub(crate) async fn found(&self) {
        let wish = CreateInstance {
            admin: None,
            instance: Instance {
                id: "one".into(),
                hash_key: HashKey::new([7; 32]),
                created_at: Timestamp::from_millis(0),
            },
            environments: Vec::new(),
            tokens: Vec::new(),
            frontend_origins: Vec::new(),
        };
        self.submit(&Command::CreateInstance(wish)).await;
    }

    /// Carries out a command that changes something.
    pub(crate) async fn submit(&self, command: &Command) -> Revision {
        let done = self.writer.submit(command, &Actor::system()).await;
        let done = done.unwrap_or_else(|error| panic!("{error:?}"));
        done.change.expect("a change").revision()
    }

    /// Writes something with a name of its own.
    pub(crate) async fn write(&self, name: &str) -> Result<Revision, ChangeError> {
        let wish = TagCommand::CreateKind(TagKindName::trusted(name), TagKindWish::default());
        let done = self
            .writer
            .submit(&Command::Tag(wish), &Actor::system())
            .await?;
        let change = done.change.expect("a new name is a change");
        assert!(
            done.snapshot.state().tag_kinds.contains_key(name),
            "{name} is acknowledged and not served"
        );
        Ok(change.revision())
    }

    /// Tries to write until it works. A name that is taken then was written by a try whose answer was lost.
    pub(crate) async fn write_at_last(&self, name: &str) {
        let limit = tokio::time::Instant::now() + PATIENCE;
        loop {
            let error = match self.write(name).await {
                Ok(_) => return,
                Err(_) if self.serves(name) => return,
                Err(error) => error,
            };
            assert!(
                tokio::time::Instant::now() < limit,
                "never works again: {error:?}, {:?}",
                self.condition()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether it serves what was written with this name.
    pub(crate) fn serves(&self, name: &str) -> bool {
        self.state().tag_kinds.contains_key(name)
    }

    /// What it serves.
    pub(crate) fn state(&self) -> Arc<State> {
        Arc::clone(self.hub.load().state())
    }

    /// The revision it serves.
    pub(crate) fn revision(&self) -> Revision {
        self.hub.load().state().revision
    }

    /// How it stands to the store.
    pub(crate) fn condition(&self) -> Condition {
        self.standing.condition()
    }

    /// Says which of the two is right.
    pub(crate) async fn decide(&self, right: Right) -> Result<Revision, StandingError> {
        self.standing.decide(right, &Actor::system()).await
    }

    /// Waits until it serves `revision` or a newer one.
    pub(crate) async fn reaches(&self, revision: Revision) {
        let mut published = self.hub.subscribe();
        let reached = published.wait_for(|newest| *newest >= revision);
        tokio::time::timeout(PATIENCE, reached)
            .await
            .unwrap_or_else(|_| {
                panic!(
                    "at {}, never at {revision}: {:?}",
                    self.revision(),
                    self.condition()
                )
            })
            .unwrap();
    }

    /// Waits until it stands to the store as wanted.
    pub(crate) async fn becomes(&self, what: &str, wanted: impl FnMut(&Condition) -> bool) {
        let mut condition = self.store.condition();
        let waited = tokio::time::timeout(PATIENCE, condition.wait_for(wanted));
        // What is waited for comes with a lock that nobody else may wait for.
        let reached = waited.await.is_ok();
        assert!(reached, "never {what}, but {:?}", self.condition());
    }

    /// The same: it can be written to.
    pub(crate) async fn becomes_good(&self) {
        self.becomes("good", |now| *now == Condition::Good).await;
    }

    /// The same: the store holds something else than it serves.
    pub(crate) async fn becomes_diverged(&self) {
        let diverged = |now: &Condition| matches!(now, Condition::Diverged(_));
        self.becomes("diverged", diverged).await;
    }

    /// Nobody who read from it ever saw it go back.
    #[track_caller]
    pub(crate) fn never_went_back(&self) {
        assert!(!self.reader.is_finished(), "nobody reads");
        assert_eq!(*self.gone_back.lock().unwrap(), [""; 0]);
    }

    /// Stops.
    pub(crate) async fn close(self) {
        self.never_went_back();
        let _ = self.stop.send(true);
        let _ = self.store.close().await;
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.reader.abort();
        self.follower.abort();
    }
}

async fn load(store: &AnyStore) -> State {
    let limit = tokio::time::Instant::now() + PATIENCE;
    loop {
        match store.load().await {
            Ok(state) => return state,
            Err(error @ StoreError::Unavailable { .. }) => {
                assert!(tokio::time::Instant::now() < limit, "{error:?}");
            }
            Err(error) => panic!("{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Reads all the time and notes each time that less is served than before.
async fn read(hub: Arc<Hub>, gone_back: Arc<Mutex<Vec<String>>>) {
    let mut last = Revision::EMPTY;
    loop {
        let now = hub.load().state().revision;
        if now < last {
            let found = format!("from {last} to {now}");
            gone_back.lock().unwrap().push(found);
        }
        last = now;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
