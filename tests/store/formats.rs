//! Files of every format that was ever released can be opened.
//!
//! `BURGEE_WRITE_FIXTURE=1 cargo test --test store formats` writes the fixture of the present format anew. That is
//! done once, when a format is new; afterwards the file stays as it is for ever.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use burgee::domain::change::{Change, Draft};
use burgee::domain::command::{Command, CreateInstance};
use burgee::domain::decide::{Circumstances, decide};
use burgee::domain::event::{Event, EventKind, NewEvent};
use burgee::domain::instance::{HashKey, Instance};
use burgee::domain::limits::Limits;
use burgee::domain::state::{Entity, State};
use burgee::domain::usage::{Sightings, UsageQuery, UsageRow};
use burgee::store::{AnyStore, EventOrder, EventQuery, Store};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tempfile::tempdir;

use crate::embedded;
use crate::load::report;
use crate::material::{NOON, Step, actor, change, put};

/// Everything a store gives back. As JSON beside the fixture it says what must be found inside.
#[derive(PartialEq, Debug, Serialize, Deserialize)]
struct Contents {
    entities: Vec<Entity>,
    changes: Vec<Arc<Change>>,
    events: Vec<Arc<Event>>,
    usage: Vec<UsageRow>,
    sightings: Sightings,
}

async fn contents(store: &AnyStore) -> Contents {
    let query = EventQuery {
        order: EventOrder::OldestFirst,
        limit: usize::MAX,
        ..EventQuery::default()
    };
    let start = burgee::domain::names::Revision::EMPTY;
    Contents {
        entities: store.load().await.unwrap().entities().collect(),
        changes: store.changes_after(start, usize::MAX).await.unwrap(),
        events: store.events(&query).await.unwrap().events,
        usage: store.usage(&UsageQuery::default()).await.unwrap(),
        sightings: store.sightings().await.unwrap(),
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stores")
}

#[tokio::test]
async fn files_of_all_formats_open_with_everything_in_them() {
    if std::env::var_os("BURGEE_WRITE_FIXTURE").is_some() {
        write_fixture(&fixtures().join("embedded-format-1.redb")).await;
    }
    let mut formats = BTreeSet::new();
    for entry in fs::read_dir(fixtures()).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "redb")
        {
            opens(&path).await;
            formats.insert(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    assert_eq!(formats, BTreeSet::from(["embedded-format-1".to_owned()]));
}

async fn opens(fixture: &Path) {
    let json = fs::read(fixture.with_extension("json")).unwrap();
    let expected: Contents = serde_json::from_slice(&json).unwrap();
    let directory = tempdir().unwrap();
    fs::copy(fixture, directory.path().join("burgee.redb")).unwrap();

    let store = embedded(directory.path());
    assert_eq!(contents(&store).await, expected, "{}", fixture.display());
    // It is not only readable: it lives on.
    let state = store.load().await.unwrap();
    store.commit(put(&state, "new")).await.unwrap();
    store.close().await.unwrap();
    let again = embedded(directory.path());
    assert!(again.load().await.unwrap().flags.contains_key("new"));
}

async fn write_fixture(path: &Path) {
    let directory = tempdir().unwrap();
    let store = embedded(directory.path());
    let mut state = State::default();
    for step in [create_instance, flags, segment_and_token, deletion] {
        let change = step(&state);
        state = state.apply(&change);
        store.commit(change).await.unwrap();
    }
    store
        .add_usage(report("größe", "sdk:1", 0, 5).into())
        .await
        .unwrap();
    let json = serde_json::to_vec_pretty(&contents(&store).await).unwrap();
    store.close().await.unwrap();
    fs::copy(directory.path().join("burgee.redb"), path).unwrap();
    fs::write(path.with_extension("json"), json).unwrap();
}

fn create_instance(state: &State) -> Arc<Change> {
    let environment =
        json!({ "name": "production", "kind": "production", "sort_order": 1, "enabled": true });
    let command = Command::CreateInstance(CreateInstance {
        admin: None,
        instance: Instance {
            id: "00000000-0000-4000-8000-000000000001".into(),
            hash_key: HashKey::new([7; 32]),
            created_at: NOON,
        },
        environments: vec![serde_json::from_value(environment).unwrap()],
        tokens: Vec::new(),
        frontend_origins: vec!["https://example.com".into()],
    });
    let circumstances = Circumstances {
        actor: &actor("first-start"),
        now: NOON,
        limits: &Limits::default(),
        new_id: &|| "an-id".into(),
    };
    Arc::new(decide(state, &command, &circumstances).unwrap().unwrap())
}

fn flags(state: &State) -> Arc<Change> {
    change(state, &[Step::Put("a"), Step::Put("größe"), Step::Put("c")])
}

fn segment_and_token(state: &State) -> Arc<Change> {
    let mut draft = Draft::new(state);
    let constraint = json!({ "context_name": "userId", "operator": "IN", "values": ["1", "2"] });
    let segment = json!({ "id": 1, "name": "some", "constraints": [constraint], "created_by": "ann", "created_at": NOON });
    draft.put(Entity::Segment(serde_json::from_value(segment).unwrap()));
    let token = json!({
        "hash": "07".repeat(32), "name": "an SDK", "kind": "backend", "projects": { "only": ["default"] },
        "environment": "production", "created_at": NOON, "created_by": "ann",
    });
    draft.put(Entity::Token(serde_json::from_value(token).unwrap()));
    draft.tell(NewEvent::new(EventKind::SegmentCreated));
    draft.tell(NewEvent::new(EventKind::ApiTokenCreated));
    Arc::new(draft.seal(&actor("ann"), NOON.plus_millis(5)).unwrap())
}

fn deletion(state: &State) -> Arc<Change> {
    change(state, &[Step::Delete("c")])
}
