use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::{ChangeError, Done, Follower, Writer};
use crate::domain::change::{Change, Draft};
use crate::domain::command::{Command, CreateInstance};
use crate::domain::environment::Environment;
use crate::domain::event::{Actor, EventKind, NewEvent};
use crate::domain::instance::{HashKey, Instance};
use crate::domain::limits::Limits;
use crate::domain::names::{EnvironmentName, Revision};
use crate::domain::rejection::Rejection;
use crate::domain::state::{Entity, State};
use crate::domain::time::Timestamp;
use crate::snapshot::{Hub, Snapshot};
use crate::store::{AnyStore, EmbeddedStore, MemoryStore, Origin, Part, Store, StoreError};

/// A process: its own hub, writer and follower on a store that others may share.
struct Node {
    hub: Arc<Hub>,
    writer: Writer,
    follower: JoinHandle<()>,
    shutdown: watch::Sender<bool>,
}

impl Node {
    fn new(store: &Arc<AnyStore>) -> Self {
        let hub = Arc::new(Hub::new(Snapshot::build(State::default())));
        let (shutdown, mut signal) = watch::channel(false);
        let follower = Follower::new(Arc::clone(store), Arc::clone(&hub));
        Self {
            writer: Writer::new(
                Arc::clone(store),
                Arc::clone(&hub),
                Limits::default(),
                Arc::new(|| Timestamp::from_millis(1)),
                Arc::new(|| "an-id".into()),
            ),
            hub,
            follower: tokio::spawn(follower.run(async move {
                let _ = signal.wait_for(|stop| *stop).await;
            })),
            shutdown,
        }
    }

    async fn reaches(&self, revision: Revision) -> Arc<State> {
        let mut published = self.hub.subscribe();
        let reached = published.wait_for(|newest| *newest >= revision);
        tokio::time::timeout(Duration::from_secs(5), reached)
            .await
            .unwrap_or_else(|_| panic!("never reached {revision}"))
            .unwrap();
        Arc::clone(self.hub.load().state())
    }
}

fn memory() -> Arc<AnyStore> {
    Arc::new(AnyStore::Memory(MemoryStore::new()))
}

fn create_instance() -> Command {
    Command::CreateInstance(CreateInstance {
        admin: None,
        instance: Instance {
            id: "one".into(),
            hash_key: HashKey::new([7; 32]),
            created_at: Timestamp::from_millis(0),
        },
        environments: Vec::new(),
        tokens: Vec::new(),
        frontend_origins: Vec::new(),
    })
}

fn environment(name: &str) -> Entity {
    Entity::Environment(Arc::new(Environment {
        name: EnvironmentName::trusted(name),
        kind: "test".into(),
        sort_order: 1,
        enabled: true,
        protected: false,
    }))
}

fn add(state: &State, name: &str) -> Result<Option<Change>, Rejection> {
    if state.environments.contains_key(name) {
        return Ok(None);
    }
    let mut draft = Draft::new(state);
    draft.put(environment(name));
    draft.tell(NewEvent::new(EventKind::EnvironmentUpdated));
    Ok(draft.seal(&Actor::system(), Timestamp::from_millis(0)))
}

async fn submit_add(writer: &Writer, name: &str) -> Result<Done, ChangeError> {
    writer
        .carry_out(|state| add(state, name).map_err(ChangeError::from))
        .await
}

#[tokio::test]
async fn a_submitted_command_is_visible_at_once() {
    let node = Node::new(&memory());
    let done = node
        .writer
        .submit(&create_instance(), &Actor::system())
        .await
        .unwrap();
    assert!(done.snapshot.state().instance.is_some());
    assert!(node.hub.load().state().instance.is_some());
    assert_eq!(done.change.unwrap().revision(), Revision(1));
}

#[tokio::test]
async fn a_rejected_command_changes_nothing() {
    let store = memory();
    let node = Node::new(&store);
    let submit = async || {
        node.writer
            .submit(&create_instance(), &Actor::system())
            .await
    };
    submit().await.unwrap();
    let before = store.load().await.unwrap();
    let error = submit().await.unwrap_err();
    assert!(matches!(error, ChangeError::Rejected(_)), "{error}");
    assert_eq!(store.load().await.unwrap(), before);
    assert_eq!(**node.hub.load().state(), before);
}

#[tokio::test]
async fn a_wish_that_is_fulfilled_already_is_not_committed() {
    let store = memory();
    let node = Node::new(&store);
    submit_add(&node.writer, "stage").await.unwrap();
    let done = submit_add(&node.writer, "stage").await.unwrap();
    assert!(done.change.is_none());
    assert!(done.snapshot.state().environments.contains_key("stage"));
    assert_eq!(store.load().await.unwrap().revision, Revision(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_writers_of_one_node_all_succeed_without_gaps() {
    let store = memory();
    let node = Node::new(&store);
    let mut tasks = JoinSet::new();
    for number in 0..10 {
        let writer = node.writer.clone();
        tasks.spawn(async move {
            let name = format!("env-{number}");
            let done = submit_add(&writer, &name).await.unwrap();
            assert!(done.snapshot.state().environments.contains_key(&*name));
            done.change.unwrap().revision().0
        });
    }
    let mut revisions = tasks.join_all().await;
    revisions.sort_unstable();
    assert_eq!(revisions, (1..=10).collect::<Vec<_>>());
    assert_eq!(node.hub.load().state().environments.len(), 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_on_one_store_converge() {
    const EACH: usize = 40;
    let store = memory();
    let nodes = [Node::new(&store), Node::new(&store)];
    let mut tasks = JoinSet::new();
    for (index, node) in nodes.iter().enumerate() {
        for number in 0..EACH {
            let writer = node.writer.clone();
            tasks.spawn(async move {
                let name = format!("env-{index}-{number}");
                submit_add(&writer, &name).await.unwrap();
            });
        }
    }
    tasks.join_all().await;
    let stored = store.load().await.unwrap();
    assert_eq!(stored.environments.len(), 2 * EACH);
    for node in &nodes {
        assert_eq!(*node.reaches(stored.revision).await, stored);
    }
}

#[tokio::test]
async fn a_follower_that_is_too_far_behind_loads_the_whole_state() {
    let store = memory();
    let mut state = State::default();
    for number in 0..crate::store::CHANGES_KEPT + 50 {
        let change = add(&state, &format!("env-{number}")).unwrap().unwrap();
        state = state.apply(&change);
        store.commit(Arc::new(change)).await.unwrap();
    }
    let node = Node::new(&store);
    assert_eq!(*node.reaches(state.revision).await, state);
}

#[tokio::test]
async fn a_follower_ends_when_told_and_not_because_of_the_store() {
    let store = memory();
    let node = Node::new(&store);
    submit_add(&node.writer, "stage").await.unwrap();
    store.close().await.unwrap();
    let error = submit_add(&node.writer, "production").await.unwrap_err();
    let ChangeError::Store(StoreError::Unavailable { .. }) = error else {
        panic!("{error}");
    };
    assert!(node.hub.load().state().environments.contains_key("stage"));
    assert!(!node.follower.is_finished());
    node.shutdown.send(true).unwrap();
    node.follower.await.unwrap();
}

#[tokio::test]
async fn a_follower_survives_a_store_that_is_away() {
    let store = memory();
    let node = Node::new(&store);
    submit_add(&node.writer, "stage").await.unwrap();
    // Nothing here waits, so the follower is woken by a store that has gone already.
    let change = add(&store.load().await.unwrap(), "production").unwrap();
    store.commit(Arc::new(change.unwrap())).await.unwrap();
    store.close().await.unwrap();
    tokio::time::sleep(Duration::from_millis(120)).await;
    assert_eq!(node.hub.load().state().revision, Revision(1));
    let AnyStore::Memory(memory) = &*store else {
        panic!("not in memory");
    };
    memory.open_again();
    node.reaches(Revision(2)).await;
}

#[tokio::test]
async fn a_command_to_a_store_on_disk_is_visible_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let embedded = EmbeddedStore::open(directory.path()).unwrap();
    let store = Arc::new(AnyStore::Embedded(embedded));
    let node = Node::new(&store);
    for number in 1..=10 {
        let name = format!("env-{number}");
        let done = submit_add(&node.writer, &name).await.unwrap();
        assert!(done.snapshot.state().environments.contains_key(&*name));
        assert_eq!(done.snapshot.state().revision, Revision(number));
    }
    assert_eq!(**node.hub.load().state(), store.load().await.unwrap());
}

#[tokio::test]
async fn a_follower_of_a_store_that_was_filled_loads_the_whole_state() {
    let store = memory();
    let node = Node::new(&store);
    node.reaches(Revision::EMPTY).await;
    let origin = Origin {
        instance: None,
        revision: Revision(7),
    };
    for part in [
        Part::Begin(origin),
        Part::Entities(vec![environment("filled")]),
        Part::End,
    ] {
        store.fill(part).await.unwrap();
    }
    let state = node.reaches(Revision(7)).await;
    assert!(state.environments.contains_key("filled"));
}
