//! Flags: what the recorded scenarios do not cover.

use serde_json::{Value, json};

use crate::harness::{Client, TestApp};

const FLAGS: &str = "/api/admin/projects/default/features";

fn strategy(admin: &Client<'_>) -> String {
    let strategies = format!("{FLAGS}/f/environments/development/strategies");
    let body = json!({"name": "flexibleRollout", "parameters": {"rollout": "10"}});
    let made = admin.post(&strategies, body).expect(200).json();
    let id = made.get("id").and_then(Value::as_str).unwrap();
    format!("{strategies}/{id}")
}

#[test]
fn a_patch_that_fails_changes_nothing() {
    let app = TestApp::start();
    let admin = app.admin();
    admin.post(FLAGS, json!({"name": "f"})).expect(201);
    let flag = format!("{FLAGS}/f");
    let describe = json!({"op": "replace", "path": "/description", "value": "x"});
    for (step, status) in [
        (json!({"op": "test", "path": "/stale", "value": true}), 400),
        (json!({"op": "remove", "path": "/none"}), 400),
        (
            json!({"op": "replace", "path": "/stale", "value": "maybe"}),
            400,
        ),
        (
            json!({"op": "replace", "path": "/type", "value": "nope"}),
            400,
        ),
        (
            json!({"op": "add", "path": "/variants/-", "value": {}}),
            403,
        ),
    ] {
        admin.patch(&flag, json!([describe, step])).expect(status);
        assert_eq!(admin.get(&flag).json()["description"], Value::Null);
    }
    admin.patch(&flag, json!([describe])).expect(200);
    assert_eq!(admin.get(&flag).json()["description"], "x");
}

#[test]
fn parameters_that_break_sdks_are_refused_when_a_strategy_is_changed_too() {
    let app = TestApp::start();
    let admin = app.admin();
    admin.post(FLAGS, json!({"name": "f"})).expect(201);
    let strategy = strategy(&admin);
    let before = admin.get(&strategy).json();
    for parameters in [
        json!({"rollout": "101"}),
        json!({"rollout": "5", "groupId": "a\"b"}),
    ] {
        let body = json!({"name": "flexibleRollout", "parameters": parameters});
        admin.put(&strategy, body).expect(400);
    }
    let patch = json!([{"op": "replace", "path": "/parameters/rollout", "value": "-1"}]);
    admin.patch(&strategy, patch).expect(400);
    let patch = json!([{"op": "replace", "path": "/segments", "value": [1.5]}]);
    admin.patch(&strategy, patch).expect(400);
    assert_eq!(admin.get(&strategy).json(), before);
}

#[test]
fn an_archived_flag_is_not_switched_and_does_not_take_its_switches_back() {
    let app = TestApp::start();
    let admin = app.admin();
    admin.post(FLAGS, json!({"name": "f"})).expect(201);
    let on = format!("{FLAGS}/f/environments/development/on");
    admin.post(&on, json!({})).expect(200);
    admin.delete(&format!("{FLAGS}/f")).expect(202);
    let refused = admin.post(&on, json!({})).expect(400).json();
    assert_eq!(refused["name"], "ArchivedFeatureError");
    admin
        .post("/api/admin/archive/revive/f", json!({}))
        .expect(200);
    let shown = admin.get(&format!("{FLAGS}/f")).expect(200).json();
    assert_eq!(shown["environments"][0]["enabled"], false);
    assert_eq!(
        shown["environments"][0]["strategies"][0]["name"],
        "flexibleRollout"
    );
}

#[test]
fn a_flag_is_not_archived_while_others_depend_on_it_whatever_the_call() {
    let app = TestApp::start();
    let admin = app.admin();
    for name in ["parent", "child"] {
        admin.post(FLAGS, json!({ "name": name })).expect(201);
    }
    let dependencies = format!("{FLAGS}/child/dependencies");
    admin
        .post(&dependencies, json!({"feature": "parent"}))
        .expect(200);
    let parent = format!("{FLAGS}/parent");
    admin.put(&parent, json!({"archived": true})).expect(403);
    let patch = json!([{"op": "replace", "path": "/archived", "value": true}]);
    admin.patch(&parent, patch).expect(403);
    admin.delete(&parent).expect(403);
    admin.get(&parent).expect(200);
}

#[test]
fn limits_are_named_as_the_reference_names_them() {
    let app = TestApp::start();
    let admin = app.admin();
    admin.post(FLAGS, json!({"name": "f"})).expect(201);
    let strategies = format!("{FLAGS}/f/environments/development/strategies");
    for _ in 0..30 {
        admin
            .post(&strategies, json!({"name": "default"}))
            .expect(200);
    }
    let refused = admin
        .post(&strategies, json!({"name": "default"}))
        .expect(400)
        .json();
    assert_eq!(refused["name"], "ExceedsLimitError");
    assert_eq!(
        refused["message"],
        "Failed to create strategy. You can't create more than the established limit of 30."
    );
}
