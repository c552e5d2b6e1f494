//! Remembering and sharing the configuration.
//!
//! A store answers no questions about flags: it keeps the newest value of each entity, the committed changes, the
//! event log and what SDKs reported, and it decides which of two writers came first. Everything else is a look into
//! a snapshot. All stores pass one conformance suite, `tests/store`.
//!
//! *Who calls it:* `change`, `usage`, `app`. *What it may import:* `domain`.

mod any;
mod change_record;
mod claim;
mod condition;
mod contents;
pub mod dump;
mod embedded;
mod error;
mod events;
mod local_copy;
mod memory;
mod redis;
mod search;

use std::future::Future;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

pub use any::AnyStore;
pub use claim::{Claim, Turn};
pub use condition::{Condition, Held};
pub use contents::{Origin, PART_LENGTH, Part, copy};
pub use embedded::{Aside, EmbeddedStore};
pub use error::{Cause, CommitError, StoreError};
pub use events::{EventOrder, EventPage, EventQuery};
pub use local_copy::{Copied, LocalCopy};
pub use memory::MemoryStore;
pub use redis::{Durability, RedisOptions, RedisStore};

use crate::domain::change::Change;
use crate::domain::delivery::Delivery;
use crate::domain::names::{AddonId, Revision};
use crate::domain::state::State;
use crate::domain::usage::{Expiry, Sightings, UsageQuery, UsageReport, UsageRow};

/// How many committed changes stay readable one by one. A follower that is further behind loads the whole state.
/// The event log is longer than this; it is kept as a whole.
pub const CHANGES_KEPT: usize = 1000;

/// Remembers committed changes.
///
/// An operation that failed has changed nothing. A commit that was acknowledged survives the death of the process,
/// unless the store is one that forgets by its nature.
pub trait Store: Send + Sync + 'static {
    /// The newest state. Of a store nobody has written to: [`State::default`].
    fn load(&self) -> impl Future<Output = Result<State, StoreError>> + Send;

    /// Appends a change if the store is at the revision it was decided on. Returns the new revision.
    fn commit(
        &self,
        change: Arc<Change>,
    ) -> impl Future<Output = Result<Revision, CommitError>> + Send;

    /// Changes that lead to revisions after `from`, oldest first, at most `limit` of them.
    ///
    /// Each begins where the one before it ends. The first begins after `from` when what lies between is no longer
    /// kept, and there is none at all although the store is further than `from` when nothing is: then the caller has
    /// to load the whole state.
    fn changes_after(
        &self,
        from: Revision,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Arc<Change>>, StoreError>> + Send;

    /// A page of the event log.
    fn events(
        &self,
        query: &EventQuery,
    ) -> impl Future<Output = Result<EventPage, StoreError>> + Send;

    /// The newest committed revision, by this process or another. Receivers may skip some.
    fn feed(&self) -> watch::Receiver<Revision>;

    /// Whether it can be reached, and holds what this process serves. A store of one process alone always is and does.
    fn condition(&self) -> watch::Receiver<Condition> {
        watch::Sender::new(Condition::Good).subscribe()
    }

    /// Adds a report to what is known; all of it or nothing.
    fn add_usage(
        &self,
        report: Arc<UsageReport>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Rows that match, ordered by [`UsageRow::key`].
    fn usage(
        &self,
        query: &UsageQuery,
    ) -> impl Future<Output = Result<Vec<UsageRow>, StoreError>> + Send;

    /// Everybody and everything seen, each list ordered by key.
    fn sightings(&self) -> impl Future<Output = Result<Sightings, StoreError>> + Send;

    /// Adds counts up by day and forgets what is old, as `expiry` says. When a flag was last seen is remembered for as
    /// long as the flag exists. Returns by how much less is remembered.
    fn prune_usage(&self, expiry: Expiry)
    -> impl Future<Output = Result<usize, StoreError>> + Send;

    /// Forgets an application, its running copies and what people said about it. Its counts stay.
    fn forget_application(
        &self,
        app_name: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Whose turn it is to do `task`, of all processes that share the store; each has a name of its own, `by`. Asking
    /// twice does no harm.
    fn claim(
        &self,
        task: &str,
        by: &str,
        claim: Claim,
    ) -> impl Future<Output = Result<Turn, StoreError>> + Send {
        // Nobody shares the stores of one process.
        let _ = (task, by, claim);
        std::future::ready(Ok(Turn::Mine))
    }

    /// Notes what became of telling an addon about an event, and gives it a number. The newest
    /// [`DELIVERIES_KEPT`](crate::domain::delivery::DELIVERIES_KEPT) of each addon are kept.
    fn add_delivery(
        &self,
        delivery: Arc<Delivery>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The deliveries of an addon, the newest first.
    fn deliveries(
        &self,
        addon: AddonId,
    ) -> impl Future<Output = Result<Vec<Delivery>, StoreError>> + Send;

    /// Sends everything it holds as of one moment, while others go on writing. Ends early and without an error when
    /// nobody receives any more.
    fn read_out(
        &self,
        parts: mpsc::Sender<Part>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes over what another store held, part by part, with the same numbers everywhere. Only an empty store can be
    /// filled. Between [`Part::Begin`] and [`Part::End`] every other operation fails with [`StoreError::Incomplete`],
    /// also after a restart; another `Begin` throws away what is there and starts again. Afterwards the changes that
    /// led to its revision are not kept.
    fn fill(&self, part: Part) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Lets go of files and connections. Later operations fail as unavailable; closing twice is harmless.
    fn close(&self) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Whether a change may follow `revision` in the log.
fn check_order(change: &Change, revision: Revision) -> Result<(), CommitError> {
    if change.expected != revision {
        return Err(CommitError::Conflict { actual: revision });
    }
    let numbered = change
        .events
        .iter()
        .zip(1..)
        .all(|(event, distance)| event.id == change.expected.plus(distance));
    if change.events.is_empty() || !numbered {
        return Err(CommitError::Misnumbered);
    }
    Ok(())
}
