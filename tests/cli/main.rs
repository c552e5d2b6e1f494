//! The command as operators run it: a real process, its output, its exit status, its files.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on stops"
)]

mod backups;
mod commands;
mod process;
mod stopping;
