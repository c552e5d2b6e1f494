//! Who signed in, and who could not.

use serde_json::{Value, json};

use super::people::{GOOD, token_of, viewer};
use crate::harness::TestApp;

const LOGINS: &str = "/api/admin/logins";

fn attempt(app: &TestApp, username: &str, password: &str, status: u16) {
    let body = json!({"username": username, "password": password});
    app.anonymous()
        .post("/auth/simple/login", body)
        .expect(status);
}

fn prepared() -> TestApp {
    let app = TestApp::start();
    let ann =
        json!({"username": "ann", "email": "ann@example.com", "rootRole": 3, "password": GOOD});
    app.admin().post("/api/admin/user-admin", ann).expect(201);
    attempt(&app, "ann", GOOD, 200);
    attempt(&app, "ANN", "wrong-Secret1", 401);
    attempt(&app, "My.Password1", "Typed-too-early2", 401);
    app
}

#[test]
fn attempts_are_told_the_newest_first_and_no_secret_with_them() {
    let app = prepared();
    let answer = app.admin().get(LOGINS).expect(200);
    for secret in [GOOD, "wrong-Secret1", "My.Password1", "Typed-too-early2"] {
        assert!(!answer.text().contains(secret), "{}", answer.text());
    }
    let events = answer.json()["events"].as_array().unwrap().clone();
    let told: Vec<[Value; 3]> = events
        .iter()
        .map(|it| ["username", "successful", "failure_reason"].map(|name| it[name].clone()))
        .collect();
    assert_eq!(
        told,
        [
            [json!(null), json!(false), json!("unknown name")],
            [
                json!("ann@example.com"),
                json!(false),
                json!("wrong password")
            ],
            [json!("ann@example.com"), json!(true), json!(null)],
        ]
    );
    for event in &events {
        assert_eq!(
            (&event["auth_type"], &event["ip"]),
            (&json!("simple"), &json!("127.0.0.1"))
        );
    }
    let ids: Vec<i64> = events.iter().map(|it| it["id"].as_i64().unwrap()).collect();
    assert!(ids.is_sorted_by(|one, other| one > other), "{ids:?}");
    let log = app.admin().get("/api/admin/events").text();
    assert!(!log.contains("My.Password1") && !log.contains("wrong-Secret1"));
}

#[test]
fn attempts_can_be_had_as_a_table() {
    let app = prepared();
    let answer = app
        .admin()
        .send("GET", LOGINS, &[("accept", "text/csv")], None)
        .expect(200);
    assert_eq!(
        answer.header("content-type"),
        Some("text/csv; charset=utf-8")
    );
    let text = answer.text();
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(
        lines[0],
        "id,username,auth_type,created_at,successful,ip,failure_reason"
    );
    assert!(
        lines[2].contains(",\"ann@example.com\",\"simple\","),
        "{}",
        lines[2]
    );
    assert!(
        lines[2].ends_with(",false,\"127.0.0.1\",\"wrong password\""),
        "{}",
        lines[2]
    );
}

#[test]
fn attempts_are_told_to_those_who_may_read_logs() {
    let app = prepared();
    let id = viewer(&app, "vi");
    let client = app.with_token(&token_of(&app, id));
    client.get(LOGINS).expect(403);
    app.anonymous().get(LOGINS).expect(401);
    let role =
        json!({"name": "Auditor", "type": "root-custom", "permissions": [{"name": "READ_LOGS"}]});
    let role = app
        .admin()
        .post("/api/admin/roles", role)
        .expect(200)
        .json();
    let change = json!({"rootRole": role["roles"]["id"]});
    app.admin()
        .put(&format!("/api/admin/service-account/{id}"), change)
        .expect(200);
    client.get(LOGINS).expect(200);
}
