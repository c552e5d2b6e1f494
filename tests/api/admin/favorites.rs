//! What users marked for themselves.

use serde_json::{Value, json};

use super::people::{admin_user, token_of};
use crate::harness::TestApp;

const FLAG: &str = "/api/admin/projects/default/features/liked";
const PROJECT: &str = "/api/admin/projects/default";

fn prepared() -> TestApp {
    let app = TestApp::start();
    for name in ["liked", "other"] {
        app.admin()
            .post(
                "/api/admin/projects/default/features",
                json!({"name": name}),
            )
            .expect(201);
    }
    app
}

#[test]
fn a_mark_shows_to_its_user_only() {
    let app = prepared();
    let [ann, bob] = ["ann", "bob"].map(|name| admin_user(&app, name));
    let [ann, bob] = [ann, bob].map(|id| app.with_token(&token_of(&app, id)));
    for _ in 0..2 {
        let done = ann
            .post(&format!("{FLAG}/favorites"), json!({}))
            .expect(200);
        assert!(done.body.is_empty());
        ann.post(&format!("{PROJECT}/favorites"), json!({}))
            .expect(200);
    }
    let list = |client: &crate::harness::Client<'_>, path: &str, part: &str| -> Vec<Value> {
        let shown = client.get(path).expect(200).json();
        let all = shown[part].as_array().unwrap().iter();
        all.map(|it| it["favorite"].clone()).collect()
    };
    let features = format!("{PROJECT}/features");
    let search = "/api/admin/search/features?sortBy=name&sortOrder=desc";
    for (client, marked) in [(&ann, true), (&bob, false)] {
        let at = |path: &str| client.get(path).expect(200).json()["favorite"].clone();
        assert_eq!(at(FLAG), marked);
        assert_eq!(at(&format!("{PROJECT}/overview")), marked);
        assert_eq!(list(client, &features, "features"), [marked, false]);
        assert_eq!(list(client, search, "features"), [false, marked]);
        assert_eq!(list(client, "/api/admin/projects", "projects"), [marked]);
    }
    let first = format!("{search}&favoritesFirst=true");
    assert_eq!(list(&ann, &first, "features"), [true, false]);
    let unasked = app.admin().get(FLAG).expect(200).json();
    assert!(unasked.get("favorite").is_none());
    let events = app.admin().get("/api/admin/events?limit=2").json();
    let told = |at: usize| {
        (
            &events["events"][at]["type"],
            &events["events"][at]["createdBy"],
        )
    };
    assert_eq!(told(0), (&json!("project-favorited"), &json!("ann")));
    assert_eq!(told(1), (&json!("feature-favorited"), &json!("ann")));
    for _ in 0..2 {
        ann.delete(&format!("{FLAG}/favorites")).expect(200);
        ann.delete(&format!("{PROJECT}/favorites")).expect(200);
    }
    assert_eq!(ann.get(FLAG).json()["favorite"], false);
    assert_eq!(list(&ann, "/api/admin/projects", "projects"), [false]);
    let events = app.admin().get("/api/admin/events?limit=2").json();
    assert_eq!(events["events"][0]["type"], "project-unfavorited");
    assert_eq!(events["events"][1]["type"], "feature-unfavorited");
}

#[test]
fn marks_need_a_user_a_thing_and_a_type() {
    let app = prepared();
    let ann = app.with_token(&token_of(&app, admin_user(&app, "ann")));
    for place in [FLAG, PROJECT] {
        let path = format!("{place}/favorites");
        app.admin().post(&path, json!({})).expect(403);
        app.admin().delete(&path).expect(403);
        app.anonymous().post(&path, json!({})).expect(401);
        app.backend().post(&path, json!({})).expect(403);
        ann.send("POST", &path, &[], None).expect(415);
    }
    for place in [
        "/api/admin/projects/default/features/none",
        "/api/admin/projects/none/features/liked",
        "/api/admin/projects/none",
    ] {
        let path = format!("{place}/favorites");
        ann.post(&path, json!({})).expect(404);
        ann.delete(&path).expect(404);
    }
    assert_eq!(ann.get(FLAG).json()["favorite"], false);
}

#[test]
fn a_namesake_of_what_was_deleted_is_not_marked() {
    let app = prepared();
    let ann = app.with_token(&token_of(&app, admin_user(&app, "ann")));
    ann.post("/api/admin/projects", json!({"id": "shop", "name": "Shop"}))
        .expect(201);
    ann.post("/api/admin/projects/shop/favorites", json!({}))
        .expect(200);
    ann.post(&format!("{FLAG}/favorites"), json!({}))
        .expect(200);
    ann.delete("/api/admin/projects/shop").expect(200);
    ann.delete(FLAG).expect(202);
    ann.delete("/api/admin/archive/liked").expect(200);
    ann.post("/api/admin/projects", json!({"id": "shop", "name": "Shop"}))
        .expect(201);
    ann.post(
        "/api/admin/projects/default/features",
        json!({"name": "liked"}),
    )
    .expect(201);
    assert_eq!(ann.get(FLAG).json()["favorite"], false);
    let shop = ann.get("/api/admin/projects/shop/overview").json();
    assert_eq!(shop["favorite"], false);
}
