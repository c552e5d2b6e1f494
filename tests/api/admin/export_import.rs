//! Exports come back as they were, whatever their size, and an import is all or nothing.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::TestApp;

const FEATURES: &str = "/api/admin/projects/default/features";
const EXPORT: &str = "/api/admin/features-batch/export";
const IMPORT: &str = "/api/admin/features-batch/import";

fn export(app: &TestApp) -> Value {
    app.admin()
        .post(
            EXPORT,
            json!({"environment": "development", "project": "default"}),
        )
        .expect(200)
        .json()
}

fn import(data: &Value) -> Value {
    json!({"project": "default", "environment": "development", "data": data})
}

fn fill(app: &TestApp) {
    let admin = app.admin();
    let value = json!({"contextName": "region", "operator": "IN", "values": ["no"]});
    admin
        .post(
            "/api/admin/context",
            json!({"name": "region", "legalValues": [{"value": "no"}]}),
        )
        .expect(201);
    let segment = admin.post(
        "/api/admin/segments",
        json!({"name": "north", "constraints": [value]}),
    );
    let segment = segment.expect(201).json()["id"].clone();
    admin
        .post(
            "/api/admin/tag-types",
            json!({"name": "team", "color": "#112233"}),
        )
        .expect(201);
    for name in ["parent", "child"] {
        admin
            .post(
                FEATURES,
                json!({"name": name, "description": "d", "type": "experiment"}),
            )
            .expect(201);
    }
    admin
        .post(
            "/api/admin/features/child/tags",
            json!({"type": "team", "value": "blue"}),
        )
        .expect(201);
    admin
        .post(
            &format!("{FEATURES}/child/link"),
            json!({"url": "https://example.com", "title": "T"}),
        )
        .expect(204);
    let strategy = json!({
        "name": "flexibleRollout",
        "title": "some",
        "parameters": {"rollout": "12", "stickiness": "userId", "groupId": "g"},
        "constraints": [value],
        "segments": [segment],
        "variants": [
            {"name": "a", "weight": 1000, "weightType": "variable", "stickiness": "default"},
            {"name": "b", "weight": 300, "weightType": "fix", "stickiness": "default",
             "payload": {"type": "json", "value": "{}"}},
        ],
    });
    for flag in ["parent", "child"] {
        admin
            .post(
                &format!("{FEATURES}/{flag}/environments/development/strategies"),
                strategy.clone(),
            )
            .expect(200);
    }
    admin
        .post(
            &format!("{FEATURES}/parent/environments/development/on"),
            json!({}),
        )
        .expect(200);
    admin
        .post(
            &format!("{FEATURES}/child/dependencies"),
            json!({"feature": "parent", "enabled": true, "variants": ["a"]}),
        )
        .expect(200);
}

/// An export without what an import makes anew: identifiers.
fn comparable(mut data: Value) -> Value {
    for strategy in data["featureStrategies"].as_array_mut().unwrap() {
        strategy["id"] = Value::Null;
    }
    for flag in data["links"].as_array_mut().unwrap() {
        flag["links"][0]["id"] = Value::Null;
    }
    data
}

#[test]
fn an_export_comes_back_as_it_was_even_on_an_empty_server() {
    let source = TestApp::start();
    fill(&source);
    let exported = export(&source);
    let target = TestApp::start();
    // Segments are the one thing an export names only.
    target
        .admin()
        .post(
            "/api/admin/segments",
            json!({"name": "unrelated", "constraints": []}),
        )
        .expect(201);
    target.admin().post(IMPORT, import(&exported)).expect(400);
    assert_eq!(export(&target)["features"], json!([]));
    let mut richer = exported.clone();
    richer["segments"][0]["constraints"] =
        json!([{"contextName": "region", "operator": "IN", "values": ["no"]}]);
    target.admin().post(IMPORT, import(&richer)).expect(200);
    let mut back = comparable(export(&target));
    for (index, strategy) in exported["featureStrategies"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        assert_eq!(back["featureStrategies"][index]["segments"], json!([2]));
        back["featureStrategies"][index]["segments"] = strategy["segments"].clone();
    }
    back["segments"] = exported["segments"].clone();
    assert_eq!(back, comparable(exported));
}

#[test]
fn an_import_over_itself_changes_nothing() {
    let app = TestApp::start();
    fill(&app);
    let before = export(&app);
    app.admin().post(IMPORT, import(&before)).expect(200);
    assert_eq!(comparable(export(&app)), comparable(before));
}

#[test]
fn an_import_is_all_or_nothing() {
    let app = TestApp::start();
    let data = json!({
        "features": [{"name": "good"}, {"name": "bad name"}],
        "featureStrategies": [{"name": "default", "featureName": "good"}],
        "tagTypes": [{"name": "new-kind"}],
    });
    app.admin().post(IMPORT, import(&data)).expect(400);
    app.admin().get(&format!("{FEATURES}/good")).expect(404);
    app.admin().get("/api/admin/tag-types/new-kind").expect(404);
}

#[test]
fn a_thousand_flags_are_one_change_and_take_less_than_a_second() {
    let app = TestApp::start();
    let names: Vec<String> = (0..1000).map(|number| format!("flag-{number}")).collect();
    let data = json!({
        "features": names.iter().map(|name| json!({"name": name})).collect::<Value>(),
        "featureStrategies": names.iter().map(|name| json!({
            "name": "flexibleRollout", "featureName": name, "parameters": {"rollout": "50"},
            "constraints": [{"contextName": "userId", "operator": "IN", "values": ["a", "b"]}],
        })).collect::<Value>(),
        "featureEnvironments": names.iter().map(|name| json!({
            "name": name, "featureName": name, "enabled": true,
        })).collect::<Value>(),
        "featureTags": names.iter().map(|name| json!({
            "featureName": name, "tagType": "simple", "tagValue": name,
        })).collect::<Value>(),
        "tagTypes": [],
    });
    let begin = Instant::now();
    app.admin().post(IMPORT, import(&data)).expect(200);
    let took = begin.elapsed();
    println!("1,000 flags took {took:?}");
    // The bound is for release builds; unoptimised ones get room.
    let bound = if cfg!(debug_assertions) { 5 } else { 1 };
    assert!(took < Duration::from_secs(bound), "{took:?}");
    assert_eq!(export(&app)["features"].as_array().unwrap().len(), 1000);
    let imported = app
        .admin()
        .get("/api/admin/search/events?type=IS:features-imported")
        .json();
    assert_eq!(imported["total"], 1);
}
