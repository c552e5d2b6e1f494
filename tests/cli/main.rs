//! The command as operators run it: a real process, its output, its exit status, its files.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on stops"
)]

mod backups;
mod commands;
mod moving;
mod process;
mod prometheus;
#[path = "../redis/rig/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    clippy::expect_used,
    reason = "the rig has more than these tests need"
)]
mod rig;
mod stopping;
