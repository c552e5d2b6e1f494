//! Environments beyond what the reference's open-source edition offers.

use serde_json::json;

use crate::harness::TestApp;

const ENVIRONMENTS: &str = "/api/admin/environments";

#[test]
fn an_environment_is_made_used_and_deleted_with_all_that_was_in_it() {
    let app = TestApp::start();
    let admin = app.admin();
    let made = admin
        .post(ENVIRONMENTS, json!({"name": "qa", "type": "test"}))
        .expect(201)
        .json();
    assert_eq!(made["enabled"], true);
    admin
        .post("/api/admin/environments/validate", json!({"name": "qa"}))
        .expect(409);
    admin
        .post(ENVIRONMENTS, json!({"name": "q a", "type": "test"}))
        .expect(400);
    let uses = "/api/admin/projects/default/environments";
    let strategy = json!({"name": "flexibleRollout", "parameters": {"rollout": "7"}});
    admin
        .post(
            uses,
            json!({"environment": "qa", "defaultStrategy": strategy}),
        )
        .expect(200);
    let flags = "/api/admin/projects/default/features";
    admin.post(flags, json!({"name": "f"})).expect(201);
    let on = format!("{flags}/f/environments/qa/on");
    admin.post(&on, json!({})).expect(200);
    let shown = admin
        .get(&format!("{flags}/f/environments/qa"))
        .expect(200)
        .json();
    assert_eq!(shown["strategies"][0]["parameters"]["rollout"], "7");
    let environment = "/api/admin/environments/qa";
    let refused = admin.delete(environment).expect(409).json();
    assert_eq!(refused["name"], "ConflictError");
    admin.delete(&format!("{uses}/qa")).expect(200);
    admin.delete(environment).expect(200);
    admin.get(environment).expect(404);
    admin
        .post(ENVIRONMENTS, json!({"name": "qa", "type": "test"}))
        .expect(201);
    admin.post(uses, json!({"environment": "qa"})).expect(200);
    let shown = admin
        .get(&format!("{flags}/f/environments/qa"))
        .expect(200)
        .json();
    assert_eq!(shown["strategies"], json!([]));
}

#[test]
fn a_bad_default_strategy_leaves_the_project_as_it_was() {
    let app = TestApp::start();
    let admin = app.admin();
    admin
        .post(ENVIRONMENTS, json!({"name": "qa", "type": "test"}))
        .expect(201);
    let strategy = json!({"name": "flexibleRollout", "parameters": {"rollout": "101"}});
    admin
        .post(
            "/api/admin/projects/default/environments",
            json!({"environment": "qa", "defaultStrategy": strategy}),
        )
        .expect(400);
    let shown = admin.get("/api/admin/environments/qa").expect(200).json();
    assert_eq!(shown["projectCount"], 0);
}

#[test]
fn a_protected_environment_changes_only_when_it_is_told_that_it_no_longer_is() {
    let app = TestApp::start();
    let admin = app.admin();
    let vault = json!({"name": "vault", "type": "production", "protected": true});
    let made = admin.post(ENVIRONMENTS, vault).expect(201).json();
    assert_eq!(made["protected"], true);
    let update = "/api/admin/environments/update/vault";
    admin.put(update, json!({"type": "test"})).expect(403);
    admin
        .put(update, json!({"type": "test", "protected": true}))
        .expect(403);
    admin.delete("/api/admin/environments/vault").expect(403);
    let shown = admin.get("/api/admin/environments/vault").json();
    assert_eq!(
        (&shown["type"], &shown["protected"]),
        (&json!("production"), &json!(true))
    );
    let open = admin
        .put(update, json!({"type": "test", "protected": false}))
        .expect(200)
        .json();
    assert_eq!(
        (&open["type"], &open["protected"]),
        (&json!("test"), &json!(false))
    );
    admin.put(update, json!({"protected": true})).expect(200);
    admin.put(update, json!({"protected": false})).expect(200);
    admin.delete("/api/admin/environments/vault").expect(200);
}

#[test]
fn a_clone_has_what_projects_and_flags_have_in_the_other_one() {
    let app = TestApp::start();
    let admin = app.admin();
    for id in ["shop", "bank"] {
        let project = json!({"id": id, "name": id, "environments": ["production"]});
        admin.post("/api/admin/projects", project).expect(201);
        let flag = json!({"name": format!("{id}-flag")});
        admin
            .post(&format!("/api/admin/projects/{id}/features"), flag)
            .expect(201);
        let there = format!("/api/admin/projects/{id}/features/{id}-flag/environments/production");
        let strategy = json!({"name": "flexibleRollout", "parameters": {"rollout": "42"}});
        admin
            .post(&format!("{there}/strategies"), strategy)
            .expect(200);
        admin.post(&format!("{there}/on"), json!({})).expect(200);
    }
    let default = json!({"name": "flexibleRollout", "parameters": {"rollout": "7"}});
    admin
        .post(
            "/api/admin/projects/shop/environments/production/default-strategy",
            default,
        )
        .expect(200);
    let agreed = json!({"changeRequestsEnabled": true, "requiredApprovals": 2});
    admin
        .put(
            "/api/admin/projects/shop/environments/production/change-requests/config",
            agreed,
        )
        .expect(204);
    let role = json!({"name": "r", "permissions": [
        {"name": "CREATE_FEATURE_STRATEGY", "environment": "production"}, {"name": "UPDATE_FEATURE"},
    ]});
    admin.post("/api/admin/roles", role).expect(200);
    let clone = "/api/admin/environments/production/clone";
    let all = json!({"name": "live-2", "type": "production"});
    let made = admin.post(clone, all).expect(200).json();
    assert_eq!(
        (
            &made["name"],
            &made["type"],
            &made["protected"],
            &made["projectCount"],
            &made["enabledToggleCount"]
        ),
        (
            &json!("live-2"),
            &json!("production"),
            &json!(false),
            &json!(3),
            &json!(2)
        )
    );
    for id in ["shop", "bank"] {
        let at = |environment: &str| {
            let path =
                format!("/api/admin/projects/{id}/features/{id}-flag/environments/{environment}");
            admin.get(&path).expect(200).json()
        };
        let (old, new) = (at("production"), at("live-2"));
        assert_eq!(
            (
                &new["enabled"],
                &new["strategies"][0]["parameters"]["rollout"]
            ),
            (&json!(true), &json!("42"))
        );
        assert_ne!(new["strategies"][0]["id"], old["strategies"][0]["id"]);
    }
    let shop = admin.get("/api/admin/projects/shop/overview").json();
    let there = shop["environments"].as_array().unwrap().iter();
    let there = there
        .clone()
        .find(|it| it["environment"] == "live-2")
        .unwrap();
    assert_eq!(there["defaultStrategy"]["parameters"]["rollout"], "7");
    let config = admin
        .get("/api/admin/projects/shop/change-requests/config")
        .json();
    assert_eq!(config[1]["requiredApprovals"], 2);
    let role = admin.get("/api/admin/roles/6").json();
    let granted = role["permissions"].as_array().unwrap().iter();
    let granted: Vec<_> = granted.map(|it| it["environment"].clone()).collect();
    assert_eq!(granted, [json!("production"), json!(null), json!("live-2")]);
    let token =
        json!({"tokenName": "t", "type": "client", "environment": "live-2", "projects": ["shop"]});
    let token = admin
        .post("/api/admin/api-tokens", token)
        .expect(201)
        .json();
    let sdk = app.with_token(token["secret"].as_str().unwrap());
    let served = sdk.get("/api/client/features").expect(200).json();
    assert_eq!(served["features"][0]["enabled"], true);
    assert_eq!(
        served["features"][0]["strategies"][0]["parameters"]["rollout"],
        "42"
    );
    let some =
        json!({"name": "some", "type": "test", "projects": ["bank"], "clonePermissions": false});
    let made = admin.post(clone, some).expect(200).json();
    assert_eq!(
        (&made["projectCount"], &made["enabledToggleCount"]),
        (&json!(1), &json!(1))
    );
    let role = admin.get("/api/admin/roles/6").json();
    assert_eq!(role["permissions"].as_array().unwrap().len(), 3);
}

#[test]
fn clones_that_make_no_sense_are_refused() {
    let app = TestApp::start();
    let admin = app.admin();
    let clone = |source: &str| format!("/api/admin/environments/{source}/clone");
    let wish = |name: &str| json!({"name": name, "type": "test"});
    admin.post(&clone("none"), wish("new")).expect(404);
    admin
        .post(&clone("production"), wish("development"))
        .expect(409);
    admin.post(&clone("production"), wish("n w")).expect(400);
    admin
        .post(&clone("production"), json!({"name": "new"}))
        .expect(400);
    let unknown = json!({"name": "new", "type": "test", "projects": ["default", "none"]});
    admin.post(&clone("production"), unknown).expect(404);
    admin.get("/api/admin/environments/new").expect(404);
    app.backend()
        .post(&clone("production"), wish("new"))
        .expect(403);
    let viewer = super::people::viewer(&app, "vi");
    let viewer = app.with_token(&super::people::token_of(&app, viewer));
    viewer.post(&clone("production"), wish("new")).expect(403);
}
