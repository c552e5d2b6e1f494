//! Applications: what they told of themselves, what people told of them, and what is wrong with them.

use serde_json::{Value, json};

use super::people::client;
use crate::harness::{Client, TestApp};

const APPLICATIONS: &str = "/api/admin/metrics/applications";
const FLAGS: &str = "/api/admin/projects/default/features";
const HOUR: i64 = 3_600_000;

fn register(sdk: &Client<'_>, name: &str, instance: &str, version: &str) {
    let body = json!({
        "appName": name, "instanceId": instance, "sdkVersion": version, "strategies": ["default", "foo"],
        "started": 1, "interval": 10,
    });
    sdk.post("/api/client/register", body).expect(202);
}

/// Says that the flags were asked for just now.
fn ask(app: &TestApp, name: &str, flags: &[&str]) {
    let now = now(app);
    let toggles: Value = flags
        .iter()
        .map(|flag| ((*flag).to_owned(), json!({"yes": 2, "no": 1})))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let bucket = json!({"start": now, "stop": now, "toggles": toggles});
    let report = json!({"appName": name, "instanceId": "one", "bucket": bucket});
    app.backend()
        .post("/api/client/metrics", report)
        .expect(202);
}

/// The time of the server: when a flag made just now was made.
fn now(app: &TestApp) -> String {
    let health = app.admin().get("/api/admin/instance-admin/statistics");
    health.expect(200).json()["timestamp"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn make(app: &TestApp, flag: &str) {
    app.admin().post(FLAGS, json!({"name": flag})).expect(201);
}

#[test]
fn an_application_is_listed_as_it_registered() {
    let app = TestApp::start();
    register(&app.backend(), "shop", "one", "unleash-client-node:3.0.0");
    let listed = app.admin().get(APPLICATIONS).expect(200).json();
    assert_eq!(listed["total"], 1);
    let shop = &listed["applications"][0];
    let expected = json!({
        "appName": "shop", "createdAt": shop["createdAt"], "updatedAt": shop["updatedAt"], "description": null,
        "strategies": ["default", "foo"], "createdBy": "burgee-system", "url": null, "color": null, "icon": null,
        "project": "*", "environment": "development",
        "usage": [{"project": "*", "environments": ["development"]}],
    });
    assert_eq!(*shop, expected);
    let path = format!("{APPLICATIONS}/shop");
    let shown = app.admin().get(&path).expect(200).json();
    assert_eq!(shown["strategies"][0]["name"], "default");
    assert_eq!(shown["strategies"][0]["editable"], false);
    assert_eq!(
        shown["strategies"][1],
        json!({"name": "foo", "notFound": true})
    );
    assert_eq!(shown["seenToggles"], json!([]));
    assert_eq!(shown["links"], json!({"self": "/api/applications/shop"}));
    let instance = &shown["instances"][0];
    let expected = json!({
        "appName": "shop", "instanceId": "one", "sdkVersion": "unleash-client-node:3.0.0",
        "sdkType": "backend", "clientIp": "127.0.0.1", "environment": "development",
        "lastSeen": instance["lastSeen"], "createdAt": instance["createdAt"],
    });
    assert_eq!(*instance, expected);
}

#[test]
fn an_overview_tells_what_may_be_wrong() {
    let app = TestApp::start();
    make(&app, "used");
    make(&app, "unused");
    register(&app.backend(), "shop", "one", "unleash-client-node:3.0.0");
    register(&app.backend(), "shop", "two", "unleash-client-node:9.0.0");
    ask(&app, "shop", &["used", "ghost"]);
    let path = format!("{APPLICATIONS}/shop/overview");
    let overview = app.admin().get(&path).expect(200).json();
    let there = &overview["environments"][0];
    let both = json!(["unleash-client-node:3.0.0", "unleash-client-node:9.0.0"]);
    let expected = json!({
        "projects": ["default"], "featureCount": 1,
        "environments": [{
            "name": "development", "instanceCount": 2, "sdks": both, "frontendSdks": [], "backendSdks": both,
            "lastSeen": there["lastSeen"],
            "issues": {"missingFeatures": ["ghost"], "outdatedSdks": ["unleash-client-node:3.0.0"]},
        }],
        "issues": {"missingStrategies": ["foo"]},
    });
    assert_eq!(overview, expected);
    let shown = app.admin().get(&format!("{APPLICATIONS}/shop")).json();
    assert_eq!(shown["seenToggles"][0]["name"], "used");
    let outdated = json!({"sdks": [
        {"sdkVersion": "unleash-client-node:3.0.0", "applications": ["shop"]},
    ]});
    for path in ["metrics/sdks/outdated", "projects/default/sdks/outdated"] {
        let answer = app.admin().get(&format!("/api/admin/{path}")).expect(200);
        assert_eq!(answer.json(), outdated, "{path}");
    }
    let elsewhere = app.admin().get("/api/admin/projects/nope/sdks/outdated");
    assert_eq!(elsewhere.expect(200).json(), json!({"sdks": []}));
    // A day later nobody is there any more.
    app.clock().advance(25 * HOUR);
    let overview = app.admin().get(&path).expect(200).json();
    assert_eq!(overview["featureCount"], 0);
}

#[test]
fn a_project_knows_who_asks_for_its_flags() {
    let app = TestApp::start();
    make(&app, "used");
    for name in ["shop", "web", "idle"] {
        register(&app.backend(), name, "one", "unleash-client-node:6.1.0");
    }
    for name in ["shop", "web", "unregistered"] {
        ask(&app, name, &["used"]);
    }
    let path = "/api/admin/projects/default/applications";
    let shop = json!({
        "name": "shop", "environments": ["development"], "instances": ["one"],
        "sdks": [{"name": "unleash-client-node", "versions": ["6.1.0"]}],
    });
    let found = |query: &str| {
        let answer = app.admin().get(&format!("{path}?{query}")).expect(200);
        let answer = answer.json();
        let names: Vec<String> = answer["applications"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["name"].as_str().unwrap().to_owned())
            .collect();
        (names.join(","), answer["total"].as_i64().unwrap())
    };
    let all = app.admin().get(path).expect(200).json();
    assert_eq!(all["applications"][0], shop);
    assert_eq!(found(""), ("shop,unregistered,web".into(), 3));
    assert_eq!(found("sortOrder=desc&limit=1"), ("web".into(), 3));
    assert_eq!(found("offset=1&limit=x"), ("unregistered,web".into(), 3));
    assert_eq!(found("query=SHOP"), ("shop".into(), 1));
    assert_eq!(found("query=node:6.1"), ("shop,web".into(), 2));
    assert_eq!(found("query=devel"), ("shop,unregistered,web".into(), 3));
    let elsewhere = app.admin().get("/api/admin/projects/nope/applications");
    let nobody = json!({"applications": [], "total": 0});
    assert_eq!(elsewhere.expect(200).json(), nobody);
}

#[test]
fn people_say_something_about_an_application() {
    let app = TestApp::start();
    let path = format!("{APPLICATIONS}/shop");
    let editor = client(&app, "editor", 2);
    let said = json!({"url": "https://shop", "icon": "cart", "strategies": ["a"], "extra": 1});
    editor.post(&path, said).expect(202);
    app.clock().advance(1000);
    let more = json!({"color": "red", "description": "about"});
    editor.post(&path, more).expect(202);
    let shown = app.admin().get(&path).expect(200).json();
    for (name, value) in [
        ("url", "https://shop"),
        ("icon", "cart"),
        ("color", "red"),
        ("description", "about"),
    ] {
        assert_eq!(shown[name], value);
    }
    assert_eq!(
        shown["strategies"],
        json!([{"name": "a", "notFound": true}])
    );
    let listed = app.admin().get(&format!("{APPLICATIONS}?query=SHO")).json();
    let usage = json!([{"project": "*", "environments": ["*"]}]);
    assert_eq!(listed["applications"][0]["usage"], usage);
    assert_eq!(listed["applications"][0]["createdBy"], json!(null));
    let none = app.admin().get(&format!("{APPLICATIONS}?query=x")).json();
    assert_eq!(none, json!({"applications": [], "total": 0}));
    for _ in 0..2 {
        editor.delete(&path).expect(200);
    }
    let gone = app.admin().get(&path).expect(404).json();
    assert_eq!(gone["message"], "Could not find appName=shop");
}

#[test]
fn an_application_is_forgotten_until_it_is_heard_of_again() {
    let app = TestApp::start();
    let path = format!("{APPLICATIONS}/shop");
    register(&app.backend(), "shop", "one", "sdk:1");
    app.admin().delete(&path).expect(200);
    app.admin().get(&path).expect(404);
    let overview = app.admin().get(&format!("{path}/overview")).expect(200);
    let nothing = json!({
        "projects": [], "featureCount": 0, "environments": [], "issues": {"missingStrategies": []},
    });
    assert_eq!(overview.json(), nothing);
    register(&app.backend(), "shop", "one", "sdk:1");
    app.admin().get(&path).expect(200);
}

#[test]
fn who_may_not_says_nothing() {
    let app = TestApp::start();
    let path = format!("{APPLICATIONS}/shop");
    let viewer = client(&app, "viewer", 3);
    let refused = viewer.post(&path, json!({"url": "x"})).expect(403).json();
    assert_eq!(refused["permissions"], json!(["UPDATE_APPLICATION"]));
    viewer.delete(&path).expect(403);
    app.anonymous().post(&path, json!({})).expect(401);
    let bad = app.admin().post(&path, json!({"strategies": "x"}));
    assert_eq!(
        bad.expect(400).json()["details"][0]["path"],
        "/body/strategies"
    );
    let long = json!({"url": "x".repeat(1001)});
    app.admin().post(&path, long).expect(400);
    app.admin().get(&path).expect(404);
    viewer.get(APPLICATIONS).expect(200);
    for path in ["metrics/sdks/outdated", "metrics/unknown-flags"] {
        viewer.get(&format!("/api/admin/{path}")).expect(200);
        app.anonymous()
            .get(&format!("/api/admin/{path}"))
            .expect(401);
    }
}

#[test]
fn unknown_flags_are_told_with_who_asks_for_them() {
    let app = TestApp::start();
    let unknown = "/api/admin/metrics/unknown-flags";
    make(&app, "was");
    app.admin().delete(&format!("{FLAGS}/was")).expect(202);
    app.admin().delete("/api/admin/archive/was").expect(200);
    ask(&app, "shop", &["ghost"]);
    app.clock().advance(HOUR);
    ask(&app, "web", &["ghost", "was"]);
    let told = app.admin().get(unknown).expect(200).json();
    let flags = told["unknownFlags"].as_array().unwrap();
    assert_eq!(flags.len(), 2);
    let of = |name: &str| flags.iter().find(|it| it["name"] == name).unwrap();
    assert_eq!(of("ghost")["lastEventAt"], json!(null));
    assert!(of("was")["lastEventAt"].is_string());
    let reports = of("ghost")["reports"].as_array().unwrap();
    assert_eq!(reports[0]["appName"], "shop");
    assert_eq!(reports[1]["appName"], "web");
    let there = &reports[1]["environments"][0];
    assert_eq!(there["environment"], "development");
    assert_eq!(there["seenAt"], of("ghost")["lastSeenAt"]);
    // One that is made is no longer unknown; the rest is forgotten after a day.
    make(&app, "ghost");
    let told = app.admin().get(unknown).expect(200).json();
    assert_eq!(told["unknownFlags"].as_array().unwrap().len(), 1);
    app.clock().advance(25 * HOUR);
    let told = app.admin().get(unknown).expect(200).json();
    assert_eq!(told, json!({"unknownFlags": []}));
}

#[test]
fn usage_is_told_by_hour_and_further_back_by_day() {
    let app = TestApp::start();
    make(&app, "a");
    let path = "/api/admin/client-metrics/features/a/raw";
    ask(&app, "shop", &["a"]);
    let shown = app.admin().get(&format!("{FLAGS}/a")).expect(200).json();
    assert_eq!(
        (
            &shown["environments"][0]["yes"],
            &shown["environments"][0]["no"]
        ),
        (&json!(2), &json!(1))
    );
    let found = app.admin().get("/api/admin/search/features").json();
    assert_eq!(found["features"][0]["environments"][0]["yes"], 2);
    app.clock().advance(24 * HOUR);
    ask(&app, "shop", &["a"]);
    ask(&app, "web", &["a"]);
    let data = |hours: i64| {
        let answer = app.admin().get(&format!("{path}?hoursBack={hours}"));
        answer.expect(200).json()["data"]
            .as_array()
            .unwrap()
            .clone()
    };
    let sum = |data: &[Value]| {
        data.iter()
            .map(|it| it["yes"].as_i64().unwrap())
            .sum::<i64>()
    };
    assert_eq!((data(1).len(), sum(&data(1))), (2, 4));
    assert_eq!((data(48).len(), sum(&data(48))), (96, 6));
    // 100 hours touch five or six days, for two applications each.
    assert_eq!(sum(&data(100)), 6);
    assert!([10, 12].contains(&data(100).len()), "{}", data(100).len());
    for it in data(100) {
        let at = it["timestamp"].as_str().unwrap();
        assert!(at.ends_with("T00:00:00.000Z"), "{at}");
    }
    let shown = app.admin().get(&format!("{FLAGS}/a")).expect(200).json();
    assert_eq!(shown["environments"][0]["yes"], 4);
}

#[test]
fn clocks_that_cannot_be_right_are_counted_now() {
    let app = TestApp::start();
    make(&app, "a");
    for year in [1970, 2019, 2099] {
        let bucket = json!({
            "start": format!("{year}-05-05T10:00:00Z"), "stop": format!("{year}-05-05T10:01:00Z"),
            "toggles": {"a": {"yes": 1, "no": 0}},
        });
        let report = json!({"appName": "shop", "instanceId": "i", "bucket": bucket});
        app.backend()
            .post("/api/client/metrics", report)
            .expect(202);
    }
    let path = "/api/admin/client-metrics/features/a/raw?hoursBack=1";
    let told = app.admin().get(path).expect(200).json();
    let newest = told["data"].as_array().unwrap().last().unwrap();
    assert_eq!(newest["yes"], 3);
    let shown = app.admin().get(&format!("{FLAGS}/a")).expect(200).json();
    assert_eq!(shown["environments"][0]["yes"], 3);
}
