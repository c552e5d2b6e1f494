//! Wishes in, committed and visible changes out.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use thiserror::Error;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::{Instant, timeout};

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
use crate::telemetry::Telemetry;

/// For how long a command is decided again before the writer gives up because other nodes were always faster. Nodes
/// that write without a pause do not win equally often: the one that just won hears of it first.
const CONTENTION: Duration = Duration::from_secs(5);

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
    Store(StoreError),
    /// The store does not hold what this node serves, in these words. Operators have to decide which is right.
    #[error("the store does not hold what this node serves: {0}")]
    Diverged(String),
    /// It was to be decided on a state that is no longer the newest.
    #[error("the configuration has changed meanwhile")]
    Moved,
    /// Other nodes kept changing the configuration at the same time. Trying again will help.
    #[error("other nodes kept changing the configuration at the same time; try again")]
    Contended,
}

impl From<StoreError> for ChangeError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Diverged { what } => Self::Diverged(what),
            error => Self::Store(error),
        }
    }
}

/// The only way to change the configuration. Cheap to clone.
#[derive(Clone)]
pub struct Writer {
    desk: Arc<Desk>,
    bond: Option<Arc<Bond>>,
    telemetry: Arc<Telemetry>,
}

/// The right of one caller to write in this process, while all others wait: what is read meanwhile stays the newest, but
/// for what other nodes do.
#[derive(Debug)]
pub struct Turn {
    writer: Writer,
    guard: Arc<OwnedMutexGuard<()>>,
}

impl Turn {
    /// A writer whose first command is decided on the state of `revision` or not at all: when that is no longer the
    /// newest, it fails with [`ChangeError::Moved`] and changes nothing.
    #[must_use]
    pub fn only_at(&self, revision: Revision) -> Writer {
        let bond = Bond {
            revision,
            kept: AtomicBool::new(false),
            _turn: Arc::clone(&self.guard),
        };
        Writer {
            bond: Some(Arc::new(bond)),
            ..self.writer.clone()
        }
    }
}

/// The revision the first commit must be made on top of.
#[derive(Debug)]
struct Bond {
    revision: Revision,
    kept: AtomicBool,
    _turn: Arc<OwnedMutexGuard<()>>,
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
    turn: Arc<Mutex<()>>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

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
            turn: Arc::default(),
        };
        Self {
            desk: Arc::new(desk),
            bond: None,
            telemetry: Arc::default(),
        }
    }

    /// Counts what it does there.
    #[must_use]
    pub fn counted_in(self, telemetry: Arc<Telemetry>) -> Self {
        Self { telemetry, ..self }
    }

    /// Waits until no other command of this process is being decided, and keeps it so.
    pub async fn turn(&self) -> Turn {
        Turn {
            writer: self.clone(),
            guard: Arc::new(Arc::clone(&self.desk.turn).lock_owned().await),
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
        let decide = |state: &State| {
            let decided = self.decide(state, &make(state)?, actor);
            decided.map_err(|rejection| ChangeError::from(rejection).into())
        };
        self.carry_out(decide).await
    }

    /// Decides a command, commits the change and waits until it is visible in this process.
    ///
    /// When another node was faster, waits for its change and decides again.
    ///
    /// # Errors
    /// See [`ChangeError`]. Nothing was changed, with one exception: [`StoreError::Unavailable`] may also mean that
    /// the answer of the store was lost or that the committed change did not become visible in time.
    pub async fn submit(&self, command: &Command, actor: &Actor) -> Result<Done, ChangeError> {
        self.carry_out(|state| Ok(self.decide(state, command, actor)?))
            .await
    }

    /// Not for other rooms: whatever changes the configuration is a [`Command`].
    pub(super) async fn carry_out<E: From<ChangeError>>(
        &self,
        decide: impl Fn(&State) -> Result<Option<Change>, E>,
    ) -> Result<Done, E> {
        let _turn = match self.bond {
            Some(_) => None,
            None => Some(self.desk.turn.lock().await),
        };
        let end = Instant::now() + CONTENTION;
        while Instant::now() < end {
            match self.attempt(&decide).await? {
                Attempt::Done(done) => {
                    if let Some(change) = &done.change {
                        let state = done.snapshot.state();
                        self.telemetry.count_change(change, state);
                    }
                    self.bond
                        .iter()
                        .for_each(|bond| bond.kept.store(true, Ordering::Release));
                    return Ok(done);
                }
                Attempt::Conflict => {}
            }
        }
        Err(ChangeError::Contended.into())
    }

    async fn attempt<E: From<ChangeError>>(
        &self,
        decide: &impl Fn(&State) -> Result<Option<Change>, E>,
    ) -> Result<Attempt, E> {
        let snapshot = self.desk.hub.load_full();
        let bond = self.bond.as_deref();
        if bond.is_some_and(|bond| !bond.allows(snapshot.state().revision)) {
            return Err(ChangeError::Moved.into());
        }
        let Some(change) = decide(snapshot.state())? else {
            return Ok(Attempt::Done(Done {
                snapshot,
                change: None,
            }));
        };
        Ok(self.commit(Arc::new(change)).await?)
    }

    async fn commit(&self, change: Arc<Change>) -> Result<Attempt, ChangeError> {
        let commit = self.desk.store.commit(Arc::clone(&change));
        match self
            .telemetry
            .timed("configuration", "commit", commit)
            .await
        {
            Ok(revision) => Ok(Attempt::Done(Done {
                snapshot: self.desk.visible(revision).await?,
                change: Some(change),
            })),
            Err(CommitError::Conflict { actual }) => {
                self.desk.visible(actual).await?;
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
        let desk = &self.desk;
        let circumstances = Circumstances {
            actor,
            now: (desk.clock)(),
            limits: &desk.limits,
            new_id: &*desk.new_id,
        };
        decide(state, command, &circumstances)
            .inspect_err(|rejection| self.telemetry.count_rejection(rejection))
    }
}

impl Desk {
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
