//! Projects beyond what the reference's open-source edition offers.

use serde_json::{Value, json};

use crate::harness::TestApp;

const PROJECTS: &str = "/api/admin/projects";

#[test]
fn a_project_is_made_changed_archived_revived_and_deleted() {
    let app = TestApp::start();
    let admin = app.admin();
    let made = admin
        .post(PROJECTS, json!({"name": "Check Out!", "description": "d"}))
        .expect(201)
        .json();
    assert_eq!(made["id"], "check-out");
    assert_eq!(made["environments"], json!(["development", "production"]));
    let taken = admin
        .post(PROJECTS, json!({"id": "check-out", "name": "x"}))
        .expect(409)
        .json();
    assert_eq!(taken["name"], "NameExistsError");
    let project = format!("{PROJECTS}/check-out");
    admin
        .put(
            &project,
            json!({"name": "Checkout", "description": null, "featureLimit": 1}),
        )
        .expect(200);
    let shown = admin.get(&format!("{project}/overview")).expect(200).json();
    assert_eq!(shown["name"], "Checkout");
    assert_eq!(shown["description"], json!(null));
    assert_eq!(shown["featureLimit"], 1);
    admin
        .post("/api/admin/projects/archive/check-out", json!({}))
        .expect(202);
    let archived = admin.get("/api/admin/projects?archived=true").json();
    assert_eq!(archived["projects"][0]["id"], "check-out");
    admin
        .post(&format!("{project}/features"), json!({"name": "f"}))
        .expect(404);
    admin
        .post("/api/admin/projects/revive/check-out", json!({}))
        .expect(202);
    admin.delete(&project).expect(200);
    admin.get(&project).expect(404);
}

#[test]
fn a_project_with_live_flags_stays_and_one_with_archived_ones_takes_them_along() {
    let app = TestApp::start();
    let admin = app.admin();
    admin
        .post(PROJECTS, json!({"id": "p", "name": "P"}))
        .expect(201);
    admin
        .post("/api/admin/projects/p/features", json!({"name": "f"}))
        .expect(201);
    admin.delete("/api/admin/projects/p").expect(403);
    admin.delete("/api/admin/projects/default").expect(403);
    admin.delete("/api/admin/projects/p/features/f").expect(202);
    admin.delete("/api/admin/projects/p").expect(200);
    admin
        .post("/api/admin/features/validate", json!({"name": "f"}))
        .expect(200);
}

#[test]
fn a_namesake_of_a_deleted_project_inherits_nothing() {
    let app = TestApp::start();
    let admin = app.admin();
    let make = || {
        admin
            .post(PROJECTS, json!({"id": "p", "name": "P"}))
            .expect(201)
    };
    make();
    let token = |name: &str, projects: &[&str]| {
        let body = json!({"tokenName": name, "type": "client", "environment": "production", "projects": projects});
        let made = admin.post("/api/admin/api-tokens", body).expect(201).json();
        made["secret"].as_str().unwrap().to_owned()
    };
    let (own, shared) = (token("own", &["p"]), token("shared", &["p", "default"]));
    let segment = json!({"name": "s", "project": "p", "constraints": []});
    admin.post("/api/admin/segments", segment).expect(201);
    let field = json!({"name": "shoe", "project": "p"});
    admin.post("/api/admin/context", field).expect(201);
    admin.delete("/api/admin/projects/p").expect(200);
    make();
    admin
        .post("/api/admin/projects/p/features", json!({"name": "f"}))
        .expect(201);
    let poll = |secret: &str| app.with_token(secret).get("/api/client/features");
    poll(&own).expect(401);
    assert_eq!(poll(&shared).expect(200).json()["features"], json!([]));
    assert_eq!(
        admin.get("/api/admin/segments").json()["segments"],
        json!([])
    );
    admin.get("/api/admin/context/shoe").expect(404);
    let told = |kind: &str| {
        let path = format!("/api/admin/search/events?type=IS:{kind}");
        admin.get(&path).expect(200).json()["total"].clone()
    };
    let kinds = [
        "api-token-deleted",
        "api-token-updated",
        "segment-deleted",
        "context-field-deleted",
    ];
    assert_eq!(kinds.map(told), [1, 1, 1, 1].map(Value::from));
}

#[test]
fn a_project_can_limit_and_name_its_flags() {
    let app = TestApp::start();
    let admin = app.admin();
    admin
        .post(PROJECTS, json!({"id": "p", "name": "P"}))
        .expect(201);
    let settings = "/api/admin/projects/p/settings";
    let naming = |pattern: &str, example: &str| json!({"featureNaming": {"pattern": pattern, "example": example}});
    admin.put(settings, naming("[a-z", "a")).expect(400);
    admin.put(settings, naming("p-[a-z]+", "q")).expect(400);
    admin.put(settings, naming("p-[a-z]+", "p-x")).expect(200);
    let flags = "/api/admin/projects/p/features";
    let refused = admin.post(flags, json!({"name": "x"})).expect(400).json();
    assert_eq!(refused["name"], "PatternError");
    admin.post(flags, json!({"name": "p-x"})).expect(201);
    admin.put(settings, json!({"featureLimit": 1})).expect(200);
    let refused = admin.post(flags, json!({"name": "p-y"})).expect(400).json();
    assert_eq!(refused["name"], "ExceedsLimitError");
    admin
        .put(
            settings,
            json!({"featureLimit": null, "featureNaming": {"pattern": null}}),
        )
        .expect(200);
    admin.post(flags, json!({"name": "y"})).expect(201);
}

#[test]
fn flags_depend_on_flags_of_their_project_only() {
    let app = TestApp::start();
    let admin = app.admin();
    admin
        .post(PROJECTS, json!({"id": "p", "name": "P"}))
        .expect(201);
    admin
        .post("/api/admin/projects/p/features", json!({"name": "parent"}))
        .expect(201);
    admin
        .post(
            "/api/admin/projects/default/features",
            json!({"name": "child"}),
        )
        .expect(201);
    let dependencies = "/api/admin/projects/default/features/child/dependencies";
    let refused = admin
        .post(dependencies, json!({"feature": "parent"}))
        .expect(403)
        .json();
    assert_eq!(refused["name"], "InvalidOperationError");
}

#[test]
fn owners_and_members_are_told() {
    let app = TestApp::start();
    let admin = app.admin();
    let project = |id: &str| {
        let list = app.admin().get("/api/admin/projects").expect(200).json();
        let all = list["projects"].as_array().unwrap().iter();
        all.clone().find(|it| it["id"] == id).cloned().unwrap()
    };
    assert_eq!(
        project("default")["owners"],
        json!([{"ownerType": "system"}])
    );
    let [ann, bob] = ["ann", "bob"].map(|name| super::people::viewer(&app, name));
    let team = json!({"name": "Team", "users": [{"user": {"id": ann}}, {"user": {"id": bob}}]});
    admin.post("/api/admin/groups", team).expect(201);
    let access = json!({"roles": [{"id": 4, "users": [ann], "groups": [1]}]});
    admin
        .put("/api/admin/projects/default/access", access)
        .expect(200);
    let shown = project("default");
    assert_eq!(shown["memberCount"], 2);
    assert_eq!(
        (
            &shown["owners"][0]["ownerType"],
            &shown["owners"][0]["name"]
        ),
        (&json!("user"), &json!("ann"))
    );
    assert_eq!(
        shown["owners"][1],
        json!({"ownerType": "group", "name": "Team"})
    );
    let overview = admin.get("/api/admin/projects/default/overview").json();
    assert_eq!(overview["members"], 2);
}
