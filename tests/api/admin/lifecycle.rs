//! How far flags have come, as it follows from what SDKs report and people say.

use serde_json::{Value, json};

use super::people::client;
use crate::harness::{Client, TestApp};

const FLAGS: &str = "/api/admin/projects/default/features";

fn make(app: &TestApp, name: &str) {
    app.admin().post(FLAGS, json!({"name": name})).expect(201);
}

/// A backend token for `production`.
fn production(app: &TestApp) -> Client<'_> {
    let body = json!({"tokenName": "p", "type": "backend", "environment": "production"});
    let made = app.admin().post("/api/admin/api-tokens", body).expect(201);
    app.with_token(made.json()["secret"].as_str().unwrap())
}

/// Says that the flag was asked for once.
fn ask(sdk: &Client<'_>, flag: &str) {
    let toggles = json!({flag: {"yes": 1, "no": 2}});
    let bucket = json!({"start": 1, "stop": "2026-11-22T10:00:00Z", "toggles": toggles});
    let report = json!({"appName": "shop", "bucket": bucket});
    sdk.post("/api/client/metrics", report).expect(202);
}

fn stages(app: &TestApp, flag: &str) -> Vec<String> {
    let path = format!("{FLAGS}/{flag}/lifecycle");
    let stages = app.admin().get(&path).expect(200).json();
    let stages = stages.as_array().unwrap().iter();
    stages
        .map(|it| {
            assert!(it["enteredStageAt"].is_string());
            it["stage"].as_str().unwrap().to_owned()
        })
        .collect()
}

#[test]
fn a_flag_goes_from_made_to_tried_to_live_as_sdks_ask_for_it() {
    let app = TestApp::start();
    make(&app, "a");
    make(&app, "b");
    assert_eq!(stages(&app, "a"), ["initial"]);
    app.clock().advance(1000);
    ask(&app.backend(), "a");
    assert_eq!(stages(&app, "a"), ["initial", "pre-live"]);
    // In production it is live when it is on there.
    let production = production(&app);
    ask(&production, "a");
    assert_eq!(stages(&app, "a"), ["initial", "pre-live"]);
    let on = format!("{FLAGS}/a/environments/production/on");
    app.admin().post(&on, json!({})).expect(200);
    app.clock().advance(1000);
    ask(&production, "a");
    assert_eq!(stages(&app, "a"), ["initial", "pre-live", "live"]);
    assert_eq!(stages(&app, "b"), ["initial"]);
    let count = app.admin().get("/api/admin/lifecycle/count").expect(200);
    let expected = json!({"initial": 1, "preLive": 0, "live": 1, "completed": 0, "archived": 0});
    assert_eq!(count.json(), expected);
}

#[test]
fn a_flag_shows_its_stage_and_when_it_was_asked_for() {
    let app = TestApp::start();
    make(&app, "a");
    let path = format!("{FLAGS}/a");
    let environment = |flag: &Value, name: &str| {
        let all = flag["environments"].as_array().unwrap().iter();
        all.clone().find(|it| it["name"] == name).unwrap().clone()
    };
    let fresh = app.admin().get(&path).expect(200).json();
    assert_eq!(fresh["lifecycle"]["stage"], "initial");
    assert_eq!(
        environment(&fresh, "development")["lastSeenAt"],
        json!(null)
    );
    app.clock().advance(1000);
    ask(&app.backend(), "a");
    let shown = app.admin().get(&path).expect(200).json();
    assert_eq!(shown["lifecycle"]["stage"], "pre-live");
    let seen = environment(&shown, "development")["lastSeenAt"].clone();
    assert_eq!(seen, shown["lifecycle"]["enteredStageAt"]);
    assert_eq!(environment(&shown, "production")["lastSeenAt"], json!(null));
    let found = app.admin().get("/api/admin/search/features").json();
    let found = &found["features"][0];
    assert_eq!(found["lifecycle"], shown["lifecycle"]);
    assert_eq!(environment(found, "development")["lastSeenAt"], seen);
}

#[test]
fn people_say_that_a_flag_has_done_its_work() {
    let app = TestApp::start();
    make(&app, "a");
    let complete = format!("{FLAGS}/a/lifecycle/complete");
    let body = json!({"status": "kept", "statusValue": "blue"});
    app.clock().advance(1000);
    let done = app.admin().post(&complete, body.clone()).expect(200);
    assert_eq!(done.text(), "");
    let shown = app.admin().get(&format!("{FLAGS}/a/lifecycle")).json();
    assert_eq!(shown[1]["stage"], "completed");
    assert_eq!(shown[1]["status"], "kept");
    // To say it again is no change; who still asks does not bring it back.
    app.admin().post(&complete, body).expect(200);
    app.clock().advance(1000);
    ask(&app.backend(), "a");
    assert_eq!(stages(&app, "a"), ["initial", "completed"]);
    let events = app.admin().get("/api/admin/search/events?limit=2").json();
    assert_eq!(events["events"][0]["type"], "feature-completed");
    assert_eq!(events["events"][1]["type"], "feature-created");
    let data = json!({"status": "kept", "statusValue": "blue", "kept": true});
    assert_eq!(events["events"][0]["data"], data);
    let cleanup = || {
        let projects = app.admin().get("/api/admin/projects").expect(200).json();
        projects["projects"][0]["cleanupCount"].clone()
    };
    assert_eq!(cleanup(), 1);
    let back = format!("{FLAGS}/a/lifecycle/uncomplete");
    app.admin().post(&back, json!({})).expect(200);
    assert_eq!(cleanup(), json!(null));
    assert_eq!(stages(&app, "a"), ["initial", "pre-live"]);
    app.admin().delete(&format!("{FLAGS}/a")).expect(202);
    assert_eq!(stages(&app, "a"), ["initial", "pre-live", "archived"]);
}

#[test]
fn what_makes_no_sense_completes_nothing() {
    let app = TestApp::start();
    make(&app, "a");
    let complete = format!("{FLAGS}/a/lifecycle/complete");
    let refused = app.admin().post(&complete, json!({})).expect(400).json();
    assert_eq!(refused["details"][0]["path"], "/body/status");
    app.admin()
        .post(&complete, json!({"status": "lost"}))
        .expect(400);
    let kept = json!({"status": "kept"});
    for path in ["nope/lifecycle/complete", "nope/lifecycle/uncomplete"] {
        let path = format!("{FLAGS}/{path}");
        app.admin().post(&path, kept.clone()).expect(404);
    }
    client(&app, "eve", 3)
        .post(&complete, kept.clone())
        .expect(403);
    app.anonymous().post(&complete, kept).expect(401);
    assert_eq!(stages(&app, "a"), ["initial"]);
    let none = app.admin().get(&format!("{FLAGS}/nope/lifecycle"));
    assert_eq!(none.expect(200).json(), json!([]));
}
