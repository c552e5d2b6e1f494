//! What Prometheus scrapes.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Instant;

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
fn applications_may_report_numbers_of_their_own() {
    const IMPACT: &str = "/internal-backstage/impact/metrics";
    let app = TestApp::start();
    let metrics = |value: f64| {
        json!([
            {"name": "orders", "help": "Orders.", "type": "counter", "samples": [
                {"labels": {"shop": "a"}, "value": value}, {"labels": {"shop": "a"}, "value": -1}]},
            {"name": "orders"},
            {"name": "page.ms", "help": "Time.", "type": "histogram", "samples": [
                {"count": 2, "sum": 3, "buckets": [{"le": 1, "count": 1}, {"le": "+Inf", "count": 2}]}]},
        ])
    };
    let report = json!({"appName": "shop", "impactMetrics": metrics(2.0)});
    app.backend()
        .post("/api/client/metrics", report)
        .expect(202);
    let bulk = json!({"applications": [], "metrics": [], "impactMetrics": metrics(3.0)});
    app.backend()
        .post("/api/client/metrics/bulk", bulk)
        .expect(202);
    let answer = app.anonymous().get(IMPACT).expect(200);
    let kind = answer.header("content-type");
    assert_eq!(kind, Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = answer.text();
    for (series, expected) in [
        (
            "orders{origin=\"sdk\",metric_type=\"counter\",shop=\"a\"} ",
            5.0,
        ),
        (
            "page_ms_bucket{origin=\"sdk\",metric_type=\"histogram\",le=\"1\"} ",
            2.0,
        ),
        (
            "page_ms_sum{origin=\"sdk\",metric_type=\"histogram\"} ",
            6.0,
        ),
    ] {
        assert_eq!(number(&text, series), Some(expected), "{text}");
    }
    let refused = "burgee_impact_metrics_refused_total{reason=\"invalid\"} ";
    assert_eq!(number(&scraped(&app), refused), Some(4.0));
    assert!(!scraped(&app).contains("orders"));
    let guarded = TestApp::with(&["--prometheus", "admin"]);
    guarded.anonymous().get(IMPACT).expect(401);
    guarded.admin().get(IMPACT).expect(200);
}

/// Status and body of what is not in the OpenAPI document.
fn plainly(url: &str) -> (u16, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut answer = agent.get(url).call().unwrap();
    (
        answer.status().as_u16(),
        answer.body_mut().read_to_string().unwrap(),
    )
}

#[test]
fn numbers_may_have_another_path() {
    let app = TestApp::with(&["--prometheus-path", "/metrics", "--base-path", "/flags"]);
    app.anonymous().get(&format!("/flags{PATH}")).expect(404);
    let (status, text) = plainly(&app.url("/flags/metrics"));
    assert_eq!(status, 200);
    assert!(text.contains("burgee_build_info{version="));
}

#[test]
fn numbers_may_have_a_port_of_their_own() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let apart = port.to_string();
    let app = TestApp::with(&["--prometheus-port", &apart, "--base-path", "/flags"]);
    app.anonymous().get(&format!("/flags{PATH}")).expect(404);
    app.anonymous()
        .get("/flags/internal-backstage/impact/metrics")
        .expect(404);
    let there = |path: &str| plainly(&format!("http://127.0.0.1:{port}{path}"));
    let (status, text) = there(PATH);
    assert_eq!(status, 200);
    assert!(text.contains("burgee_build_info{version="));
    assert_eq!(there("/internal-backstage/impact/metrics").0, 200);
    assert_eq!(there("/health").0, 404);
    assert_eq!(there("/api/admin/projects").0, 404);
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

/// What `promtool` says of names that dashboards of Unleash ask for by these very names.
const KNOWN_COMPLAINTS: &[&str] = &[
    "api_tokens_total non-counter metrics should not have \"_total\" suffix",
    "client_apps_total non-counter metrics should not have \"_total\" suffix",
    "client_registration_total label names should be written in 'snake_case' not 'camelCase'",
    "client_sdk_versions counter metrics should have \"_total\" suffix",
    "context_total non-counter metrics should not have \"_total\" suffix",
    "environments_total non-counter metrics should not have \"_total\" suffix",
    "exceeds_limit_error counter metrics should have \"_total\" suffix",
    "feature_toggle_update_total label names should be written in 'snake_case' not 'camelCase'",
    "feature_toggle_usage_total label names should be written in 'snake_case' not 'camelCase'",
    "feature_toggles_archived_total non-counter metrics should not have \"_total\" suffix",
    "feature_toggles_total non-counter metrics should not have \"_total\" suffix",
    "groups_total non-counter metrics should not have \"_total\" suffix",
    "http_request_duration_milliseconds label names should be written in 'snake_case' not 'camelCase'",
    "http_request_duration_milliseconds use base unit \"seconds\" instead of \"milliseconds\"",
    "http_sdk_request_duration_milliseconds use base unit \"seconds\" instead of \"milliseconds\"",
    "projects_total non-counter metrics should not have \"_total\" suffix",
    "roles_total non-counter metrics should not have \"_total\" suffix",
    "segments_total non-counter metrics should not have \"_total\" suffix",
    "service_accounts_total non-counter metrics should not have \"_total\" suffix",
    "strategies_total non-counter metrics should not have \"_total\" suffix",
    "users_total non-counter metrics should not have \"_total\" suffix",
];

/// The complaints of `promtool check metrics`; it is installed with Debian's Prometheus.
fn complaints(text: &str) -> BTreeSet<String> {
    let mut child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool comes with the package prometheus; tests/packages installs it");
    let mut input = child.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    let lint = 3;
    let code = output.status.code().unwrap();
    assert!(code == 0 || code == lint, "{code}: {said}\n{text}");
    said.lines().map(ToOwned::to_owned).collect()
}

#[test]
fn promtool_accepts_what_is_told() {
    let app = TestApp::with(&["--feature-flags-limit", "1"]);
    let flags = "/api/admin/projects/default/features";
    app.admin().post(flags, json!({"name": "f"})).expect(201);
    app.admin().post(flags, json!({"name": "g"})).expect(400);
    let login = json!({"username": "admin", "password": "wrong"});
    app.anonymous()
        .post("/auth/simple/login", login)
        .expect(401);
    app.frontend().get("/api/frontend").expect(200);
    let registration = json!({"appName": "a \"shop\"\\\n", "sdkVersion": "sdk:1", "strategies": [],
        "started": "2026-11-23T10:00:00Z", "interval": 15000});
    app.backend()
        .post("/api/client/register", registration)
        .expect(202);
    let report = json!({"appName": "a \"shop\"\\\n", "bucket": {
    "start": "2026-11-23T10:00:00Z", "stop": "2026-11-23T10:01:00Z",
    "toggles": {"f": {"yes": 3, "no": 2, "variants": {"blue": 3}}}},
    "impactMetrics": [
        {"name": "1 odd-name", "help": "\n\\", "type": "gauge", "samples": [{"labels": {"a b": "\"\n"}, "value": 1}]},
        {"name": "ms", "help": "Time.", "type": "histogram", "samples": [
            {"count": 2, "sum": 3, "buckets": [{"le": 1, "count": 1}, {"le": "+Inf", "count": 2}]}]},
    ]});
    app.backend()
        .post("/api/client/metrics", report)
        .expect(202);
    let known: BTreeSet<String> = KNOWN_COMPLAINTS.iter().map(|&it| it.into()).collect();
    let mut found = complaints(&scraped(&app));
    // Only once it has run.
    found.remove(
        "scheduler_duration_seconds label names should be written in 'snake_case' not 'camelCase'",
    );
    assert_eq!(found, known);
    let impact = app.anonymous().get("/internal-backstage/impact/metrics");
    assert_eq!(complaints(&impact.expect(200).text()), BTreeSet::new());
}

/// The sum of a family's series.
fn sum(text: &str, family: &str) -> f64 {
    let lines = text.lines().filter(|line| line.starts_with(family));
    let numbers = lines.map(|line| line.rsplit(' ').next().unwrap());
    numbers.map(|it| it.parse::<f64>().unwrap()).sum()
}

#[test]
fn very_many_flags_applications_and_environments_make_a_small_scrape() {
    const FLAGS: usize = 10_000;
    const APPS: usize = 200;
    // Each application asks for one flag in forty, and for others than its neighbours.
    const ASKED: usize = FLAGS / 40;
    let environments = ["development", "test", "stage", "beta", "production"];
    let tokens = environments.map(|it| format!("*:{it}.secret-of-{it}"));
    let app = TestApp::with(&[
        "--feature-flags-limit",
        "20000",
        "--environments",
        &environments.join(","),
        "--init-backend-api-tokens",
        &tokens.join(","),
    ]);
    let features: Vec<_> = (0..FLAGS)
        .map(|it| json!({"name": format!("a-flag-with-a-name-of-usual-length-{it}"), "type": "release"}))
        .collect();
    let data = json!({"features": features, "featureStrategies": [], "featureEnvironments": [], "contextFields": [],
        "featureTags": [], "segments": [], "tagTypes": [], "dependencies": []});
    let import = json!({"project": "default", "environment": "development", "data": data});
    app.admin()
        .post("/api/admin/features-batch/import", import)
        .expect(200);
    let toggle = |it: usize| {
        let variants = if it.is_multiple_of(10) {
            r#","variants":{"blue":2}"#
        } else {
            ""
        };
        format!(r#""a-flag-with-a-name-of-usual-length-{it}":{{"yes":2,"no":1{variants}}}"#)
    };
    let toggles: Vec<String> = (0..FLAGS).map(toggle).collect();
    let begun = Instant::now();
    for number in 0..APPS {
        let from = number % 40 * ASKED;
        let asked = toggles[from..from + ASKED].join(",");
        let body = format!(
            r#"{{"appName":"an-application-{number}","instanceId":"i","bucket":{{"start":"2026-11-23T10:00:00Z","stop":"2026-11-23T10:01:00Z","toggles":{{{asked}}}}}}}"#
        );
        for token in &tokens {
            let headers = [
                ("content-type", "application/json"),
                ("unleash-appname", &*format!("an-application-{number}")),
            ];
            app.with_token(token)
                .send(
                    "POST",
                    "/api/client/metrics",
                    &headers,
                    Some(body.clone().into_bytes()),
                )
                .expect(202);
        }
    }
    println!(
        "{} reports of {ASKED} flags in {:?}",
        APPS * environments.len(),
        begun.elapsed()
    );
    scraped(&app);
    let begun = Instant::now();
    let text = scraped(&app);
    println!("{} bytes in {:?}", text.len(), begun.elapsed());
    assert!(text.len() < 1_000_000, "{} bytes", text.len());
    let rows = (APPS * environments.len() * ASKED) as f64;
    for (family, expected) in [
        ("feature_toggle_usage_total{", rows * 3.0),
        ("burgee_flag_usage_total{", rows * 3.0),
        ("burgee_variant_usage_total{", rows / 10.0 * 2.0),
    ] {
        assert_eq!(sum(&text, family), expected, "{family}");
    }
    let posts = "http_request_duration_milliseconds_count{path=\"/api/client/metrics\"";
    assert_eq!(sum(&text, posts), (APPS * environments.len()) as f64);
    let folded = "burgee_series_folded{family=\"feature_toggle_usage_total\"} ";
    assert!(number(&text, folded).unwrap() > 1000.0);
}
