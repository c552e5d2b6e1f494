//! Both ways of counting a report lead to the same.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::change::Draft;
use crate::domain::state::Entity;
use crate::usage::aggregate::{Aggregate, Bounds};
use crate::usage::ingest::tests::{NOW, origin, state};
use crate::usage::ingest::{Instance, metrics};

fn names() -> impl Strategy<Value = String> {
    prop_oneof![Just("known".to_owned()), Just("\"quoted\"".into()), "[a-c]"]
}

fn counts() -> impl Strategy<Value = Value> {
    let variants = prop::option::of(btree_map("[xy]", 0_u64..5, 0..3));
    let highest = prop_oneof![9 => 0_u64..5, 1 => Just(u64::MAX)];
    (highest, 0_u64..5, variants)
        .prop_map(|(yes, no, variants)| json!({"yes": yes, "no": no, "variants": variants}))
}

fn reports() -> impl Strategy<Value = Vec<(Value, i64)>> {
    let toggles = btree_map(names(), counts(), 0..4);
    let report = (toggles, "[pq]", 0..3_u8, 0..3_i64).prop_map(|(toggles, app, hour, later)| {
        let stop = format!("2026-01-31T1{hour}:00:00Z");
        let bucket = json!({"start": "2026-01-31T10:00:00Z", "stop": stop, "toggles": toggles});
        (json!({"appName": app, "bucket": bucket}), later)
    });
    vec(report, 1..8)
}

/// What both ways make of reports; the flag `a` appears in the middle.
fn both(reports: &[(Value, i64)]) -> [UsageReport; 2] {
    let before = state();
    let after = {
        let mut draft = Draft::new(&before);
        let known = before.flags.values().next().unwrap();
        let mut flag = (**known).clone();
        flag.name = FlagName::trusted("a");
        draft.put(Entity::Flag(flag.into()));
        State {
            revision: Revision(before.revision.0 + 1),
            ..draft.state().clone()
        }
    };
    let environment = EnvironmentName::trusted("development");
    let mut tally = Tally::default();
    let mut aggregates = [(); 2].map(|()| Aggregate::new(Bounds::default()));
    for (place, (report, later)) in reports.iter().enumerate() {
        let state = if place < reports.len() / 2 {
            &before
        } else {
            &after
        };
        let origin = Origin {
            now: NOW.plus_millis(*later),
            ..origin(&environment)
        };
        let body = report.to_string();
        let plain = PlainMetrics::read(body.as_bytes()).unwrap();
        tally.add(&plain, plain.stop.hour(), origin, state).unwrap();
        let full = serde_json::from_str(&body).unwrap();
        let full = metrics(&full, origin, state, Instance::Unseen).unwrap();
        assert_eq!(aggregates[0].add(full), 0);
    }
    assert_eq!(aggregates[1].add(tally.settle()), 0);
    assert!(tally.settle().is_empty());
    aggregates.map(|mut it| {
        let mut report = it.take();
        for seen in &mut report.sightings.last_seen {
            // None is the same as the last time.
            seen.first = Some(seen.first.unwrap_or(seen.at));
        }
        report
    })
}

proptest! {
    #[test]
    fn both_ways_lead_to_the_same(reports in reports()) {
        let [long, short] = both(&reports);
        prop_assert_eq!(long, short);
    }
}

#[test]
fn of_a_report_that_names_a_flag_twice_nothing_is_counted() {
    let body = r#"{"appName": "a", "bucket": {"start": "2026-01-31T10:00:00Z", "stop": "2026-01-31T10:00:00Z",
        "toggles": {"known": {"yes": 1}, "other": {"yes": 1}, "known": {"yes": 2}}}}"#;
    let plain = PlainMetrics::read(body.as_bytes()).unwrap();
    let environment = EnvironmentName::trusted("development");
    let (mut tally, state) = (Tally::default(), state());
    for _ in 0..2 {
        let added = tally.add(&plain, NOW.hour(), origin(&environment), &state);
        assert_eq!(added, Err(Twice));
    }
    assert!(tally.settle().is_empty());
}

#[test]
fn it_tells_when_it_is_full() {
    let environment = EnvironmentName::trusted("development");
    let (mut tally, state) = (Tally::default(), state());
    let mut reports = 0;
    while !tally.is_full() {
        let variants: BTreeMap<String, u64> =
            (0..1000).map(|it| (format!("{reports}-{it}"), 1)).collect();
        let body = json!({"appName": "a", "bucket": {"start": "2026-01-31T10:00:00Z",
            "stop": "2026-01-31T10:00:00Z", "toggles": {"known": {"yes": 1, "variants": variants}}}});
        let body = body.to_string();
        let plain = PlainMetrics::read(body.as_bytes()).unwrap();
        tally
            .add(&plain, NOW.hour(), origin(&environment), &state)
            .unwrap();
        reports += 1;
    }
    assert_eq!(reports, COUNTS / 1000);
    assert_eq!(tally.counts(), 1 + COUNTS);
}
