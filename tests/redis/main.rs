//! What several nodes share in Redis, and what becomes of it when Redis fails. Real processes throughout.
//!
//! The server is `redis-server`, or the command in `BURGEE_TEST_REDIS_SERVER`, so that the same tests run on Valkey.
//! A machine without it fails these tests; `make packages` installs it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that goes wrong may panic"
)]

mod rig;
mod smoke;
