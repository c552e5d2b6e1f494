//! Whether changes are to be agreed to.

use serde_json::{Value, json};

use super::people::{newest_events, token_of, viewer};
use crate::harness::TestApp;

fn config(app: &TestApp, project: &str) -> Value {
    let path = format!("/api/admin/projects/{project}/change-requests/config");
    app.admin().get(&path).expect(200).json()
}

fn place(environment: &str) -> String {
    format!("/api/admin/projects/default/environments/{environment}/change-requests/config")
}

#[test]
fn what_was_said_is_read_back() {
    let app = TestApp::start();
    let admin = app.admin();
    let unset = |name: &str| json!({"environment": name, "type": name, "changeRequestEnabled": false, "requiredApprovals": null});
    assert_eq!(
        config(&app, "default"),
        json!([unset("development"), unset("production")])
    );
    let said = |body: Value| {
        let done = admin.put(&place("production"), body).expect(204);
        assert!(done.body.is_empty());
        let now = config(&app, "default");
        assert_eq!(now[0], unset("development"));
        (
            now[1]["changeRequestEnabled"].clone(),
            now[1]["requiredApprovals"].clone(),
        )
    };
    let on =
        |approvals: i64| json!({"changeRequestsEnabled": true, "requiredApprovals": approvals});
    assert_eq!(said(on(3)), (json!(true), json!(3)));
    assert_eq!(
        newest_events(&app, 1),
        ["change-request-configuration-updated"]
    );
    let project = admin.get("/api/admin/environments/project/default").json();
    assert_eq!(project["environments"][1]["requiredApprovals"], 3);
    assert_eq!(said(on(99)), (json!(true), json!(10)));
    assert_eq!(said(on(-1)), (json!(true), json!(1)));
    assert_eq!(
        said(json!({"changeRequestsEnabled": true})),
        (json!(true), json!(1))
    );
    let off = json!({"changeRequestsEnabled": false, "requiredApprovals": null});
    assert_eq!(said(off), (json!(false), json!(null)));
    let off = json!({"changeRequestsEnabled": false, "requiredApprovals": 2});
    assert_eq!(said(off.clone()), (json!(false), json!(2)));
    let newest = |app: &TestApp| {
        app.admin().get("/api/admin/events?limit=1").json()["events"][0]["id"].clone()
    };
    let before = newest(&app);
    said(off);
    assert_eq!(newest(&app), before);
    let project = admin.get("/api/admin/environments/project/default").json();
    assert_eq!(project["environments"][1]["requiredApprovals"], json!(null));
}

#[test]
fn a_project_can_begin_with_it() {
    let app = TestApp::start();
    let admin = app.admin();
    let shop = json!({
        "id": "shop", "name": "Shop", "environments": ["production"],
        "changeRequestEnvironments": [{"name": "production", "requiredApprovals": 2}],
    });
    let made = admin.post("/api/admin/projects", shop).expect(201).json();
    assert_eq!(
        made["changeRequestEnvironments"],
        json!([{"name": "production", "requiredApprovals": 2}])
    );
    let entry = |name: &str, approvals: i64| json!({"environment": name, "type": name, "changeRequestEnabled": true, "requiredApprovals": approvals});
    assert_eq!(config(&app, "shop"), json!([entry("production", 2)]));
    let more = json!({"environment": "development", "changeRequestsEnabled": true});
    admin
        .post("/api/admin/projects/shop/environments", more)
        .expect(200);
    assert_eq!(
        config(&app, "shop"),
        json!([entry("development", 1), entry("production", 2)])
    );
    let bad = json!({
        "id": "bad", "name": "Bad", "environments": ["production"],
        "changeRequestEnvironments": [{"name": "development"}],
    });
    admin.post("/api/admin/projects", bad).expect(400);
    admin
        .get("/api/admin/projects/bad/change-requests/config")
        .expect(404);
}

#[test]
fn wishes_that_make_no_sense_or_are_not_allowed_change_nothing() {
    let app = TestApp::start();
    let admin = app.admin();
    let on = json!({"changeRequestsEnabled": true});
    admin.put(&place("none"), on.clone()).expect(404);
    let elsewhere = "/api/admin/projects/none/environments/production/change-requests/config";
    admin.put(elsewhere, on.clone()).expect(404);
    admin
        .get("/api/admin/projects/none/change-requests/config")
        .expect(404);
    admin.put(&place("production"), json!({})).expect(400);
    admin
        .put(&place("production"), json!({"changeRequestsEnabled": "x"}))
        .expect(400);
    let viewer = app.with_token(&token_of(&app, viewer(&app, "vi")));
    viewer.put(&place("production"), on.clone()).expect(403);
    viewer
        .get("/api/admin/projects/default/change-requests/config")
        .expect(200);
    app.anonymous().put(&place("production"), on).expect(401);
    assert_eq!(config(&app, "default")[1]["changeRequestEnabled"], false);
}
