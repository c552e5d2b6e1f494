//! Addons: kept without showing secrets, and told about events.

use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::listener::{Listener, Received};

const ADDONS: &str = "/api/admin/addons";
const FLAGS: &str = "/api/admin/projects/default/features";

fn app() -> TestApp {
    TestApp::with(&["--addons-allow-private"])
}

fn addon(provider: &str, parameters: Value, events: &[&str]) -> Value {
    json!({"provider": provider, "enabled": true, "parameters": parameters, "events": events})
}

fn make_flag(app: &TestApp, name: &str) {
    app.admin().post(FLAGS, json!({"name": name})).expect(201);
}

/// Waits until that many deliveries of the first addon are noted.
fn deliveries(app: &TestApp, count: usize) -> Value {
    let start = Instant::now();
    loop {
        let noted = app.admin().get(&format!("{ADDONS}/1/events")).expect(200);
        let noted = noted.json()["integrationEvents"].take();
        if noted.as_array().unwrap().len() >= count {
            return noted;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{noted}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_addon_is_made_changed_and_deleted_and_its_secrets_are_not_shown() {
    let app = TestApp::start();
    let admin = app.admin();
    let parameters = json!({
        "url": "https://example.com/planted-1", "authorization": "planted-2", "contentType": "a/b",
        "customHeaders": "{\"x\": \"planted-3\"}", "signingSecret": "planted-4", "unknown": "planted-5",
    });
    let made = admin
        .post(ADDONS, addon("webhook", parameters, &["feature-created"]))
        .expect(201);
    assert_eq!(made.header("location"), Some("addons/1"));
    let mut made = made.json();
    assert!(made["createdAt"].take().is_string());
    let expected = json!({
        "id": 1, "provider": "webhook", "enabled": true, "description": null, "createdAt": null,
        "parameters": {
            "url": "*****", "authorization": "*****", "contentType": "a/b", "customHeaders": "*****",
            "signingSecret": "*****", "unknown": "*****",
        },
        "events": ["feature-created"], "projects": [], "environments": [],
    });
    assert_eq!(made, expected);
    let place = format!("{ADDONS}/1");
    let mut wish = addon(
        "webhook",
        json!({"url": "*****", "contentType": "c/d"}),
        &[],
    );
    wish["description"] = json!("about");
    wish["projects"] = json!(["default"]);
    let changed = admin.put(&place, wish).expect(200).json();
    assert_eq!(
        changed["parameters"],
        json!({"url": "*****", "contentType": "c/d"})
    );
    assert_eq!(changed["description"], "about");
    assert_eq!(admin.get(&place).expect(200).json(), changed);
    let listed = admin.get(ADDONS).expect(200).json();
    assert_eq!(listed["addons"], json!([changed]));
    let names: Vec<_> = listed["providers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    let expected = [
        "webhook",
        "slack",
        "slack-app",
        "teams",
        "teamsworkflow",
        "datadog",
        "new-relic",
    ];
    assert_eq!(names, expected);
    admin.delete(&place).expect(200);
    admin.get(&place).expect(404);
    let log = admin.get("/api/admin/events").expect(200);
    let kinds: Vec<_> = log.json()["events"]
        .as_array()
        .unwrap()
        .iter()
        .take(3)
        .map(|it| it["type"].clone())
        .collect();
    assert_eq!(
        kinds,
        [
            "addon-config-deleted",
            "addon-config-updated",
            "addon-config-created"
        ]
    );
    for told in [log.text(), admin.get("/api/admin/search/events").text()] {
        assert!(!told.contains("planted"), "{told}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let app = TestApp::start();
    let admin = app.admin();
    let good = json!({"url": "https://example.com"});
    for (provider, parameters) in [
        ("nope", good.clone()),
        ("webhook", json!({})),
        ("webhook", json!({"url": ""})),
        ("webhook", json!({"url": "ftp://example.com"})),
        ("webhook", json!({"url": "https://"})),
        (
            "webhook",
            json!({"url": "https://example.com", "customHeaders": "nope"}),
        ),
        (
            "webhook",
            json!({"url": "https://example.com", "bodyTemplate": "{{#a}}"}),
        ),
        ("webhook", json!({"url": "http://127.0.0.1:1/"})),
        ("webhook", json!({"url": "http://user@10.0.0.1/"})),
        ("webhook", json!({"url": "http://[::1]:80/"})),
        ("webhook", json!({"url": "http://LocalHost:80/"})),
        ("datadog", json!({})),
    ] {
        let refused = admin
            .post(ADDONS, addon(provider, parameters, &[]))
            .expect(400)
            .json();
        assert_eq!(refused["name"], "BadDataError");
    }
    admin
        .post(ADDONS, json!({"provider": "webhook"}))
        .expect(400);
    admin
        .put(&format!("{ADDONS}/7"), addon("webhook", good.clone(), &[]))
        .expect(404);
    admin.delete(&format!("{ADDONS}/7")).expect(404);
    admin.get(&format!("{ADDONS}/x")).expect(400);
    assert_eq!(admin.get(ADDONS).json()["addons"], json!([]));
    assert_eq!(
        admin.get(&format!("{ADDONS}/7/events")).json(),
        json!({"integrationEvents": []})
    );
    app.anonymous().get(ADDONS).expect(401);
    app.backend()
        .post(ADDONS, addon("webhook", good, &[]))
        .expect(403);
}

#[test]
fn a_webhook_is_told_signed_and_told_again_after_a_failure() {
    let app = app();
    let listener = Listener::start(1);
    let parameters = json!({
        "url": listener.url("/hook?key=planted"), "authorization": "Bearer planted",
        "customHeaders": "{\"x-own\": \"o\"}", "signingSecret": "s3cret",
    });
    let wish = addon("webhook", parameters, &["feature-created"]);
    app.admin().post(ADDONS, wish).expect(201);
    make_flag(&app, "told");
    let first = listener.next();
    let again = listener.next();
    assert_eq!(first.body, again.body);
    assert_eq!(again.path, "/hook?key=planted");
    assert_eq!(again.header("content-type"), Some("application/json"));
    assert_eq!(again.header("authorization"), Some("Bearer planted"));
    assert_eq!(again.header("x-own"), Some("o"));
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"s3cret").unwrap();
    mac.update(again.body.as_bytes());
    let digits: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|it| format!("{it:02x}"))
        .collect();
    assert_eq!(
        again.header("x-burgee-signature-256"),
        Some(format!("sha256={digits}").as_str())
    );
    let event = again.json();
    assert_eq!(event["type"], "feature-created");
    assert_eq!(event["featureName"], "told");
    assert_eq!(event["data"]["name"], "told");
    let noted = deliveries(&app, 1);
    assert_eq!(noted[0]["state"], "success");
    assert_eq!(noted[0]["stateDetails"], "sent, the answer was 200");
    assert_eq!(noted[0]["integrationId"], 1);
    assert_eq!(noted[0]["event"]["featureName"], "told");
    assert_eq!(noted[0]["details"]["body"], event);
    assert!(!noted.to_string().contains("planted"), "{noted}");
    listener.assert_silent();
}

#[test]
fn only_what_was_asked_for_is_told_in_order() {
    let app = app();
    let admin = app.admin();
    let listener = Listener::start(0);
    admin
        .post(
            "/api/admin/projects",
            json!({"id": "other", "name": "Other"}),
        )
        .expect(201);
    make_flag(&app, "before");
    let mut wish = addon(
        "webhook",
        json!({"url": listener.url("/"), "bodyTemplate": "{{event.type}} {{event.featureName}} {{event.environment}}"}),
        &["feature-created", "feature-environment-enabled"],
    );
    wish["projects"] = json!(["default"]);
    wish["environments"] = json!(["development"]);
    admin.post(ADDONS, wish.clone()).expect(201);
    admin
        .post(
            "/api/admin/projects/other/features",
            json!({"name": "elsewhere"}),
        )
        .expect(201);
    for name in ["a", "b"] {
        make_flag(&app, name);
        for environment in ["production", "development"] {
            admin
                .post(
                    &format!("{FLAGS}/{name}/environments/{environment}/on"),
                    json!({}),
                )
                .expect(200);
        }
        admin.delete(&format!("{FLAGS}/{name}")).expect(202);
    }
    let told: Vec<String> = (0..4).map(|_| listener.next().body).collect();
    let expected = [
        "feature-created a ",
        "feature-environment-enabled a development",
        "feature-created b ",
        "feature-environment-enabled b development",
    ];
    assert_eq!(told, expected);
    wish["enabled"] = json!(false);
    wish["parameters"] = json!({"url": "*****"});
    admin.put(&format!("{ADDONS}/1"), wish.clone()).expect(200);
    make_flag(&app, "unheard");
    listener.assert_silent();
    wish["enabled"] = json!(true);
    admin.put(&format!("{ADDONS}/1"), wish).expect(200);
    make_flag(&app, "heard");
    assert_eq!(listener.next().json()["featureName"], "heard");
    listener.assert_silent();
}

#[test]
fn private_addresses_are_refused_also_behind_a_name() {
    let app = TestApp::start();
    // The system reads this as 127.0.0.1; nobody else would call it an address.
    let url = "http://127.1:9/hook";
    let wish = addon("webhook", json!({"url": url}), &["feature-created"]);
    app.admin().post(ADDONS, wish).expect(201);
    make_flag(&app, "f");
    let noted = deliveries(&app, 1);
    assert_eq!(noted[0]["state"], "failed");
    let why = noted[0]["stateDetails"].as_str().unwrap();
    assert!(why.contains("private address"), "{why}");
}

#[test]
fn every_provider_has_its_form() {
    let app = app();
    let admin = app.admin();
    let listener = Listener::start(0);
    let events = ["feature-archived"];
    for (provider, parameters) in [
        (
            "slack",
            json!({"url": listener.url("/slack"), "defaultChannel": "general"}),
        ),
        ("teams", json!({"url": listener.url("/teams")})),
        ("teamsworkflow", json!({"url": listener.url("/workflow")})),
        (
            "datadog",
            json!({"url": listener.url("/datadog"), "apiKey": "dd", "sourceTypeName": "st"}),
        ),
        (
            "new-relic",
            json!({"url": listener.url("/newrelic"), "licenseKey": "nr"}),
        ),
    ] {
        admin
            .post(ADDONS, addon(provider, parameters, &events))
            .expect(201);
    }
    make_flag(&app, "gone");
    admin
        .post(
            "/api/admin/features/gone/tags",
            json!({"type": "slack", "value": "alerts"}),
        )
        .expect(201);
    admin.delete(&format!("{FLAGS}/gone")).expect(202);
    let mut told: Vec<Received> = (0..5).map(|_| listener.next()).collect();
    told.sort_by(|a, b| a.path.cmp(&b.path));
    let [datadog, newrelic, slack, teams, workflow] = &told[..] else {
        panic!("five requests");
    };
    assert_eq!(datadog.header("dd-api-key"), Some("dd"));
    assert_eq!(datadog.json()["source_type_name"], "st");
    assert_eq!(datadog.json()["tags"], json!(["slack:alerts"]));
    let text = datadog.json()["text"].as_str().unwrap().to_owned();
    assert!(
        text.contains("archived *gone*") && text.starts_with("%%%"),
        "{text}"
    );
    assert_eq!(newrelic.header("api-key"), Some("nr"));
    assert_eq!(newrelic.json()["eventType"], "UnleashServiceEvent");
    assert_eq!(newrelic.json()["unleashEventType"], "feature-archived");
    assert_eq!(newrelic.json()["featureName"], "gone");
    assert_eq!(slack.json()["channel"], "#alerts");
    assert!(
        slack.json()["text"]
            .as_str()
            .unwrap()
            .contains("archived *gone*")
    );
    assert_eq!(teams.json()["@type"], "MessageCard");
    assert_eq!(
        teams.json()["sections"][0]["facts"][1]["value"],
        "feature-archived"
    );
    let card = &workflow.json()["attachments"][0];
    assert_eq!(
        card["contentType"],
        "application/vnd.microsoft.card.adaptive"
    );
    assert_eq!(card["content"]["type"], "AdaptiveCard");
    let kinds = admin.get("/api/admin/tag-types").json();
    for name in ["slack", "datadog", "new-relic"] {
        assert!(
            kinds.to_string().contains(&format!("\"name\":\"{name}\"")),
            "{kinds}"
        );
    }
}

#[test]
fn after_a_restart_it_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "--addons-allow-private",
        "--data-dir",
        folder.path().to_str().unwrap(),
    ];
    let listener = Listener::start(0);
    let app = TestApp::with(&arguments);
    let wish = addon(
        "webhook",
        json!({"url": listener.url("/")}),
        &["feature-created"],
    );
    app.admin().post(ADDONS, wish).expect(201);
    make_flag(&app, "one");
    assert_eq!(listener.next().json()["featureName"], "one");
    deliveries(&app, 1);
    drop(app);
    let app = TestApp::with(&arguments);
    listener.assert_silent();
    make_flag(&app, "two");
    assert_eq!(listener.next().json()["featureName"], "two");
    let noted = deliveries(&app, 2);
    assert_eq!(noted[0]["event"]["featureName"], "two");
    assert_eq!(noted[0]["id"], "2");
}

#[test]
fn what_was_not_told_before_a_stop_is_told_after_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "--addons-allow-private",
        "--data-dir",
        folder.path().to_str().unwrap(),
    ];
    let listener = Listener::start(1);
    let app = TestApp::with(&arguments);
    let wish = addon(
        "webhook",
        json!({"url": listener.url("/")}),
        &["feature-created"],
    );
    app.admin().post(ADDONS, wish).expect(201);
    make_flag(&app, "one");
    listener.next();
    // Stops while the second try is awaited.
    drop(app);
    let _app = TestApp::with(&arguments);
    assert_eq!(listener.next().json()["featureName"], "one");
    listener.assert_silent();
}
