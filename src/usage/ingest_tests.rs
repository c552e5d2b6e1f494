//! What becomes of the reports of SDKs.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::domain::change::Draft;
use crate::domain::environment::Environment;
use crate::domain::flag::Flag;
use crate::domain::names::{FlagKindId, ProjectId};
use crate::domain::state::Entity;

pub(in crate::usage) const NOW: Timestamp = Timestamp::from_millis(1_769_860_800_000);

pub(in crate::usage) fn state() -> State {
    let mut draft = Draft::new(&State::default());
    for name in ["development", "production"] {
        draft.put(Entity::Environment(Arc::new(Environment {
            name: EnvironmentName::trusted(name),
            kind: "test".into(),
            sort_order: 0,
            enabled: true,
            protected: false,
        })));
    }
    draft.put(Entity::Flag(Arc::new(Flag {
        name: FlagName::trusted("known"),
        project: ProjectId::trusted("default"),
        kind: FlagKindId::trusted("release"),
        description: None,
        impression_data: false,
        stale: false,
        archived_at: None,
        completed: None,
        created_at: NOW,
        created_by: String::new(),
        created_by_user_id: 0,
        environments: BTreeMap::new(),
        dependencies: Vec::new(),
        tags: BTreeSet::new(),
        links: Vec::new(),
    })));
    draft.state().clone()
}

pub(in crate::usage) fn origin(environment: &EnvironmentName) -> Origin<'_> {
    Origin {
        environment,
        projects: None,
        sdk_kind: SdkKind::Backend,
        client_ip: Some("10.0.0.1"),
        now: NOW,
    }
}

fn report(toggles: Value) -> UsageReport {
    let body = json!({
        "appName": "app",
        "bucket": {"start": "2026-01-31T10:00:00Z", "stop": "2026-01-31T11:59:59.999Z", "toggles": toggles},
    });
    let body: ClientMetrics = serde_json::from_value(body).unwrap();
    let environment = EnvironmentName::trusted("development");
    metrics(
        &body,
        origin(&environment),
        &state(),
        Instance::Seen { sdk: Some("sdk:1") },
    )
    .unwrap()
}

#[test]
fn counts_are_booked_to_the_hour_in_which_counting_ended() {
    let report = report(json!({"known": {"yes": 2.9, "no": 1, "variants": {"blue": 2}}}));
    let row = &report.rows[0];
    assert_eq!(row.hour.to_string(), "2026-01-31T11:00:00.000Z");
    assert_eq!((row.yes, row.no), (2, 1));
    assert_eq!(row.variants["blue"], 2);
    assert_eq!(report.sightings.last_seen[0].at, NOW);
    assert_eq!(report.sightings.instances[0].instance_id, "default");
    assert_eq!(
        report.sightings.instances[0].client_ip.as_deref(),
        Some("10.0.0.1")
    );
}

#[test]
fn unknown_flags_are_noted_and_flags_not_asked_for_are_not() {
    let report = report(json!({
        "other": {"yes": 1},
        "known": {"yes": 0, "no": 0, "variants": {"blue": 7}},
        "silent": {},
    }));
    assert!(report.rows.is_empty());
    assert!(report.sightings.last_seen.is_empty());
    let unknown: Vec<&str> = report
        .sightings
        .unknown_flags
        .iter()
        .map(|it| &*it.name)
        .collect();
    assert_eq!(unknown, ["other"]);
}

#[test]
fn a_report_of_impact_metrics_alone_counts_nothing() {
    let body: ClientMetrics =
        serde_json::from_value(json!({"appName": "a", "bucket": null, "impactMetrics": [{}, 3]}))
            .unwrap();
    let environment = EnvironmentName::trusted("development");
    let report = metrics(&body, origin(&environment), &state(), Instance::Unseen).unwrap();
    assert!(report.is_empty());
}

fn bulk_of(body: Value) -> Result<UsageReport, Nonsense> {
    let body: BulkMetrics = serde_json::from_value(body).unwrap();
    let environment = EnvironmentName::trusted("development");
    bulk(&body, origin(&environment), &state())
}

#[test]
fn edge_reports_only_for_the_environment_of_its_token() {
    let count = |environment| json!({"featureName": "known", "appName": "a", "environment": environment, "yes": 1});
    let report = bulk_of(
        json!({"applications": [], "metrics": [count("development"), count("production")]}),
    );
    assert_eq!(report.unwrap().rows.len(), 1);
}

#[test]
fn edge_names_applications_of_its_clients() {
    let application = |name: &str, environment: &str| json!({"appName": name, "instanceId": "i", "environment": environment, "interval": 1, "strategies": ["s"]});
    let body = json!({"metrics": [], "applications": [
        application("a", "production"), application("", "production"), application("b", "nowhere"),
    ]});
    let seen = bulk_of(body).unwrap().sightings;
    let names: Vec<_> = seen
        .applications
        .iter()
        .map(|it| (&*it.app_name, it.environment.as_str()))
        .collect();
    assert_eq!(names, [("a", "production")]);
    assert!(seen.applications[0].strategies.contains("s"));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let application = |more: Value| {
        let mut body = json!({"appName": "a", "instanceId": "i", "environment": "development"});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        bulk_of(json!({"metrics": [], "applications": [body]}))
    };
    assert_eq!(application(json!({})), Err(Nonsense::NoTimes));
    let empty = json!({"interval": 0, "sdkVersion": ""});
    assert_eq!(application(empty), Err(Nonsense::EmptySdkVersion));
    assert!(application(json!({"started": 1})).is_ok());
}

#[test]
fn endless_names_are_cut() {
    let body = json!({"appName": "ø".repeat(300), "interval": 1, "started": 1, "strategies": []});
    let body: ClientApplication = serde_json::from_value(body).unwrap();
    let environment = EnvironmentName::trusted("development");
    let report = registration(&body, origin(&environment)).unwrap();
    assert_eq!(
        report.sightings.applications[0].app_name.chars().count(),
        255
    );
}
