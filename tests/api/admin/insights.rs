//! Projects in numbers, and the page a user begins with.

use serde_json::{Value, json};

use super::people::{account, client, token_of};
use crate::harness::TestApp;

const PROJECT: &str = "/api/admin/projects/default";
const FLAGS: &str = "/api/admin/projects/default/features";
const DAY: i64 = 24 * 3_600_000;

fn make(app: &TestApp, name: &str, kind: &str) {
    let flag = json!({"name": name, "type": kind});
    app.admin().post(FLAGS, flag).expect(201);
}

fn switch_on(app: &TestApp, name: &str, environment: &str) {
    let path = format!("{FLAGS}/{name}/environments/{environment}/on");
    app.admin().post(&path, json!({})).expect(200);
}

/// Says that the flag was asked for.
fn ask(app: &TestApp, name: &str) {
    let toggles = json!({name: {"yes": 1, "no": 0}});
    let report = json!({"appName": "a", "bucket": {"start": 1, "stop": 2, "toggles": toggles}});
    app.backend()
        .post("/api/client/metrics", report)
        .expect(202);
}

fn get(app: &TestApp, path: &str) -> Value {
    app.admin()
        .get(&format!("{PROJECT}/{path}"))
        .expect(200)
        .json()
}

#[test]
fn health_counts_flags_that_are_stale_or_older_than_expected() {
    let app = TestApp::start();
    make(&app, "old", "release");
    app.clock().advance(41 * DAY);
    for name in ["stale", "fresh"] {
        make(&app, name, "release");
    }
    make(&app, "for-ever", "permission");
    let stale = json!({"features": ["stale"], "stale": true});
    app.admin()
        .post(&format!("{PROJECT}/stale"), stale)
        .expect(202);
    let insights = get(&app, "insights");
    let debt = json!({"rating": 50, "activeCount": 2, "potentiallyStaleCount": 1, "staleCount": 1});
    assert_eq!(insights["technicalDebt"], debt);
    assert_eq!(insights["health"], debt);
    let counts = json!([{"type": "permission", "count": 1}, {"type": "release", "count": 3}]);
    assert_eq!(insights["featureTypeCounts"], counts);
    let overview = get(&app, "overview");
    assert_eq!(
        (&overview["health"], &overview["technicalDebt"]),
        (&json!(50), &json!(50))
    );
    assert_eq!(overview["stats"], insights["stats"]);
    let projects = app.admin().get("/api/admin/projects").expect(200).json();
    assert_eq!(projects["projects"][0]["health"], 50);
    let report = get(&app, "health-report");
    assert_eq!(report["features"].as_array().unwrap().len(), 4);
    assert_eq!(
        (&report["activeCount"], &report["staleCount"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(report["potentiallyStaleCount"], 1);
    let status = get(&app, "status");
    assert_eq!(status["health"], json!({"current": 50}));
    assert_eq!(status["staleFlags"], json!({"total": 2}));
}

#[test]
fn two_windows_of_thirty_days_are_compared() {
    let app = TestApp::start();
    for name in ["a", "b", "c"] {
        make(&app, name, "release");
    }
    app.admin().delete(&format!("{FLAGS}/a")).expect(202);
    app.clock().advance(35 * DAY);
    make(&app, "d", "release");
    switch_on(&app, "b", "production");
    app.clock().advance(2 * DAY);
    switch_on(&app, "d", "production");
    switch_on(&app, "c", "development");
    let stats = get(&app, "insights")["stats"].take();
    for (name, count) in [
        ("createdCurrentWindow", 1),
        ("createdPastWindow", 3),
        ("archivedCurrentWindow", 0),
        ("archivedPastWindow", 1),
        ("projectMembersAddedCurrentWindow", 0),
    ] {
        assert_eq!(stats[name], count, "{name}");
    }
    // `b` took 35 days to production, `d` 2.
    assert_eq!(stats["avgTimeToProdCurrentWindow"], 18.5);
    let dora = get(&app, "dora");
    let features = json!([
        {"name": "b", "timeToProduction": 35.0}, {"name": "d", "timeToProduction": 2.0},
    ]);
    assert_eq!(dora, json!({"features": features, "projectAverage": 18.5}));
    assert_eq!(get(&app, "insights")["leadTime"], dora);
    // Each switch brings a strategy along.
    assert_eq!(stats["projectActivityCurrentWindow"], 7);
    let past = stats["projectActivityPastWindow"].as_i64().unwrap();
    assert!(past >= 4, "{past}");
    let days = get(&app, "status")["activityCountByDate"].take();
    let counts: Vec<i64> = days
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["count"].as_i64().unwrap())
        .collect();
    assert_eq!(counts, [past, 3, 4]);
}

#[test]
fn a_new_flag_does_not_go_live_by_what_a_namesake_did() {
    let app = TestApp::start();
    make(&app, "a", "release");
    switch_on(&app, "a", "production");
    app.admin().delete(&format!("{FLAGS}/a")).expect(202);
    app.admin().delete("/api/admin/archive/a").expect(200);
    app.clock().advance(DAY);
    make(&app, "a", "release");
    let none = json!({"features": [], "projectAverage": 0.0});
    assert_eq!(get(&app, "dora"), none);
    let elsewhere = app.admin().get("/api/admin/projects/nope/dora");
    assert_eq!(elsewhere.expect(200).json(), none);
}

#[test]
fn a_status_tells_how_far_flags_have_come() {
    let app = TestApp::start();
    for name in ["made", "tried", "gone"] {
        make(&app, name, "release");
    }
    app.clock().advance(3 * DAY);
    ask(&app, "tried");
    app.admin().delete(&format!("{FLAGS}/gone")).expect(202);
    let status = get(&app, "status");
    let lifecycle = json!({
        "initial": {"averageDays": 3.0, "currentFlags": 1},
        "preLive": {"averageDays": null, "currentFlags": 1},
        "live": {"averageDays": null, "currentFlags": 0},
        "completed": {"averageDays": null, "currentFlags": 0},
        "archived": {"currentFlags": 1, "last30Days": 1},
    });
    assert_eq!(status["lifecycleSummary"], lifecycle);
    let resources = json!({"members": 0, "apiTokens": 1, "segments": 0});
    assert_eq!(status["resources"], resources);
    app.clock().advance(31 * DAY);
    let later = get(&app, "status");
    assert_eq!(later["lifecycleSummary"]["archived"]["last30Days"], 0);
    for path in ["insights", "health-report"] {
        let path = format!("/api/admin/projects/nope/{path}");
        app.admin().get(&path).expect(404);
        app.anonymous().get(&path).expect(401);
    }
    let unknown = app.admin().get("/api/admin/projects/nope/status");
    assert_eq!(
        unknown.expect(200).json()["health"],
        json!({"current": 100})
    );
}

#[test]
fn how_far_people_have_come_with_a_project_follows_from_its_flags() {
    let app = TestApp::start();
    let status = || get(&app, "overview")["onboardingStatus"].take();
    assert_eq!(status(), json!({"status": "onboarding-started"}));
    make(&app, "first", "release");
    app.clock().advance(1000);
    make(&app, "another", "release");
    let created = json!({"status": "first-flag-created", "feature": "first"});
    assert_eq!(status(), created);
    ask(&app, "another");
    assert_eq!(status(), json!({"status": "sdk-connected"}));
    switch_on(&app, "first", "development");
    assert_eq!(status(), json!({"status": "onboarded"}));
    let projects = app.admin().get("/api/admin/projects").expect(200).json();
    let project = &projects["projects"][0];
    assert_eq!(project["onboardingStatus"], json!({"status": "onboarded"}));
    let flags = app.admin().get(FLAGS).expect(200).json();
    let another = flags["features"].as_array().unwrap().iter();
    let another = another.clone().find(|it| it["name"] == "another").unwrap();
    let seen = &another["environments"][0]["lastSeenAt"];
    assert!(seen.is_string());
    assert_eq!(project["lastReportedFlagUsage"], *seen);
}

#[test]
fn members_are_those_with_a_role() {
    let app = TestApp::start();
    let (old, new) = (account(&app, "old", 3), account(&app, "new", 3));
    let give = |user: i64| {
        let path = format!("{PROJECT}/users/{user}/roles");
        app.admin().put(&path, json!({"roles": [4]})).expect(200);
    };
    give(old);
    app.clock().advance(31 * DAY);
    give(new);
    let insights = get(&app, "insights");
    assert_eq!(
        insights["members"],
        json!({"currentMembers": 2, "change": 1})
    );
    assert_eq!(insights["stats"]["projectMembersAddedCurrentWindow"], 1);
    assert_eq!(get(&app, "status")["resources"]["members"], 2);
}

#[test]
fn a_user_begins_with_what_is_theirs() {
    let app = TestApp::start();
    let id = account(&app, "eve", 2);
    let eve = app.with_token(&token_of(&app, id));
    make(&app, "of-somebody", "release");
    make(&app, "marked", "release");
    app.clock().advance(1000);
    eve.post(FLAGS, json!({"name": "mine"})).expect(201);
    eve.post(&format!("{FLAGS}/marked/favorites"), json!({}))
        .expect(200);
    let shown = eve.get("/api/admin/personal-dashboard").expect(200).json();
    let project = json!({
        "id": "default", "name": "Default", "health": 100, "technicalDebt": 0, "memberCount": 0, "featureCount": 3,
    });
    assert_eq!(shown["projects"], json!([project]));
    let flags = json!([
        {"name": "mine", "type": "release", "project": "default"},
        {"name": "marked", "type": "release", "project": "default"},
    ]);
    assert_eq!(shown["flags"], flags);
    assert_eq!(shown["admins"][0]["username"], "admin");
    assert_eq!(shown["projectOwners"], json!([]));
    let path = format!("{PROJECT}/users/{id}/roles");
    app.admin().put(&path, json!({"roles": [4]})).expect(200);
    let shown = eve.get("/api/admin/personal-dashboard").expect(200).json();
    assert_eq!(shown["projectOwners"][0]["name"], "eve");
    assert_eq!(shown["projects"][0]["memberCount"], 1);
    let details = eve
        .get("/api/admin/personal-dashboard/default")
        .expect(200)
        .json();
    assert_eq!(
        details["roles"],
        json!([{"name": "Owner", "id": 4, "type": "project"}])
    );
    assert_eq!(details["owners"][0]["ownerType"], "user");
    let insights = json!({
        "avgHealthCurrentWindow": null, "avgHealthPastWindow": null, "totalFlags": 3, "potentiallyStaleFlags": 0,
        "staleFlags": 0, "activeFlags": 3, "health": 100, "technicalDebt": 0,
    });
    assert_eq!(details["insights"], insights);
    assert_eq!(details["onboardingStatus"]["status"], "first-flag-created");
    let events = details["latestEvents"].as_array().unwrap();
    assert!(events.iter().any(|event| {
        let summary = event["summary"].as_str().unwrap();
        event["createdBy"] == "eve" && summary.contains("created") && summary.contains("mine")
    }));
    assert!(events.len() <= 10);
}

#[test]
fn nobody_has_no_page_to_begin_with() {
    let app = TestApp::start();
    for path in ["personal-dashboard", "personal-dashboard/default"] {
        let path = format!("/api/admin/{path}");
        app.admin().get(&path).expect(403);
        app.anonymous().get(&path).expect(401);
    }
    let eve = client(&app, "eve", 3);
    let refused = eve.get("/api/admin/personal-dashboard/nope").expect(404);
    assert_eq!(
        refused.json()["message"],
        "No project with id \"nope\" exists."
    );
}
