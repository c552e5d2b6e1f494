//! What Prometheus scrapes.

use serde_json::json;

use crate::harness::TestApp;

const PATH: &str = "/internal-backstage/prometheus";

fn number(text: &str, series: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(series))?;
    line.trim().parse().ok()
}

fn scraped(app: &TestApp) -> String {
    let answer = app.anonymous().get(PATH).expect(200);
    let kind = answer.header("content-type");
    assert_eq!(kind, Some("text/plain; version=0.0.4; charset=utf-8"));
    answer.text()
}

#[test]
fn what_sdks_report_is_counted_to_the_last_one() {
    let app = TestApp::start();
    let flags = "/api/admin/projects/default/features";
    app.admin().post(flags, json!({"name": "f"})).expect(201);
    let report = json!({"appName": "shop", "instanceId": "i", "bucket": {
        "start": "2026-11-23T10:00:00Z", "stop": "2026-11-23T10:01:00Z",
        "toggles": {"f": {"yes": 3, "no": 2, "variants": {"blue": 3}}, "unknown": {"yes": 9, "no": 0}},
    }});
    for _ in 0..2 {
        app.backend()
            .post("/api/client/metrics", report.clone())
            .expect(202);
    }
    let registration = json!({"appName": "shop", "instanceId": "i", "sdkVersion": "unleash-node-sdk:6.12.1",
        "platformName": "node", "platformVersion": "20.20.2", "yggdrasilVersion": null, "specVersion": "5.2.0",
        "strategies": [], "started": "2026-11-23T10:00:00Z", "interval": 15000});
    app.backend()
        .post("/api/client/register", registration)
        .expect(202);
    let text = scraped(&app);
    for (series, expected) in [
        (
            "feature_toggle_usage_total{toggle=\"f\",active=\"true\",appName=\"shop\"}",
            6.0,
        ),
        (
            "feature_toggle_usage_total{toggle=\"f\",active=\"false\",appName=\"shop\"}",
            4.0,
        ),
        (
            "burgee_flag_usage_total{flag=\"f\",project=\"default\",environment=\"development\",active=\"true\"}",
            6.0,
        ),
        (
            "burgee_variant_usage_total{flag=\"f\",project=\"default\",environment=\"development\",variant=\"blue\"}",
            6.0,
        ),
        (
            "client_registration_total{appName=\"shop\",environment=\"development\",interval=\"15000\"}",
            1.0,
        ),
        (
            "client_sdk_versions{sdk_name=\"unleash-node-sdk\",sdk_version=\"6.12.1\",platform_name=\"node\",platform_version=\"20.20.2\",yggdrasil_version=\"not-set\",spec_version=\"5.2.0\",sdk_flavor_name=\"not-set\",sdk_flavor_version=\"not-set\"}",
            1.0,
        ),
        ("burgee_store_condition{condition=\"good\"}", 1.0),
        ("burgee_store_condition{condition=\"diverged\"}", 0.0),
        ("burgee_usage_dropped", 0.0),
        ("feature_toggles_total{version=\"0.1.0\"}", 1.0),
        ("environments_total", 2.0),
        ("projects_total{mode=\"open\"}", 1.0),
        ("client_apps_total{range=\"allTime\"}", 1.0),
        ("client_apps_total{range=\"7d\"}", 1.0),
        ("unknown_flags", 1.0),
        ("unknown_flags_unique_names", 1.0),
        (
            "burgee_client_instances{environment=\"development\",sdk_name=\"unleash-node-sdk\",sdk_version=\"6.12.1\"}",
            1.0,
        ),
        ("resource_limit{resource=\"featureFlags\"}", 5000.0),
        (
            "rate_limits{endpoint=\"/auth/simple/login\",method=\"POST\"}",
            10.0,
        ),
        ("burgee_snapshot_flags{environment=\"development\"}", 1.0),
        (
            "http_sdk_request_duration_milliseconds_count{path=\"/api/client/metrics\",method=\"POST\",status=\"202\"}",
            2.0,
        ),
        (
            "http_request_duration_milliseconds_count{path=\"/api/admin/projects/:projectId/features\",method=\"POST\",status=\"201\",appName=\"undefined\"}",
            1.0,
        ),
        (
            "token_cache_lookup_total{cache=\"sdk-tokens\",result=\"hit\"}",
            2.0,
        ),
        (
            "token_cache_lookup_total{cache=\"sdk-tokens\",result=\"miss\"}",
            1.0,
        ),
    ] {
        assert_eq!(
            number(&text, &format!("{series} ")),
            Some(expected),
            "{series}\n{text}"
        );
    }
    assert!(number(&text, "process_resident_memory_bytes ").unwrap() > 1e6);
    let sum = text
        .lines()
        .filter(|line| line.starts_with("feature_toggle_usage_total{"));
    assert_eq!(sum.count(), 2, "flags that do not exist are not counted");
}

#[test]
fn revisions_of_environments_move_when_sdks_see_a_change() {
    let app = TestApp::start();
    let revision = |environment: &str| {
        let series = format!("environment_revision_id{{environment=\"{environment}\"}} ");
        number(&scraped(&app), &series).unwrap()
    };
    let flags = "/api/admin/projects/default/features";
    app.admin().post(flags, json!({"name": "f"})).expect(201);
    let before = (revision("development"), revision("production"));
    let on = format!("{flags}/f/environments/production/on");
    app.admin().post(&on, json!({})).expect(200);
    assert_eq!(revision("development"), before.0);
    assert!(revision("production") > before.1);
}

#[test]
fn operators_decide_who_may_scrape() {
    let closed = TestApp::with(&["--prometheus", "off"]);
    closed.admin().get(PATH).expect(404);
    let guarded = TestApp::with(&["--prometheus", "admin"]);
    guarded.anonymous().get(PATH).expect(401);
    guarded.backend().get(PATH).expect(401);
    let text = guarded.admin().get(PATH).expect(200).text();
    assert!(text.contains("burgee_build_info{version="));
}

#[test]
fn changes_are_counted_where_they_were_made() {
    let app = TestApp::with(&["--feature-flags-limit", "2"]);
    let flags = "/api/admin/projects/default/features";
    for (name, status) in [("f", 201), ("g", 201), ("h", 400)] {
        app.admin()
            .post(flags, json!({"name": name}))
            .expect(status);
    }
    let on = format!("{flags}/f/environments/production/on");
    app.admin().post(&on, json!({})).expect(200);
    app.admin().post(&on, json!({})).expect(200);
    app.admin().delete(&format!("{flags}/g")).expect(202);
    let login = json!({"username": "admin", "password": "wrong"});
    app.anonymous()
        .post("/auth/simple/login", login)
        .expect(401);
    let text = scraped(&app);
    for (series, expected) in [
        (
            "feature_toggle_update_total{toggle=\"f\",project=\"default\",environment=\"n/a\",environmentType=\"n/a\",action=\"created\"}",
            1.0,
        ),
        (
            "feature_toggle_update_total{toggle=\"g\",project=\"default\",environment=\"n/a\",environmentType=\"n/a\",action=\"archived\"}",
            1.0,
        ),
        (
            "exceeds_limit_error{resource=\"feature flag\",limit=\"2\"}",
            1.0,
        ),
        (
            "auth_login_total{provider=\"simple\",outcome=\"failure\"}",
            1.0,
        ),
    ] {
        let found = number(&text, &format!("{series} "));
        assert_eq!(found, Some(expected), "{series}\n{text}");
    }
    let switched = "feature_toggle_update_total{toggle=\"f\",project=\"default\",environment=\"production\",environmentType=\"production\",action=\"updated\"} ";
    // Switching it on also gave it a strategy; the second time nothing changed.
    assert_eq!(number(&text, switched), Some(2.0), "{text}");
    let commits = number(
        &text,
        "db_query_duration_seconds_count{store=\"configuration\",action=\"commit\"} ",
    );
    assert!(commits.unwrap() >= 4.0);
    assert!(number(&text, "burgee_snapshot_build_duration_seconds_count ").unwrap() >= 4.0);
}

#[test]
fn evaluations_of_the_frontend_api_are_counted() {
    let app = TestApp::start();
    let flags = "/api/admin/projects/default/features";
    for name in ["f", "g"] {
        app.admin().post(flags, json!({"name": name})).expect(201);
        let on = format!("{flags}/{name}/environments/development/on");
        app.admin().post(&on, json!({})).expect(200);
    }
    for _ in 0..3 {
        app.frontend().get("/api/frontend?userId=7").expect(200);
    }
    app.frontend().get("/api/frontend/features/f").expect(200);
    let text = scraped(&app);
    let flags = "burgee_evaluations_total{environment=\"development\"} ";
    assert_eq!(number(&text, flags), Some(7.0));
    let times = "burgee_evaluation_duration_seconds_count ";
    assert_eq!(number(&text, times), Some(4.0));
}
