//! Users for tests.

use serde_json::{Value, json};

use crate::harness::{Client, TestApp};

/// A password that keeps the rules.
pub(super) const GOOD: &str = "Abc.12345678";

/// Makes a service account with a role everywhere: quicker than a person, for there is no password to hash.
pub(super) fn account(app: &TestApp, name: &str, role: i64) -> i64 {
    let body = json!({"username": name, "name": name, "rootRole": role});
    let made = app
        .admin()
        .post("/api/admin/service-account", body)
        .expect(201);
    made.json()["id"].as_i64().unwrap()
}

/// Makes an account that may do everything.
pub(super) fn admin_user(app: &TestApp, name: &str) -> i64 {
    account(app, name, 1)
}

/// Makes an account that may look only.
pub(super) fn viewer(app: &TestApp, name: &str) -> i64 {
    account(app, name, 3)
}

/// Makes a token of an account.
pub(super) fn token_of(app: &TestApp, id: i64) -> String {
    let body = json!({"description": "test", "expiresAt": "2099-01-01T00:00:00.000Z"});
    let path = format!("/api/admin/service-account/{id}/token");
    let made: Value = app.admin().post(&path, body).expect(201).json();
    made["secret"].as_str().unwrap().to_owned()
}

/// Kinds of the newest events, the newest first.
pub(super) fn newest_events(app: &TestApp, count: usize) -> Vec<String> {
    let path = format!("/api/admin/events?limit={count}");
    let events = app.admin().get(&path).expect(200).json();
    let events = events["events"].as_array().unwrap().iter();
    events
        .map(|event| event["type"].as_str().unwrap().to_owned())
        .collect()
}

/// A client of a new account that may look, or do more: 1 is an administrator, 2 an editor, 3 a viewer.
pub(super) fn client<'a>(app: &'a TestApp, name: &str, role: i64) -> Client<'a> {
    let id = account(app, name, role);
    app.with_token(&token_of(app, id))
}
