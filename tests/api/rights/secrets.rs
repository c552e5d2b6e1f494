//! What nobody may be told: secrets are planted, then everything that can be read is read.

use serde_json::{Value, json};

use super::callers::{PASSWORD, World};
use super::requests;
use crate::harness::{ADMIN, BACKEND, FRONTEND, TestApp};

const NEW: &str = "Planted.4711-password";

/// What holds everything, and what of these it has to hold: Burgee shows it to others, so it cannot be a hash. See
/// `docs/decisions/08-backups-hold-everything.md`.
const BACKUP: &str = "GET /api/admin/store/backup";
const IN_BACKUPS: [&str; 1] = ["a header of an addon"];

/// Texts that must be nowhere, by what they are.
type Planted = Vec<(&'static str, String)>;

fn text(value: &Value) -> String {
    let text = value.as_str().unwrap_or_else(|| panic!("no text: {value}"));
    text.to_owned()
}

/// The part of a link that is a secret.
fn of_link(link: &Value) -> String {
    let link = text(link);
    link.split_once("token=").unwrap().1.to_owned()
}

/// Makes everything that has a secret.
fn plant(app: &TestApp) -> Planted {
    let admin = app.admin();
    let made = |path: &str, body: Value| {
        let answer = admin.post(path, body);
        assert!(answer.status < 300, "{path}: {}", answer.text());
        answer.json()
    };
    let token = made(
        "/api/admin/api-tokens",
        json!({"type": "client", "tokenName": "planted", "environment": "development"}),
    );
    let user = made(
        "/api/admin/user-admin",
        json!({"email": "planted@example.com", "rootRole": 3, "password": NEW}),
    );
    let invited = made(
        "/api/admin/user-admin",
        json!({"email": "new@example.com", "rootRole": 3}),
    );
    let reset = made(
        "/api/admin/user-admin/reset-password",
        json!({"id": "planted@example.com"}),
    );
    let invitation = made(
        "/api/admin/invite-link/tokens",
        json!({"name": "planted", "expiresAt": "2099-01-01T00:00:00Z"}),
    );
    let account = made(
        "/api/admin/service-account",
        json!({"name": "robot", "username": "robot", "rootRole": 1}),
    );
    let its = made(
        &format!("/api/admin/service-account/{}/token", account["id"]),
        json!({"description": "planted", "expiresAt": "2099-01-01T00:00:00Z"}),
    );
    made(
        "/api/admin/auth/oidc/settings",
        json!({"enabled": false, "clientId": "c", "secret": "planted-client-secret", "discoverUrl": "https://id.example"}),
    );
    let hook = json!({"url": "https://hooks.example/planted-in-the-address", "authorization": "planted-header"});
    made(
        "/api/admin/addons",
        json!({"provider": "webhook", "enabled": false, "events": ["feature-created"], "parameters": hook}),
    );
    assert!(user["id"].is_i64());
    vec![
        ("an API token", text(&token["secret"])),
        ("a password", NEW.to_owned()),
        ("the link of a new user", of_link(&invited["inviteLink"])),
        (
            "a link for a new password",
            of_link(&reset["resetPasswordUrl"]),
        ),
        ("an invitation", text(&invitation["secret"])),
        ("a token of a service account", text(&its["secret"])),
        ("a client secret", "planted-client-secret".to_owned()),
        ("a header of an addon", "planted-header".to_owned()),
    ]
}

#[test]
fn nothing_that_can_be_read_tells_a_secret() {
    let world = World::new();
    let app = world.start();
    let mut planted = plant(&app);
    let given = [
        ("a token of the start", ADMIN),
        ("a backend token", BACKEND),
    ];
    planted.extend(given.map(|(what, secret)| (what, secret.to_owned())));
    planted.push(("a frontend token", FRONTEND.to_owned()));
    planted.push(("a password", PASSWORD.to_owned()));
    planted.extend(world.secrets());

    let admin = app.admin();
    let mut read = Vec::new();
    for request in requests::all(&world).iter().filter(|it| it.method == "GET") {
        let answer = admin.get(&request.path);
        let text = match request.name.as_str() {
            BACKUP => String::from_utf8(zstd::decode_all(&answer.body[..]).unwrap()).unwrap(),
            _ => answer.text(),
        };
        read.push((request.name.clone(), text));
    }
    for path in [
        "/api/admin/search/events?limit=1000",
        "/api/admin/events?limit=1000",
        "/api/admin/addons",
    ] {
        read.push((path.to_owned(), admin.get(path).text()));
    }
    let wish = json!({"environment": "development", "features": ["flag"]});
    let export = admin.post("/api/admin/features-batch/export", wish);
    read.push(("export".to_owned(), export.expect(200).text()));
    assert!(
        read.iter()
            .any(|(_, body)| body.contains("planted@example.com"))
    );
    for (place, body) in &read {
        for (what, secret) in &planted {
            // Secrets of tokens begin with their scope, which is told.
            let random = secret.rsplit('.').next().unwrap();
            let allowed = place == BACKUP && IN_BACKUPS.contains(what);
            assert_eq!(body.contains(random), allowed, "{place} tells {what}");
        }
    }
}
