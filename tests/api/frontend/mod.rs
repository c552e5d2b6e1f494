//! `/api/frontend`: what browsers and devices call.

use serde_json::{Value, json};

use crate::harness::{Answer, TestApp};

fn with_flags() -> TestApp {
    let app = TestApp::start();
    let features = "/api/admin/projects/default/features";
    for name in ["b-on", "a-on", "off"] {
        app.admin()
            .post(features, json!({"name": name}))
            .expect(201);
        if name != "off" {
            let on = format!("{features}/{name}/environments/development/on");
            app.admin().post(&on, json!({})).expect(200);
        }
    }
    app
}

fn names(answer: &Answer) -> Vec<Value> {
    let toggles = answer.json()["toggles"].clone();
    toggles
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].clone())
        .collect()
}

#[test]
fn flags_that_are_on_come_by_name_and_once() {
    let app = with_flags();
    let get = app.frontend().get("/api/frontend?sessionId=1").expect(200);
    assert_eq!(names(&get), ["a-on", "b-on"]);
    assert_eq!(get.header("cache-control"), Some("no-cache"));
    let post = app
        .frontend()
        .post("/api/frontend", json!({"context": {"sessionId": "1"}}));
    assert_eq!(post.expect(200).body, get.body);
}

#[test]
fn a_tag_saves_the_next_answer() {
    let app = with_flags();
    let path = "/api/frontend?sessionId=1";
    let tag = app.frontend().get(path).header("etag").unwrap().to_owned();
    assert!(tag.starts_with("W/\""));
    let again = app
        .frontend()
        .send("GET", path, &[("if-none-match", &tag)], None)
        .expect(304);
    assert_eq!(again.header("etag"), Some(tag.as_str()));
    assert_eq!(again.header("cache-control"), Some("no-cache"));
    assert_eq!(again.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn edge_paths_tell_about_flags_that_are_off_too() {
    let app = with_flags();
    for path in ["/api/frontend/all", "/api/proxy/all"] {
        assert_eq!(
            names(&app.frontend().get(path).expect(200)),
            ["a-on", "b-on", "off"]
        );
    }
    let one = app
        .frontend()
        .get("/api/frontend/features/off?userId=7")
        .expect(200)
        .json();
    assert_eq!(
        (&one["name"], &one["enabled"]),
        (&json!("off"), &json!(false))
    );
    app.frontend()
        .get("/api/frontend/features/nope")
        .expect(404);
    app.backend().get("/api/proxy").expect(403);
}

#[test]
fn only_listed_origins_may_read() {
    let app = TestApp::start();
    let origins = json!({"frontendApiOrigins": ["https://app.example"]});
    app.admin()
        .post("/api/admin/ui-config/cors", origins)
        .expect(204);
    let from = |origin: &str| {
        app.frontend()
            .send("GET", "/api/frontend", &[("origin", origin)], None)
            .expect(200)
    };
    let listed = from("https://app.example");
    assert_eq!(
        listed.header("access-control-allow-origin"),
        Some("https://app.example")
    );
    assert_eq!(
        listed.header("access-control-allow-credentials"),
        Some("true")
    );
    assert_eq!(
        from("https://evil.example").header("access-control-allow-origin"),
        None
    );
}

#[test]
fn with_any_origin_no_credentials_are_allowed() {
    let app = TestApp::start();
    let headers = [
        ("origin", "https://app.example"),
        ("access-control-request-method", "GET"),
        (
            "access-control-request-headers",
            "authorization,unleash-sdk",
        ),
    ];
    let answer = app
        .anonymous()
        .send("OPTIONS", "/api/frontend", &headers, None)
        .expect(204);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert_eq!(
        answer.header("access-control-allow-headers"),
        Some("authorization,unleash-sdk")
    );
}
