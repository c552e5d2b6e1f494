//! What the commands print, and how they end.

use std::path::Path;

use burgee::config::table::SETTINGS;

use crate::process::{Server, burgee, run};

/// The token of the first line of `output` that contains one beginning with `scope`.
fn token(output: &str, scope: &str) -> String {
    let start = output
        .find(scope)
        .unwrap_or_else(|| panic!("{scope} in {output}"));
    let rest = output.get(start..).unwrap();
    rest.chars()
        .take_while(|c| !c.is_whitespace() && *c != '\'')
        .collect()
}

#[test]
fn secrets_are_printed_by_the_first_start_only_and_work() {
    let folder = tempfile::tempdir().unwrap();
    let first = Server::start(folder.path(), &[]);
    let port = first.port();
    let output = first.stop();
    for line in [
        format!(
            "Burgee {} listens on http://localhost:{port}",
            env!("CARGO_PKG_VERSION")
        ),
        format!("Store: embedded, in {}", folder.path().display()),
    ] {
        assert!(output.contains(&line), "{line} in {output}");
    }
    let (admin, backend) = (token(&output, "*:*."), token(&output, "*:development."));

    let second = Server::start(folder.path(), &[]);
    let made = second.ask(
        "POST",
        "/api/admin/projects/default/features",
        &admin,
        "{\"name\":\"my-first-flag\"}",
    );
    assert!(made.starts_with("HTTP/1.1 201"), "{made}");
    let switched = second.ask(
        "POST",
        "/api/admin/projects/default/features/my-first-flag/environments/development/on",
        &admin,
        "",
    );
    assert!(switched.starts_with("HTTP/1.1 200"), "{switched}");
    let polled = second.ask("GET", "/api/client/features", &backend, "");
    assert!(
        polled.contains("\"name\":\"my-first-flag\",\"type\":\"release\",\"enabled\":true"),
        "{polled}"
    );
    let output = second.stop();
    for secret in [admin, backend] {
        let (_, secret) = secret.split_once('.').unwrap();
        assert!(!output.contains(secret), "{output}");
    }
}

#[test]
fn secrets_given_by_the_operator_are_not_printed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(
        folder.path(),
        &[
            "--init-admin-api-tokens",
            "*:*.planted-one",
            "--init-backend-api-tokens",
            "*:development.planted-two",
        ],
    );
    let output = server.stop();
    assert!(!output.contains("planted"), "{output}");
}

#[test]
fn secrets_in_requests_are_not_logged() {
    let folder = tempfile::tempdir().unwrap();
    let admin = "*:*.planted-admin";
    let server = Server::start(
        folder.path(),
        &[
            "--init-admin-api-tokens",
            admin,
            "--default-admin-password",
            "planted-password",
            "--log-level",
            "trace",
            "--request-log",
        ],
    );
    for (method, path, token, body) in [
        (
            "DELETE",
            "/api/admin/api-tokens/*:*.planted-other",
            admin,
            "",
        ),
        (
            "GET",
            "/api/admin/invite-link/tokens/planted-invitation-0123456789",
            admin,
            "",
        ),
        ("GET", "/api/admin/tokens/*:*.planted-astray", admin, ""),
        (
            "GET",
            "/invite/planted-invitation-0123456789/validate",
            "",
            "",
        ),
        ("GET", "/auth/reset/validate?token=planted-link", "", ""),
        (
            "GET",
            "/api/client/features",
            "*:development.planted-wrong",
            "",
        ),
        (
            "POST",
            "/api/frontend",
            "planted-token-without-form",
            "{\"planted\"",
        ),
        (
            "POST",
            "/auth/simple/login",
            "",
            "{\"username\":\"admin\",\"password\":\"planted-password\"}",
        ),
        (
            "POST",
            "/api/admin/user-admin",
            admin,
            "{\"username\":\"ann\",\"rootRole\":3,\"password\":\"planted-too-weak\"}",
        ),
    ] {
        let answer = server.ask(method, path, token, body);
        assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
    }
    let output = server.stop();
    assert!(output.contains("/api/admin/api-tokens/…"), "{output}");
    assert!(!output.contains("planted"), "{output}");
}

#[test]
fn tokens_are_not_in_the_data_file() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(
        folder.path(),
        &["--init-admin-api-tokens", "*:*.planted-secret"],
    );
    server.stop();
    let file = std::fs::read(folder.path().join("burgee.redb")).unwrap();
    assert!(!file.windows(14).any(|window| window == b"planted-secret"));
}

#[test]
fn healthcheck_tells_by_its_exit_status() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["--base-path", "/flags"]);
    let port = server.port().to_string();
    let good = run(burgee(&[
        "healthcheck",
        "--port",
        &port,
        "--base-path",
        "/flags",
    ]));
    assert!(good.0.success(), "{}", good.2);
    let url = format!("http://127.0.0.1:{port}/flags");
    assert!(run(burgee(&["healthcheck", "--url", &url])).0.success());
    let wrong = run(burgee(&["healthcheck", "--port", &port]));
    assert!(!wrong.0.success() && wrong.2.contains("404"), "{}", wrong.2);
    server.stop();
    let gone = run(burgee(&[
        "healthcheck",
        "--port",
        &port,
        "--base-path",
        "/flags",
    ]));
    assert!(
        !gone.0.success() && gone.2.contains("does not answer"),
        "{}",
        gone.2
    );
}

fn refuses(folder: &Path, said: &str) {
    let (status, output, error) = run(burgee(&[
        "--port",
        "0",
        "--data-dir",
        folder.to_str().unwrap(),
    ]));
    assert!(!status.success());
    assert!(error.contains(said), "{error}");
    assert_eq!(output, "");
}

#[test]
fn a_file_that_is_not_ours_stops_the_start_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("burgee.redb");
    std::fs::write(&file, b"something else entirely").unwrap();
    refuses(folder.path(), file.to_str().unwrap());
    assert_eq!(std::fs::read(&file).unwrap(), b"something else entirely");
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = Server::start(folder.path(), &[]);
    refuses(folder.path(), "in use by another process");
    first.stop();
}

#[test]
fn wrong_settings_stop_the_start_with_a_sentence() {
    let mut command = burgee(&["serve", "--store", "memory"]);
    command.env("PORT", "many");
    let (status, _, error) = run(command);
    assert!(!status.success());
    assert_eq!(
        error,
        "burgee: PORT is \"many\", but it has to be a port from 0 to 65535\n"
    );
}

#[test]
fn inherited_names_are_reported_once_and_without_their_values() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = burgee(&[
        "--port",
        "0",
        "--data-dir",
        folder.path().to_str().unwrap(),
        "--import-file",
        "/missing",
    ]);
    command.env("DATABASE_URL", "postgres://user:planted@db/unleash");
    let (_, _, error) = run(command);
    assert_eq!(error.matches("DATABASE_URL").count(), 1, "{error}");
    assert!(!error.contains("planted"), "{error}");
}

#[test]
fn help_names_every_setting() {
    let (status, help, _) = run(burgee(&["--help"]));
    assert!(status.success());
    for setting in SETTINGS {
        assert!(
            help.contains(&format!("--{}", setting.flag)),
            "{}",
            setting.flag
        );
    }
}

#[test]
fn the_settings_page_is_what_the_program_prints() {
    let (_, printed, _) = run(burgee(&["settings-docs"]));
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/settings.md")).unwrap();
    assert!(
        page == printed,
        "run `make docs` and commit docs/settings.md"
    );
}

#[test]
fn the_openapi_document_is_printed() {
    let (_, printed, _) = run(burgee(&["openapi"]));
    let document: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(document, burgee::app::openapi());
}

#[test]
fn a_file_is_imported_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flags.json");
    std::fs::write(
        &file,
        r#"{"features": [{"name": "imported", "type": "release"}],
            "featureStrategies": [{"name": "default", "featureName": "imported", "parameters": {}, "constraints": []}],
            "featureEnvironments": [{"featureName": "imported", "name": "imported", "environment": "production", "enabled": true}],
            "contextFields": [], "segments": [], "tagTypes": [], "dependencies": []}"#,
    )
    .unwrap();
    let token = "*:production.test";
    let data = folder.path().join("data");
    let arguments = [
        "--init-backend-api-tokens",
        token,
        "--import-file",
        file.to_str().unwrap(),
        "--import-environment",
        "production",
    ];
    for _ in 0..2 {
        let server = Server::start(&data, &arguments);
        let polled = server.ask("GET", "/api/client/features", token, "");
        assert!(
            polled.contains("\"name\":\"imported\",\"type\":\"release\",\"enabled\":true"),
            "{polled}"
        );
        server.stop();
    }
}

#[test]
fn a_file_that_cannot_be_imported_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flags.json");
    std::fs::write(&file, "{\"features\": 7}").unwrap();
    let data = folder.path().join("data");
    let (status, _, error) = run(burgee(&[
        "--port",
        "0",
        "--data-dir",
        data.to_str().unwrap(),
        "--import-file",
        file.to_str().unwrap(),
    ]));
    assert!(!status.success());
    assert!(
        error.contains(file.to_str().unwrap()) && error.contains("/body/data"),
        "{error}"
    );
}
