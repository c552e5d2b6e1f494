//! The laws about what SDKs report.

use std::collections::BTreeMap;
use std::sync::Arc;

use burgee::domain::names::{EnvironmentName, FlagName};
use burgee::domain::state::State;
use burgee::domain::time::Timestamp;
use burgee::domain::usage::{
    Application, ApplicationCard, ClientInstance, Expiry, LastSeen, SdkKind, Sightings,
    UnknownFlag, UsageQuery, UsageReport, UsageRow,
};
use burgee::store::{AnyStore, MemoryStore, Store};

use crate::material::{NOON, put};

fn hour(number: i64) -> Timestamp {
    NOON.plus_millis(number * 3_600_000)
}

fn row(flag: &str, hour_number: i64, app: &str, count: u64) -> UsageRow {
    UsageRow {
        hour: hour(hour_number),
        flag: FlagName::trusted(flag),
        environment: EnvironmentName::trusted("production"),
        app_name: app.into(),
        yes: count,
        no: 2 * count,
        variants: BTreeMap::from([(format!("variant-{}", count % 2), count)]),
    }
}

fn sighting(name: &str, version: &str, at: i64) -> Sightings {
    let environment = EnvironmentName::trusted("production");
    Sightings {
        applications: vec![Application {
            app_name: name.into(),
            environment: environment.clone(),
            first_seen: hour(at),
            last_seen: hour(at),
            sdk_versions: [version.to_owned()].into(),
            strategies: ["default".to_owned()].into(),
            projects: [version.to_owned()].into(),
        }],
        cards: vec![ApplicationCard {
            app_name: name.into(),
            changed_at: hour(at),
            created_at: hour(at),
            description: Some(version.into()),
            strategies: None,
            url: None,
            color: None,
            icon: None,
        }],
        instances: vec![ClientInstance {
            app_name: name.into(),
            environment: environment.clone(),
            instance_id: "one".into(),
            sdk_version: Some(version.into()),
            sdk_told: None,
            sdk_kind: Some(SdkKind::Backend),
            client_ip: None,
            first_seen: hour(at),
            last_seen: hour(at),
        }],
        last_seen: vec![LastSeen {
            flag: FlagName::trusted(name),
            environment: environment.clone(),
            at: hour(at),
            first: None,
            on: (at > 0).then_some((hour(at), hour(at))),
        }],
        unknown_flags: vec![UnknownFlag {
            name: format!("no-{name}"),
            app_name: name.into(),
            environment,
            last_seen: hour(at),
        }],
    }
}

pub(crate) fn report(name: &str, version: &str, at: i64, count: u64) -> UsageReport {
    UsageReport {
        rows: vec![row(name, at, "app", count), row(name, at, "other", 1)],
        sightings: sighting(name, version, at),
    }
}

async fn everything(store: &AnyStore) -> (Vec<UsageRow>, Sightings) {
    let rows = store.usage(&UsageQuery::default()).await.unwrap();
    (rows, store.sightings().await.unwrap())
}

pub(crate) async fn adds_up_in_any_order(store: &AnyStore) {
    let reports = [
        report("a", "sdk:1", 0, 5),
        report("a", "sdk:2", 0, 8),
        report("b", "sdk:1", 0, 1),
        report("a", "sdk:3", 2, 7),
        report("a", "sdk:1", 1, u64::MAX / 4),
        report("a", "sdk:1", 1, u64::MAX / 4),
    ];
    let other = AnyStore::Memory(MemoryStore::new());
    for (forwards, backwards) in reports.iter().zip(reports.iter().rev()) {
        store.add_usage(Arc::new(forwards.clone())).await.unwrap();
        other.add_usage(Arc::new(backwards.clone())).await.unwrap();
    }
    let (rows, seen) = everything(store).await;
    assert_eq!((rows.clone(), seen.clone()), everything(&other).await);
    let sum = &rows[0];
    assert_eq!((sum.app_name.as_str(), sum.yes, sum.no), ("app", 13, 26));
    assert_eq!(sum.variants["variant-0"], 8);
    assert_eq!(sum.variants["variant-1"], 5);
    let application = &seen.applications[0];
    assert_eq!(application.sdk_versions.len(), 3);
    assert_eq!(application.projects.len(), 3);
    let card = &seen.cards[0];
    assert_eq!(card.description.as_deref(), Some("sdk:3"));
    assert_eq!((card.created_at, card.changed_at), (hour(0), hour(2)));
    assert_eq!(
        (application.first_seen, application.last_seen),
        (hour(0), hour(2))
    );
    assert_eq!(seen.instances[0].sdk_version.as_deref(), Some("sdk:3"));
    assert_eq!(seen.last_seen[0].at, hour(2));
    assert_eq!(seen.last_seen[0].first, Some(hour(0)));
    assert_eq!(seen.last_seen[0].on, Some((hour(1), hour(2))));
}

pub(crate) async fn found_by_each_property(store: &AnyStore) {
    for at in -3..3 {
        for flag in ["a", "b", "ab"] {
            let report = Arc::new(report(flag, "sdk:1", at, 1));
            store.add_usage(report).await.unwrap();
        }
    }
    let all = store.usage(&UsageQuery::default()).await.unwrap();
    assert_eq!(all.len(), 6 * 3 * 2);
    assert!(all.is_sorted_by_key(|row| (row.flag.clone(), row.hour)));
    let any = UsageQuery::default;
    let flag = Some(FlagName::trusted("a"));
    let environment = |name: &str| Some(EnvironmentName::trusted(name));
    for query in [
        UsageQuery {
            flag: flag.clone(),
            ..any()
        },
        UsageQuery {
            flag: Some(FlagName::trusted("")),
            ..any()
        },
        UsageQuery {
            from: Some(hour(0)),
            ..any()
        },
        UsageQuery {
            to: Some(hour(0)),
            ..any()
        },
        UsageQuery {
            flag: flag.clone(),
            from: Some(hour(-1)),
            to: Some(hour(1)),
            ..any()
        },
        UsageQuery {
            flag,
            from: Some(hour(1)),
            app_name: Some("app".into()),
            ..any()
        },
        UsageQuery {
            app_name: Some("other".into()),
            ..any()
        },
        UsageQuery {
            environment: environment("production"),
            ..any()
        },
        UsageQuery {
            environment: environment("stage"),
            ..any()
        },
    ] {
        let expected: Vec<_> = all.iter().filter(|row| query.matches(row)).collect();
        let found = store.usage(&query).await.unwrap();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query:?}");
    }
}

/// Everything before that hour is old.
pub(crate) fn before(number: i64) -> Expiry {
    let old = hour(number);
    Expiry {
        by_day_before: old,
        counts_before: old,
        applications_before: old,
        instances_before: old,
        unknown_before: old,
        most: 1000,
    }
}

pub(crate) async fn pruned_by_age(store: &AnyStore) {
    store.commit(put(&State::default(), "kept")).await.unwrap();
    for (name, at) in [("kept", 0), ("kept", 1), ("gone", 0), ("late", 1)] {
        let report = Arc::new(report(name, "sdk:1", at, 1));
        store.add_usage(report).await.unwrap();
    }
    // Four rows of hour 0; application, card, instance and unknown flag of `gone`; and when `gone` and `late`, which
    // are not flags, were last seen.
    assert_eq!(store.prune_usage(before(1)).await.unwrap(), 4 + 4 + 2);
    let (rows, seen) = everything(store).await;
    assert!(rows.iter().all(|row| row.hour == hour(1)));
    assert_eq!(rows.len(), 4);
    let names: Vec<_> = seen
        .applications
        .iter()
        .map(|it| it.app_name.as_str())
        .collect();
    assert_eq!(names, ["kept", "late"]);
    assert_eq!((seen.cards.len(), seen.instances.len()), (2, 2));
    assert_eq!(seen.unknown_flags.len(), 2);
    assert_eq!(seen.last_seen.len(), 1);
    assert_eq!(store.prune_usage(before(1)).await.unwrap(), 0);
}

pub(crate) async fn added_up_by_day(store: &AnyStore) {
    let midnight = (0..24).find(|number| hour(*number).day() == hour(*number));
    let midnight = midnight.unwrap();
    let days = |expiry: Expiry| Expiry {
        counts_before: hour(-1000),
        ..expiry
    };
    store.commit(put(&State::default(), "a")).await.unwrap();
    for at in midnight - 24..midnight + 2 {
        let report = Arc::new(report("a", "sdk:1", at, 2));
        store.add_usage(report).await.unwrap();
    }
    let sum = |rows: &[UsageRow]| {
        rows.iter()
            .map(|row| (row.yes, row.no))
            .fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    };
    let all = everything(store).await.0;
    // Two applications, 24 hours each, become a row each.
    assert_eq!(
        store.prune_usage(days(before(midnight))).await.unwrap(),
        2 * 23
    );
    let rows = everything(store).await.0;
    assert_eq!(sum(&rows), sum(&all));
    let hours: Vec<_> = rows
        .iter()
        .filter(|row| row.app_name == "app")
        .map(|row| row.hour)
        .collect();
    assert_eq!(hours, [-24, 0, 1].map(|number| hour(midnight + number)));
    assert_eq!((rows[0].yes, rows[0].no), (48, 96));
    assert_eq!(rows[0].variants["variant-0"], 48);
    // What comes late is added to its day; another time changes nothing.
    let late = Arc::new(report("a", "sdk:1", midnight - 9, 2));
    store.add_usage(late).await.unwrap();
    assert_eq!(store.prune_usage(days(before(midnight))).await.unwrap(), 2);
    assert_eq!(everything(store).await.0[0].yes, 50);
    assert_eq!(store.prune_usage(days(before(midnight))).await.unwrap(), 0);
    // In the end the day is forgotten as a whole.
    assert_eq!(store.prune_usage(before(midnight)).await.unwrap(), 2);
    assert_eq!(everything(store).await.0.len(), 4);
}

pub(crate) async fn bounded(store: &AnyStore) {
    for at in 0..5 {
        let report = Arc::new(report(&format!("app-{at}"), "sdk:1", at, 1));
        store.add_usage(report).await.unwrap();
    }
    let most = Expiry {
        most: 2,
        ..before(0)
    };
    store.prune_usage(most).await.unwrap();
    let seen = everything(store).await.1;
    let names: Vec<_> = seen
        .instances
        .iter()
        .map(|it| it.app_name.as_str())
        .collect();
    assert_eq!(names, ["app-3", "app-4"]);
    assert_eq!(seen.applications.len(), 2);
    assert_eq!(seen.unknown_flags.len(), 2);
}

pub(crate) async fn forgotten_by_application(store: &AnyStore) {
    for name in ["a", "b"] {
        let report = Arc::new(report(name, "sdk:1", 0, 1));
        store.add_usage(report).await.unwrap();
    }
    let before = everything(store).await;
    store.forget_application("none").await.unwrap();
    assert_eq!(everything(store).await, before);
    store.forget_application("a").await.unwrap();
    let (rows, seen) = everything(store).await;
    assert_eq!(rows, before.0);
    assert_eq!(seen.applications[0].app_name, "b");
    let left = (
        seen.applications.len(),
        seen.cards.len(),
        seen.instances.len(),
    );
    assert_eq!(left, (1, 1, 1));
    assert_eq!(seen.last_seen, before.1.last_seen);
}

pub(crate) async fn names_may_be_of_any_script(store: &AnyStore, names: &[&str]) {
    let other = AnyStore::Memory(MemoryStore::new());
    for name in names {
        for app in names {
            let report = Arc::new(UsageReport {
                rows: vec![row(name, 0, app, 1)],
                sightings: sighting(name, app, 0),
            });
            store.add_usage(Arc::clone(&report)).await.unwrap();
            other.add_usage(report).await.unwrap();
        }
    }
    let found = everything(store).await;
    assert_eq!(found.0.len(), names.len() * names.len());
    assert_eq!(found, everything(&other).await);
}
