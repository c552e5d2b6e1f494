//! What counts cost: to add, and to keep.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use burgee::domain::names::{EnvironmentName, FlagName};
use burgee::domain::time::Timestamp;
use burgee::domain::usage::{UsageReport, UsageRow};
use burgee::store::Store;

use crate::node::{Node, options};
use crate::rig::{Options, RedisServer};
use crate::servers::median;
use crate::yardstick::per_second;
use crate::{millis, runtime};

const FLAGS: u64 = 1000;
const APPS: u64 = 5;
const ROUNDS: usize = 20;

/// Measures with a thousand flags that five applications use.
pub(crate) fn measure() {
    println!("\nUsage: {FLAGS} flags, {APPS} applications, on, off and one variant");
    let server = RedisServer::start(Options::every_second());
    runtime().block_on(add(&server));
}

async fn add(server: &RedisServer) {
    let node = Node::open(&options(server.url())).await;
    let report = Arc::new(report());
    let fields = (FLAGS * APPS * 3) as f64;
    let number = |name: &str| -> f64 { server.info(name).trim().parse().unwrap() };
    let before = number("used_memory");
    let mut times = Vec::new();
    let processor = number("used_cpu_user") + number("used_cpu_sys");
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        node.store.add_usage(Arc::clone(&report)).await.unwrap();
        times.push(millis(begun.elapsed()));
    }
    let processor = number("used_cpu_user") + number("used_cpu_sys") - processor;
    let used = number("used_memory") - before;
    node.close().await;
    let time = median(&mut times);
    println!("{:<44} {time:>9.1} ms", "a flush, in the median");
    let share = processor * 1000.0 / ROUNDS as f64;
    println!("{:<44} {share:>9.1} ms", "of it processor time of Redis");
    println!(
        "{:<44} {:>9.0} bytes",
        "memory for each counter",
        used / fields
    );
    let ours = fields / time * 1000.0;
    let pipelined = ["-c", "1", "-P", "100", "-n", "200000", "-r", "5000"];
    let command = ["HINCRBY", "yardstick:__rand_int__", "yes", "1"];
    let theirs = per_second(server, &pipelined, &command);
    println!("{:<44} {ours:>9.0} per second", "counters added");
    println!(
        "{:<44} {theirs:>9.0} per second {:>10}",
        "redis-benchmark HINCRBY, 100 at once",
        format!("ratio {:.3}", ours / theirs)
    );
}

fn report() -> UsageReport {
    let rows = (0..FLAGS).flat_map(|flag| {
        (0..APPS).map(move |app| UsageRow {
            hour: Timestamp::from_millis(0),
            flag: FlagName::trusted(&format!("checkout-{flag:04}-v2")),
            environment: EnvironmentName::trusted("production"),
            app_name: format!("application-{app}"),
            yes: 3 + flag,
            no: 4 + app,
            variants: BTreeMap::from([("blue".to_owned(), 2)]),
        })
    });
    UsageReport {
        rows: rows.collect(),
        ..UsageReport::default()
    }
}
