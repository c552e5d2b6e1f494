//! The laws of all stores. Each gets an empty one.

use std::sync::Arc;
use std::time::Duration;

use burgee::domain::change::Change;
use burgee::domain::names::{FlagName, Revision};
use burgee::domain::state::State;
use burgee::domain::usage::UsageReport;
use burgee::store::{AnyStore, CHANGES_KEPT, CommitError, EventQuery, Store, StoreError};
use tokio::task::JoinSet;

use crate::material::{Step, change, put};
use crate::{filling, history, load};

type Subject = Arc<AnyStore>;

/// Commits a flag for each name, one change each, and returns the last state.
async fn fill(store: &AnyStore, names: impl IntoIterator<Item = String>) -> State {
    let mut state = store.load().await.unwrap();
    for name in names {
        let change = put(&state, &name);
        store.commit(Arc::clone(&change)).await.unwrap();
        state = state.apply(&change);
    }
    state
}

async fn fill_numbered(store: &AnyStore, count: usize) -> State {
    fill(store, (0..count).map(|number| format!("flag-{number}"))).await
}

pub(crate) async fn a_new_store_is_empty(store: Subject) {
    assert_eq!(store.load().await.unwrap(), State::default());
    assert_eq!(*store.feed().borrow(), Revision::EMPTY);
    assert!(
        store
            .changes_after(Revision(0), 9)
            .await
            .unwrap()
            .is_empty()
    );
    let page = store.events(&EventQuery::default()).await.unwrap();
    assert_eq!((page.events.len(), page.total), (0, 0));
}

pub(crate) async fn what_was_committed_is_loaded(store: Subject) {
    let first = change(&State::default(), &[Step::Put("a"), Step::Put("b")]);
    assert_eq!(store.commit(Arc::clone(&first)).await.unwrap(), Revision(2));
    let state = State::default().apply(&first);
    assert_eq!(store.load().await.unwrap(), state);

    let second = change(&state, &[Step::Delete("a"), Step::Put("c")]);
    store.commit(Arc::clone(&second)).await.unwrap();
    let state = state.apply(&second);
    assert_eq!(store.load().await.unwrap(), state);
    assert!(!state.flags.contains_key("a"));
}

pub(crate) async fn a_wrong_expected_revision_changes_nothing(store: Subject) {
    let state = fill_numbered(&store, 3).await;
    let ahead = State {
        revision: Revision(9),
        ..state.clone()
    };
    for wrong in [State::default(), ahead] {
        let error = store.commit(put(&wrong, "x")).await.unwrap_err();
        let CommitError::Conflict { actual } = error else {
            panic!("{error}");
        };
        assert_eq!(actual, Revision(3));
    }
    assert_eq!(store.load().await.unwrap(), state);
    assert_eq!(*store.feed().borrow(), Revision(3));
    assert_eq!(store.changes_after(Revision(0), 9).await.unwrap().len(), 3);
}

pub(crate) async fn misnumbered_changes_are_refused(store: Subject) {
    let good = change(&State::default(), &[Step::Put("a"), Step::Put("b")]);
    let mut gap = Change::clone(&good);
    gap.events[1].id = Revision(3);
    let mut silent = Change::clone(&good);
    silent.events.clear();
    for bad in [gap, silent] {
        let error = store.commit(Arc::new(bad)).await.unwrap_err();
        assert!(matches!(error, CommitError::Misnumbered), "{error}");
    }
    assert_eq!(store.load().await.unwrap(), State::default());
}

pub(crate) async fn of_racing_writers_exactly_one_wins(store: Subject) {
    const WRITERS: usize = 4;
    const ROUNDS: u64 = 50;
    let mut state = State::default();
    for round in 0..ROUNDS {
        let mut race = JoinSet::new();
        for writer in 0..WRITERS {
            let store = Arc::clone(&store);
            let change = put(&state, &format!("flag-{round}-of-{writer}"));
            race.spawn(async move { (Arc::clone(&change), store.commit(change).await) });
        }
        let (won, lost): (Vec<_>, Vec<_>) = race
            .join_all()
            .await
            .into_iter()
            .partition(|(_, result)| result.is_ok());
        assert_eq!((won.len(), lost.len()), (1, WRITERS - 1));
        for (_, result) in lost {
            let conflict = matches!(result, Err(CommitError::Conflict { actual }) if actual == Revision(round + 1));
            assert!(conflict, "{result:?}");
        }
        state = state.apply(&won[0].0);
    }
    assert_eq!(store.load().await.unwrap(), state);
}

pub(crate) async fn a_batch_is_all_or_nothing(store: Subject) {
    let names: Vec<String> = (0..100).map(|number| format!("flag-{number}")).collect();
    let steps: Vec<Step<'_>> = names.iter().map(|name| Step::Put(name)).collect();
    let batch = change(&State::default(), &steps);
    let watching = Arc::clone(&store);
    let watcher = tokio::spawn(async move {
        loop {
            let count = watching.load().await.unwrap().flags.len();
            assert!(count == 0 || count == 100, "half a batch: {count}");
            if count == 100 {
                return;
            }
        }
    });
    store.commit(batch).await.unwrap();
    watcher.await.unwrap();
    assert_eq!(store.changes_after(Revision(0), 9).await.unwrap().len(), 1);
}

pub(crate) async fn changes_come_in_order_without_gaps_in_pages(store: Subject) {
    let mut state = State::default();
    let mut committed = Vec::new();
    for number in 0..20 {
        let (a, b) = (format!("a-{number}"), format!("b-{number}"));
        let change = change(&state, &[Step::Put(&a), Step::Put(&b), Step::Delete(&a)]);
        store.commit(Arc::clone(&change)).await.unwrap();
        state = state.apply(&change);
        committed.push(change);
    }
    let mut read = Vec::new();
    let mut from = Revision::EMPTY;
    loop {
        let page = store.changes_after(from, 7).await.unwrap();
        let Some(last) = page.last() else { break };
        from = last.revision();
        assert!(page.len() <= 7);
        read.extend(page);
    }
    assert_eq!(read, committed);
    // A place inside a change is before its end.
    let inside = store.changes_after(Revision(5), 1).await.unwrap();
    assert_eq!(inside, committed[1..2]);
}

pub(crate) async fn old_changes_are_dropped_and_the_gap_shows(store: Subject) {
    let state = fill_numbered(&store, CHANGES_KEPT + 10).await;
    let kept = store.changes_after(Revision(0), usize::MAX).await.unwrap();
    assert_eq!(kept.len(), CHANGES_KEPT);
    assert_eq!(kept[0].expected, Revision(10));
    assert_eq!(kept.last().unwrap().revision(), state.revision);
    let page = store.events(&EventQuery::default()).await.unwrap();
    assert_eq!(page.total, CHANGES_KEPT + 10, "the event log is kept");
}

pub(crate) async fn the_feed_wakes(store: Subject) {
    let mut feed = store.feed();
    let waiting = tokio::spawn(async move {
        feed.changed().await.unwrap();
        *feed.borrow()
    });
    fill_numbered(&store, 1).await;
    let told = tokio::time::timeout(Duration::from_secs(5), waiting).await;
    assert_eq!(told.unwrap().unwrap(), Revision(1));
    assert_eq!(*store.feed().borrow(), Revision(1));
}

pub(crate) async fn events_are_paged_both_ways(store: Subject) {
    fill_numbered(&store, 25).await;
    history::paged_both_ways(&store).await;
}

pub(crate) async fn events_are_found_by_each_property(store: Subject) {
    history::found_by_each_property(&store).await;
}

pub(crate) async fn usage_adds_up_in_any_order(store: Subject) {
    load::adds_up_in_any_order(&store).await;
}

pub(crate) async fn usage_is_found_by_each_property(store: Subject) {
    load::found_by_each_property(&store).await;
}

pub(crate) async fn usage_is_pruned_by_age(store: Subject) {
    load::pruned_by_age(&store).await;
}

pub(crate) async fn usage_is_added_up_by_day(store: Subject) {
    load::added_up_by_day(&store).await;
}

pub(crate) async fn sightings_are_bounded(store: Subject) {
    load::bounded(&store).await;
}

pub(crate) async fn applications_are_forgotten(store: Subject) {
    load::forgotten_by_application(&store).await;
}

pub(crate) async fn names_may_be_of_any_script(store: Subject) {
    let names = [
        "größe", "旗", "🚩", "a\u{0}b", "a\"b\\c", "é", "e\u{301}", "שלום", "a/b", "",
    ];
    let state = fill(&store, names.map(str::to_owned)).await;
    assert_eq!(state.flags.len(), names.len());
    assert_eq!(store.load().await.unwrap(), state);
    for name in names {
        let query = EventQuery {
            flags: vec![FlagName::trusted(name)],
            ..EventQuery::default()
        };
        assert_eq!(store.events(&query).await.unwrap().total, 1, "{name:?}");
    }
    load::names_may_be_of_any_script(&store, &names).await;
}

pub(crate) async fn a_change_of_five_thousand_flags_is_one_commit(store: Subject) {
    let names: Vec<String> = (0..5000).map(|number| format!("flag-{number}")).collect();
    let steps: Vec<Step<'_>> = names.iter().map(|name| Step::Put(name)).collect();
    let change = change(&State::default(), &steps);
    let revision = store.commit(Arc::clone(&change)).await.unwrap();
    assert_eq!(revision, Revision(5000));
    assert_eq!(store.changes_after(Revision(0), 9).await.unwrap(), [change]);
    assert_eq!(store.load().await.unwrap().flags.len(), 5000);
}

pub(crate) async fn a_filled_store_equals_its_source(store: Subject) {
    filling::a_filled_store_equals_its_source(&store).await;
}

pub(crate) async fn a_store_fills_another_with_all_it_holds(store: Subject) {
    filling::a_store_fills_another_with_all_it_holds(&store).await;
}

pub(crate) async fn an_empty_store_fills_another(store: Subject) {
    filling::an_empty_store_fills_another(&store).await;
}

pub(crate) async fn a_store_that_holds_something_is_not_filled(store: Subject) {
    filling::a_store_that_holds_something_is_not_filled(&store).await;
}

pub(crate) async fn a_filling_that_broke_off_shows_and_can_be_begun_again(store: Subject) {
    filling::a_filling_that_broke_off_shows_and_can_be_begun_again(&store).await;
}

pub(crate) async fn parts_that_do_not_fit_are_refused(store: Subject) {
    filling::parts_that_do_not_fit_are_refused(&store).await;
}

pub(crate) async fn nobody_has_to_listen_to_the_end(store: Subject) {
    filling::nobody_has_to_listen_to_the_end(&store).await;
}

pub(crate) async fn what_is_read_out_is_of_one_moment(store: Subject) {
    filling::what_is_read_out_is_of_one_moment(store).await;
}

pub(crate) async fn a_closed_store_says_so(store: Subject) {
    let state = fill_numbered(&store, 1).await;
    store.close().await.unwrap();
    store.close().await.unwrap();
    let closed = |error: &StoreError| matches!(error, StoreError::Unavailable { .. });
    assert!(closed(&store.load().await.unwrap_err()));
    assert!(closed(
        &store
            .add_usage(Arc::new(UsageReport::default()))
            .await
            .unwrap_err()
    ));
    let error = store.commit(put(&state, "x")).await.unwrap_err();
    assert!(
        matches!(&error, CommitError::Store(error) if closed(error)),
        "{error}"
    );
}
