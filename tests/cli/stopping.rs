//! SIGTERM: requests at hand are finished, and nothing reported is lost.

use std::io::{Read, Write};
use std::time::Duration;

use crate::process::Server;

const ADMIN: &str = "*:*.test-admin";

#[test]
fn a_request_at_hand_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["--init-admin-api-tokens", ADMIN]);
    // Connections that were never accepted are nobody's: begin when the server answers.
    server.ask("GET", "/health", "", "");
    let body = "{\"name\":\"just-in-time\"}";
    let mut stream = server.connect();
    write!(
        stream,
        "POST /api/admin/projects/default/features HTTP/1.1\r\nHost: localhost\r\nAuthorization: {ADMIN}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .unwrap();
    let (start, rest) = body.split_at(5);
    stream.write_all(start.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    server.signal("-TERM");
    std::thread::sleep(Duration::from_millis(200));
    stream.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let (status, output) = server.end();
    assert!(status.success(), "{output}");

    let again = Server::start(folder.path(), &[]);
    let found = again.ask(
        "GET",
        "/api/admin/projects/default/features/just-in-time",
        ADMIN,
        "",
    );
    assert!(found.starts_with("HTTP/1.1 200"), "{found}");
    again.stop();
}

#[test]
fn acknowledged_changes_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &["--init-admin-api-tokens", ADMIN]);
    for round in 0..3 {
        let body = format!("{{\"name\":\"flag-{round}\"}}");
        let made = server.ask("POST", "/api/admin/projects/default/features", ADMIN, &body);
        assert!(made.starts_with("HTTP/1.1 201"), "{made}");
        server.signal("-KILL");
        server.end();
        server = Server::start(folder.path(), &[]);
        for known in 0..=round {
            let path = format!("/api/admin/projects/default/features/flag-{known}");
            let found = server.ask("GET", &path, ADMIN, "");
            assert!(found.starts_with("HTTP/1.1 200"), "{found}");
        }
    }
    server.stop();
}

#[test]
fn reported_usage_survives_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let backend = "*:development.test-backend";
    let tokens = [
        "--init-admin-api-tokens",
        ADMIN,
        "--init-backend-api-tokens",
        backend,
    ];
    // An interval that never comes: only the stop can have written.
    let server = Server::start(
        folder.path(),
        &[&tokens[..], &["--usage-flush-interval", "3600"]].concat(),
    );
    server.ask(
        "POST",
        "/api/admin/projects/default/features",
        ADMIN,
        "{\"name\":\"counted\"}",
    );
    let now = chrono::Utc::now().to_rfc3339();
    let report = format!(
        "{{\"appName\":\"app\",\"instanceId\":\"i\",\"bucket\":{{\"start\":\"{now}\",\"stop\":\"{now}\",\"toggles\":{{\"counted\":{{\"yes\":3,\"no\":4}}}}}}}}"
    );
    let answer = server.ask("POST", "/api/client/metrics", backend, &report);
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    server.stop();

    let again = Server::start(folder.path(), &[]);
    let shown = again.ask(
        "GET",
        "/api/admin/client-metrics/features/counted/raw",
        ADMIN,
        "",
    );
    assert!(shown.contains("\"yes\":3,\"no\":4"), "{shown}");
    again.stop();
}
