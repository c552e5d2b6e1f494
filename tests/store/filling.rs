//! The laws about giving everything away and taking it over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use burgee::domain::delivery::{Delivery, DeliveryState};
use burgee::domain::names::{AddonId, Revision};
use burgee::domain::state::State;
use burgee::domain::usage::{Sightings, UsageQuery, UsageReport, UsageRow};
use burgee::store::{
    AnyStore, CommitError, EventOrder, EventPage, EventQuery, Origin, Part, Store, StoreError,
};
use serde_json::json;
use tokio::sync::mpsc;

use crate::load::report;
use crate::material::{NOON, Step, change, put};
use crate::memory;

/// Everything a store answers, but for the changes it keeps.
#[derive(PartialEq, Debug)]
pub(crate) struct Holdings {
    pub(crate) state: State,
    pub(crate) events: EventPage,
    pub(crate) usage: Vec<UsageRow>,
    pub(crate) sightings: Sightings,
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) told: Revision,
}

pub(crate) async fn holdings(store: &AnyStore) -> Holdings {
    let all = EventQuery {
        order: EventOrder::OldestFirst,
        limit: usize::MAX,
        ..EventQuery::default()
    };
    let mut deliveries = store.deliveries(AddonId(1)).await.unwrap();
    deliveries.extend(store.deliveries(AddonId(2)).await.unwrap());
    Holdings {
        state: store.load().await.unwrap(),
        events: store.events(&all).await.unwrap(),
        usage: store.usage(&UsageQuery::default()).await.unwrap(),
        sightings: store.sightings().await.unwrap(),
        deliveries,
        told: *store.feed().borrow(),
    }
}

/// A store with something of everything, more than fits into one part of most.
pub(crate) async fn well_filled() -> AnyStore {
    let store = memory();
    populate(&store).await;
    store
}

pub(crate) async fn populate(store: &AnyStore) {
    let mut state = store.load().await.unwrap();
    for round in 0..4 {
        let names: Vec<String> = (0..300).map(|n| format!("flag-{round}-{n}")).collect();
        let mut steps: Vec<Step<'_>> = names.iter().map(|name| Step::Put(name)).collect();
        steps.push(Step::Put("größe 🚩"));
        steps.push(Step::Delete("flag-0-0"));
        let change = change(&state, &steps);
        state = state.apply(&change);
        store.commit(change).await.unwrap();
    }
    for number in 0..600 {
        let name = format!("flag-{number}");
        let report = report(&name, "sdk:1", number % 50, 3);
        store.add_usage(report.into()).await.unwrap();
    }
    for number in 0..120_i64 {
        let addon = if number % 2 == 0 { 1 } else { 2 };
        store
            .add_delivery(delivery(&state, addon, number).into())
            .await
            .unwrap();
    }
}

pub(crate) fn delivery(state: &State, addon: i32, number: i64) -> Delivery {
    Delivery {
        id: 0,
        addon: AddonId(addon),
        at: NOON.plus_millis(number),
        event: put(state, "x").events[0].clone(),
        state: DeliveryState::Success,
        state_details: "arrived".into(),
        details: json!({ "url": "https://example.com/größe", "number": number }),
    }
}

/// All parts of a store.
pub(crate) async fn parts(store: &AnyStore) -> Vec<Part> {
    let (sender, mut receiver) = mpsc::channel(2);
    let reading = async {
        let mut parts = Vec::new();
        while let Some(part) = receiver.recv().await {
            parts.push(part);
        }
        parts
    };
    let (read, parts) = tokio::join!(store.read_out(sender), reading);
    read.unwrap();
    parts
}

async fn fill(store: &AnyStore, parts: Vec<Part>) {
    for part in parts {
        store.fill(part).await.unwrap();
    }
}

pub(crate) async fn a_filled_store_equals_its_source(store: &AnyStore) {
    let source = well_filled().await;
    let mut feed = store.feed();
    fill(store, parts(&source).await).await;

    let expected = holdings(&source).await;
    assert_eq!(holdings(store).await, expected);
    assert!(feed.has_changed().unwrap());
    assert_eq!(*feed.borrow_and_update(), expected.state.revision);
    // The changes are not kept: who follows has to load the whole state.
    for from in [Revision(0), Revision(1000)] {
        assert!(store.changes_after(from, 9).await.unwrap().is_empty());
    }

    // And it lives on, with the numbers that follow.
    let next = put(&expected.state, "one-more");
    for lives in [store, &source] {
        lives.commit(Arc::clone(&next)).await.unwrap();
        lives
            .add_delivery(delivery(&expected.state, 2, 7).into())
            .await
            .unwrap();
        lives
            .add_usage(report("flag-1", "sdk:2", 1, 4).into())
            .await
            .unwrap();
    }
    assert_eq!(holdings(store).await, holdings(&source).await);
    let changes = store
        .changes_after(expected.state.revision, 9)
        .await
        .unwrap();
    assert_eq!(changes, [next]);
    let all = store.changes_after(Revision(0), 9).await.unwrap();
    assert_eq!(all[0].expected, expected.state.revision, "the gap shows");
}

pub(crate) async fn a_store_fills_another_with_all_it_holds(store: &AnyStore) {
    populate(store).await;
    let parts = parts(store).await;
    assert_eq!(
        parts[0],
        Part::Begin(Origin {
            instance: None,
            revision: store.load().await.unwrap().revision,
        })
    );
    assert_eq!(parts.last(), Some(&Part::End));
    let other = memory();
    fill(&other, parts).await;
    assert_eq!(holdings(&other).await, holdings(store).await);
}

pub(crate) async fn an_empty_store_fills_another(store: &AnyStore) {
    let parts = parts(store).await;
    let other = memory();
    fill(&other, parts.clone()).await;
    assert_eq!(holdings(&other).await, holdings(&memory()).await);
    // It is still empty, so it can be filled.
    fill(store, parts).await;
    assert_eq!(holdings(store).await, holdings(&memory()).await);
}

pub(crate) async fn a_store_that_holds_something_is_not_filled(store: &AnyStore) {
    async fn refused(store: &AnyStore) {
        let before = holdings(store).await;
        let error = store.fill(begin(9)).await.unwrap_err();
        assert!(matches!(error, StoreError::NotEmpty { .. }), "{error}");
        let error = store.fill(Part::End).await.unwrap_err();
        assert!(matches!(error, StoreError::Misfit { .. }), "{error}");
        assert_eq!(holdings(store).await, before);
    }
    let only_a_sighting = UsageReport {
        rows: Vec::new(),
        sightings: report("a", "sdk:1", 0, 1).sightings,
    };
    store.add_usage(only_a_sighting.into()).await.unwrap();
    refused(store).await;
    store
        .add_delivery(delivery(&State::default(), 1, 1).into())
        .await
        .unwrap();
    refused(store).await;
    store.commit(put(&State::default(), "a")).await.unwrap();
    refused(store).await;
}

pub(crate) fn begin(revision: u64) -> Part {
    Part::Begin(Origin {
        instance: None,
        revision: Revision(revision),
    })
}

pub(crate) async fn assert_incomplete(store: &AnyStore) {
    let incomplete = |error: &StoreError| {
        assert!(matches!(error, StoreError::Incomplete { .. }), "{error}");
    };
    incomplete(&store.load().await.unwrap_err());
    incomplete(&store.changes_after(Revision(0), 1).await.unwrap_err());
    incomplete(&store.events(&EventQuery::default()).await.unwrap_err());
    incomplete(&store.usage(&UsageQuery::default()).await.unwrap_err());
    incomplete(&store.sightings().await.unwrap_err());
    incomplete(&store.deliveries(AddonId(1)).await.unwrap_err());
    incomplete(&store.read_out(mpsc::channel(1).0).await.unwrap_err());
    let report = report("a", "sdk:1", 0, 1);
    incomplete(&store.add_usage(report.into()).await.unwrap_err());
    incomplete(&store.forget_application("a").await.unwrap_err());
    let delivery = delivery(&State::default(), 1, 1);
    incomplete(&store.add_delivery(delivery.into()).await.unwrap_err());
    let error = store.commit(put(&State::default(), "a")).await.unwrap_err();
    let CommitError::Store(error) = error else {
        panic!("{error}");
    };
    incomplete(&error);
}

pub(crate) async fn a_filling_that_broke_off_shows_and_can_be_begun_again(store: &AnyStore) {
    let source = well_filled().await;
    let parts = parts(&source).await;
    for stop in [1, 2, parts.len() / 2, parts.len() - 1] {
        fill(store, parts[..stop].to_vec()).await;
        assert_incomplete(store).await;
        assert_eq!(*store.feed().borrow(), Revision::EMPTY);
    }
    fill(store, parts).await;
    assert_eq!(holdings(store).await, holdings(&source).await);
}

pub(crate) async fn parts_that_do_not_fit_are_refused(store: &AnyStore) {
    async fn misfit(store: &AnyStore, part: Part) {
        let error = store.fill(part).await.unwrap_err();
        assert!(matches!(error, StoreError::Misfit { .. }), "{error}");
    }
    let events = |ids: &[u64]| {
        let one = put(&State::default(), "a").events[0].clone();
        let numbered = ids.iter().map(|id| {
            let mut event = one.clone();
            event.id = Revision(*id);
            Arc::new(event)
        });
        Part::Events(numbered.collect())
    };
    for part in [events(&[1]), Part::Entities(Vec::new()), Part::End] {
        misfit(store, part).await;
    }
    assert_eq!(holdings(store).await, holdings(&memory()).await);
    store.fill(begin(6)).await.unwrap();
    for wrong in [&[2, 1][..], &[1, 1], &[7], &[0]] {
        misfit(store, events(wrong)).await;
    }
    store.fill(events(&[2, 4])).await.unwrap();
    misfit(store, events(&[4])).await;
    store.fill(events(&[6])).await.unwrap();
    store.fill(Part::End).await.unwrap();
    // What was refused is not there. Logs may have gaps.
    let ids: Vec<u64> = holdings(store)
        .await
        .events
        .events
        .iter()
        .map(|event| event.id.0)
        .collect();
    assert_eq!(ids, [2, 4, 6]);
    assert_eq!(store.load().await.unwrap().revision, Revision(6));
}

pub(crate) async fn what_is_read_out_is_of_one_moment(store: Arc<AnyStore>) {
    let done = Arc::new(AtomicBool::new(false));
    let commits = Arc::new(AtomicU64::new(0));
    let (writing, written) = (Arc::clone(&store), Arc::clone(&done));
    let counter = Arc::clone(&commits);
    let writer = tokio::spawn(async move {
        let mut state = State::default();
        let mut count: u64 = 0;
        while !written.load(Ordering::Relaxed) {
            // Always one flag, one more event.
            let name = format!("flag-{count}");
            let before = format!("flag-{}", count.wrapping_sub(1));
            let change = change(&state, &[Step::Put(&name), Step::Delete(&before)]);
            state = state.apply(&change);
            writing.commit(change).await.unwrap();
            count += 1;
            counter.store(count, Ordering::Relaxed);
        }
    });
    let mut looks = 0;
    // A slow disk takes its time.
    while looks < 20 || commits.load(Ordering::Relaxed) < 3 {
        looks += 1;
        let copy = memory();
        fill(&copy, parts(&store).await).await;
        let Holdings { state, events, .. } = holdings(&copy).await;
        assert_eq!(events.total as u64, state.revision.0);
        if let Some(last) = events.events.iter().rev().nth(1) {
            assert_eq!(state.flags.len(), 1);
            assert!(state.flags.contains_key(last.what.flag.as_ref().unwrap()));
        }
    }
    done.store(true, Ordering::Relaxed);
    writer.await.unwrap();
}

pub(crate) async fn nobody_has_to_listen_to_the_end(store: &AnyStore) {
    populate(store).await;
    let (sender, mut receiver) = mpsc::channel(1);
    let (read, ()) = tokio::join!(store.read_out(sender), async {
        receiver.recv().await.unwrap();
        drop(receiver);
    });
    read.unwrap();
}
