//! How a wish comes true: decide, commit, follow, publish.
//!
//! The [`Writer`] turns a command into a committed change. The [`Follower`] turns committed changes, whoever
//! committed them, into snapshots; it is the only publisher. The writer answers when the follower has published what
//! it wrote, so whoever asked sees the effect with the next read.
//!
//! *Who calls it:* `api` and `app` submit commands; `app` runs the follower. *What it may import:* `domain`,
//! `store`, `snapshot`, `telemetry`.

mod backups;
mod follower;
mod history;
mod standing;
#[cfg(test)]
mod tests;
mod writer;

use std::sync::Arc;

pub use backups::{Backup, Backups};
pub use follower::Follower;
pub use history::{EventOrder, EventPage, EventQuery, History, Unreadable};
pub use standing::{Condition, Right, Standing, StandingError};
pub use writer::{ChangeError, Done, Turn, Writer};

pub use crate::domain::time::Clock;

/// Makes identifiers nobody has: UUID texts. Made once, at start; tests hand in their own.
pub type IdSource = Arc<dyn Fn() -> String + Send + Sync>;
