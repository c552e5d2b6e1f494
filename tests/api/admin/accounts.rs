//! Users: signing in, passwords, links, tokens of their own, and what nobody must be told.

use serde_json::{Value, json};

use crate::harness::{ADMIN, Client, TestApp};

const GOOD: &str = "Abc.12345678";
const OTHER: &str = "Xyz.87654321";

/// Makes a user with a password and tells its number.
fn user(app: &TestApp, name: &str, role: &str) -> i64 {
    let body = json!({"username": name, "name": name, "rootRole": role, "password": GOOD});
    let made = app.admin().post("/api/admin/user-admin", body).expect(201);
    assert_eq!(
        made.header("location"),
        Some(made.json()["id"].to_string().as_str())
    );
    made.json()["id"].as_i64().unwrap()
}

fn login(app: &TestApp, name: &str, password: &str) -> u16 {
    let body = json!({"username": name, "password": password});
    app.anonymous().post("/auth/simple/login", body).status
}

fn secret_of(link: &Value) -> String {
    let link = link.as_str().unwrap();
    link.split_once("token=").unwrap().1.to_owned()
}

#[test]
fn a_new_store_has_one_administrator_with_the_password_of_the_settings() {
    let app = TestApp::with(&[
        "--default-admin-username",
        "root",
        "--default-admin-password",
        "a password of mine",
    ]);
    assert_eq!(login(&app, "admin", "unleash4all"), 401);
    let root = app.signed_in("Root", "a password of mine");
    let me = root.get("/api/admin/user").expect(200).json();
    assert_eq!(me["permissions"], json!([{"permission": "ADMIN"}]));
    assert_eq!(me["user"]["username"], "root");
    let users = root.get("/api/admin/user-admin").expect(200).json();
    assert_eq!(users["users"].as_array().unwrap().len(), 1);
    assert_eq!(users["users"][0]["rootRole"], 1);
    let names: Vec<&str> = users["rootRoles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|role| role["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Admin", "Editor", "Viewer"]);
}

#[test]
fn without_settings_the_password_is_not_the_well_known_one() {
    let app = TestApp::start();
    assert_eq!(login(&app, "admin", "unleash4all"), 401);
    let count = app.admin().get("/api/admin/user-admin/admin-count").json();
    assert_eq!(count, json!({"password": 1, "noPassword": 0, "service": 0}));
}

#[test]
fn sessions_end_when_they_should() {
    let app = TestApp::start();
    user(&app, "ann", "Editor");
    let first = app.signed_in("ann", GOOD);
    first.get("/api/admin/user").expect(200);
    let out = first.post("/logout", json!({})).expect(302);
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    first.get("/api/admin/user").expect(401);
    let many: Vec<Client<'_>> = (0..6)
        .map(|_| {
            app.clock().advance(1000);
            app.signed_in("ann", GOOD)
        })
        .collect();
    let alive = many.iter().map(|it| it.get("/api/admin/user").status);
    assert_eq!(alive.collect::<Vec<_>>(), [401, 200, 200, 200, 200, 200]);
    let again = json!({"username": "ann", "password": GOOD});
    let again = app.anonymous().post("/auth/simple/login", again);
    let again = again.expect(200).json();
    let counts = (&again["activeSessions"], &again["deletedSessions"]);
    assert_eq!(counts, (&json!(5), &json!(1)));
    app.clock().advance(48 * 3_600_000);
    many[5].get("/api/admin/user").expect(401);
}

#[test]
fn the_cookie_is_for_this_server_and_not_for_scripts() {
    let app = TestApp::with(&["--public-url", "https://flags.example", "--base-path", "/x"]);
    let body = json!({"username": "ann", "rootRole": 3, "password": GOOD});
    app.admin()
        .post("/x/api/admin/user-admin", body)
        .expect(201);
    let body = json!({"username": "ann", "password": GOOD});
    let answer = app
        .anonymous()
        .post("/x/auth/simple/login", body)
        .expect(200);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("unleash-session=session-"), "{cookie}");
    assert!(
        cookie.ends_with("; Path=/x; Max-Age=172800; HttpOnly; SameSite=Lax; Secure"),
        "{cookie}"
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[test]
fn a_page_of_another_site_cannot_use_the_cookie() {
    let app = TestApp::start();
    user(&app, "ann", "Admin");
    let ann = app.signed_in("ann", GOOD);
    let make = |headers: &[(&str, &str)]| {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        let body = json!({"name": "stolen"}).to_string().into_bytes();
        ann.send("POST", "/api/admin/segments", &all, Some(body))
            .status
    };
    assert_eq!(make(&[("origin", "https://evil.example")]), 403);
    assert_eq!(make(&[("origin", "null")]), 403);
    assert_eq!(make(&[("sec-fetch-site", "cross-site")]), 403);
    assert_eq!(make(&[("sec-fetch-site", "same-site")]), 403);
    assert_eq!(make(&[("sec-fetch-site", "same-origin")]), 400);
    assert_eq!(make(&[]), 400);
    let headers = [("origin", "https://evil.example")];
    let read = ann.send("GET", "/api/admin/segments", &headers, None);
    read.expect(200);
}

#[test]
fn guessing_is_slow_and_tells_nothing() {
    let app = TestApp::with(&["--login-limit", "12"]);
    user(&app, "ann", "Viewer");
    let wrong = app.anonymous().post(
        "/auth/simple/login",
        json!({"username": "ann", "password": "x"}),
    );
    let unknown = app.anonymous().post(
        "/auth/simple/login",
        json!({"username": "bob", "password": "x"}),
    );
    assert_eq!(wrong.expect(401).text(), unknown.expect(401).text());
    for _ in 0..9 {
        assert_eq!(login(&app, "ann", "x"), 401);
    }
    let locked = json!({"username": "ann", "password": GOOD});
    let answer = app
        .anonymous()
        .post("/auth/simple/login", locked)
        .expect(429);
    assert_eq!(answer.header("retry-after"), Some("900"));
    let users = app.admin().get("/api/admin/user-admin").json();
    assert_eq!(users["users"][1]["loginAttempts"], 10);
    let too_many = app.anonymous().post(
        "/auth/simple/login",
        json!({"username": "carl", "password": "x"}),
    );
    assert_eq!(too_many.expect(429).header("retry-after"), Some("60"));
    app.clock().advance(15 * 60_000);
    assert_eq!(login(&app, "ann", GOOD), 200);
}

#[test]
fn a_second_name_gives_no_more_tries() {
    let app = TestApp::with(&["--login-limit", "50"]);
    let user =
        json!({"username": "ann", "email": "ann@example.com", "rootRole": 3, "password": GOOD});
    let made = app.admin().post("/api/admin/user-admin", user).expect(201);
    let shown = |id: &Value| {
        app.admin()
            .get(&format!("/api/admin/user-admin/{id}"))
            .json()
    };
    for name in ["ann", "ANN@example.com"].into_iter().cycle().take(10) {
        assert_eq!(login(&app, name, "x"), 401);
    }
    assert_eq!(shown(&made.json()["id"])["loginAttempts"], 10);
    assert_eq!(login(&app, "ann", GOOD), 429);
    assert_eq!(login(&app, "ann@example.com", GOOD), 429);
    app.clock().advance(15 * 60_000);
    assert_eq!(login(&app, "ann", GOOD), 200);
    assert_eq!(shown(&made.json()["id"])["loginAttempts"], 0);
}

#[test]
fn links_to_choose_a_password_work_once() {
    let app = TestApp::start();
    let body = json!({"email": "Ann@Example.com", "rootRole": 3});
    let made = app
        .admin()
        .post("/api/admin/user-admin", body)
        .expect(201)
        .json();
    assert_eq!(
        (&made["email"], &made["emailSent"]),
        (&json!("ann@example.com"), &json!(false))
    );
    let first = secret_of(&made["inviteLink"]);
    let reset = json!({"id": "ann@example.com"});
    let link = app
        .admin()
        .post("/api/admin/user-admin/reset-password", reset.clone())
        .expect(200)
        .json();
    let second = secret_of(&link["resetPasswordUrl"]);
    let anybody = app.anonymous();
    let validate = |secret: &str| anybody.get(&format!("/auth/reset/validate?token={secret}"));
    validate(&first).expect(401);
    let told = validate(&second).expect(200).json();
    assert_eq!(
        (&told["email"], &told["role"]["name"]),
        (&json!("ann@example.com"), &json!("Viewer"))
    );
    let choose = |secret: &str, password: &str| {
        let body = json!({"token": secret, "password": password});
        anybody.post("/auth/reset/password", body)
    };
    let weak = choose(&second, "weak").expect(400).json();
    assert_eq!(weak["name"], "OwaspValidationError");
    assert_eq!(
        weak["details"][0]["validationErrors"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
    choose(&second, GOOD).expect(200);
    choose(&second, OTHER).expect(401);
    assert_eq!(login(&app, "ANN@example.com", GOOD), 200);
    let link = app
        .admin()
        .post("/api/admin/user-admin/reset-password", reset)
        .json();
    let third = secret_of(&link["resetPasswordUrl"]);
    let same = choose(&third, GOOD).expect(400).json();
    assert_eq!(same["name"], "PasswordPreviouslyUsedError");
    app.clock().advance(24 * 3_600_000);
    choose(&third, OTHER).expect(401);
    anybody.get("/auth/reset/validate").expect(401);
}

#[test]
fn a_new_password_ends_sessions() {
    let app = TestApp::start();
    let id = user(&app, "ann", "Viewer");
    let [here, there] = [(); 2].map(|()| app.signed_in("ann", GOOD));
    let change = |old: &str, again: &str| {
        let body = json!({"oldPassword": old, "password": OTHER, "confirmPassword": again});
        here.post("/api/admin/user/change-password", body)
    };
    change("wrong", OTHER).expect(401);
    change(GOOD, "different").expect(400);
    change(GOOD, OTHER).expect(200);
    here.get("/api/admin/user").expect(200);
    there.get("/api/admin/user").expect(401);
    let path = format!("/api/admin/user-admin/{id}/change-password");
    app.admin()
        .post(&path, json!({"password": "Third.1234567"}))
        .expect(200);
    here.get("/api/admin/user").expect(401);
    let missing = "/api/admin/user-admin/999/change-password";
    app.admin()
        .post(missing, json!({"password": GOOD}))
        .expect(404);
}

#[test]
fn users_are_made_changed_and_deleted() {
    let app = TestApp::start();
    let admin = app.admin();
    let make = |body: Value| admin.post("/api/admin/user-admin", body);
    for (body, message) in [
        (
            json!({"name": "x", "rootRole": 3}),
            "You must specify username or email",
        ),
        (json!({"email": "no", "rootRole": 3}), "valid email"),
        (
            json!({"username": "a", "rootRole": 99}),
            "Could not find rootRole=99",
        ),
        (
            json!({"username": "a", "rootRole": "Owner"}),
            "Could not find rootRole=Owner",
        ),
        (
            json!({"username": "a", "rootRole": 3, "password": "weak"}),
            "at least 10 characters",
        ),
        (
            json!({"username": "Admin", "rootRole": 3}),
            "User already exists",
        ),
        (json!({"username": "a"}), "rootRole"),
    ] {
        let answer = make(body).expect(400);
        assert!(answer.text().contains(message), "{}", answer.text());
    }
    let id = user(&app, "ann", "Editor");
    assert_eq!(id, 2);
    let path = format!("/api/admin/user-admin/{id}");
    let changed = json!({"email": "ann@example.com", "name": "Ann", "rootRole": "Viewer"});
    assert_eq!(
        admin.put(&path, changed).expect(200).json()["rootRole"],
        "Viewer"
    );
    let shown = admin.get(&path).expect(200).json();
    assert_eq!(
        (&shown["name"], &shown["rootRole"]),
        (&json!("Ann"), &json!(3))
    );
    admin.get("/api/admin/user-admin/999").expect(404);
    admin.get("/api/admin/user-admin/abc").expect(400);
    admin
        .put("/api/admin/user-admin/999", json!({"name": "x"}))
        .expect(404);
    let found = admin.get("/api/admin/user-admin/search?q=NN").json();
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(
        admin.get("/api/admin/user-admin/search?q=a").json(),
        json!([])
    );
    admin.delete(&path).expect(200);
    admin.delete(&path).expect(404);
    let last = admin.delete("/api/admin/user-admin/1").expect(403);
    assert!(last.text().contains("last administrator"));
    admin
        .put("/api/admin/user-admin/1", json!({"rootRole": 3}))
        .expect(403);
}

#[test]
fn tokens_of_users_act_as_their_users() {
    let app = TestApp::start();
    let id = user(&app, "ann", "Viewer");
    let ann = app.signed_in("ann", GOOD);
    let wish = json!({"description": "ci", "expiresAt": "2099-01-01T00:00:00Z"});
    let made = ann
        .post("/api/admin/user/tokens", wish.clone())
        .expect(201)
        .json();
    let secret = made["secret"].as_str().unwrap();
    assert!(
        secret.starts_with("user:") && secret.len() == 61,
        "{secret}"
    );
    ann.post("/api/admin/user/tokens", wish.clone()).expect(409);
    for bad in [
        json!({"description": " ", "expiresAt": "2099-01-01T00:00:00Z"}),
        json!({"description": "a", "expiresAt": "2001-01-01T00:00:00Z"}),
        json!({"description": "a", "expiresAt": "soon"}),
        json!({"description": "a"}),
    ] {
        ann.post("/api/admin/user/tokens", bad).expect(400);
    }
    let listed = ann.get("/api/admin/user/tokens").expect(200);
    assert!(!listed.text().contains(secret));
    assert_eq!(listed.json()["pats"][0]["description"], "ci");
    let with = app.with_token(secret);
    assert_eq!(
        with.get("/api/admin/user").expect(200).json()["user"]["id"],
        id
    );
    let refused = with.post(
        "/api/admin/segments",
        json!({"name": "s", "constraints": []}),
    );
    let refused = refused.expect(403).json();
    let either = json!(["CREATE_SEGMENT", "UPDATE_PROJECT_SEGMENT"]);
    assert_eq!(refused["permissions"], either);
    assert_eq!(refused["name"], "PermissionError");
    with.get("/api/client/features").expect(403);
    app.admin().post("/api/admin/user/tokens", wish).expect(403);
    app.admin().get("/api/admin/user/tokens").expect(403);
    ann.delete("/api/admin/user/tokens/99").expect(200);
    with.get("/api/admin/user").expect(200);
    ann.delete(&format!("/api/admin/user/tokens/{}", made["id"]))
        .expect(200);
    with.get("/api/admin/user").expect(401);
}

#[test]
fn a_deleted_user_is_gone_at_once() {
    let app = TestApp::start();
    let id = user(&app, "ann", "Viewer");
    let ann = app.signed_in("ann", GOOD);
    let wish = json!({"description": "ci", "expiresAt": "2099-01-01T00:00:00Z"});
    let made = ann.post("/api/admin/user/tokens", wish).expect(201).json();
    app.admin()
        .delete(&format!("/api/admin/user-admin/{id}"))
        .expect(200);
    ann.get("/api/admin/user").expect(401);
    let token = made["secret"].as_str().unwrap();
    app.with_token(token).get("/api/admin/user").expect(401);
    assert_eq!(login(&app, "ann", GOOD), 401);
}

#[test]
fn people_make_accounts_through_invitations() {
    let app = TestApp::start();
    let admin = app.admin();
    const LINKS: &str = "/api/admin/invite-link/tokens";
    let wish = json!({"name": "team", "expiresAt": "2099-01-01T00:00:00Z"});
    let made = admin.post(LINKS, wish).expect(201).json();
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert!(
        made["url"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/new-user?invite={secret}"))
    );
    let listed = admin.get(LINKS).expect(200);
    assert!(!listed.text().contains(&secret));
    let handle = listed.json()["tokens"][0]["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    let anybody = app.anonymous();
    let validate = format!("/invite/{secret}/validate");
    anybody.get(&validate).expect(200);
    anybody.get("/invite/nope/validate").expect(400);
    let path = format!("{LINKS}/{handle}");
    assert_eq!(
        admin
            .put(&path, json!({"enabled": false}))
            .expect(200)
            .json()["enabled"],
        false
    );
    anybody.get(&validate).expect(400);
    admin
        .put(&format!("{LINKS}/{secret}"), json!({"enabled": true}))
        .expect(200);
    admin.put(&path, json!({})).expect(400);
    admin.get(&format!("{LINKS}/nope")).expect(404);
    let signup = format!("/invite/{secret}/signup");
    let person =
        |password: &str| json!({"email": "new@example.com", "name": "New", "password": password});
    anybody.post(&signup, person("weak")).expect(400);
    let user = anybody.post(&signup, person(GOOD)).expect(201).json();
    anybody.post(&signup, person(GOOD)).expect(400);
    assert_eq!(admin.get(&path).json()["users"][0]["id"], user["id"]);
    let me = app
        .signed_in("new@example.com", GOOD)
        .get("/api/admin/user/profile")
        .json();
    assert_eq!(me["rootRole"]["name"], "Viewer");
    app.clock().advance(31 * 24 * 3_600_000);
    anybody.get(&validate).expect(400);
}

#[test]
fn users_nobody_has_seen_are_found_and_deleted() {
    let app = TestApp::start();
    let [ann, bob] = ["ann", "bob"].map(|name| user(&app, name, "Viewer"));
    app.clock().advance(181 * 24 * 3_600_000);
    app.signed_in("bob", GOOD);
    let admin = app.admin();
    let list = admin
        .get("/api/admin/user-admin/inactive")
        .expect(200)
        .json();
    let ids: Vec<&Value> = list["inactiveUsers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| &user["id"])
        .collect();
    assert_eq!(ids, [&json!(1), &json!(ann)]);
    let delete = |ids: Value| {
        let body = json!({"ids": ids});
        admin
            .post("/api/admin/user-admin/inactive/delete", body)
            .status
    };
    assert_eq!(delete(json!([ann, bob])), 400);
    assert_eq!(delete(json!([ann, 999])), 404);
    admin
        .get(&format!("/api/admin/user-admin/{ann}"))
        .expect(200);
    assert_eq!(delete(json!([ann])), 200);
    admin
        .get(&format!("/api/admin/user-admin/{ann}"))
        .expect(404);
}

#[test]
fn nothing_tells_a_password_a_hash_or_the_secret_of_a_link() {
    let app = TestApp::start();
    let id = user(&app, "ann", "Admin");
    let ann = app.signed_in("ann", GOOD);
    let wish = json!({"description": "ci", "expiresAt": "2099-01-01T00:00:00Z"});
    let pat = ann.post("/api/admin/user/tokens", wish).json();
    let reset = json!({"id": "ann"});
    let link = ann
        .post("/api/admin/user-admin/reset-password", reset)
        .json();
    let wish = json!({"name": "team", "expiresAt": "2099-01-01T00:00:00Z"});
    let invitation = ann.post("/api/admin/invite-link/tokens", wish).json();
    let planted = [
        GOOD.to_owned(),
        pat["secret"].as_str().unwrap().replace("user:", ""),
        secret_of(&link["resetPasswordUrl"]),
        invitation["secret"].as_str().unwrap().to_owned(),
        ADMIN.replace("*:*.", ""),
        "argon2".to_owned(),
    ];
    for path in [
        "/api/admin/user".to_owned(),
        "/api/admin/user/profile".to_owned(),
        "/api/admin/user/tokens".to_owned(),
        "/api/admin/user-admin".to_owned(),
        "/api/admin/user-admin/search?q=ann".to_owned(),
        "/api/admin/user-admin/access".to_owned(),
        "/api/admin/user-admin/inactive".to_owned(),
        format!("/api/admin/user-admin/{id}"),
        "/api/admin/invite-link/tokens".to_owned(),
        "/api/admin/events?limit=1000".to_owned(),
        "/api/admin/search/events?limit=1000".to_owned(),
    ] {
        let text = ann.get(&path).expect(200).text();
        for secret in &planted {
            assert!(
                !text.contains(secret.as_str()),
                "{secret} in {path}: {text}"
            );
        }
    }
}

#[test]
fn roles_of_the_caller_in_a_project_are_told() {
    let app = TestApp::start();
    user(&app, "ed", "Editor");
    let ed = app.signed_in("ed", GOOD);
    let roles = ed
        .get("/api/admin/user/roles?projectId=default")
        .expect(200)
        .json();
    assert_eq!(roles["roles"][0]["name"], "Editor");
    assert_eq!(roles["roles"][0]["project"], "default");
    ed.get("/api/admin/user/roles").expect(400);
    ed.get("/api/admin/user/roles?projectId=nope").expect(404);
    app.admin().get("/api/admin/user/profile").expect(400);
    let told = ed.get("/api/admin/user").json();
    let has = |wanted: Value| told["permissions"].as_array().unwrap().contains(&wanted);
    assert!(has(json!({"permission": "CREATE_PROJECT"})));
    assert!(has(
        json!({"permission": "CREATE_FEATURE", "project": "default"})
    ));
    let switch = "UPDATE_FEATURE_ENVIRONMENT";
    assert!(has(
        json!({"permission": switch, "project": "default", "environment": "production"})
    ));
    ed.post(
        "/api/admin/projects/default/features",
        json!({"name": "by-ed"}),
    )
    .expect(201);
    ed.get("/api/admin/user-admin").expect(403);
    let events = app.admin().get("/api/admin/events?limit=1").json();
    assert_eq!(
        (
            &events["events"][0]["createdBy"],
            &events["events"][0]["createdByUserId"]
        ),
        (&json!("ed"), &json!(2))
    );
}
