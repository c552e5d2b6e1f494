//! What readers see: the state at one revision, compiled and written out ahead of time, immutable.
//!
//! A [`Snapshot`] holds a [`ServedEnvironment`] for each environment: its flags as JSON and as a program, and the
//! bodies joined from them, a [`View`] for each set of projects that tokens see. The next snapshot shares all that a
//! change does not concern, and is equal to one built from nothing.
//!
//! *Who calls it:* `change` publishes; `api`, `auth` and `stream` read. *What it may import:* `domain`, `engine`,
//! `wire`.

mod build;
mod environment;
mod flag;
mod frontend;
mod hub;
mod query;
mod segments;
mod step;
#[cfg(test)]
mod tests;
mod touched;
mod view;

pub use build::Snapshot;
pub use environment::ServedEnvironment;
pub use flag::ServedFlag;
pub use frontend::FrontendView;
pub use hub::Hub;
pub use query::Filter;
pub use view::{Encoding, View};
