//! How soon a node serves what Redis holds, and how much room that takes.

use std::time::Instant;

use crate::rig::{Options, RedisServer};
use crate::servers::{Folder, Server, median};
use crate::{flags, millis};

const FLAGS: u64 = 5000;
const ENVIRONMENTS: [&str; 3] = ["development", "stage", "production"];
const ROUNDS: usize = 5;
const ENTITIES: &str = "{burgee}:entity";

/// Measures with five thousand flags in three environments.
pub(crate) fn measure() {
    println!(
        "\nStart: {FLAGS} flags, each in {} environments",
        ENVIRONMENTS.len()
    );
    let server = RedisServer::start(Options::volatile());
    let before = memory(&server);
    let shared = [
        "--redis-url",
        &server.url(),
        "--environments",
        &ENVIRONMENTS.join(","),
    ];
    let shared = times(&shared);
    let used = memory(&server) - before;
    let per = |bytes: f64| format!("{:.0} bytes for each flag", bytes / FLAGS as f64);
    println!("{:<44} {:>9.0} ms", "from Redis, until ready", shared);
    let folder = Folder::make();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let own = times(&[
        "--data-dir",
        data,
        "--environments",
        &ENVIRONMENTS.join(","),
    ]);
    println!(
        "{:<44} {:>9.0} ms",
        "from the embedded store, until ready", own
    );
    let mut reads: Vec<f64> = (0..ROUNDS).map(|_| read(&server)).collect();
    let read = median(&mut reads);
    println!(
        "{:<44} {read:>9.0} ms {:>15}",
        "HGETALL of the same, and nothing else",
        format!("ratio {:.3}", read / shared)
    );
    println!("{:<44} {}", "memory of Redis, all of it", per(used));
    for (name, key) in [
        ("of it flags and all that belongs to them", ENTITIES),
        ("of it the event log", "{burgee}:event"),
        ("of it the newest changes", "{burgee}:change"),
    ] {
        let used = server.cli(&["MEMORY", "USAGE", key, "SAMPLES", "0"]);
        println!("{name:<44} {}", per(used.parse().unwrap()));
    }
}

/// Fills a store and starts on it. Milliseconds until it is ready.
fn times(options: &[&str]) -> f64 {
    let first = Server::start(options);
    for environment in ENVIRONMENTS {
        first.import(&flags::import_for(environment, FLAGS));
    }
    first.stop();
    let start = |_| {
        let server = Server::start(options);
        let start = millis(server.start);
        server.stop();
        start
    };
    let mut starts: Vec<f64> = (0..ROUNDS).map(start).collect();
    median(&mut starts)
}

fn read(server: &RedisServer) -> f64 {
    let begun = Instant::now();
    let entities = server.ask(&["HGETALL", ENTITIES]).unwrap().into_list();
    let time = millis(begun.elapsed());
    assert!(entities.len() as u64 > FLAGS);
    time
}

fn memory(server: &RedisServer) -> f64 {
    server.info("used_memory").trim().parse().unwrap()
}
