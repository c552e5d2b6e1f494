//! The laws about the event log.

use std::sync::Arc;

use burgee::domain::change::Draft;
use burgee::domain::event::{EventKind, NewEvent};
use burgee::domain::names::{EnvironmentName, FlagName, ProjectId};
use burgee::domain::state::State;
use burgee::store::{AnyStore, EventOrder, EventQuery, Store};

use crate::material::{NOON, actor};

/// Of 25 events.
pub(crate) async fn paged_both_ways(store: &AnyStore) {
    let ids = async |order, offset, limit| {
        let query = EventQuery {
            order,
            offset,
            limit,
            ..EventQuery::default()
        };
        let page = store.events(&query).await.unwrap();
        // The same page of a search that finds everything.
        let search = EventQuery {
            kinds: EventKind::ALL.to_vec(),
            ..query
        };
        assert_eq!(store.events(&search).await.unwrap(), page);
        assert_eq!(page.total, 25);
        let ids = page.events.iter().map(|event| event.id.0);
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids(EventOrder::NewestFirst, 0, 3).await, [25, 24, 23]);
    assert_eq!(ids(EventOrder::NewestFirst, 23, 10).await, [2, 1]);
    assert_eq!(ids(EventOrder::OldestFirst, 4, 3).await, [5, 6, 7]);
    assert_eq!(ids(EventOrder::OldestFirst, 25, 3).await, [0_u64; 0]);
    assert_eq!(ids(EventOrder::OldestFirst, 0, 0).await, [0_u64; 0]);
}

pub(crate) async fn found_by_each_property(store: &AnyStore) {
    let mut state = State::default();
    for (number, who) in (0_i64..).zip(["ann", "bob", "ann"]) {
        let mut draft = Draft::new(&state);
        let mut event = NewEvent::new(EventKind::ALL[usize::try_from(number).unwrap()]);
        event.flag = Some(FlagName::trusted(&format!("flag-{number}")));
        event.project = Some(ProjectId::trusted(&format!("project-{number}")));
        event.environment = Some(EnvironmentName::trusted(&format!("env-{number}")));
        event.data = Some(serde_json::json!({ "note": format!("Größe {number}") }));
        event.pre_data = (number == 2).then(|| serde_json::json!("before"));
        draft.tell(event);
        let mut by = actor(who);
        by.user_id = number;
        let change = draft.seal(&by, NOON.plus_millis(number)).unwrap();
        state = state.apply(&change);
        store.commit(Arc::new(change)).await.unwrap();
    }
    let found = async |query: EventQuery| {
        let page = store.events(&query).await.unwrap();
        let numbers: Vec<u64> = page.events.iter().map(|event| event.id.0 - 1).collect();
        assert_eq!(page.total, numbers.len());
        numbers
    };
    let any = EventQuery::default;
    let text = |text: &str| EventQuery {
        text: Some(text.into()),
        ..any()
    };
    let flags = vec![FlagName::trusted("flag-1"), FlagName::trusted("flag-2")];
    assert_eq!(found(EventQuery { flags, ..any() }).await, [2, 1]);
    let projects = vec![ProjectId::trusted("project-0")];
    assert_eq!(found(EventQuery { projects, ..any() }).await, [0]);
    let environments = vec![EnvironmentName::trusted("env-1")];
    assert_eq!(
        found(EventQuery {
            environments,
            ..any()
        })
        .await,
        [1]
    );
    let kinds = vec![EventKind::ALL[2]];
    assert_eq!(found(EventQuery { kinds, ..any() }).await, [2]);
    let created_by = vec!["ann".to_owned()];
    assert_eq!(
        found(EventQuery {
            created_by,
            ..any()
        })
        .await,
        [2, 0]
    );
    let created_by_user_ids = vec![1];
    assert_eq!(
        found(EventQuery {
            created_by_user_ids,
            ..any()
        })
        .await,
        [1]
    );
    let (from, to) = (Some(NOON.plus_millis(1)), Some(NOON.plus_millis(2)));
    assert_eq!(found(EventQuery { from, to, ..any() }).await, [1]);
    assert_eq!(found(text("GRÖSSE 1")).await, [0_u64; 0], "ß is not ss");
    assert_eq!(found(text("größe 1")).await, [1]);
    assert_eq!(found(text("BEFORE")).await, [2]);
    assert_eq!(found(text("bob")).await, [1]);
    let both = EventQuery {
        created_by: vec!["ann".into()],
        ..text("größe 0")
    };
    assert_eq!(found(both).await, [0]);
}
