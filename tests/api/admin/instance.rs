//! The instance in numbers, and what pages tell and ask.

use serde_json::json;

use super::people::{GOOD, client};
use crate::harness::TestApp;

const STATISTICS: &str = "/api/admin/instance-admin/statistics";
const FLAGS: &str = "/api/admin/projects/default/features";

#[test]
fn numbers_are_those_of_what_is_there() {
    let app = TestApp::start();
    let admin = app.admin();
    let before = admin.get(STATISTICS).expect(200).json();
    for name in ["a", "b", "gone"] {
        admin.post(FLAGS, json!({"name": name})).expect(201);
    }
    admin.delete(&format!("{FLAGS}/gone")).expect(202);
    let values: Vec<String> = (0..7).map(|n| n.to_string()).collect();
    let constraint = json!({"contextName": "userId", "operator": "IN", "values": values});
    let strategy = json!({"name": "default", "constraints": [constraint]});
    let strategies = format!("{FLAGS}/a/environments/production/strategies");
    for _ in 0..2 {
        admin.post(&strategies, strategy.clone()).expect(200);
    }
    let registration = json!({"appName": "shop", "started": 1, "interval": 1, "strategies": []});
    app.backend()
        .post("/api/client/register", registration)
        .expect(202);
    client(&app, "eve", 3);
    let ann = json!({"username": "ann", "rootRole": 3, "password": GOOD});
    admin.post("/api/admin/user-admin", ann).expect(201);
    app.signed_in("ann", GOOD);
    let after = admin.get(STATISTICS).expect(200).json();
    assert_ne!(before["sum"], after["sum"]);
    assert_eq!(before["instanceId"], after["instanceId"]);
    let expected = json!({
        "users": 2, "serviceAccounts": 1, "apiTokens": {"admin": 1, "frontend": 1, "backend": 1},
        "activeUsers": {"last7": 1, "last30": 1, "last60": 1, "last90": 1}, "featureToggles": 2,
        "archivedFeatureToggles": 1, "projects": 1, "roles": 5, "customRootRoles": 0, "groups": 0,
        "environments": 2, "segments": 0, "productionChanges": {"last30": 2, "last60": 2, "last90": 2},
        "maxEnvironmentStrategies": 2, "maxConstraintValues": 7, "maxConstraints": 1, "readOnlyUsers": 1,
        "previousDayMetricsBucketsCount": {"enabledCount": 0, "variantCount": 0},
        "passwordAuthEnabled": true, "SAMLenabled": false, "versionOSS": "8.2.0",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&after[name], value, "{name}");
    }
    let apps = json!([{"range": "7d", "count": 1}, {"range": "30d", "count": 1}, {"range": "allTime", "count": 1}]);
    assert_eq!(after["clientApps"], apps);
}

#[test]
fn the_table_has_the_same_numbers() {
    let app = TestApp::start();
    let json = app.admin().get(STATISTICS).expect(200).json();
    let answer = app.admin().get(&format!("{STATISTICS}/csv")).expect(200);
    assert_eq!(
        answer.header("content-type"),
        Some("text/csv; charset=utf-8")
    );
    let place = answer.header("content-disposition").unwrap();
    assert!(
        place.starts_with("attachment; filename=\"burgee-"),
        "{place}"
    );
    let text = answer.text();
    let (names, values) = text.split_once('\n').unwrap();
    assert!(names.starts_with("\"timestamp\",\"instanceId\",\"versionOSS\""));
    assert!(values.contains("\"{\"\"admin\"\":1,\"\"backend\"\":1,\"\"frontend\"\":1}\""));
    let mut columns: Vec<&str> = names.split(',').map(|it| it.trim_matches('"')).collect();
    columns.sort_unstable();
    let mut members: Vec<&String> = json.as_object().unwrap().keys().collect();
    members.sort_unstable();
    assert_eq!(columns, members);
}

#[test]
fn numbers_are_for_those_who_are_known() {
    let app = TestApp::start();
    let eve = client(&app, "eve", 3);
    for path in [STATISTICS, &format!("{STATISTICS}/csv")] {
        app.anonymous().get(path).expect(401);
        app.backend().get(path).expect(403);
        eve.get(path).expect(200);
    }
}

#[test]
fn edge_gets_no_tokens_without_a_shared_secret() {
    let app = TestApp::start();
    let wish = json!({"tokens": [{"environment": "development", "projects": ["default"]}]});
    let refused = app.anonymous().post("/edge/issue-token", wish).expect(401);
    let body = json!({"error": "Missing HMAC authorization header"});
    assert_eq!(refused.json(), body);
    let bad = app.anonymous().post("/edge/issue-token", json!({}));
    let bad = bad.expect(400).json();
    assert_eq!(bad["details"][0]["path"], "/body/tokens");
}

#[test]
fn pages_tell_their_errors_and_nothing_is_sent_home() {
    let app = TestApp::start();
    let eve = client(&app, "eve", 3);
    let error = json!({"errorMessage": "m", "errorStack": "s"});
    eve.post("/api/admin/record-ui-error", error).expect(204);
    let bad = eve.post("/api/admin/record-ui-error", json!({"nope": 1}));
    assert_eq!(
        bad.expect(400).json()["details"][0]["path"],
        "/body/errorMessage"
    );
    let telemetry = eve.get("/api/admin/telemetry/settings").expect(200);
    let nothing =
        json!({"versionInfoCollectionEnabled": false, "featureInfoCollectionEnabled": false});
    assert_eq!(telemetry.json(), nothing);
    app.anonymous()
        .get("/api/admin/telemetry/settings")
        .expect(401);
}

#[test]
fn what_somebody_said_to_the_page_is_remembered() {
    let app = TestApp::start();
    let eve = client(&app, "eve", 3);
    let asked = eve.post("/api/admin/feedback", json!({"feedbackId": "nps"}));
    let asked = asked.expect(200).json();
    assert_eq!(asked["feedbackId"], "nps");
    assert_eq!(asked["neverShow"], false);
    assert!(asked["given"].is_string());
    let answer = json!({"neverShow": true, "given": "2026-01-02T03:04:05Z"});
    let answered = eve
        .put("/api/admin/feedback/nps", answer)
        .expect(200)
        .json();
    let me = eve.get("/api/admin/user").expect(200).json();
    assert_eq!(me["feedback"], json!([answered]));
    assert_eq!(answered["given"], "2026-01-02T03:04:05.000Z");
    assert_eq!(me["splash"], json!({}));
    for _ in 0..2 {
        let seen = eve.post("/api/admin/splash/news", json!({})).expect(200);
        let expected = json!({"userId": answered["userId"], "splashId": "news", "seen": true});
        assert_eq!(seen.json(), expected);
    }
    let me = eve.get("/api/admin/user").expect(200).json();
    assert_eq!(me["splash"], json!({"news": true}));
    let events = "/api/admin/search/events?type=IS:user-preference-updated";
    assert_eq!(app.admin().get(events).json()["total"], 3);
}

#[test]
fn what_nobody_said_is_not_remembered() {
    let app = TestApp::start();
    let question = json!({"feedbackId": "nps"});
    for (path, body) in [("feedback", question.clone()), ("splash/news", json!({}))] {
        let path = format!("/api/admin/{path}");
        app.admin().post(&path, body.clone()).expect(403);
        app.anonymous().post(&path, body).expect(401);
    }
    let eve = client(&app, "eve", 3);
    let bad = eve
        .post("/api/admin/feedback", json!({}))
        .expect(400)
        .json();
    assert_eq!(bad["details"][0]["path"], "/body/feedbackId");
    let long = json!({"feedbackId": "x".repeat(256)});
    eve.post("/api/admin/feedback", long).expect(400);
    eve.put("/api/admin/feedback/a", json!({"given": "yesterday"}))
        .expect(400);
    for number in 0..100 {
        eve.post(&format!("/api/admin/splash/{number}"), json!({}))
            .expect(200);
    }
    eve.post("/api/admin/splash/100", json!({})).expect(400);
    let me = eve.get("/api/admin/user").expect(200).json();
    assert_eq!(me["feedback"], json!([]));
    assert_eq!(me["splash"].as_object().unwrap().len(), 100);
}

#[test]
fn a_store_of_one_node_has_nothing_to_decide() {
    let app = TestApp::start();
    for decision in ["reseed", "adopt"] {
        let path = format!("/api/admin/store/{decision}");
        let refused = app.admin().post(&path, json!({})).expect(409).json();
        assert_eq!(refused["name"], "ConflictError");
        assert!(refused["message"].as_str().unwrap().contains("not shared"));
        app.backend().post(&path, json!({})).expect(403);
    }
}
