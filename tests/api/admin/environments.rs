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
