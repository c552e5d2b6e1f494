//! `cargo bench --bench http`: the server under wrk, as ratios to a bare actix-web handler that serves the same bytes.
//!
//! Both servers run as processes of their own with the same number of workers, and are measured in turn, so that a
//! machine whose speed drifts is as unfair to one as to the other. Everything stays on the loopback address.
//! With `EDGE_BIN=<path of unleash-edge>` that server is measured in turn with them, serving the same flags.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot go on stops"
)]

mod flags;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use actix_web::http::header::{CONTENT_TYPE, ETAG, VARY};
use actix_web::{App, HttpResponse, HttpServer, web};
use bytes::Bytes;

const ADMIN: &str = "*:*.bench-admin";
const BACKEND: &str = "*:development.bench-backend";
const FRONTEND: &str = "*:development.bench-frontend";
const FLAGS: u64 = 1000;
const ROUNDS: usize = 7;
const WORKERS: &str = "1";
const QUERY: &str = "/api/frontend?userId=user-4711&sessionId=1&properties%5Bcountry%5D=no&properties%5BappVersion%5D=3.2.0&appName=bench";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "--bare") {
        Some(place) => bare(&arguments[place + 1], &arguments[place + 2]),
        None => measure(),
    }
}

/// Name, path here, path of the bare server, headers, script of the request.
type Case<'a> = (&'a str, &'a str, &'a str, Vec<String>, Option<&'a Path>);

/// Ends the process it holds when it goes.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn measure() {
    let folder = std::env::temp_dir().join(format!("burgee-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (server, address, _) = start_server(&folder);
    let begun = Instant::now();
    let import = flags::import(FLAGS).to_string();
    let answer = ask(
        address,
        "POST",
        "/api/admin/features-batch/import",
        ADMIN,
        import.as_bytes(),
        "",
    );
    assert_eq!(
        answer.status,
        200,
        "{}",
        String::from_utf8_lossy(&answer.body)
    );
    println!(
        "import of {FLAGS} flags: {:.0} ms",
        begun.elapsed().as_secs_f64() * 1000.0
    );
    drop(server);
    let (server, address, start) = start_server(&folder);
    println!(
        "start with {FLAGS} flags stored, until ready: {:.0} ms",
        start.as_secs_f64() * 1000.0
    );
    let spec = "unleash-client-spec: 5.2.0\r\n";
    let full = ask(address, "GET", "/api/client/features", BACKEND, b"", spec);
    let frontend = ask(address, "GET", QUERY, FRONTEND, b"", "");
    assert_eq!((full.status, frontend.status), (200, 200));
    println!(
        "body of /api/client/features: {} bytes; of /api/frontend: {} bytes",
        full.body.len(),
        frontend.body.len()
    );
    std::fs::write(folder.join("full"), &full.body).unwrap();
    std::fs::write(folder.join("frontend"), &frontend.body).unwrap();
    println!("resident memory before load: {:.1} MiB", memory(&server));
    let etag = full.header("etag");
    let bare_address = free_address();
    let own = std::env::current_exe().unwrap();
    let _bare = Running(
        Command::new(own)
            .args([
                "--bare",
                &bare_address.to_string(),
                folder.to_str().unwrap(),
            ])
            .spawn()
            .unwrap(),
    );
    wait_for(bare_address);
    let post = script(&folder);
    let not_modified = format!("If-None-Match: {etag}");
    let auth = |token: &str| format!("Authorization: {token}");
    let spec = "Unleash-Client-Spec: 5.2.0".to_owned();
    let edge = edge(&folder);
    let cases: [Case<'_>; 4] = [
        (
            "/api/client/features, full body",
            "/api/client/features",
            "/full",
            vec![auth(BACKEND), spec.clone()],
            None,
        ),
        (
            "/api/client/features, 304",
            "/api/client/features",
            "/304",
            vec![auth(BACKEND), spec, not_modified],
            None,
        ),
        (
            "/api/frontend, 1,000 flags evaluated",
            QUERY,
            "/frontend",
            vec![auth(FRONTEND)],
            None,
        ),
        (
            "/api/client/metrics",
            "/api/client/metrics",
            "/202",
            vec![auth(BACKEND)],
            Some(&post),
        ),
    ];
    println!(
        "\n{:<40} {:>12} {:>12} {:>7}",
        format!("requests per second, median of {ROUNDS} rounds"),
        "burgee",
        "bare actix",
        "ratio"
    );
    for (name, path, bare_path, headers, script) in cases {
        let [mut ours, mut theirs, mut ratios] = [const { Vec::new() }; 3];
        let [mut edges, mut edge_ratios] = [const { Vec::new() }; 2];
        for _ in 0..ROUNDS {
            let our = wrk(address, path, &headers, script);
            let their = wrk(bare_address, bare_path, &headers, script);
            ours.push(our);
            theirs.push(their);
            ratios.push(our / their);
            if let Some((_, address)) = &edge {
                let headers = for_edge(*address, path, &headers);
                let edge = wrk(*address, path, &headers, script);
                edges.push(edge);
                edge_ratios.push(edge / their);
            }
        }
        println!(
            "{name:<40} {:>12.0} {:>12.0} {:>7.3}",
            median(&mut ours),
            median(&mut theirs),
            median(&mut ratios)
        );
        if edge.is_some() {
            println!(
                "{:<40} {:>12.0} {:>12} {:>7.3}",
                "    unleash-edge",
                median(&mut edges),
                "",
                median(&mut edge_ratios)
            );
        }
    }
    println!("\nresident memory after load: {:.1} MiB", memory(&server));
    drop(server);
    std::fs::remove_dir_all(&folder).unwrap();
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Unleash's own read replica, without a server behind it: it serves the flags in a file.
fn edge(folder: &Path) -> Option<(Running, SocketAddr)> {
    let binary = std::env::var_os("EDGE_BIN")?;
    let address = free_address();
    let child = Command::new(binary)
        .args(["--interface", "127.0.0.1", "--workers", WORKERS])
        .args(["--port", &address.port().to_string()])
        .arg("offline")
        .arg("--bootstrap-file")
        .arg(folder.join("full"))
        .args(["--client-tokens", BACKEND, "--frontend-tokens", FRONTEND])
        .env("RUST_LOG", "error")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let running = Running(child);
    wait_for(address);
    Some((running, address))
}

/// The same headers with the entity tag that edge gives.
fn for_edge(address: SocketAddr, path: &str, headers: &[String]) -> Vec<String> {
    let etag = || {
        let spec = "unleash-client-spec: 5.2.0\r\n";
        ask(address, "GET", path, BACKEND, b"", spec).header("etag")
    };
    let renew = |header: &String| match header.starts_with("If-None-Match") {
        true => format!("If-None-Match: {}", etag()),
        false => header.clone(),
    };
    headers.iter().map(renew).collect()
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
}

fn start_server(folder: &Path) -> (Running, SocketAddr, Duration) {
    let address = free_address();
    let begun = Instant::now();
    let child = Command::new(env!("CARGO_BIN_EXE_burgee"))
        .args([
            "--host",
            "127.0.0.1",
            "--port",
            &address.port().to_string(),
            "--workers",
            WORKERS,
        ])
        .args([
            "--data-dir",
            folder.join("data").to_str().unwrap(),
            "--log-level",
            "error",
        ])
        .args([
            "--init-admin-api-tokens",
            ADMIN,
            "--init-backend-api-tokens",
            BACKEND,
        ])
        .args(["--init-frontend-api-tokens", FRONTEND])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let running = Running(child);
    wait_for(address);
    assert_eq!(ask(address, "GET", "/ready", "", b"", "").status, 200);
    (running, address, begun.elapsed())
}

fn wait_for(address: SocketAddr) {
    let end = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(address).is_err() {
        assert!(Instant::now() < end, "{address} never answered");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn memory(running: &Running) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", running.0.id())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<f64>()
        .unwrap()
        / 1024.0
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> String {
        let found = self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(": ")?;
            known.eq_ignore_ascii_case(name).then(|| value.to_owned())
        });
        found.unwrap_or_default()
    }
}

fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    token: &str,
    body: &[u8],
    more: &str,
) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: {token}\r\n{more}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let split = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8_lossy(&answer[..split]).into_owned();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        body: answer[split + 4..].to_vec(),
        head,
    }
}

/// What an SDK posts each minute.
fn script(folder: &Path) -> PathBuf {
    let toggles: Vec<String> = (0..20)
        .map(|number| {
            format!("\"checkout-{number:04}-v2\":{{\"yes\":{number},\"no\":1,\"variants\":{{}}}}")
        })
        .collect();
    let body = format!(
        "{{\"appName\":\"bench\",\"instanceId\":\"i\",\"bucket\":{{\"start\":\"2026-01-01T00:00:00Z\",\"stop\":\"2026-01-01T00:01:00Z\",\"toggles\":{{{}}}}}}}",
        toggles.join(",")
    );
    let file = folder.join("post.lua");
    let text = format!(
        "wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\nwrk.body = '{body}'\n"
    );
    std::fs::write(&file, text).unwrap();
    file
}

fn wrk(address: SocketAddr, path: &str, headers: &[String], script: Option<&Path>) -> f64 {
    let url = format!("http://{address}{path}");
    let mut command = Command::new("wrk");
    command.args(["-t1", "-c16", "-d2s"]);
    for header in headers {
        command.args(["-H", header]);
    }
    if let Some(script) = script {
        command.arg("-s").arg(script);
    }
    let output = command
        .arg(&url)
        .output()
        .expect("wrk is installed (make bench does it)");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.contains("Non-2xx"), "{url}: {text}");
    text.lines()
        .find_map(|line| line.strip_prefix("Requests/sec:"))
        .and_then(|number| number.trim().parse().ok())
        .unwrap_or_else(|| panic!("{text}"))
}

/// The limit: the same framework, the same bytes, and nothing else.
fn bare(address: &str, folder: &str) {
    let full = Bytes::from(std::fs::read(Path::new(folder).join("full")).unwrap());
    let frontend = Bytes::from(std::fs::read(Path::new(folder).join("frontend")).unwrap());
    let address = address.to_owned();
    let served = actix_web::rt::System::new().block_on(async move {
        HttpServer::new(move || {
            App::new()
                .route("/full", body(full.clone()))
                .route("/frontend", body(frontend.clone()))
                .route(
                    "/304",
                    web::get().to(async || HttpResponse::NotModified().finish()),
                )
                .route(
                    "/202",
                    web::post().to(async |_body: Bytes| HttpResponse::Accepted().finish()),
                )
        })
        .workers(WORKERS.parse().unwrap())
        .bind(address)
        .unwrap()
        .run()
        .await
    });
    served.unwrap();
}

fn body(bytes: Bytes) -> actix_web::Route {
    web::get().to(move || {
        let bytes = bytes.clone();
        async move {
            HttpResponse::Ok()
                .insert_header((CONTENT_TYPE, "application/json; charset=utf-8"))
                .insert_header((ETAG, "\"12345678:1:v1\""))
                .insert_header((VARY, "Accept-Encoding"))
                .body(bytes)
        }
    })
}
