//! Who has which roles in a project, and what follows.

use serde_json::{Value, json};

use super::people::{account, newest_events, token_of, viewer};
use crate::harness::{Client, TestApp};

const ACCESS: &str = "/api/admin/projects/shop/access";
const OWNER: i64 = 4;
const MEMBER: i64 = 5;

/// A server with the project `shop` and a group with one member; numbers of two users, of the member, of the group.
fn prepared() -> (TestApp, [i64; 4]) {
    let app = TestApp::start();
    app.admin()
        .post("/api/admin/projects", json!({"id": "shop", "name": "Shop"}))
        .expect(201);
    let [ann, bob, cleo] = ["ann", "bob", "cleo"].map(|name| viewer(&app, name));
    let group = json!({"name": "Team", "users": [{"user": {"id": cleo}}]});
    let group = app
        .admin()
        .post("/api/admin/groups", group)
        .expect(201)
        .json();
    let group = group["id"].as_i64().unwrap();
    (app, [ann, bob, cleo, group])
}

/// Numbers and their roles.
fn told(app: &TestApp, part: &str) -> Vec<(i64, Value)> {
    let shown = app.admin().get(ACCESS).expect(200).json();
    let all = shown[part].as_array().unwrap().iter();
    all.map(|it| (it["id"].as_i64().unwrap(), it["roles"].clone()))
        .collect()
}

fn make_flag(client: &Client<'_>, name: &str) -> u16 {
    let body = json!({"name": name});
    client
        .post("/api/admin/projects/shop/features", body)
        .status
}

#[test]
fn access_is_read_back_as_it_was_written() {
    let (app, [ann, bob, _, team]) = prepared();
    let admin = app.admin();
    let empty = admin.get(ACCESS).expect(200).json();
    assert_eq!(
        (&empty["users"], &empty["groups"]),
        (&json!([]), &json!([]))
    );
    let names = empty["roles"].as_array().unwrap().iter();
    assert_eq!(
        names.map(|it| &it["name"]).collect::<Vec<_>>(),
        ["Owner", "Member"]
    );
    let set = json!({"roles": [
        {"id": OWNER, "users": [ann], "groups": []},
        {"id": MEMBER, "users": [ann, bob], "groups": [team]},
    ]});
    assert!(admin.put(ACCESS, set.clone()).expect(200).body.is_empty());
    let expected = [(ann, json!([OWNER, MEMBER])), (bob, json!([MEMBER]))];
    assert_eq!(told(&app, "users"), expected);
    assert_eq!(told(&app, "groups"), [(team, json!([MEMBER]))]);
    admin.put(ACCESS, set).expect(200);
    assert_eq!(
        newest_events(&app, 2),
        ["project-access-updated", "group-created"]
    );
    let users = admin
        .get("/api/admin/projects/shop/users")
        .expect(200)
        .json();
    assert_eq!(users["users"], admin.get(ACCESS).json()["users"]);
    let usage = admin
        .get("/api/admin/projects/roles/5/access")
        .expect(200)
        .json();
    assert_eq!(
        usage,
        json!({"projects": [
            {"project": "shop", "role": 5, "userCount": 0, "serviceAccountCount": 2, "groupCount": 1},
        ]})
    );
    let group = admin.get(&format!("/api/admin/groups/{team}")).json();
    assert_eq!(group["projects"], json!(["shop"]));
    admin
        .put(ACCESS, json!({"roles": [{"id": MEMBER, "users": [bob]}]}))
        .expect(200);
    assert_eq!(told(&app, "users"), [(bob, json!([MEMBER]))]);
    assert_eq!(told(&app, "groups"), []);
    let more = json!({"roles": [OWNER, MEMBER], "users": [ann], "groups": [team]});
    admin.post(ACCESS, more).expect(200);
    let expected = [(ann, json!([OWNER, MEMBER])), (bob, json!([MEMBER]))];
    assert_eq!(told(&app, "users"), expected);
    assert_eq!(newest_events(&app, 1), ["project-access-added"]);
    let one_more = json!({"users": [{"id": bob}], "groups": [{"id": team}]});
    admin
        .post("/api/admin/projects/shop/role/4/access", one_more)
        .expect(200);
    assert_eq!(told(&app, "users")[1], (bob, json!([OWNER, MEMBER])));
    assert_eq!(told(&app, "groups"), [(team, json!([OWNER, MEMBER]))]);
}

#[test]
fn roles_of_one_are_set_given_changed_and_taken() {
    let (app, [ann, bob, _, team]) = prepared();
    let admin = app.admin();
    let before = json!({"roles": [MEMBER], "users": [bob], "groups": []});
    admin.post(ACCESS, before).expect(200);
    for (kind, part, id) in [("user", "users", ann), ("group", "groups", team)] {
        let roles = |app: &TestApp| -> Value {
            let found = told(app, part).into_iter().find(|(who, _)| *who == id);
            found.map(|(_, roles)| roles).unwrap_or_default()
        };
        let path = format!("/api/admin/projects/shop/{kind}s/{id}/roles");
        let event = |what: &str| format!("project-access-{kind}-roles-{what}");
        admin
            .put(&path, json!({"roles": [OWNER, MEMBER]}))
            .expect(200);
        assert_eq!(roles(&app), json!([OWNER, MEMBER]));
        assert_eq!(newest_events(&app, 1), [event("updated")]);
        admin.delete(&format!("{path}/{OWNER}")).expect(200);
        assert_eq!(roles(&app), json!([MEMBER]));
        admin
            .post(&format!("{path}/{OWNER}"), json!({}))
            .expect(200);
        assert_eq!(roles(&app), json!([OWNER, MEMBER]));
        admin
            .put(&format!("{path}/{MEMBER}"), json!({}))
            .expect(200);
        assert_eq!(roles(&app), json!([MEMBER]));
        admin.delete(&path).expect(200);
        assert_eq!(roles(&app), json!(null));
        assert_eq!(newest_events(&app, 1), [event("deleted")]);
        admin.delete(&path).expect(200);
        admin.delete(&format!("{path}/{OWNER}")).expect(200);
        let unknown = format!("/api/admin/projects/shop/{kind}s/999/roles");
        admin.put(&unknown, json!({"roles": [OWNER]})).expect(400);
        admin.put(&path, json!({"roles": [1]})).expect(400);
        admin.put(&path, json!({"roles": [99]})).expect(400);
        admin.put(&path, json!({})).expect(400);
        let not_a_number = format!("/api/admin/projects/shop/{kind}s/x/roles");
        admin
            .put(&not_a_number, json!({"roles": [OWNER]}))
            .expect(400);
        admin.delete(&format!("{path}/x")).expect(400);
        let elsewhere = format!("/api/admin/projects/none/{kind}s/{id}/roles");
        admin.put(&elsewhere, json!({"roles": [OWNER]})).expect(404);
        admin.delete(&elsewhere).expect(404);
    }
    assert_eq!(told(&app, "users"), [(bob, json!([MEMBER]))]);
}

#[test]
fn wishes_that_make_no_sense_change_nothing() {
    let (app, [ann, ..]) = prepared();
    let admin = app.admin();
    admin
        .put(ACCESS, json!({"roles": [{"id": MEMBER, "users": [ann]}]}))
        .expect(200);
    for bad in [
        json!({}),
        json!({"roles": [{"id": 1, "users": [ann]}]}),
        json!({"roles": [{"id": 99, "users": [ann]}]}),
        json!({"roles": [{"id": OWNER, "users": [99]}]}),
        json!({"roles": [{"id": OWNER, "users": [ann]}, {"id": OWNER, "groups": [99]}]}),
    ] {
        admin.put(ACCESS, bad).expect(400);
    }
    admin
        .post(ACCESS, json!({"roles": [OWNER], "users": [ann]}))
        .expect(400);
    admin.get("/api/admin/projects/none/access").expect(404);
    admin
        .put("/api/admin/projects/none/access", json!({"roles": []}))
        .expect(404);
    admin.get("/api/admin/projects/none/users").expect(404);
    admin.get("/api/admin/projects/roles/99/access").expect(404);
    admin.get("/api/admin/projects/roles/x/access").expect(400);
    assert_eq!(told(&app, "users"), [(ann, json!([MEMBER]))]);
}

#[test]
fn members_work_on_flags_and_owners_give_access() {
    let (app, [ann, bob, cleo, team]) = prepared();
    let [as_ann, as_bob, as_cleo] = [ann, bob, cleo].map(|id| app.with_token(&token_of(&app, id)));
    let member = json!({"roles": [MEMBER], "users": [bob], "groups": [team]});
    for client in [&as_ann, &as_bob, &as_cleo] {
        assert_eq!(make_flag(client, "a"), 403);
        client.get(ACCESS).expect(403);
        client.put(ACCESS, json!({"roles": []})).expect(403);
        client.post(ACCESS, member.clone()).expect(403);
        client.get("/api/admin/projects/shop/users").expect(403);
        client.get("/api/admin/projects/roles/4/access").expect(403);
    }
    app.admin()
        .post(
            ACCESS,
            json!({"roles": [OWNER], "users": [ann], "groups": []}),
        )
        .expect(200);
    as_ann.post(ACCESS, member).expect(200);
    assert_eq!(make_flag(&as_bob, "by-bob"), 201);
    assert_eq!(make_flag(&as_cleo, "by-cleo"), 201);
    as_bob.get(ACCESS).expect(200);
    as_bob
        .put("/api/admin/projects/shop", json!({"name": "Mine"}))
        .expect(403);
    as_bob
        .put(
            &format!("/api/admin/projects/shop/users/{bob}/roles"),
            json!({"roles": [OWNER]}),
        )
        .expect(403);
    let other = json!({"name": "x"});
    as_bob
        .post("/api/admin/projects/default/features", other)
        .expect(403);
    as_ann
        .delete(&format!("/api/admin/projects/shop/groups/{team}/roles"))
        .expect(200);
    assert_eq!(make_flag(&as_cleo, "by-cleo-2"), 403);
}

#[test]
fn nobody_gives_what_they_do_not_have() {
    let (app, [ann, bob, ..]) = prepared();
    let gatekeeper = json!({"name": "Gatekeeper", "permissions": [
        {"name": "PROJECT_USER_ACCESS_WRITE"}, {"name": "PROJECT_USER_ACCESS_READ"},
    ]});
    let role = app
        .admin()
        .post("/api/admin/roles", gatekeeper)
        .expect(200)
        .json();
    let role = role["roles"]["id"].as_i64().unwrap();
    app.admin()
        .post(
            ACCESS,
            json!({"roles": [role], "users": [ann], "groups": []}),
        )
        .expect(200);
    app.admin()
        .post(
            ACCESS,
            json!({"roles": [MEMBER], "users": [bob], "groups": []}),
        )
        .expect(200);
    let as_ann = app.with_token(&token_of(&app, ann));
    as_ann
        .post(
            ACCESS,
            json!({"roles": [OWNER], "users": [ann], "groups": []}),
        )
        .expect(403);
    let path = format!("/api/admin/projects/shop/users/{ann}/roles");
    as_ann
        .put(&path, json!({"roles": [role, OWNER]}))
        .expect(403);
    as_ann
        .post(&format!("{path}/{MEMBER}"), json!({}))
        .expect(403);
    as_ann
        .put(&format!("{path}/{MEMBER}"), json!({}))
        .expect(403);
    let all = |own: &[i64]| {
        let roles = own.iter().map(|id| json!({"id": id, "users": [ann]}));
        let mut roles: Vec<Value> = roles.collect();
        roles.push(json!({"id": MEMBER, "users": [bob]}));
        json!({"roles": roles})
    };
    as_ann.put(ACCESS, all(&[role, OWNER])).expect(403);
    as_ann
        .post(
            "/api/admin/projects/shop/role/4/access",
            json!({"users": [{"id": ann}], "groups": []}),
        )
        .expect(403);
    assert_eq!(
        told(&app, "users"),
        [(ann, json!([role])), (bob, json!([MEMBER]))]
    );
    // What others have already may stay, and what one has may be passed on.
    as_ann.put(ACCESS, all(&[role])).expect(200);
    as_ann
        .post(
            ACCESS,
            json!({"roles": [role], "users": [bob], "groups": []}),
        )
        .expect(200);
    as_ann
        .delete(&format!(
            "/api/admin/projects/shop/users/{bob}/roles/{MEMBER}"
        ))
        .expect(200);
    assert_eq!(
        told(&app, "users"),
        [(ann, json!([role])), (bob, json!([role]))]
    );
}

#[test]
fn whoever_makes_a_project_owns_it_until_it_is_gone() {
    let app = TestApp::start();
    let ed = account(&app, "ed", 2);
    let as_ed = app.with_token(&token_of(&app, ed));
    let shop = json!({"id": "shop", "name": "Shop"});
    as_ed.post("/api/admin/projects", shop.clone()).expect(201);
    assert_eq!(told(&app, "users"), [(ed, json!([OWNER]))]);
    assert_eq!(make_flag(&as_ed, "a"), 201);
    as_ed
        .delete("/api/admin/projects/shop/features/a")
        .expect(202);
    as_ed.delete("/api/admin/projects/shop").expect(200);
    app.admin().post("/api/admin/projects", shop).expect(201);
    assert_eq!(told(&app, "users"), []);
    assert_eq!(make_flag(&as_ed, "b"), 403);
}

#[test]
fn what_users_may_do_is_told_place_by_place() {
    let (app, [ann, bob, cleo, team]) = prepared();
    let admin = app.admin();
    let member = json!({"roles": [MEMBER], "users": [ann], "groups": [team]});
    admin.post(ACCESS, member).expect(200);
    let path = format!("/api/admin/user-admin/{ann}/permissions");
    let has = |told: &Value, scope: &str, name: &str| -> Value {
        let all = told["matrix"][scope].as_array().unwrap().iter();
        let found = all.clone().find(|it| it["name"] == name).unwrap();
        found["hasPermission"].clone()
    };
    let here = admin
        .get(&format!("{path}?project=shop&environment=production"))
        .expect(200)
        .json();
    assert_eq!(has(&here, "project", "CREATE_FEATURE"), true);
    assert_eq!(has(&here, "project", "UPDATE_PROJECT"), false);
    assert_eq!(
        has(&here, "environment", "UPDATE_FEATURE_ENVIRONMENT"),
        true
    );
    assert_eq!(has(&here, "root", "CREATE_SEGMENT"), false);
    assert_eq!(
        (
            &here["rootRole"]["name"],
            &here["projectRoles"][0]["name"],
            &here["user"]["id"]
        ),
        (&json!("Viewer"), &json!("Member"), &json!(ann))
    );
    let elsewhere = admin
        .get(&format!("{path}?project=default"))
        .expect(200)
        .json();
    assert_eq!(has(&elsewhere, "project", "CREATE_FEATURE"), false);
    assert_eq!(elsewhere["projectRoles"], json!([]));
    admin.get(&format!("{path}?project=none")).expect(404);
    admin.get(&format!("{path}?environment=none")).expect(404);
    admin
        .get("/api/admin/user-admin/99/permissions")
        .expect(404);
    admin.get("/api/admin/user-admin/x/permissions").expect(400);
    let own = admin
        .get(&format!(
            "/api/admin/service-account/{ann}/permissions?project=shop"
        ))
        .expect(200)
        .json();
    assert_eq!(has(&own, "project", "CREATE_FEATURE"), true);
    let as_ann = app.with_token(&token_of(&app, ann));
    as_ann.get(&path).expect(200);
    as_ann
        .get(&format!("/api/admin/user-admin/{bob}/permissions"))
        .expect(403);
    let overview = admin.get("/api/admin/access/overview").expect(200).json();
    let all = overview["overview"].as_array().unwrap().iter();
    let of = |id: i64| all.clone().find(|it| it["userId"] == id).unwrap();
    assert_eq!(of(ann)["accessibleProjects"], json!(["shop"]));
    assert_eq!(of(bob)["accessibleProjects"], json!([]));
    assert_eq!(
        (
            &of(cleo)["accessibleProjects"],
            &of(cleo)["groups"],
            &of(cleo)["rootRole"]
        ),
        (&json!(["shop"]), &json!(["Team"]), &json!("Viewer"))
    );
    as_ann.get("/api/admin/access/overview").expect(403);
}
