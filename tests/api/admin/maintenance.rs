//! Maintenance: nothing can be changed while it lasts, everything else goes on.

use serde_json::json;

use super::people::client;
use crate::harness::TestApp;

const MAINTENANCE: &str = "/api/admin/maintenance";
const FLAGS: &str = "/api/admin/projects/default/features";

#[test]
fn while_it_lasts_nothing_can_be_changed() {
    let app = TestApp::start();
    let admin = app.admin();
    admin.post(FLAGS, json!({"name": "before"})).expect(201);
    let shown = admin.get(MAINTENANCE).expect(200).json();
    assert_eq!(shown, json!({"enabled": false}));
    admin
        .post(MAINTENANCE, json!({"enabled": true}))
        .expect(204);
    assert_eq!(admin.get(MAINTENANCE).json(), json!({"enabled": true}));
    assert_eq!(
        admin.get("/api/admin/ui-config").json()["maintenanceMode"],
        true
    );
    let refused = admin.post(FLAGS, json!({"name": "during"})).expect(503);
    let message = json!({"message": "Burgee is currently in maintenance mode."});
    assert_eq!(refused.json(), message);
    admin.delete(&format!("{FLAGS}/before")).expect(503);
    admin.get(&format!("{FLAGS}/before")).expect(200);
    app.backend().get("/api/client/features").expect(200);
    let metrics = json!({"appName": "a", "bucket": {"start": 1, "stop": 2, "toggles": {}}});
    app.backend()
        .post("/api/client/metrics", metrics)
        .expect(202);
    admin
        .post(MAINTENANCE, json!({"enabled": false}))
        .expect(204);
    admin.post(FLAGS, json!({"name": "after"})).expect(201);
}

#[test]
fn it_is_told_once_and_survives_other_settings() {
    let app = TestApp::start();
    let admin = app.admin();
    for _ in 0..2 {
        admin
            .post(MAINTENANCE, json!({"enabled": true}))
            .expect(204);
    }
    let events = admin.get("/api/admin/search/events?type=IS:setting-updated");
    let events = events.expect(200).json();
    assert_eq!(events["total"], 1);
    let event = &events["events"][0];
    assert_eq!(
        event["data"],
        json!({"id": "maintenance.mode", "enabled": true})
    );
    assert_eq!(event["preData"], json!({"enabled": false}));
    admin
        .post(MAINTENANCE, json!({"enabled": false}))
        .expect(204);
    let origins = json!({"frontendApiOrigins": ["https://a.example"]});
    admin
        .post("/api/admin/ui-config/cors", origins.clone())
        .expect(204);
    admin
        .post(MAINTENANCE, json!({"enabled": true}))
        .expect(204);
    let config = admin.get("/api/admin/ui-config").expect(200).json();
    assert_eq!(config["frontendApiOrigins"], origins["frontendApiOrigins"]);
}

#[test]
fn only_administrators_begin_it() {
    let app = TestApp::start();
    let body = json!({"enabled": true});
    for (name, role) in [("editor", 2), ("viewer", 3)] {
        let eve = client(&app, name, role);
        eve.get(MAINTENANCE).expect(403);
        let refused = eve.post(MAINTENANCE, body.clone()).expect(403).json();
        assert_eq!(
            refused["permissions"],
            json!(["ADMIN", "UPDATE_MAINTENANCE_MODE"])
        );
    }
    app.anonymous().post(MAINTENANCE, body).expect(401);
    let missing = app.admin().post(MAINTENANCE, json!({})).expect(400).json();
    assert_eq!(missing["details"][0]["path"], "/body/enabled");
    app.admin()
        .post(MAINTENANCE, json!({"enabled": "x"}))
        .expect(400);
    assert_eq!(
        app.admin().get(MAINTENANCE).json(),
        json!({"enabled": false})
    );
}
