//! Redis processes for tests: alone, with replicas and Sentinels, as a Cluster, behind TLS, behind a bad network.
//!
//! Everything listens on loopback, keeps its files in a temporary directory and ends when its owner is dropped. A
//! test binary of its own may include this file by `#[path]`.

mod cluster;
mod options;
mod ports;
mod process;
mod proxy;
mod resp;
mod sentinel;
mod server;
mod tls;

use std::time::{Duration, Instant};

pub(crate) use cluster::Cluster;
pub(crate) use options::Options;
pub(crate) use proxy::{Proxy, Weather};
pub(crate) use resp::{Reply, ask_port};
pub(crate) use sentinel::Sentinel;
pub(crate) use server::RedisServer;

/// How long a process may take to start, to end, or to agree with others. The machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Asks again and again until there is an answer.
#[track_caller]
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let limit = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            Instant::now() < limit,
            "waited {} s in vain until {what}",
            PATIENCE.as_secs()
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}
