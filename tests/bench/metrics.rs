//! `cargo bench --bench metrics`: reports of usage, as a ratio to a bare handler that reads the body and does nothing.
//!
//! Then 100 reports a second about 10,000 flags for a minute, with the memory they take, and what a scrape by
//! Prometheus costs after that.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot go on stops"
)]

mod flags;
#[expect(dead_code, reason = "the other benchmarks use more of it")]
mod servers;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer, web};
use bytes::Bytes;
use serde_json::json;

use crate::servers::{
    BACKEND, Folder, Running, Server, WORKERS, ask, free_address, headers, median, wait_for, wrk,
};

const FLAGS: u64 = 10_000;
const APPS: usize = 200;
/// Flags in each report.
const REPORTED: usize = 50;
const ROUNDS: usize = 7;
const PATH: &str = "/api/client/metrics";
const SCRAPE: &str = "/internal-backstage/prometheus";
/// Reports a second, and for how many seconds.
const RATE: u32 = 100;
const SECONDS: u32 = 60;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "--bare") {
        Some(place) => bare(&arguments[place + 1]),
        None => measure(),
    }
}

fn measure() {
    let folder = Folder::make();
    let data = folder.path().join("data");
    let limit = (FLAGS + 1).to_string();
    let data = data.to_str().unwrap();
    let server = Server::start(&["--data-dir", data, "--feature-flags-limit", &limit]);
    let import = flags::import(FLAGS);
    server.import(&import);
    let names: Vec<&str> = import["data"]["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|flag| flag["name"].as_str().unwrap())
        .collect();
    let bodies: Vec<String> = (0..2 * APPS).map(|number| report(&names, number)).collect();
    let script = script(folder.path(), &bodies);
    let bare = free_address();
    let _bare = Running(
        Command::new(std::env::current_exe().unwrap())
            .args(["--bare", &bare.to_string()])
            .spawn()
            .unwrap(),
    );
    wait_for(bare);
    let headers = headers(BACKEND);
    let [mut ours, mut theirs, mut ratios] = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        let our = wrk(server.address, PATH, &headers, Some(&script));
        let their = wrk(bare, PATH, &headers, Some(&script));
        ours.push(our);
        theirs.push(their);
        ratios.push(our / their);
    }
    println!(
        "reports per second, {REPORTED} flags each, {} bytes: {:.0}; bare actix {:.0}; ratio {:.3} (median of {ROUNDS} rounds)",
        bodies[0].len(),
        median(&mut ours),
        median(&mut theirs),
        median(&mut ratios)
    );
    drop(_bare);
    steadily(&server, &bodies);
    scrape(&server);
    server.stop();
}

/// Reports at an even pace, and looks at the memory now and then.
fn steadily(server: &Server, bodies: &[String]) {
    println!(
        "{RATE} reports a second about {FLAGS} flags of {APPS} applications, resident memory:"
    );
    let begun = Instant::now();
    for number in 0..RATE * SECONDS {
        let due = Duration::from_secs(1) * number / RATE;
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
        let body = &bodies[number as usize % bodies.len()];
        let answer = ask(server.address, "POST", PATH, BACKEND, body.as_bytes(), "");
        assert_eq!(answer.status, 202);
        if number % (RATE * 10) == 0 {
            println!("{:>6} s {:>9.1} MiB", number / RATE, server.memory());
        }
    }
    println!("{SECONDS:>6} s {:>9.1} MiB", server.memory());
}

fn scrape(server: &Server) {
    let mut times = Vec::new();
    let mut size = 0;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let answer = ask(server.address, "GET", SCRAPE, "", b"", "");
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        assert_eq!(answer.status, 200);
        size = answer.body.len();
    }
    println!(
        "a scrape: {:.1} ms in the median, {size} bytes",
        median(&mut times)
    );
}

/// What an SDK of an application reports.
fn report(names: &[&str], number: usize) -> String {
    let from = number * REPORTED % names.len();
    let toggles: serde_json::Map<_, _> = names[from..from + REPORTED]
        .iter()
        .enumerate()
        .map(|(place, name)| {
            let variants = match place % 10 {
                0 => json!({"blue": place + 1}),
                _ => json!({}),
            };
            (
                (*name).to_owned(),
                json!({"yes": place + 1, "no": 1, "variants": variants}),
            )
        })
        .collect();
    let now = chrono::Utc::now()
        .format("%Y-%m-%dT%H:%M:%S%.3fZ")
        .to_string();
    let bucket = json!({"start": now, "stop": now, "toggles": toggles});
    json!({
        "appName": format!("application-{}", number % APPS), "instanceId": "one", "connectionId": "c",
        "platformName": "node", "platformVersion": "v22", "yggdrasilVersion": null, "specVersion": "5.2.2",
        "sdkVersion": "unleash-node-sdk:6.12.1", "bucket": bucket,
    })
    .to_string()
}

/// One report after the other, as a script of wrk.
fn script(folder: &Path, bodies: &[String]) -> PathBuf {
    let mut text = "local bodies = {\n".to_owned();
    for body in bodies {
        writeln!(text, "  [[{body}]],").unwrap();
    }
    text.push_str(
        "}\nwrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\nlocal requests, place = {}, 0\n\
         function init()\n  for i, body in ipairs(bodies) do\n    requests[i] = wrk.format(nil, nil, nil, body)\n  end\nend\n\
         function request()\n  place = place % #requests + 1\n  return requests[place]\nend\n",
    );
    let file = folder.join("reports.lua");
    std::fs::write(&file, text).unwrap();
    file
}

/// The limit: the same framework reads the same bodies.
fn bare(address: &str) {
    let address = address.to_owned();
    let served = actix_web::rt::System::new().block_on(async move {
        HttpServer::new(|| {
            let read = web::post().to(async |_body: Bytes| HttpResponse::Accepted().finish());
            App::new().route(PATH, read)
        })
        .workers(WORKERS.parse().unwrap())
        .bind(address)
        .unwrap()
        .run()
        .await
    });
    served.unwrap();
}
