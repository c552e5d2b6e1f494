//! Service accounts and their tokens.

use serde_json::{Value, json};

use super::people::{account, newest_events, token_of, viewer};
use crate::harness::TestApp;

const ACCOUNTS: &str = "/api/admin/service-account";

#[test]
fn an_account_is_read_back_as_it_was_written() {
    let app = TestApp::start();
    let admin = app.admin();
    let wish = json!({"username": "ci", "name": "Builds", "rootRole": 2});
    let made = admin.post(ACCOUNTS, wish).expect(201);
    assert_eq!(made.header("location"), Some("2"));
    let made = made.json();
    let part = |account: &Value| {
        [
            "id",
            "username",
            "name",
            "rootRole",
            "accountType",
            "tokens",
        ]
        .map(|name| account[name].clone())
    };
    let expected = [
        json!(2),
        json!("ci"),
        json!("Builds"),
        json!(2),
        json!("Service Account"),
        json!([]),
    ];
    assert_eq!(part(&made), expected);
    let list = admin.get(ACCOUNTS).expect(200).json();
    assert_eq!(list["serviceAccounts"], json!([made]));
    assert_eq!(list["rootRoles"][0]["name"], "Admin");
    let path = format!("{ACCOUNTS}/2");
    let changed = admin
        .put(&path, json!({"name": "Bot", "rootRole": 3}))
        .expect(200)
        .json();
    assert_eq!(
        (&changed["name"], &changed["rootRole"]),
        (&json!("Bot"), &json!(3))
    );
    let same = admin.put(&path, json!({})).expect(200).json();
    assert_eq!(same, changed);
    let people = admin.get("/api/admin/user-admin").json();
    assert_eq!(people["users"].as_array().unwrap().len(), 1);
    admin.delete(&path).expect(200);
    assert_eq!(admin.get(ACCOUNTS).json()["serviceAccounts"], json!([]));
    assert_eq!(
        newest_events(&app, 3),
        [
            "service-account-deleted",
            "service-account-updated",
            "service-account-created"
        ]
    );
}

#[test]
fn accounts_that_make_no_sense_are_refused() {
    let app = TestApp::start();
    let admin = app.admin();
    account(&app, "ci", 3);
    for (wish, status) in [
        (json!({"username": "CI", "name": "x", "rootRole": 3}), 409),
        (
            json!({"username": "admin", "name": "x", "rootRole": 3}),
            409,
        ),
        (json!({"username": " ", "name": "x", "rootRole": 3}), 400),
        (json!({"username": "y", "name": "x", "rootRole": 99}), 400),
        (json!({"username": "y", "name": "x", "rootRole": 4}), 400),
        (json!({"username": "y", "name": "x"}), 400),
    ] {
        admin.post(ACCOUNTS, wish).expect(status);
    }
    admin
        .put(&format!("{ACCOUNTS}/2"), json!({"rootRole": 99}))
        .expect(400);
    for unknown in ["1", "99"] {
        let path = format!("{ACCOUNTS}/{unknown}");
        admin.put(&path, json!({"name": "x"})).expect(404);
        admin.delete(&path).expect(404);
        admin.get(&format!("{path}/token")).expect(404);
        admin.get(&format!("{path}/permissions")).expect(404);
    }
    admin.delete(&format!("{ACCOUNTS}/abc")).expect(400);
    assert_eq!(newest_events(&app, 1), ["service-account-created"]);
    let viewer = app.with_token(&token_of(&app, viewer(&app, "vi")));
    let token = json!({"description": "x", "expiresAt": "2099-01-01T00:00:00Z"});
    viewer.get(ACCOUNTS).expect(403);
    viewer
        .post(
            ACCOUNTS,
            json!({"username": "y", "name": "y", "rootRole": 1}),
        )
        .expect(403);
    viewer
        .put(&format!("{ACCOUNTS}/2"), json!({"rootRole": 1}))
        .expect(403);
    viewer.delete(&format!("{ACCOUNTS}/2")).expect(403);
    viewer.get(&format!("{ACCOUNTS}/2/permissions")).expect(403);
    viewer.get(&format!("{ACCOUNTS}/2/token")).expect(403);
    viewer
        .post(&format!("{ACCOUNTS}/2/token"), token)
        .expect(403);
    viewer.delete(&format!("{ACCOUNTS}/2/token/1")).expect(403);
    app.anonymous().get(ACCOUNTS).expect(401);
}

#[test]
fn tokens_act_as_the_account_until_they_are_deleted() {
    let app = TestApp::start();
    let admin = app.admin();
    let id = account(&app, "ci", 2);
    let tokens = format!("{ACCOUNTS}/{id}/token");
    let wish = json!({"description": "deploy", "expiresAt": "2099-01-01T00:00:00.000Z"});
    let made = admin.post(&tokens, wish.clone()).expect(201).json();
    let secret = made["secret"].as_str().unwrap();
    let client = app.with_token(secret);
    let me = client.get("/api/admin/user").expect(200).json();
    assert_eq!(me["user"]["username"], "ci");
    client
        .post(
            "/api/admin/segments",
            json!({"name": "s", "constraints": []}),
        )
        .expect(201);
    client.get(ACCOUNTS).expect(403);
    admin.post(&tokens, wish).expect(409);
    for bad in [
        json!({"description": "x", "expiresAt": "2001-01-01T00:00:00.000Z"}),
        json!({"description": "x"}),
        json!({"description": "", "expiresAt": "2099-01-01T00:00:00.000Z"}),
        json!({"description": "x", "expiresAt": "tomorrow"}),
    ] {
        admin.post(&tokens, bad).expect(400);
    }
    admin
        .post(
            &format!("{ACCOUNTS}/99/token"),
            json!({"description": "x", "expiresAt": "2099-01-01T00:00:00Z"}),
        )
        .expect(404);
    let listed = admin.get(&tokens).expect(200);
    assert!(!listed.text().contains(secret));
    let listed = listed.json();
    assert_eq!(listed["pats"].as_array().unwrap().len(), 1);
    let pat = &listed["pats"][0];
    assert_eq!(
        (
            &pat["id"],
            &pat["description"],
            &pat["expiresAt"],
            &pat["userId"]
        ),
        (
            &made["id"],
            &json!("deploy"),
            &json!("2099-01-01T00:00:00.000Z"),
            &json!(id)
        )
    );
    let all = admin.get(ACCOUNTS).expect(200);
    assert!(!all.text().contains(secret));
    assert_eq!(all.json()["serviceAccounts"][0]["tokens"], listed["pats"]);
    admin
        .delete(&format!("{tokens}/{}", made["id"]))
        .expect(200);
    admin.delete(&format!("{tokens}/abc")).expect(400);
    client.get("/api/admin/user").expect(401);
    assert_eq!(admin.get(&tokens).json(), json!({"pats": []}));
    let again = app.with_token(&token_of(&app, id));
    again.get("/api/admin/user").expect(200);
    admin.delete(&format!("{ACCOUNTS}/{id}")).expect(200);
    again.get("/api/admin/user").expect(401);
}
