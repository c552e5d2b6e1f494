//! Roles and permissions.

use serde_json::{Value, json};

use super::people::{account, newest_events, token_of, viewer};
use crate::harness::TestApp;

const ROLES: &str = "/api/admin/roles";

fn custom(app: &TestApp) -> i64 {
    let wish = json!({
        "name": "Releaser",
        "description": "Switches flags.",
        "type": "custom",
        "permissions": [
            {"name": "UPDATE_FEATURE_ENVIRONMENT", "environment": "production"},
            {"name": "UPDATE_FEATURE"},
            {"name": "UPDATE_FEATURE"},
        ],
    });
    let made = app.admin().post(ROLES, wish).expect(200).json();
    assert_eq!(
        made,
        json!({"version": 1, "roles": {
            "id": 6, "type": "custom", "name": "Releaser", "description": "Switches flags.",
        }})
    );
    6
}

fn shown(app: &TestApp, id: i64) -> Value {
    app.admin().get(&format!("{ROLES}/{id}")).expect(200).json()
}

#[test]
fn permissions_are_told_by_the_place_they_count_in() {
    let app = TestApp::start();
    let viewer = app.with_token(&token_of(&app, viewer(&app, "vi")));
    let told = viewer.get("/api/admin/permissions").expect(200).json();
    assert_eq!(told["version"], 2);
    let names = |place: &Value| -> Vec<String> {
        let all = place.as_array().unwrap().iter();
        all.map(|it| it["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let places = &told["permissions"];
    assert!(names(&places["root"]).contains(&"CREATE_SEGMENT".to_owned()));
    assert!(names(&places["project"]).contains(&"CREATE_FEATURE".to_owned()));
    let environments = &places["environments"];
    assert_eq!(names(environments), ["development", "production"]);
    let production = &environments[1]["permissions"];
    let switch = production.as_array().unwrap().iter();
    let switch = switch
        .clone()
        .find(|it| it["name"] == "UPDATE_FEATURE_ENVIRONMENT")
        .unwrap();
    assert_eq!(
        (
            &switch["type"],
            &switch["environment"],
            &switch["displayName"]
        ),
        (
            &json!("environment"),
            &json!("production"),
            &json!("Switch flags on and off")
        )
    );
    app.anonymous().get("/api/admin/permissions").expect(401);
    app.backend().get("/api/admin/permissions").expect(403);
}

#[test]
fn a_role_is_read_back_as_it_was_written() {
    let app = TestApp::start();
    let id = custom(&app);
    let role = shown(&app, id);
    assert_eq!(
        (&role["name"], &role["type"], &role["description"]),
        (
            &json!("Releaser"),
            &json!("custom"),
            &json!("Switches flags.")
        )
    );
    let granted: Vec<(&Value, Option<&Value>)> = role["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (&it["name"], it.get("environment")))
        .collect();
    assert_eq!(
        granted,
        [
            (&json!("UPDATE_FEATURE"), None),
            (
                &json!("UPDATE_FEATURE_ENVIRONMENT"),
                Some(&json!("production"))
            ),
        ]
    );
    let change =
        json!({"name": "Releaser 2", "permissions": [{"id": role["permissions"][0]["id"]}]});
    let changed = app
        .admin()
        .put(&format!("{ROLES}/{id}"), change.clone())
        .expect(200)
        .json();
    assert_eq!(
        (
            &changed["version"],
            &changed["roles"]["name"],
            &changed["roles"]["type"]
        ),
        (&json!(1), &json!("Releaser 2"), &json!("custom"))
    );
    assert_eq!(shown(&app, id)["permissions"][0]["name"], "UPDATE_FEATURE");
    assert_eq!(newest_events(&app, 1), ["role-updated"]);
    app.admin()
        .put(&format!("{ROLES}/{id}"), change)
        .expect(200);
    assert_eq!(newest_events(&app, 2), ["role-updated", "role-created"]);
    let all = app.admin().get(ROLES).expect(200).json();
    let names = all["roles"].as_array().unwrap().iter();
    let names: Vec<&Value> = names.map(|role| &role["name"]).collect();
    assert_eq!(
        names,
        ["Admin", "Editor", "Viewer", "Owner", "Member", "Releaser 2"]
    );
    app.admin().delete(&format!("{ROLES}/{id}")).expect(200);
    app.admin().get(&format!("{ROLES}/{id}")).expect(404);
    assert_eq!(newest_events(&app, 1), ["role-deleted"]);
    let made = app
        .admin()
        .post(ROLES, json!({"name": "Next"}))
        .expect(200)
        .json();
    assert_eq!(
        (&made["roles"]["id"], &made["roles"]["type"]),
        (&json!(7), &json!("custom"))
    );
}

#[test]
fn roles_that_make_no_sense_are_refused() {
    let app = TestApp::start();
    let id = custom(&app);
    let role = |more: Value| {
        let mut role = json!({"name": "x", "type": "custom", "permissions": []});
        role.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        role
    };
    let cases = [
        (json!({"name": " "}), 400),
        (json!({"name": "admin"}), 409),
        (json!({"type": "root"}), 400),
        (json!({"permissions": [{"name": "NOPE"}]}), 400),
        (json!({"permissions": [{}]}), 400),
        (json!({"permissions": [{"id": 0}]}), 400),
        (json!({"permissions": [{"id": 9999}]}), 400),
        (json!({"permissions": [{"name": "CREATE_SEGMENT"}]}), 400),
        (
            json!({"type": "root-custom", "permissions": [{"name": "CREATE_FEATURE"}]}),
            400,
        ),
        (
            json!({"type": "root-custom", "permissions": [{"name": "ADMIN"}]}),
            400,
        ),
        (
            json!({"permissions": [{"name": "CREATE_FEATURE", "environment": "production"}]}),
            400,
        ),
        (
            json!({"permissions": [{"name": "CREATE_FEATURE_STRATEGY", "environment": "none"}]}),
            400,
        ),
    ];
    for (more, status) in cases {
        let wish = role(more);
        app.admin().post(ROLES, wish.clone()).expect(status);
        app.admin()
            .post(&format!("{ROLES}/validate"), wish.clone())
            .expect(status);
        app.admin()
            .put(&format!("{ROLES}/{id}"), wish)
            .expect(status);
    }
    app.admin()
        .post(&format!("{ROLES}/validate"), role(json!({})))
        .expect(200);
    app.admin().post(ROLES, json!({})).expect(400);
    let other_kind = role(json!({"type": "root-custom"}));
    app.admin()
        .put(&format!("{ROLES}/{id}"), other_kind)
        .expect(400);
    for built_in in 1..=5 {
        let path = format!("{ROLES}/{built_in}");
        app.admin().put(&path, json!({"name": "Mine"})).expect(403);
        app.admin().delete(&path).expect(403);
    }
    for unknown in [0, 99] {
        let path = format!("{ROLES}/{unknown}");
        app.admin().get(&path).expect(404);
        app.admin().put(&path, json!({"name": "Mine"})).expect(404);
        app.admin().delete(&path).expect(404);
    }
    app.admin().get(&format!("{ROLES}/abc")).expect(400);
    assert_eq!(newest_events(&app, 1), ["role-created"]);
    assert_eq!(shown(&app, id)["name"], "Releaser");
}

#[test]
fn only_administrators_change_roles() {
    let app = TestApp::start();
    let id = custom(&app);
    let [viewer, editor] = [3, 2].map(|role| {
        let id = account(&app, &format!("role-{role}"), role);
        app.with_token(&token_of(&app, id))
    });
    for client in [&viewer, &editor] {
        client.get(ROLES).expect(403);
        client.get(&format!("{ROLES}/1")).expect(403);
        client.post(ROLES, json!({"name": "Mine"})).expect(403);
        client
            .post(&format!("{ROLES}/validate"), json!({"name": "Mine"}))
            .expect(403);
        client
            .put(&format!("{ROLES}/{id}"), json!({"name": "Mine"}))
            .expect(403);
        client.delete(&format!("{ROLES}/{id}")).expect(403);
    }
    let reader =
        json!({"name": "Reader", "type": "root-custom", "permissions": [{"name": "READ_ROLE"}]});
    let reader = app.admin().post(ROLES, reader).expect(200).json()["roles"]["id"]
        .as_i64()
        .unwrap();
    let id = account(&app, "reader", reader);
    let client = app.with_token(&token_of(&app, id));
    client.get(ROLES).expect(200);
    client.post(ROLES, json!({"name": "Mine"})).expect(403);
    let path = format!("{ROLES}/{reader}");
    let in_use = app.admin().delete(&path).expect(409);
    assert!(in_use.text().contains("Reader"), "{}", in_use.text());
    let none = json!({"name": "Reader", "permissions": []});
    app.admin().put(&path, none).expect(200);
    client.get(ROLES).expect(403);
}

#[test]
fn permissions_of_an_environment_go_with_it() {
    let app = TestApp::start();
    let stage = json!({"name": "stage", "type": "test"});
    app.admin()
        .post("/api/admin/environments", stage)
        .expect(201);
    let wish = json!({"name": "x", "permissions": [
        {"name": "CREATE_FEATURE_STRATEGY", "environment": "stage"},
        {"name": "CREATE_FEATURE_STRATEGY", "environment": "production"},
    ]});
    app.admin().post(ROLES, wish).expect(200);
    app.admin()
        .delete("/api/admin/environments/stage")
        .expect(200);
    let left = shown(&app, 6);
    assert_eq!(left["permissions"].as_array().unwrap().len(), 1);
    assert_eq!(left["permissions"][0]["environment"], "production");
}

#[test]
fn what_a_role_gains_and_loses_with_an_environment_is_told() {
    let app = TestApp::start();
    let admin = app.admin();
    let id = custom(&app);
    let told = || {
        let found = admin
            .get("/api/admin/search/events?type=IS:role-updated")
            .expect(200)
            .json();
        found["total"].clone()
    };
    let before = told();
    let clone = "/api/admin/environments/production/clone";
    admin
        .post(
            clone,
            json!({"name": "new", "type": "test", "projects": ["default"]}),
        )
        .expect(200);
    let after = shown(&app, id);
    assert_eq!((before, told()), (json!(0), json!(1)), "{after}");
    admin
        .delete("/api/admin/projects/default/environments/new")
        .expect(200);
    admin.delete("/api/admin/environments/new").expect(200);
    assert_eq!(told(), json!(2));
}

#[test]
fn a_permission_of_a_role_opens_what_its_name_says_and_nothing_else() {
    let app = TestApp::start();
    let admin = app.admin();
    let id = viewer(&app, "vi");
    let client = app.with_token(&token_of(&app, id));
    let calls: [(&str, &str, &str, Value); 5] = [
        (
            "PROJECT_SETTINGS_WRITE",
            "PUT",
            "/settings",
            json!({"mode": "protected"}),
        ),
        (
            "PROJECT_DEFAULT_STRATEGY_WRITE",
            "POST",
            "/environments/production/default-strategy",
            json!({"name": "flexibleRollout", "parameters": {"rollout": "5"}}),
        ),
        (
            "PROJECT_CHANGE_REQUEST_WRITE",
            "PUT",
            "/environments/production/change-requests/config",
            json!({"changeRequestsEnabled": true}),
        ),
        (
            "PROJECT_USER_ACCESS_WRITE",
            "POST",
            "/access",
            json!({"roles": [], "users": [], "groups": []}),
        ),
        ("CREATE_FEATURE", "POST", "/features", json!({"name": "f"})),
    ];
    let call = |(_, method, path, body): &(&str, &str, &str, Value)| {
        let path = format!("/api/admin/projects/default{path}");
        match *method {
            "PUT" => client.put(&path, body.clone()).status,
            _ => client.post(&path, body.clone()).status,
        }
    };
    for (number, (permission, ..)) in calls.iter().enumerate() {
        let role = json!({"name": permission, "permissions": [{"name": permission}]});
        let role = admin.post(ROLES, role).expect(200).json();
        let path = format!("/api/admin/projects/default/users/{id}/roles");
        admin
            .put(&path, json!({"roles": [role["roles"]["id"]]}))
            .expect(200);
        for (other, wanted) in calls.iter().enumerate() {
            let status = call(wanted);
            let open = other == number;
            assert_eq!(
                status < 300,
                open,
                "{permission}: {} answers {status}",
                wanted.2
            );
            assert!(
                open || status == 403,
                "{permission}: {} answers {status}",
                wanted.2
            );
        }
    }
}
