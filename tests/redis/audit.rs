//! What must be true of the store and all nodes, whatever happened.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use burgee::domain::event::EventKind;
use burgee::domain::names::Revision;
use burgee::domain::state::State;
use burgee::store::{AnyStore, EventOrder, EventQuery, Store};

use crate::node::Node;

/// What a first start makes.
const FIRST: &str = "simple";

/// What was acknowledged, and when.
#[derive(Default)]
pub(crate) struct Ledger(Mutex<BTreeMap<String, (Revision, Instant)>>);

impl Ledger {
    /// Notes that a write was acknowledged.
    pub(crate) fn note(&self, name: &str, revision: Revision) {
        let entry = (revision, Instant::now());
        let before = self.entries().insert(name.to_owned(), entry);
        assert_eq!(before, None, "{name} was acknowledged twice");
    }

    /// How many.
    pub(crate) fn count(&self) -> usize {
        self.entries().len()
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<String, (Revision, Instant)>> {
        self.0.lock().unwrap()
    }

    /// Strikes out what is not in the store although it was acknowledged, at a time that `may_be_lost`. Says how much.
    pub(crate) async fn strike_out(
        &self,
        store: &AnyStore,
        may_be_lost: impl Fn(Instant) -> bool,
    ) -> usize {
        let events = events(store).await;
        let there: BTreeMap<&str, Revision> = events
            .iter()
            .filter_map(|(revision, name)| Some((name.as_deref()?, *revision)))
            .collect();
        let mut entries = self.entries();
        let before = entries.len();
        entries.retain(|name, (revision, at)| {
            there.get(name.as_str()) == Some(revision) || !may_be_lost(*at)
        });
        before - entries.len()
    }

    /// Writes with a name, and notes it if that was acknowledged. Returns whether it was.
    pub(crate) async fn write(&self, node: &Node, name: &str) -> bool {
        let Ok(revision) = node.write(name).await else {
            return false;
        };
        self.note(name, revision);
        true
    }
}

/// Everything acknowledged is there once, nothing is numbered twice, the log leads to the configuration, and all nodes
/// serve it.
pub(crate) async fn check(store: &AnyStore, nodes: &[impl Borrow<Node>], ledger: &Ledger) {
    let revision = check_acknowledged(store, nodes, ledger).await;
    let events = events(store).await;
    let ids = events.iter().map(|(revision, _)| revision.0);
    assert!(
        ids.eq(1..=revision.0),
        "the event log has gaps, or numbers that occur twice"
    );
}

/// The same where a decision of an operator left a gap in the numbers.
pub(crate) async fn check_acknowledged(
    store: &AnyStore,
    nodes: &[impl Borrow<Node>],
    ledger: &Ledger,
) -> Revision {
    let state = store.load().await.unwrap();
    let events = events(store).await;
    let numbers: BTreeSet<Revision> = events.iter().map(|(revision, _)| *revision).collect();
    assert_eq!(numbers.len(), events.len(), "a number occurs twice");
    let names: BTreeMap<Revision, &String> = events
        .iter()
        .filter_map(|(revision, name)| Some((*revision, name.as_ref()?)))
        .collect();
    for (name, (revision, _)) in &*ledger.entries() {
        assert_eq!(
            names.get(revision),
            Some(&name),
            "{name} was acknowledged at {revision} of {}",
            state.revision
        );
    }
    let once: BTreeSet<&str> = names.values().map(|name| name.as_str()).collect();
    assert_eq!(once.len(), names.len(), "something was written twice");
    let kept = state.tag_kinds.keys().map(|name| name.as_str());
    let kept: BTreeSet<&str> = kept.filter(|name| *name != FIRST).collect();
    assert_eq!(kept, once, "the log does not lead to the configuration");
    check_chain(store, &state).await;
    for node in nodes.iter().map(Borrow::borrow) {
        node.reaches(state.revision).await;
        assert_eq!(*node.state(), state, "a node serves something else");
        node.never_went_back();
    }
    state.revision
}

/// All events by number, with the name that was written, if that is what they are about.
async fn events(store: &AnyStore) -> Vec<(Revision, Option<String>)> {
    let query = EventQuery {
        order: EventOrder::OldestFirst,
        limit: usize::MAX,
        ..EventQuery::default()
    };
    let page = store.events(&query).await.unwrap();
    let told = page.events.iter().map(|event| {
        let data = event.what.data.as_ref();
        let name = data.and_then(|data| data.get("name")?.as_str());
        let created = event.what.kind == EventKind::TagTypeCreated;
        (event.id, name.filter(|_| created).map(str::to_owned))
    });
    told.collect()
}

/// The changes that are kept follow one another up to the newest.
async fn check_chain(store: &AnyStore, state: &State) {
    let changes = store
        .changes_after(Revision::EMPTY, usize::MAX)
        .await
        .unwrap();
    let mut last = changes.first().map_or(Revision::EMPTY, |it| it.expected);
    for change in &changes {
        assert_eq!(change.expected, last, "a change is missing");
        last = change.revision();
    }
    assert_eq!(last, state.revision);
}
