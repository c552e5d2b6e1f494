//! `cargo bench --bench redis`: what sharing the flags in Redis costs.
//!
//! Each number stands beside what `redis-benchmark` gets out of the same server in the same run. Servers are started
//! here, on the loopback address, with files in a temporary directory, and ended with this.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark that cannot go on stops, and its numbers are small"
)]

mod commits;
#[path = "../flags.rs"]
mod flags;
#[path = "../../redis/node.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod node;
mod reading;
#[path = "../../redis/rig/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the tests use more of it")]
mod rig;
#[path = "../servers.rs"]
mod servers;
mod start;
mod usage;
mod yardstick;

use std::time::Duration;

use rig::{Options, RedisServer};

fn main() {
    let server = RedisServer::start(Options::volatile());
    println!("Redis {}", server.info("redis_version"));
    drop(server);
    commits::measure("everysec", Options::every_second());
    commits::measure("always", Options::always());
    start::measure();
    usage::measure();
    reading::measure();
}

/// A runtime as the server has one.
fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The middle one and the one that 99 of 100 are faster than, in milliseconds.
fn percentiles(times: &mut [Duration]) -> (f64, f64) {
    times.sort();
    let at = |part: usize| millis(times[(times.len() * part / 100).min(times.len() - 1)]);
    (at(50), at(99))
}
