//! Variants of flags themselves, which the reference shows but no longer lets anybody change.

use serde_json::{Value, json};

use crate::harness::TestApp;

const FLAG: &str = "/api/admin/projects/default/features/f";

fn weights(answer: &Value) -> Vec<(&str, u64)> {
    let variants = answer["variants"].as_array().unwrap().iter();
    variants
        .map(|it| (it["name"].as_str().unwrap(), it["weight"].as_u64().unwrap()))
        .collect()
}

#[test]
fn variants_of_a_flag_are_weighed_sorted_and_patched() {
    let app = TestApp::start();
    let admin = app.admin();
    admin
        .post("/api/admin/projects/default/features", json!({"name": "f"}))
        .expect(201);
    let development = format!("{FLAG}/environments/development/variants");
    let sent = json!([
        {"name": "c", "weight": 0, "overrides": [{"contextName": "userId", "values": ["7"]}]},
        {"name": "a", "weight": 100, "weightType": "fix"},
        {"name": "b", "weight": 0, "payload": {"type": "json", "value": "{}"}},
    ]);
    let saved = admin.put(&development, sent).expect(200).json();
    assert_eq!(weights(&saved), [("a", 100), ("b", 450), ("c", 450)]);
    assert_eq!(saved["variants"][2]["overrides"][0]["values"], json!(["7"]));
    let patch = json!([{"op": "remove", "path": "/0"}]);
    let saved = admin.patch(&development, patch).expect(200).json();
    assert_eq!(weights(&saved), [("b", 500), ("c", 500)]);
    let production = format!("{FLAG}/environments/production/variants");
    assert_eq!(weights(&admin.get(&production).json()), []);
    let everywhere = format!("{FLAG}/variants");
    admin
        .put(&everywhere, json!([{"name": "x", "weight": 1}]))
        .expect(200);
    assert_eq!(weights(&admin.get(&production).json()), [("x", 1000)]);
    admin.put(&everywhere, json!([])).expect(200);
    assert_eq!(weights(&admin.get(&everywhere).json()), []);
}

#[test]
fn variants_that_cannot_be_are_refused_and_nothing_changes() {
    let app = TestApp::start();
    let admin = app.admin();
    admin
        .post("/api/admin/projects/default/features", json!({"name": "f"}))
        .expect(201);
    let everywhere = format!("{FLAG}/variants");
    admin
        .put(&everywhere, json!([{"name": "x", "weight": 1}]))
        .expect(200);
    for refused in [
        json!([{"name": "a", "weight": 1}, {"name": "a", "weight": 1}]),
        json!([{"name": "a b", "weight": 1}]),
        json!([{"name": "a", "weight": 500, "weightType": "fix"}]),
        json!([{"name": "a", "weight": 1001}]),
        json!([{"name": "a", "weight": 1, "payload": {"type": "json", "value": "{"}}]),
    ] {
        admin.put(&everywhere, refused).expect(400);
    }
    let batch = format!("{FLAG}/variants-batch");
    let body = json!({"variants": [], "environments": ["development", "nope"]});
    admin.put(&batch, body).expect(404);
    assert_eq!(weights(&admin.get(&everywhere).json()), [("x", 1000)]);
}
