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
mod servers;

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use actix_web::http::header::{CONTENT_TYPE, ETAG, VARY};
use actix_web::{App, HttpResponse, HttpServer, web};
use bytes::Bytes;

use crate::servers::{
    BACKEND, FEATURES, FRONTEND, Folder, QUERY, Running, Server, WORKERS, ask, etag, free_address,
    headers, median, script, wait_for, wrk,
};

const FLAGS: u64 = 1000;
const ROUNDS: usize = 7;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "--bare") {
        Some(place) => bare(&arguments[place + 1], &arguments[place + 2]),
        None => measure(),
    }
}

/// Name, path here, path of the bare server, headers, script of the request.
type Case<'a> = (&'a str, &'a str, &'a str, Vec<String>, Option<&'a Path>);

fn measure() {
    let folder = Folder::make();
    let data = folder.path().join("data");
    let options = ["--data-dir", data.to_str().unwrap()];
    let server = Server::start(&options);
    let import = server.import(&flags::import(FLAGS));
    println!(
        "import of {FLAGS} flags: {:.0} ms",
        import.as_secs_f64() * 1000.0
    );
    server.stop();
    let server = Server::start(&options);
    let address = server.address;
    println!(
        "start with {FLAGS} flags stored, until ready: {:.0} ms",
        server.start.as_secs_f64() * 1000.0
    );
    let spec = "unleash-client-spec: 5.2.0\r\n";
    let full = ask(address, "GET", FEATURES, BACKEND, b"", spec);
    let frontend = ask(address, "GET", QUERY, FRONTEND, b"", "");
    assert_eq!((full.status, frontend.status), (200, 200));
    println!(
        "body of /api/client/features: {} bytes; of /api/frontend: {} bytes",
        full.body.len(),
        frontend.body.len()
    );
    std::fs::write(folder.path().join("full"), &full.body).unwrap();
    std::fs::write(folder.path().join("frontend"), &frontend.body).unwrap();
    println!("resident memory before load: {:.1} MiB", server.memory());
    let bare_address = free_address();
    let own = std::env::current_exe().unwrap();
    let _bare = Running(
        Command::new(own)
            .args(["--bare", &bare_address.to_string()])
            .arg(folder.path())
            .spawn()
            .unwrap(),
    );
    wait_for(bare_address);
    let post = script(folder.path());
    let mut not_modified = headers(BACKEND);
    not_modified.push(format!("If-None-Match: {}", full.header("etag")));
    let edge = edge(folder.path());
    let cases: [Case<'_>; 4] = [
        (
            "/api/client/features, full body",
            FEATURES,
            "/full",
            headers(BACKEND),
            None,
        ),
        (
            "/api/client/features, 304",
            FEATURES,
            "/304",
            not_modified,
            None,
        ),
        (
            "/api/frontend, 1,000 flags evaluated",
            QUERY,
            "/frontend",
            headers(FRONTEND),
            None,
        ),
        (
            "/api/client/metrics",
            "/api/client/metrics",
            "/202",
            headers(BACKEND),
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
                let headers = for_edge(*address, &headers);
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
    println!("\nresident memory after load: {:.1} MiB", server.memory());
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
fn for_edge(address: SocketAddr, headers: &[String]) -> Vec<String> {
    let renew = |header: &String| match header.starts_with("If-None-Match") {
        true => format!("If-None-Match: {}", etag(address)),
        false => header.clone(),
    };
    headers.iter().map(renew).collect()
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
