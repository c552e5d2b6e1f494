//! Registrations and counts.

use std::sync::Arc;

use burgee::domain::usage::UsageQuery;
use burgee::store::{EmbeddedStore, Store};
use serde_json::json;

use crate::harness::TestApp;

#[test]
fn what_is_reported_survives_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    let app = TestApp::with(&["--data-dir", place]);
    let flag = json!({"name": "counted"});
    app.admin()
        .post("/api/admin/projects/default/features", flag)
        .expect(201);
    let report = |yes: u32| {
        json!({"appName": "shop", "instanceId": "i-1", "bucket": {
        "start": "2026-11-22T10:00:00Z", "stop": "2026-11-22T10:59:59.999999999Z",
        "toggles": {
            "counted": {"yes": yes, "no": 1, "variants": {"blue": yes}},
            "unheard-of": {"yes": 1},
        }}})
    };
    app.backend()
        .post("/api/client/metrics", report(2))
        .expect(202);
    app.backend()
        .post("/api/client/metrics", report(3))
        .expect(202);
    app.frontend()
        .post("/api/frontend/client/metrics", report(4))
        .expect(200);
    let registration = json!({
        "appName": "shop", "interval": "15", "started": 1, "strategies": ["default"], "sdkVersion": "sdk:1",
    });
    app.backend()
        .post("/api/client/register", registration)
        .expect(202);
    drop(app);

    let store = Arc::new(EmbeddedStore::open(folder.path()).unwrap());
    let (rows, seen) = actix_web::rt::System::new().block_on(async {
        let rows = store.usage(&UsageQuery::default()).await.unwrap();
        let seen = store.sightings().await.unwrap();
        store.close().await.unwrap();
        (rows, seen)
    });
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].yes, rows[0].no, rows[0].variants["blue"]),
        (9, 3, 9)
    );
    assert_eq!(rows[0].hour.to_string(), "2026-11-22T10:00:00.000Z");
    assert_eq!(seen.unknown_flags[0].name, "unheard-of");
    let instances: Vec<_> = seen
        .instances
        .iter()
        .map(|it| it.instance_id.as_str())
        .collect();
    assert_eq!(instances, ["default", "i-1"]);
    assert!(seen.applications[0].strategies.contains("default"));
}

#[test]
fn large_reports_are_taken() {
    let app = TestApp::start();
    let toggles: serde_json::Map<String, serde_json::Value> = (0..20_000)
        .map(|n| (format!("flag-{n}"), json!({"yes": 1})))
        .collect();
    let report = json!({"appName": "a", "bucket": {"start": 1, "stop": 2, "toggles": toggles}});
    assert!(report.to_string().len() > 400_000);
    app.backend()
        .post("/api/client/metrics", report)
        .expect(202);
}
