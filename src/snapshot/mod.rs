//! What readers see: the state at one revision, compiled and written out ahead of time, immutable.
//!
//! *Who calls it:* `change` publishes; `api`, `auth` and `stream` read. *What it may import:* `domain`, `engine`,
//! `wire`.

mod build;
mod hub;

pub use build::Snapshot;
pub use hub::Hub;
