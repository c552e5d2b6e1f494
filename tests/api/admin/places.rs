//! Rights that depend on what the body says: each is asked for where the change happens, not only in the path.

use serde_json::{Value, json};

use crate::harness::{Client, TestApp};

const PASSWORD: &str = "Abc.12345678";
const OWNER: i64 = 4;

/// Somebody who looks, and has a role in a project.
fn viewer<'a>(app: &'a TestApp, name: &str, project: &str, role: i64) -> Client<'a> {
    let body = json!({"username": name, "rootRole": "Viewer", "password": PASSWORD});
    let made = app.admin().post("/api/admin/user-admin", body).expect(201);
    let body = json!({"roles": [role], "users": [made.json()["id"]], "groups": []});
    app.admin()
        .post(&format!("/api/admin/projects/{project}/access"), body)
        .expect(200);
    app.signed_in(name, PASSWORD)
}

fn with_projects() -> TestApp {
    let app = TestApp::start();
    for id in ["shop", "other"] {
        let body = json!({"id": id, "name": id});
        app.admin().post("/api/admin/projects", body).expect(201);
        let flags = format!("/api/admin/projects/{id}/features");
        let body = json!({"name": format!("{id}-flag")});
        app.admin().post(&flags, body).expect(201);
    }
    app
}

/// A role that allows this in `development` only.
fn role_in_development(app: &TestApp, permissions: &[&str]) -> i64 {
    let granted = permissions
        .iter()
        .map(|name| json!({"name": name, "environment": "development"}));
    let body = json!({
        "name": "in development", "description": "", "type": "custom",
        "permissions": granted.collect::<Vec<_>>(),
    });
    let made = app.admin().post("/api/admin/roles", body).expect(200);
    made.json()["roles"]["id"].as_i64().unwrap()
}

fn strategy(app: &TestApp, project: &str, environment: &str) -> String {
    let path = format!(
        "/api/admin/projects/{project}/features/{project}-flag/environments/{environment}/strategies"
    );
    let made = app.admin().post(&path, json!({"name": "default"}));
    made.expect(200).json()["id"].as_str().unwrap().into()
}

#[test]
fn segments_belong_to_projects() {
    let app = with_projects();
    let owner = viewer(&app, "ann", "shop", OWNER);
    let body = |project: Value| json!({"name": "s", "constraints": [], "project": project});
    let all = "/api/admin/segments";
    owner.post(all, body(json!("other"))).expect(403);
    owner.post(all, body(Value::Null)).expect(403);
    let made = owner.post(all, body(json!("shop"))).expect(201).json();
    let own = format!("{all}/{}", made["id"]);
    owner.put(&own, body(json!("other"))).expect(403);
    owner.put(&own, body(json!("shop"))).expect(204);
    let body = json!({"name": "everywhere", "constraints": []});
    let made = app.admin().post(all, body.clone()).expect(201).json();
    let foreign = format!("{all}/{}", made["id"]);
    owner.put(&foreign, body).expect(403);
    owner.delete(&foreign).expect(403);
    owner.delete(&own).expect(204);
}

#[test]
fn segments_of_strategies_are_set_where_the_strategy_is() {
    let app = with_projects();
    let role = role_in_development(&app, &["UPDATE_FEATURE_STRATEGY"]);
    let ann = viewer(&app, "ann", "shop", role);
    let body = |project: &str, environment: &str| {
        json!({
            "projectId": project, "environmentId": environment, "segmentIds": [],
            "strategyId": strategy(&app, project, environment),
        })
    };
    let path = "/api/admin/segments/strategies";
    ann.post(path, body("shop", "development")).expect(201);
    ann.post(path, body("shop", "production")).expect(403);
    ann.post(path, body("other", "development")).expect(403);
    let mut lie = body("shop", "production");
    lie["environmentId"] = json!("development");
    ann.post(path, lie).expect(404);
}

#[test]
fn a_strategy_is_changed_where_it_is_whatever_the_path_says() {
    let app = with_projects();
    let role = role_in_development(
        &app,
        &["UPDATE_FEATURE_STRATEGY", "DELETE_FEATURE_STRATEGY"],
    );
    let ann = viewer(&app, "ann", "shop", role);
    let path = |id: &str| {
        format!(
            "/api/admin/projects/shop/features/shop-flag/environments/development/strategies/{id}"
        )
    };
    let (here, there) = (
        strategy(&app, "shop", "development"),
        strategy(&app, "shop", "production"),
    );
    let body = json!({"name": "default", "title": "t"});
    ann.put(&path(&here), body.clone()).expect(200);
    ann.put(&path(&there), body).expect(403);
    ann.patch(&path(&there), json!([])).expect(403);
    ann.delete(&path(&there)).expect(403);
    ann.delete(&path(&here)).expect(200);
}

#[test]
fn variants_of_several_environments_need_the_right_in_each() {
    let app = with_projects();
    let role = role_in_development(&app, &["UPDATE_FEATURE_ENVIRONMENT_VARIANTS"]);
    let ann = viewer(&app, "ann", "shop", role);
    let path = "/api/admin/projects/shop/features/shop-flag/variants-batch";
    let body = |environments: &[&str]| json!({"variants": [], "environments": environments});
    ann.put(path, body(&["development"])).expect(200);
    ann.put(path, body(&["development", "production"]))
        .expect(403);
    ann.put(
        "/api/admin/projects/shop/features/shop-flag/variants",
        json!([]),
    )
    .expect(403);
}

#[test]
fn tokens_are_for_those_who_may_have_their_kind() {
    let app = with_projects();
    let owner = viewer(&app, "ann", "shop", OWNER);
    let path = "/api/admin/api-tokens";
    let body = |kind: &str, projects: Value| json!({"type": kind, "tokenName": kind, "projects": projects, "environment": "development"});
    owner.post(path, body("client", json!(["*"]))).expect(403);
    owner
        .post(path, body("client", json!(["shop", "other"])))
        .expect(403);
    owner
        .post(path, json!({"type": "admin", "tokenName": "a"}))
        .expect(403);
    let made = owner
        .post(path, body("client", json!(["shop"])))
        .expect(201);
    let own = made.json()["secret"].as_str().unwrap().to_owned();
    let foreign = app.admin().post(path, body("frontend", json!(["other"])));
    let foreign = foreign.expect(201).json()["secret"]
        .as_str()
        .unwrap()
        .to_owned();

    let listed = owner.get(path).expect(200).json();
    let names = listed["tokens"].as_array().unwrap();
    assert_eq!(names.len(), 1, "{listed}");
    assert_eq!(names[0]["tokenName"], "client");
    owner.delete(&format!("{path}/{foreign}")).expect(403);
    owner
        .delete(&format!("{path}/{}", crate::harness::ADMIN))
        .expect(403);
    owner.delete(&format!("{path}/{own}")).expect(200);
    app.with_token(&own).get("/api/client/features").expect(401);
    app.with_token(&foreign).get("/api/frontend").expect(200);
}

#[test]
fn an_import_needs_the_rights_of_all_it_does() {
    let app = with_projects();
    let owner = viewer(&app, "ann", "shop", OWNER);
    let strategies = json!([{"featureName": "new", "name": "default"}]);
    let import = |project: &str, data: Value| json!({"project": project, "environment": "development", "data": data});
    let data = json!({
        "features": [{"name": "new"}], "featureStrategies": strategies, "featureEnvironments": [],
        "contextFields": [], "featureTags": [], "segments": [], "tagTypes": [], "dependencies": [],
    });
    let (check, path) = (
        "/api/admin/features-batch/validate",
        "/api/admin/features-batch/import",
    );
    owner.post(path, import("other", data.clone())).expect(403);
    owner.post(path, import("shop", data.clone())).expect(200);

    let mut more = data;
    more["tagTypes"] = json!([{"name": "team", "description": "", "icon": ""}]);
    let found = owner
        .post(check, import("shop", more.clone()))
        .expect(200)
        .json();
    assert_eq!(
        found["permissions"][0]["affectedItems"],
        json!(["Make kinds of tags"])
    );
    let refused = owner
        .post(path, import("shop", more.clone()))
        .expect(403)
        .json();
    assert_eq!(refused["permissions"], json!(["CREATE_TAG_TYPE"]));
    let kinds = app.admin().get("/api/admin/tag-types").expect(200).json();
    assert_eq!(kinds["tagTypes"].as_array().unwrap().len(), 1);
    let found = app
        .admin()
        .post(check, import("shop", more))
        .expect(200)
        .json();
    assert_eq!(found["permissions"], json!([]));
}

#[test]
fn events_tell_the_address_they_came_from() {
    let app = with_projects();
    let events = app
        .admin()
        .get("/api/admin/search/events?limit=1")
        .expect(200)
        .json();
    assert_eq!(events["events"][0]["ip"], "127.0.0.1");
}
