//! How people may sign in.

use serde_json::{Value, json};

use super::people::{GOOD, account, newest_events, token_of, viewer};
use crate::harness::TestApp;

const SIMPLE: &str = "/api/admin/auth/simple/settings";
const OIDC: &str = "/api/admin/auth/oidc/settings";
const SAML: &str = "/api/admin/auth/saml/settings";

fn login(app: &TestApp) -> u16 {
    let body = json!({"username": "ann", "password": GOOD});
    app.anonymous().post("/auth/simple/login", body).status
}

#[test]
fn passwords_that_are_switched_off_are_not_taken() {
    let app = TestApp::start();
    let admin = app.admin();
    let ann = json!({"username": "ann", "rootRole": 1, "password": GOOD});
    admin.post("/api/admin/user-admin", ann).expect(201);
    let ann = app.signed_in("ann", GOOD);
    let reset = json!({"id": "ann"});
    let link = admin
        .post("/api/admin/user-admin/reset-password", reset)
        .expect(200)
        .json();
    let link = link["resetPasswordUrl"].as_str().unwrap();
    let token = link.split_once("token=").unwrap().1;
    let chosen = json!({"token": token, "password": "Other.1234567"});
    assert_eq!(
        admin.get(SIMPLE).expect(200).json(),
        json!({"disabled": false})
    );
    let off = admin.post(SIMPLE, json!({"disabled": true})).expect(200);
    assert_eq!(off.json(), json!({"disabled": true}));
    assert_eq!(admin.get(SIMPLE).json(), json!({"disabled": true}));
    assert_eq!(
        admin.get("/api/admin/ui-config").json()["disablePasswordAuth"],
        true
    );
    let body = json!({"username": "ann", "password": GOOD});
    let refused = app.anonymous().post("/auth/simple/login", body).expect(403);
    assert!(refused.text().contains("switched off"));
    app.anonymous()
        .post("/auth/reset/password", chosen.clone())
        .expect(403);
    ann.get(SIMPLE).expect(200);
    assert_eq!(newest_events(&app, 1), ["setting-updated"]);
    admin.post(SIMPLE, json!({"disabled": true})).expect(200);
    assert_eq!(newest_events(&app, 2)[1], "user-password-reset-requested");
    ann.post(SIMPLE, json!({"disabled": false})).expect(200);
    assert_eq!(login(&app), 200);
    app.anonymous()
        .post("/auth/reset/password", chosen)
        .expect(200);
    assert_eq!(login(&app), 401);
    admin
        .post(SIMPLE, json!({"disabled": "perhaps"}))
        .expect(400);
}

/// Everything one can say about OpenID Connect but the secret.
fn oidc() -> Value {
    json!({
        "enabled": true,
        "discoverUrl": "https://id.example/.well-known/openid-configuration",
        "clientId": "burgee",
        "autoCreate": true,
        "enableSingleSignOut": false,
        "defaultRootRole": "Editor",
        "defaultRootRoleId": 2,
        "emailDomains": "example.com,example.org",
        "acrValues": "high low",
        "idTokenSigningAlgorithm": "RS384",
        "enableGroupSyncing": true,
        "groupJsonPath": "groups",
        "addGroupsScope": true,
    })
}

/// Everything one can say about SAML but the certificate of its own.
fn saml() -> Value {
    json!({
        "enabled": true,
        "entityId": "https://id.example/entity",
        "signOnUrl": "https://id.example/sign-on",
        "certificate": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "signOutUrl": "https://id.example/sign-out",
        "autoCreate": false,
        "defaultRootRole": "Viewer",
        "defaultRootRoleId": 3,
        "emailDomains": "example.com",
        "enableGroupSyncing": false,
        "groupJsonPath": "groups",
    })
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body.as_object_mut().unwrap().insert(name.into(), value);
    body
}

#[test]
fn single_sign_on_is_read_back_as_it_was_written_but_for_secrets() {
    let app = TestApp::start();
    let admin = app.admin();
    const SECRET: &str = "planted-client-secret";
    for (path, body, secret) in [(OIDC, oidc(), "secret"), (SAML, saml(), "spCertificate")] {
        assert_eq!(
            admin.get(path).expect(200).json(),
            json!({"enabled": false})
        );
        let whole = with(body.clone(), secret, json!(SECRET));
        assert_eq!(admin.post(path, whole.clone()).expect(200).json(), body);
        assert_eq!(admin.get(path).expect(200).json(), body);
        assert_eq!(newest_events(&app, 1), ["setting-updated"]);
        let before = admin.get("/api/admin/events?limit=1").json()["events"][0]["id"].clone();
        admin.post(path, whole).expect(200);
        admin.post(path, body.clone()).expect(200);
        let after = admin.get("/api/admin/events?limit=1").json()["events"][0]["id"].clone();
        assert_eq!(before, after, "nothing changed");
        let other = with(body.clone(), secret, json!("another-planted-secret"));
        assert_eq!(admin.post(path, other).expect(200).json(), body);
        let off = json!({"enabled": false, secret: " "});
        assert_eq!(
            admin.post(path, off).expect(200).json(),
            json!({"enabled": false})
        );
        let log = admin.get("/api/admin/events?limit=100").expect(200).text();
        assert!(log.contains("id.example"), "the rest is told");
        assert!(
            !log.contains(SECRET) && !log.contains("another-planted"),
            "{log}"
        );
    }
}

#[test]
fn single_sign_on_that_makes_no_sense_is_refused() {
    let app = TestApp::start();
    let admin = app.admin();
    for (path, bad) in [
        (OIDC, oidc()),
        (OIDC, json!({"enabled": true, "secret": "s"})),
        (
            OIDC,
            json!({"enabled": true, "secret": "s", "clientId": " "}),
        ),
        (OIDC, json!({"secret": "s"})),
        (OIDC, json!({"enabled": false, "discoverUrl": "nowhere"})),
        (OIDC, json!({"enabled": false, "defaultRootRole": "Owner"})),
        (OIDC, json!({"enabled": false, "defaultRootRoleId": 4})),
        (
            OIDC,
            json!({"enabled": false, "idTokenSigningAlgorithm": "none"}),
        ),
        (
            SAML,
            json!({"enabled": true, "entityId": "e", "signOnUrl": "https://id.example"}),
        ),
        (
            SAML,
            json!({"enabled": true, "entityId": "e", "certificate": "c"}),
        ),
        (
            SAML,
            json!({"enabled": true, "signOnUrl": "https://id.example", "certificate": "c"}),
        ),
        (SAML, json!({})),
        (SAML, json!({"enabled": false, "defaultRootRoleId": 99})),
    ] {
        admin.post(path, bad).expect(400);
    }
    for path in [OIDC, SAML] {
        assert_eq!(admin.get(path).json(), json!({"enabled": false}));
    }
    let last = newest_events(&app, 1);
    assert_ne!(last, ["setting-updated"]);
}

#[test]
fn only_those_with_the_right_see_and_change_how_people_sign_in() {
    let app = TestApp::start();
    let viewer = app.with_token(&token_of(&app, viewer(&app, "vi")));
    for path in [SIMPLE, OIDC, SAML] {
        for client in [&viewer, &app.backend()] {
            client.get(path).expect(403);
            client
                .post(path, json!({"enabled": false, "disabled": true}))
                .expect(403);
        }
        app.anonymous().get(path).expect(401);
        app.anonymous().post(path, json!({})).expect(401);
    }
    let role = json!({"name": "Gate", "type": "root-custom", "permissions": [{"name": "UPDATE_AUTH_CONFIGURATION"}]});
    let role = app
        .admin()
        .post("/api/admin/roles", role)
        .expect(200)
        .json();
    let gate = account(&app, "gate", role["roles"]["id"].as_i64().unwrap());
    let gate = app.with_token(&token_of(&app, gate));
    gate.get(OIDC).expect(200);
    gate.post(SAML, json!({"enabled": false})).expect(200);
    assert_eq!(app.admin().get(SIMPLE).json(), json!({"disabled": false}));
}
