//! Groups of users.

use serde_json::{Value, json};

use super::people::{GOOD, account, admin_user, newest_events, token_of, viewer};
use crate::harness::TestApp;

const GROUPS: &str = "/api/admin/groups";

fn members(group: &Value) -> Vec<i64> {
    let users = group["users"].as_array().unwrap().iter();
    users.map(|it| it["user"]["id"].as_i64().unwrap()).collect()
}

#[test]
fn a_group_is_read_back_as_it_was_written() {
    let app = TestApp::start();
    let [ann, bob] = ["ann", "bob"].map(|name| viewer(&app, name));
    let admin = app.admin();
    let wish = json!({
        "name": "Team",
        "description": "People",
        "mappingsSSO": ["sso-1", "sso-2"],
        "rootRole": 2,
        "users": [{"user": {"id": ann}}],
    });
    let made = admin.post(GROUPS, wish).expect(201);
    assert_eq!(made.header("location"), Some("1"));
    let mut made = made.json();
    let group = admin.get(&format!("{GROUPS}/1")).expect(200).json();
    assert_eq!(group, made);
    assert_eq!(members(&made), [ann]);
    assert_eq!(made["users"][0]["user"]["username"], "ann");
    assert!(made["users"][0]["joinedAt"].is_string());
    made.as_object_mut().unwrap().remove("users");
    made.as_object_mut().unwrap().remove("createdAt");
    assert_eq!(
        made,
        json!({
            "id": 1, "name": "Team", "description": "People", "mappingsSSO": ["sso-1", "sso-2"], "rootRole": 2,
            "createdBy": "admin", "projects": [], "userCount": 1, "scimId": null,
        })
    );
    let joined = group["users"][0]["joinedAt"].clone();
    app.clock().advance(5_000);
    let both = json!({"name": "Team", "users": [{"user": {"id": bob}}, {"user": {"id": ann}}]});
    let changed = admin.put(&format!("{GROUPS}/1"), both).expect(200).json();
    assert_eq!(members(&changed), [ann, bob]);
    assert_eq!(changed["users"][0]["joinedAt"], joined);
    assert_ne!(changed["users"][1]["joinedAt"], joined);
    let bare = (
        &changed["description"],
        &changed["mappingsSSO"],
        &changed["rootRole"],
    );
    assert_eq!(bare, (&json!(null), &json!([]), &json!(null)));
    let renamed = admin
        .put(&format!("{GROUPS}/1"), json!({"name": "Crew"}))
        .expect(200)
        .json();
    assert_eq!(members(&renamed), [ann, bob]);
    let nobody = admin
        .put(&format!("{GROUPS}/1"), json!({"name": "Crew", "users": []}))
        .expect(200);
    assert_eq!(members(&nobody.json()), [0; 0]);
    assert_eq!(
        admin.get(GROUPS).expect(200).json()["groups"][0]["name"],
        "Crew"
    );
    let base = admin.get("/api/admin/user-admin/access").expect(200).json();
    assert_eq!(
        base["groups"],
        json!([{"id": 1, "name": "Crew", "description": null, "userCount": 0}])
    );
    admin.delete(&format!("{GROUPS}/1")).expect(200);
    admin.get(&format!("{GROUPS}/1")).expect(404);
    assert_eq!(admin.get(GROUPS).json(), json!({"groups": []}));
    assert_eq!(newest_events(&app, 2), ["group-deleted", "group-updated"]);
}

#[test]
fn groups_that_make_no_sense_are_refused() {
    let app = TestApp::start();
    let admin = app.admin();
    for name in ["One", "Two"] {
        admin.post(GROUPS, json!({"name": name})).expect(201);
    }
    for (wish, status) in [
        (json!({}), 400),
        (json!({"name": " "}), 400),
        (json!({"name": "Two"}), 409),
        (json!({"name": "x", "rootRole": 99}), 400),
        (json!({"name": "x", "rootRole": 4}), 400),
        (json!({"name": "x", "users": [{"user": {"id": 99}}]}), 400),
        (json!({"name": "x", "users": [{"id": 1}]}), 400),
    ] {
        admin.post(GROUPS, wish.clone()).expect(status);
        admin.put(&format!("{GROUPS}/1"), wish).expect(status);
    }
    admin
        .put(&format!("{GROUPS}/99"), json!({"name": "x"}))
        .expect(404);
    admin.delete(&format!("{GROUPS}/99")).expect(404);
    admin.get(&format!("{GROUPS}/abc")).expect(400);
    assert_eq!(newest_events(&app, 2), ["group-created", "group-created"]);
    assert_eq!(admin.get(&format!("{GROUPS}/1")).json()["name"], "One");
    let viewer = app.with_token(&token_of(&app, viewer(&app, "vi")));
    viewer.get(GROUPS).expect(403);
    viewer.get(&format!("{GROUPS}/1")).expect(403);
    viewer.post(GROUPS, json!({"name": "Mine"})).expect(403);
    viewer
        .put(&format!("{GROUPS}/1"), json!({"name": "Mine"}))
        .expect(403);
    viewer.delete(&format!("{GROUPS}/1")).expect(403);
    app.anonymous().get(GROUPS).expect(401);
}

#[test]
fn members_may_do_what_the_group_may() {
    let app = TestApp::start();
    let ann = viewer(&app, "ann");
    let client = app.with_token(&token_of(&app, ann));
    let segment = |name: &str| json!({"name": name, "constraints": []});
    client.post("/api/admin/segments", segment("a")).expect(403);
    let team = json!({"name": "Team", "rootRole": 2, "users": [{"user": {"id": ann}}]});
    app.admin().post(GROUPS, team).expect(201);
    client.post("/api/admin/segments", segment("a")).expect(201);
    app.admin().delete(&format!("{GROUPS}/1")).expect(200);
    client.post("/api/admin/segments", segment("b")).expect(403);
    let team = json!({"name": "Team", "rootRole": 2, "users": [{"user": {"id": ann}}]});
    app.admin().post(GROUPS, team).expect(201);
    app.admin()
        .delete(&format!("/api/admin/service-account/{ann}"))
        .expect(200);
    let left = app.admin().get(&format!("{GROUPS}/2")).expect(200).json();
    assert_eq!(left["userCount"], 0);
}

#[test]
fn the_last_administrator_may_be_one_through_a_group() {
    let app = TestApp::start();
    let root = app.admin();
    let body = json!({"username": "ann", "name": "ann", "rootRole": 3, "password": GOOD});
    let ann = root.post("/api/admin/user-admin", body).expect(201).json()["id"].clone();
    let admins = json!({"name": "Admins", "rootRole": 1, "users": [{"user": {"id": ann}}]});
    root.post(GROUPS, admins).expect(201);
    let ann = app.signed_in("ann", GOOD);
    ann.delete("/api/admin/user-admin/1").expect(200);
    ann.delete(&format!("{GROUPS}/1")).expect(403);
    ann.put(
        &format!("{GROUPS}/1"),
        json!({"name": "Admins", "rootRole": 2}),
    )
    .expect(403);
    ann.put(
        &format!("{GROUPS}/1"),
        json!({"name": "Admins", "rootRole": 1, "users": []}),
    )
    .expect(403);
    ann.delete("/api/admin/user-admin/2").expect(403);
    ann.get(GROUPS).expect(200);
    let _ = (account(&app, "robot", 1), admin_user(&app, "robot-2"));
    // Programs do not count: nobody could sign in.
    ann.delete(&format!("{GROUPS}/1")).expect(403);
}
