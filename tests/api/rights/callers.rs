//! The kinds of callers, and an instance in which they all exist.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{ADMIN, BACKEND, Client, FRONTEND, TestApp};

pub(super) const PASSWORD: &str = "Abc.12345678";
const HOUR: i64 = 3_600_000;

/// How somebody shows who they are.
enum Proof {
    Nothing,
    Token(&'static str),
    /// A token made in the instance, by the name the world keeps it under.
    Made(&'static str),
    /// A session, likewise.
    Cookie(&'static str),
}

/// A kind of caller.
pub(super) struct Caller {
    pub(super) name: &'static str,
    proof: Proof,
}

const fn caller(name: &'static str, proof: Proof) -> Caller {
    Caller { name, proof }
}

pub(super) const CALLERS: &[Caller] = &[
    caller("nobody", Proof::Nothing),
    caller("an unknown token", Proof::Token("*:*.unknown")),
    caller("a frontend token", Proof::Token(FRONTEND)),
    caller("a backend token", Proof::Token(BACKEND)),
    caller("an admin token", Proof::Token(ADMIN)),
    caller("an expired admin token", Proof::Made("expired")),
    caller("a deleted admin token", Proof::Made("deleted")),
    caller("an administrator", Proof::Made("administrator")),
    caller("an administrator in a browser", Proof::Cookie("browser")),
    caller("a session that is over", Proof::Cookie("over")),
    caller("a session that was ended", Proof::Cookie("ended")),
    caller("a deleted personal token", Proof::Made("deleted-personal")),
    caller("an expired personal token", Proof::Made("expired-personal")),
    caller("a token of a deleted user", Proof::Made("gone")),
    caller("an editor", Proof::Made("editor")),
    caller("a viewer", Proof::Made("viewer")),
    caller("a viewer who owns the project", Proof::Made("owner")),
    caller("a viewer who is a member of it", Proof::Made("member")),
    caller(
        "a viewer with a role of flags in development",
        Proof::Made("development"),
    ),
    caller(
        "a viewer with a role of flags in production",
        Proof::Made("production"),
    ),
    caller("a viewer who owns another project", Proof::Made("stranger")),
    caller("a viewer in a group that owns it", Proof::Made("grouped")),
    caller(
        "somebody with a root role to make segments",
        Proof::Made("custom"),
    ),
];

impl Caller {
    pub(super) fn client<'a>(&self, app: &'a TestApp, world: &World) -> Client<'a> {
        match self.proof {
            Proof::Nothing => app.anonymous(),
            Proof::Token(secret) => app.with_token(secret),
            Proof::Made(name) => app.with_token(world.secret(name)),
            Proof::Cookie(name) => app.with_cookie(world.secret(name)),
        }
    }
}

/// An instance in which everybody exists, kept as a data folder of which every server gets a copy.
pub(super) struct World {
    folder: TempDir,
    secrets: Vec<(&'static str, String)>,
    pub(super) strategy: String,
}

impl World {
    pub(super) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let mut world = Self {
            folder,
            secrets: Vec::new(),
            strategy: String::new(),
        };
        let app = TestApp::with(&["--data-dir", text(world.folder.path())]);
        world.fill(&app);
        world
    }

    /// A server on a copy, two days after everybody was made.
    pub(super) fn start(&self) -> Running {
        let copy = TempDir::new().unwrap();
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
            }
        }
        let app = TestApp::with(&["--data-dir", text(copy.path())]);
        app.clock().advance(49 * HOUR);
        Running { app, _copy: copy }
    }

    /// What the people in it have, by what it is.
    pub(super) fn secrets(&self) -> Vec<(&'static str, String)> {
        let secret = |text: &str| {
            text.split_once('=')
                .map_or(text, |(_, value)| value)
                .to_owned()
        };
        self.secrets
            .iter()
            .map(|(name, text)| (*name, secret(text)))
            .collect()
    }

    fn secret(&self, name: &str) -> &str {
        let found = self.secrets.iter().find(|(known, _)| *known == name);
        &found.unwrap().1
    }

    fn keep(&mut self, name: &'static str, secret: &Value) {
        self.secrets.push((name, secret.as_str().unwrap().into()));
    }

    fn fill(&mut self, app: &TestApp) {
        let admin = app.admin();
        for id in ["shop", "other"] {
            let body = json!({"id": id, "name": id});
            admin.post("/api/admin/projects", body).expect(201);
        }
        let flags = "/api/admin/projects/shop/features";
        admin.post(flags, json!({"name": "flag"})).expect(201);
        let strategies = format!("{flags}/flag/environments/development/strategies");
        let made = admin.post(&strategies, json!({"name": "default"}));
        self.strategy = made.expect(200).json()["id"].as_str().unwrap().into();
        self.add_tokens(app);
        self.add_people(app);
        // Sessions last two days: this one is younger than that when requests begin, and others are not.
        app.clock().advance(24 * HOUR);
        let browser = app.signed_in("administrator", PASSWORD);
        self.secrets.push(("browser", browser.cookie().into()));
    }

    fn add_tokens(&mut self, app: &TestApp) {
        let admin = app.admin();
        for name in ["expired", "deleted"] {
            let end = chrono::Utc::now() + chrono::TimeDelta::hours(1);
            let body = json!({"type": "admin", "tokenName": name, "expiresAt": end.to_rfc3339()});
            let made = admin.post("/api/admin/api-tokens", body).expect(201).json();
            self.keep(name, &made["secret"]);
        }
        let deleted = format!("/api/admin/api-tokens/{}", self.secret("deleted"));
        admin.delete(&deleted).expect(200);
    }

    fn add_people(&mut self, app: &TestApp) {
        let admin = app.admin();
        let role = |body: Value| {
            let made = admin.post("/api/admin/roles", body).expect(200).json();
            made["roles"]["id"].as_i64().unwrap()
        };
        let in_environment = |name: &str| {
            let rights = [
                "CREATE_FEATURE_STRATEGY",
                "UPDATE_FEATURE_STRATEGY",
                "DELETE_FEATURE_STRATEGY",
                "UPDATE_FEATURE_ENVIRONMENT",
                "UPDATE_FEATURE_ENVIRONMENT_VARIANTS",
            ];
            let rights = rights.map(|right| json!({"name": right, "environment": name}));
            role(json!({"name": name, "description": "", "type": "custom", "permissions": rights}))
        };
        let (development, production) =
            (in_environment("development"), in_environment("production"));
        let segments = role(json!({
            "name": "segments", "description": "", "type": "root-custom",
            "permissions": [{"name": "CREATE_SEGMENT"}],
        }));
        for (name, root, project) in [
            ("administrator", json!("Admin"), None),
            ("over", json!("Admin"), None),
            ("ended", json!("Admin"), None),
            ("deleted-personal", json!("Admin"), None),
            ("expired-personal", json!("Admin"), None),
            ("gone", json!("Admin"), None),
            ("editor", json!("Editor"), None),
            ("viewer", json!("Viewer"), None),
            ("owner", json!("Viewer"), Some(("shop", 4))),
            ("member", json!("Viewer"), Some(("shop", 5))),
            ("development", json!("Viewer"), Some(("shop", development))),
            ("production", json!("Viewer"), Some(("shop", production))),
            ("stranger", json!("Viewer"), Some(("other", 4))),
            ("grouped", json!("Viewer"), None),
            ("custom", json!(segments), None),
        ] {
            let id = self.add_person(app, name, &root);
            if let Some((project, role)) = project {
                let path = format!("/api/admin/projects/{project}/access");
                let body = json!({"roles": [role], "users": [id], "groups": []});
                admin.post(&path, body).expect(200);
            }
            match name {
                "gone" => drop(
                    admin
                        .delete(&format!("/api/admin/user-admin/{id}"))
                        .expect(200),
                ),
                "grouped" => add_group(&admin, id),
                _ => {}
            }
        }
    }

    /// Makes somebody with a token or a session, and lets it end where the name says so.
    fn add_person(&mut self, app: &TestApp, name: &'static str, root: &Value) -> i64 {
        let body = json!({"username": name, "rootRole": root, "password": PASSWORD});
        let made = app.admin().post("/api/admin/user-admin", body).expect(201);
        // Only so many may sign in from one address in a minute.
        app.clock().advance(61_000);
        let browser = app.signed_in(name, PASSWORD);
        if matches!(name, "over" | "ended") {
            self.secrets.push((name, browser.cookie().into()));
        }
        if name == "ended" {
            browser.post("/logout", json!({})).expect(302);
        }
        let end = match name {
            "expired-personal" => chrono::Utc::now() + chrono::TimeDelta::hours(1),
            _ => chrono::Utc::now() + chrono::TimeDelta::days(30),
        };
        let body = json!({"description": name, "expiresAt": end.to_rfc3339()});
        let tokens = "/api/admin/user/tokens";
        if !matches!(name, "over" | "ended") {
            let token = browser.post(tokens, body).expect(201).json();
            self.keep(name, &token["secret"]);
            if name == "deleted-personal" {
                let path = format!("{tokens}/{}", token["id"]);
                browser.delete(&path).expect(200);
            }
        }
        made.json()["id"].as_i64().unwrap()
    }
}

fn add_group(admin: &Client<'_>, user: i64) {
    let body = json!({"name": "team", "users": [{"user": {"id": user}}]});
    let group = admin.post("/api/admin/groups", body).expect(201).json();
    let body = json!({"roles": [4], "users": [], "groups": [group["id"]]});
    admin
        .post("/api/admin/projects/shop/access", body)
        .expect(200);
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A server and the folder it works in.
pub(super) struct Running {
    app: TestApp,
    _copy: TempDir,
}

impl std::ops::Deref for Running {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.app
    }
}
