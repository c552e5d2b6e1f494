//! The server as its callers see it: a real server on a free port of the loopback address, asked over HTTP.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on stops"
)]

mod admin;
mod client;
mod contract;
mod first_start;
mod frontend;
mod harness;
mod listener;
mod openapi;
mod operational;
mod parity;
mod prometheus;
mod reference_admin;
mod replay;
mod rights;
