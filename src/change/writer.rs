//! Wishes in, committed and visible changes out.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use thiserror::Error;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::{Clock, IdSource};
use crate::domain::change::Change;
use crate::domain::command::Command;
use crate::domain::decide::{Circumstances, decide};
use crate::domain::event::Actor;
use crate::domain::limits::Limits;
use crate::domain::names::Revision;
use crate::domain::rejection::Rejection;
use crate::domain::state::State;
use crate::snapshot::{Hub, Snapshot};
use crate::store::{AnyStore, CommitError, Store, StoreError};

/// How often a command is decided before the writer gives up because other nodes were always faster.
///
/// Two nodes that write without a pause win about equally often. With 5 attempts one submit in some hundred was lost
/// to five defeats in a row; with 20 it is one in a million.
const ATTEMPTS: usize = 20;

/// How long the follower may take to show a committed change.
const PATIENCE: Duration = Duration::from_secs(10);

/// What became of a command.
#[derive(Clone, Debug)]
pub struct Done {
    /// Contains the effect, and perhaps newer changes.
    pub snapshot: Arc<Snapshot>,
    /// What was committed. None when the wish was fulfilled already.
    pub change: Option<Arc<Change>>,
}

/// Why a command had no effect.
#[derive(Debug, Error)]
pub enum ChangeError {
    /// It breaks a rule.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// It could not be remembered, or not be shown within ten seconds.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It was to be decided on a state that is no longer the newest.
    #[error("the configuration has changed meanwhile")]
    Moved,
    /// Other nodes kept changing the configuration at the same time. Trying again will help.
    #[error("other nodes kept changing the configuration at the same time; try again")]
    Contended,
}

/// The only way to change the configuration. Cheap to clone.
#[derive(Clone)]
pub struct Writer {
    desk: Arc<Desk>,
    bond: Option<Arc<Bond>>,
}

/// The revision the first commit must be made on top of.
#[derive(Debug)]
struct Bond {
    revision: Revision,
    kept: AtomicBool,
}

impl Bond {
    fn allows(&self, revision: Revision) -> bool {
        self.kept.load(Ordering::Acquire) || revision == self.revision
    }
}

struct Desk {
    store: Arc<AnyStore>,
    hub: Arc<Hub>,
    limits: Limits,
    clock: Clock,
    new_id: IdSource,
    /// One command at a time, so that the writers of one process do not conflict with one another.
    turn: Mutex<()>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

/// A command waiting for a state to be decided on.
pub(super) type Decider<'a> = dyn Fn(&State) -> Result<Option<Change>, Rejection> + Sync + 'a;

enum Attempt {
    Done(Done),
    Conflict,
}

impl Writer {
    /// Writes to `store` on top of what `hub` shows. A [`Follower`](super::Follower) of both must be running.
    #[must_use]
    pub fn new(
        store: Arc<AnyStore>,
        hub: Arc<Hub>,
        limits: Limits,
        clock: Clock,
        new_id: IdSource,
    ) -> Self {
        let desk = Desk {
            store,
            hub,
            limits,
            clock,
            new_id,
            turn: Mutex::new(()),
        };
        Self {
            desk: Arc::new(desk),
            bond: None,
        }
    }

    /// A writer whose first command is decided on the state of `revision` or not at all: when that is no longer the
    /// newest, it fails with [`ChangeError::Moved`] and changes nothing.
    #[must_use]
    pub fn only_at(&self, revision: Revision) -> Self {
        let kept = AtomicBool::new(false);
        Self {
            desk: Arc::clone(&self.desk),
            bond: Some(Arc::new(Bond { revision, kept })),
        }
    }

    /// Submits a command that is made from the state it is then decided on, so that no other change comes in between.
    ///
    /// # Errors
    /// Those of `make`, and [`ChangeError`] as with [`Self::submit`].
    pub async fn submit_made<E: From<ChangeError>>(
        &self,
        make: impl Fn(&State) -> Result<Command, E>,
        actor: &Actor,
    ) -> Result<Done, E> {
        for _ in 0..ATTEMPTS {
            let snapshot = self.desk.hub.load_full();
            let revision = snapshot.state().revision;
            if self
                .bond
                .as_ref()
                .is_some_and(|bond| !bond.allows(revision))
            {
                return Err(ChangeError::Moved.into());
            }
            let command = make(snapshot.state())?;
            match self.only_at(revision).submit(&command, actor).await {
                Err(ChangeError::Moved) => {}
                other => return Ok(other?),
            }
        }
        Err(ChangeError::Contended.into())
    }

    /// Decides a command, commits the change and waits until it is visible in this process.
    ///
    /// When another node was faster, waits for its change and decides again.
    ///
    /// # Errors
    /// See [`ChangeError`]. Nothing was changed, with one exception: [`StoreError::Unavailable`] may also mean that
    /// the answer of the store was lost or that the committed change did not become visible in time.
    pub async fn submit(&self, command: &Command, actor: &Actor) -> Result<Done, ChangeError> {
        self.carry_out(&|state| self.desk.decide(state, command, actor))
            .await
    }

    /// Not for other rooms: whatever changes the configuration is a [`Command`].
    pub(super) async fn carry_out(&self, decide: &Decider<'_>) -> Result<Done, ChangeError> {
        let _turn = self.desk.turn.lock().await;
        for _ in 0..ATTEMPTS {
            match self.desk.attempt(decide, self.bond.as_deref()).await? {
                Attempt::Done(done) => {
                    self.bond
                        .iter()
                        .for_each(|bond| bond.kept.store(true, Ordering::Release));
                    return Ok(done);
                }
                Attempt::Conflict => {}
            }
        }
        Err(ChangeError::Contended)
    }
}

impl Desk {
    async fn attempt(
        &self,
        decide: &Decider<'_>,
        bond: Option<&Bond>,
    ) -> Result<Attempt, ChangeError> {
        let snapshot = self.hub.load_full();
        if bond.is_some_and(|bond| !bond.allows(snapshot.state().revision)) {
            return Err(ChangeError::Moved);
        }
        let Some(change) = decide(snapshot.state())? else {
            return Ok(Attempt::Done(Done {
                snapshot,
                change: None,
            }));
        };
        let change = Arc::new(change);
        match self.store.commit(Arc::clone(&change)).await {
            Ok(revision) => Ok(Attempt::Done(Done {
                snapshot: self.visible(revision).await?,
                change: Some(change),
            })),
            Err(CommitError::Conflict { actual }) => {
                self.visible(actual).await?;
                Ok(Attempt::Conflict)
            }
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(error @ CommitError::Misnumbered) => Err(unavailable(error).into()),
        }
    }

    fn decide(
        &self,
        state: &State,
        command: &Command,
        actor: &Actor,
    ) -> Result<Option<Change>, Rejection> {
        let circumstances = Circumstances {
            actor,
            now: (self.clock)(),
            limits: &self.limits,
            new_id: &*self.new_id,
        };
        decide(state, command, &circumstances)
    }

    /// Waits for the follower to publish `revision` or a newer one.
    async fn visible(&self, revision: Revision) -> Result<Arc<Snapshot>, StoreError> {
        let mut published = self.hub.subscribe();
        timeout(PATIENCE, published.wait_for(|newest| *newest >= revision))
            .await
            .map_err(unavailable)?
            .map_err(unavailable)?;
        Ok(self.hub.load_full())
    }
}

fn unavailable(source: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Unavailable {
        what: "a change could not be committed and shown".into(),
        source: Some(Box::new(source)),
    }
}
