//! What several nodes share in Redis, and what becomes of it when Redis fails. Real processes throughout.
//!
//! The server is `redis-server`, or the command in `BURGEE_TEST_REDIS_SERVER`, so that the same tests run on Valkey.
//! A machine without it fails these tests; `make packages` installs it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that goes wrong may panic"
)]

mod addons;
mod audit;
mod chaos;
#[path = "../api/contract.rs"]
mod contract;
mod disk;
mod exactness;
mod failover;
#[path = "../api/harness.rs"]
#[expect(dead_code, reason = "the tests of the API use more of it")]
mod harness;
#[path = "../api/listener.rs"]
#[expect(
    dead_code,
    reason = "the tests of the API look closer at what was sent"
)]
mod listener;
mod load;
mod losses;
mod node;
mod operators;
mod outages;
mod page;
#[path = "../cli/process.rs"]
#[expect(dead_code, reason = "the tests of the command use more of it")]
mod process;
mod rig;
mod served;
mod several_nodes;
mod smoke;
mod topologies;
