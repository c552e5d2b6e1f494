//! The laws about what SDKs report.

use std::collections::BTreeMap;
use std::sync::Arc;

use burgee::domain::names::{EnvironmentName, FlagName};
use burgee::domain::state::State;
use burgee::domain::time::Timestamp;
use burgee::domain::usage::{
    Application, ClientInstance, LastSeen, Sightings, UnknownFlag, UsageQuery, UsageReport,
    UsageRow,
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
        }],
        instances: vec![ClientInstance {
            app_name: name.into(),
            environment: environment.clone(),
            instance_id: "one".into(),
            sdk_version: Some(version.into()),
            client_ip: None,
            first_seen: hour(at),
            last_seen: hour(at),
        }],
        last_seen: vec![LastSeen {
            flag: FlagName::trusted(name),
            environment: environment.clone(),
            at: hour(at),
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
    assert_eq!(
        (application.first_seen, application.last_seen),
        (hour(0), hour(2))
    );
    assert_eq!(seen.instances[0].sdk_version.as_deref(), Some("sdk:3"));
    assert_eq!(seen.last_seen[0].at, hour(2));
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

pub(crate) async fn pruned_by_age(store: &AnyStore) {
    store.commit(put(&State::default(), "kept")).await.unwrap();
    for (name, at) in [("kept", 0), ("kept", 1), ("gone", 0), ("late", 1)] {
        let report = Arc::new(report(name, "sdk:1", at, 1));
        store.add_usage(report).await.unwrap();
    }
    // Four rows of hour 0; application, instance and unknown flag of `gone`; and when `gone` and `late`, which are
    // not flags, were last seen.
    assert_eq!(store.prune_usage(hour(1)).await.unwrap(), 4 + 3 + 2);
    let (rows, seen) = everything(store).await;
    assert!(rows.iter().all(|row| row.hour == hour(1)));
    assert_eq!(rows.len(), 4);
    let names: Vec<_> = seen
        .applications
        .iter()
        .map(|it| it.app_name.as_str())
        .collect();
    assert_eq!(names, ["kept", "late"]);
    assert_eq!(seen.instances.len(), 2);
    assert_eq!(seen.unknown_flags.len(), 2);
    assert_eq!(seen.last_seen.len(), 1);
    assert_eq!(store.prune_usage(hour(1)).await.unwrap(), 0);
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
