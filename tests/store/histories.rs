//! After any history all stores are equal.

use std::sync::Arc;

use burgee::domain::names::Revision;
use burgee::domain::state::State;
use burgee::domain::usage::UsageQuery;
use burgee::store::{AnyStore, EventOrder, EventQuery, Store};
use proptest::prelude::*;
use tempfile::tempdir;

use crate::load::report;
use crate::material::{Step, change};
use crate::{embedded, memory};

const NAMES: [&str; 5] = ["a", "b", "größe", "🚩", ""];

#[derive(Clone, Debug)]
enum Act {
    /// Flags put or deleted in one change, decided on a state that is this many changes old.
    Commit(Vec<(bool, usize)>, usize),
    Report(usize, i64, u64),
    Prune(i64),
    Reopen,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let steps = prop::collection::vec((any::<bool>(), 0..NAMES.len()), 1..5);
    let age = prop_oneof![4 => Just(0_usize), 1 => 1_usize..3];
    let act = prop_oneof![
        6 => (steps, age).prop_map(|(steps, age)| Act::Commit(steps, age)),
        2 => (0..NAMES.len(), 0_i64..3, 0_u64..9).prop_map(|(name, hour, count)| Act::Report(name, hour, count)),
        1 => (0_i64..3).prop_map(Act::Prune),
        1 => Just(Act::Reopen),
    ];
    prop::collection::vec(act, 1..14)
}

/// Does the same to a store as was done to others, and says what it answered.
async fn play(store: &AnyStore, act: &Act, known: &[State]) -> String {
    match act {
        Act::Commit(steps, age) => {
            let state = &known[known.len().saturating_sub(1 + age)];
            let steps: Vec<Step<'_>> = steps
                .iter()
                .map(|(put, name)| {
                    if *put {
                        Step::Put(NAMES[*name])
                    } else {
                        Step::Delete(NAMES[*name])
                    }
                })
                .collect();
            format!("{:?}", store.commit(change(state, &steps)).await)
        }
        Act::Report(name, hour, count) => {
            let report = Arc::new(report(NAMES[*name], "sdk:1", *hour, *count));
            format!("{:?}", store.add_usage(report).await)
        }
        Act::Prune(hour) => {
            format!("{:?}", store.prune_usage(crate::load::before(*hour)).await)
        }
        Act::Reopen => String::new(),
    }
}

async fn contents(store: &AnyStore) -> impl PartialEq + std::fmt::Debug + use<> {
    let search = EventQuery {
        text: Some("A".into()),
        order: EventOrder::OldestFirst,
        offset: 1,
        limit: 3,
        ..EventQuery::default()
    };
    (
        store.load().await.unwrap(),
        store.changes_after(Revision(2), 99).await.unwrap(),
        store.events(&EventQuery::default()).await.unwrap(),
        store.events(&search).await.unwrap(),
        store.usage(&UsageQuery::default()).await.unwrap(),
        store.sightings().await.unwrap(),
        *store.feed().borrow(),
    )
}

async fn compare(acts: &[Act]) {
    let directory = tempdir().unwrap();
    let (model, mut disk) = (memory(), embedded(directory.path()));
    let mut known = vec![State::default()];
    for act in acts {
        if let Act::Reopen = act {
            disk.close().await.unwrap();
            disk = embedded(directory.path());
        }
        assert_eq!(
            play(&model, act, &known).await,
            play(&disk, act, &known).await
        );
        let state = model.load().await.unwrap();
        if known.last() != Some(&state) {
            known.push(state);
        }
    }
    assert_eq!(contents(&model).await, contents(&disk).await);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn any_history_leaves_all_stores_equal(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(compare(&acts));
    }
}
