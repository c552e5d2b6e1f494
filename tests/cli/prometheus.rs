//! A real Prometheus beside a real server: counts are what was sent, and every dashboard and alarm has data.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::{Server, run};

const ADMIN: &str = "*:*.admin-for-prometheus";
const BACKEND: &str = "*:production.backend-for-prometheus";
const FRONTEND: &str = "*:production.frontend-for-prometheus";
const PATIENCE: Duration = Duration::from_secs(60);

fn deploy(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("deploy")
        .join(path)
}

/// A Prometheus that scrapes every second. Killed when it is dropped.
struct Prometheus {
    child: Child,
    port: u16,
}

impl Prometheus {
    fn start(folder: &Path, target: u16) -> Self {
        let config = json!({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [deploy("prometheus/alerts.yaml")],
            "scrape_configs": [{"job_name": "burgee", "metrics_path": "/internal-backstage/prometheus",
                "static_configs": [{"targets": [format!("127.0.0.1:{target}")]}]}],
        });
        // JSON is YAML as well.
        let file = folder.join("prometheus.yaml");
        std::fs::write(&file, config.to_string()).unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let log = std::fs::File::create(folder.join("prometheus.log")).unwrap();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.join("tsdb").display()
            ))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("tests/packages installs prometheus: {error}"));
        let prometheus = Self { child, port };
        let ready = || ureq::get(prometheus.url("/-/ready")).call().is_ok();
        until("Prometheus is ready", ready);
        prometheus
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The series an expression gives now. Panics when it cannot be read.
    fn ask(&self, expression: &str) -> Vec<Value> {
        let url = self.url("/api/v1/query");
        let mut answer = ureq::get(&url)
            .query("query", expression)
            .call()
            .unwrap_or_else(|error| panic!("{expression}: {error}"));
        let answer: Value =
            serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        answer["data"]["result"].as_array().unwrap().clone()
    }

    /// The number an expression gives now, if it is one number.
    fn number(&self, expression: &str) -> Option<f64> {
        let found = self.ask(expression);
        let [series] = found.as_slice() else {
            return None;
        };
        series["value"][1].as_str()?.parse().ok()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[track_caller]
fn until(what: &str, mut is: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn expect(server: &Server, (method, path, token): (&str, &str, &str), body: &Value, status: u16) {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let answer = server.ask(method, path, token, &body);
    assert!(
        answer.starts_with(&format!("HTTP/1.1 {status} ")),
        "{method} {path}: {answer}"
    );
}

/// A server that says yes to whatever it is told, for as long as the test runs.
fn listener() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines
                .next()
                .is_some_and(|line| line.is_ok_and(|it| !it.is_empty()))
            {}
            let ok = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = std::io::Write::write_all(&mut stream, ok);
        }
    });
    port
}

/// Does everything once that dashboards show. Flags may be made three times at most.
fn be_busy(server: &Server) {
    let flags = "/api/admin/projects/default/features";
    let hook = json!({"provider": "webhook", "enabled": true, "events": ["feature-created"],
        "parameters": {"url": format!("http://127.0.0.1:{}/", listener())}});
    expect(server, ("POST", "/api/admin/addons", ADMIN), &hook, 201);
    for name in ["checkout", "search", "gone"] {
        expect(server, ("POST", flags, ADMIN), &json!({"name": name}), 201);
    }
    expect(
        server,
        ("POST", flags, ADMIN),
        &json!({"name": "more"}),
        400,
    );
    let gone = format!("{flags}/gone");
    expect(server, ("DELETE", &gone, ADMIN), &Value::Null, 202);
    let on = format!("{flags}/checkout/environments/production/on");
    expect(server, ("POST", &on, ADMIN), &json!({}), 200);
    let segment = json!({"name": "north", "constraints": []});
    expect(
        server,
        ("POST", "/api/admin/segments", ADMIN),
        &segment,
        201,
    );
    let login = json!({"username": "admin", "password": "wrong"});
    expect(server, ("POST", "/auth/simple/login", ""), &login, 401);
}

/// What SDKs say and ask, so often.
fn report(server: &Server, times: u32) {
    for _ in 0..times {
        let registration = json!({"appName": "shop", "instanceId": "i", "sdkVersion": "unleash-node-sdk:6.12.1",
            "strategies": [], "started": "2026-11-23T10:00:00Z", "interval": 15000});
        expect(
            server,
            ("POST", "/api/client/register", BACKEND),
            &registration,
            202,
        );
        for (app, yes) in [("shop", 3), ("till", 4)] {
            let metrics = json!({"appName": app, "instanceId": "i", "bucket": {
            "start": "2026-11-23T10:00:00Z", "stop": "2026-11-23T10:01:00Z", "toggles": {
                "checkout": {"yes": yes, "no": 1, "variants": {"blue": yes}},
                "search": {"yes": 0, "no": 2},
                "nobody-made-it": {"yes": 1, "no": 0},
            }}});
            expect(
                server,
                ("POST", "/api/client/metrics", BACKEND),
                &metrics,
                202,
            );
        }
        let front = json!({"appName": "web", "instanceId": "browser", "bucket": {
            "start": "2026-11-23T10:00:00Z", "stop": "2026-11-23T10:01:00Z",
            "toggles": {"checkout": {"yes": 5, "no": 0}}}});
        let path = "/api/frontend/client/metrics";
        expect(server, ("POST", path, FRONTEND), &front, 200);
        expect(
            server,
            ("GET", "/api/frontend?userId=7", FRONTEND),
            &Value::Null,
            200,
        );
        expect(
            server,
            ("GET", "/api/client/features", BACKEND),
            &Value::Null,
            200,
        );
    }
}

/// All expressions of all dashboards, with what Grafana would put in place of its variables.
fn of_dashboards() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(deploy("grafana")).unwrap() {
        let file = entry.unwrap().path();
        let dashboard: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        for panel in dashboard["panels"].as_array().unwrap() {
            for target in panel["targets"].as_array().unwrap() {
                let expression = target["expr"].as_str().unwrap();
                let filled = ["$environment", "$project", "$job"]
                    .iter()
                    .fold(expression.to_owned(), |text, name| text.replace(name, ".*"))
                    .replace("$__rate_interval", "5m");
                assert!(!filled.contains('$'), "{filled}");
                let place = format!("{}: {}", file.display(), panel["title"]);
                all.push((place, filled));
            }
        }
    }
    all
}

/// The alarms: name, expression, where to read what to do.
fn alarms(prometheus: &Prometheus) -> Vec<(String, String, String)> {
    let url = prometheus.url("/api/v1/rules");
    let mut answer = ureq::get(&url).call().unwrap();
    let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
    let groups = answer["data"]["groups"].as_array().unwrap();
    let rules = groups.iter().flat_map(|it| it["rules"].as_array().unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    rules
        .map(|it| {
            (
                text(&it["name"]),
                text(&it["query"]),
                text(&it["annotations"]["runbook"]),
            )
        })
        .collect()
}

/// The names of our metrics in an expression, without what Prometheus adds to them.
fn metrics_in(expression: &str) -> BTreeSet<&str> {
    let words = expression.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
    let ours = [
        "burgee_",
        "http_",
        "db_",
        "auth_",
        "addon_",
        "feature_",
        "resource_",
        "process_",
        "up",
    ];
    let is_ours = |word: &&str| {
        ours.iter().any(|start| word.starts_with(start)) && (*word == "up" || word.contains('_'))
    };
    words.filter(is_ours).collect()
}

#[test]
fn prometheus_counts_what_was_sent_and_dashboards_and_alarms_have_data() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(
        &data,
        &[
            "--init-admin-api-tokens",
            ADMIN,
            "--init-backend-api-tokens",
            BACKEND,
            "--init-frontend-api-tokens",
            FRONTEND,
            "--feature-flags-limit",
            "3",
            "--addons-allow-private",
            "--usage-flush-interval",
            "1",
        ],
    );
    be_busy(&server);
    report(&server, 1);
    let prometheus = Prometheus::start(folder.path(), server.port());
    report(&server, 9);
    for (expression, expected) in [
        (
            r#"sum(feature_toggle_usage_total{toggle="checkout",active="true"})"#,
            120.0,
        ),
        (
            r#"feature_toggle_usage_total{toggle="checkout",active="true",appName="web"}"#,
            50.0,
        ),
        (r#"sum(feature_toggle_usage_total{active="false"})"#, 60.0),
        (
            r#"burgee_flag_usage_total{flag="checkout",project="default",environment="production",active="true"}"#,
            120.0,
        ),
        (
            r#"burgee_variant_usage_total{flag="checkout",variant="blue"}"#,
            70.0,
        ),
        (
            r#"sum(client_registration_total{appName="shop",environment="production"})"#,
            10.0,
        ),
        (
            r#"http_sdk_request_duration_milliseconds_count{path="/api/client/metrics",status="202"}"#,
            20.0,
        ),
        ("unknown_flags_unique_names", 1.0),
        (r#"client_apps_total{range="7d"}"#, 2.0),
        ("sum(burgee_evaluations_total)", 10.0),
        ("burgee_usage_dropped", 0.0),
        ("feature_toggles_total", 2.0),
        (
            r#"addon_events_handled{result="success",destination="webhook"}"#,
            3.0,
        ),
    ] {
        until(expression, || {
            prometheus.number(expression) == Some(expected)
        });
    }
    let dashboards = of_dashboards();
    assert!(dashboards.len() > 50, "{}", dashboards.len());
    for (place, expression) in &dashboards {
        let what = format!("{place} has data: {expression}");
        until(&what, || !prometheus.ask(expression).is_empty());
    }
    let page = std::fs::read_to_string("docs/operations.md").unwrap();
    let alarms = alarms(&prometheus);
    assert!(alarms.len() > 10, "{alarms:?}");
    for (name, expression, runbook) in &alarms {
        prometheus.ask(expression);
        let metrics = metrics_in(expression);
        assert!(!metrics.is_empty(), "{name}: {expression}");
        for metric in metrics {
            assert!(
                !prometheus.ask(metric).is_empty(),
                "{name} asks for {metric}"
            );
        }
        let anchor = runbook.strip_prefix("docs/operations.md#").unwrap();
        assert_eq!(anchor, name.to_lowercase());
        let line = format!("<a id=\"{anchor}\"></a>`{name}`");
        assert!(
            page.contains(&line),
            "docs/operations.md does not say what to do: {line}"
        );
    }
    println!("{} expressions, {} alarms", dashboards.len(), alarms.len());
}

#[test]
fn alarms_are_raised_when_they_should() {
    let folder = tempfile::tempdir().unwrap();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/alerts_test.yaml");
    for file in [&deploy("prometheus/alerts.yaml"), &tests] {
        std::fs::copy(file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    for arguments in [
        ["check", "rules", "alerts.yaml"],
        ["test", "rules", "alerts_test.yaml"],
    ] {
        let mut promtool = Command::new("promtool");
        promtool.args(arguments).current_dir(folder.path());
        let (status, said, errors) = run(promtool);
        assert!(status.success(), "{said}{errors}");
        assert!(said.contains("SUCCESS"), "{said}");
    }
}
