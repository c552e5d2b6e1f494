//! Tokens: shown once, working at once, gone at once, and never told.

use serde_json::{Value, json};

use crate::harness::{ADMIN, BACKEND, FRONTEND, TestApp};

const TOKENS: &str = "/api/admin/api-tokens";

fn make(app: &TestApp, body: Value) -> String {
    let made = app.admin().post(TOKENS, body).expect(201).json();
    made["secret"].as_str().unwrap().to_owned()
}

#[test]
fn no_list_event_or_error_tells_a_secret() {
    let app = TestApp::start();
    let secret = make(&app, json!({"tokenName": "planted", "type": "backend"}));
    let random = secret.rsplit('.').next().unwrap();
    assert_eq!(random.len(), 56);
    app.admin()
        .put(
            &format!("{TOKENS}/{secret}"),
            json!({"expiresAt": "2099-01-01T00:00:00Z"}),
        )
        .expect(200);
    let paths = [
        TOKENS,
        "/api/admin/api-tokens/planted",
        "/api/admin/projects/default/api-tokens",
        "/api/admin/events?limit=1000",
        "/api/admin/search/events?limit=1000",
        "/api/admin/search/events?query=planted",
        "/api/admin/ui-config",
        "/api/admin/event-creators",
    ];
    let mut told: Vec<String> = paths
        .iter()
        .map(|path| app.admin().get(path).text())
        .collect();
    app.admin()
        .delete(&format!("{TOKENS}/{secret}"))
        .expect(200);
    told.push(app.admin().get("/api/admin/events").text());
    told.push(app.with_token(&secret).get("/api/client/features").text());
    told.push(
        app.admin()
            .post(TOKENS, json!({"tokenName": secret.clone()}))
            .text()
            .replace(&secret, ""),
    );
    let planted = [
        random,
        "test-admin-token",
        "test-backend-token",
        "test-frontend-token",
    ];
    for text in told {
        for secret in planted {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    let _ = (ADMIN, BACKEND, FRONTEND);
}

#[test]
fn a_token_works_at_once_and_stops_at_once() {
    let app = TestApp::start();
    let secret = make(
        &app,
        json!({"tokenName": "t", "type": "backend", "environment": "development"}),
    );
    app.with_token(&secret)
        .get("/api/client/features")
        .expect(200);
    app.admin()
        .delete(&format!("{TOKENS}/{secret}"))
        .expect(200);
    app.with_token(&secret)
        .get("/api/client/features")
        .expect(401);
}

#[test]
fn a_handle_does_what_a_secret_does_but_opens_nothing() {
    let app = TestApp::start();
    let secret = make(&app, json!({"tokenName": "t", "type": "backend"}));
    let list = app.admin().get("/api/admin/api-tokens/t").json();
    let handle = list["tokens"][0]["secret"].as_str().unwrap().to_owned();
    assert_ne!(handle, secret);
    app.with_token("*:development.000000000000")
        .get("/api/client/features")
        .expect(401);
    let encoded = handle.replace('…', "%E2%80%A6");
    app.admin()
        .put(
            &format!("{TOKENS}/{encoded}"),
            json!({"expiresAt": "2001-01-01T00:00:00Z"}),
        )
        .expect(200);
    app.with_token(&secret)
        .get("/api/client/features")
        .expect(401);
    app.admin()
        .delete(&format!("{TOKENS}/{encoded}"))
        .expect(200);
    assert_eq!(
        app.admin().get("/api/admin/api-tokens/t").json()["tokens"],
        json!([])
    );
}

#[test]
fn an_admin_token_can_be_made_and_used() {
    let app = TestApp::start();
    let secret = make(&app, json!({"tokenName": "operator", "type": "admin"}));
    assert!(secret.starts_with("*:*."));
    app.with_token(&secret).get(TOKENS).expect(200);
    let scoped = json!({"tokenName": "x", "type": "admin", "projects": ["default"]});
    app.admin().post(TOKENS, scoped).expect(400);
}
