//! What a new store is filled with.

use serde_json::{Value, json};

use crate::harness::TestApp;

fn names(list: &Value, key: &str) -> Vec<String> {
    let list = list.as_array().unwrap();
    list.iter()
        .map(|entry| entry[key].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_settings_name_the_environments() {
    let app = TestApp::with(&["--environments", "stage,production"]);
    let environments = app
        .admin()
        .get("/api/admin/environments")
        .expect(200)
        .json();
    assert_eq!(
        names(&environments["environments"], "name"),
        ["stage", "production"]
    );
}

#[test]
fn the_demo_serves_a_dozen_flags_to_known_tokens() {
    let app = TestApp::with(&["--demo"]);
    let client = app.with_token("*:production.demo-backend-token");
    let features = client.get("/api/client/features").expect(200).json();
    assert_eq!(features["features"].as_array().unwrap().len(), 12);
    let frontend = app.with_token("*:production.demo-frontend-token");
    let toggles = frontend
        .get("/api/frontend?userId=ada&properties[country]=no&properties[appVersion]=3.1.0")
        .expect(200)
        .json();
    let on = names(&toggles["toggles"], "name");
    for flag in ["beta-dashboard", "northern-delivery", "app-v3-features"] {
        assert!(on.contains(&flag.to_owned()), "{flag} in {on:?}");
    }
    assert!(!on.contains(&"dark-mode".to_owned()));
}

#[test]
fn the_child_of_the_demo_follows_its_parent() {
    let app = TestApp::with(&["--demo"]);
    let features = app
        .with_token("*:development.demo-backend-token")
        .get("/api/client/features")
        .json();
    let express = features["features"]
        .as_array()
        .unwrap()
        .iter()
        .find(|feature| feature["name"] == "express-pay")
        .unwrap();
    assert_eq!(
        express["dependencies"],
        json!([{"feature": "new-checkout", "enabled": true, "variants": []}])
    );
}
