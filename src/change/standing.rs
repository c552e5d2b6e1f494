//! How the shared store stands to what this node serves, and what operators can do about it.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use super::Clock;
use crate::domain::change::Draft;
use crate::domain::event::{Actor, EventKind, NewEvent};
use crate::domain::names::Revision;
use crate::domain::state::State;
use crate::snapshot::Hub;
pub use crate::store::Condition;
use crate::store::{AnyStore, Store, StoreError};

/// Looks after the store this node shares with others. Cheap to clone.
#[derive(Clone)]
pub struct Standing {
    store: Arc<AnyStore>,
    hub: Arc<Hub>,
    clock: Clock,
}

impl fmt::Debug for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Standing").finish_non_exhaustive()
    }
}

/// Which configuration is right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Right {
    /// What this node serves: it is written to the store.
    Served,
    /// What the store holds: all nodes take it.
    Held,
}

/// Why nothing was decided.
#[derive(Debug, Error)]
pub enum StandingError {
    /// The store belongs to this process alone.
    #[error("the store is not shared, so it always holds what is served")]
    NotShared,
    /// There is nothing to decide.
    #[error("the store holds what this node serves; there is nothing to decide")]
    Agreed,
    /// There is nothing to take.
    #[error("the store is empty; write what this node serves instead (reseed)")]
    Empty,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Standing {
    /// Looks after `store`, with which `hub` is filled.
    #[must_use]
    pub fn new(store: Arc<AnyStore>, hub: Arc<Hub>, clock: Clock) -> Self {
        Self { store, hub, clock }
    }

    /// How the store is doing.
    #[must_use]
    pub fn condition(&self) -> Condition {
        self.store.condition().borrow().clone()
    }

    /// The revision that is served.
    #[must_use]
    pub fn served(&self) -> Revision {
        self.hub.load().state().revision
    }

    /// Ends a divergence. All nodes go on at the revision that is returned, which is above all that either side knew.
    ///
    /// # Errors
    /// [`StandingError`]. Nothing was changed.
    pub async fn decide(&self, right: Right, actor: &Actor) -> Result<Revision, StandingError> {
        let AnyStore::Redis(store) = &*self.store else {
            return Err(StandingError::NotShared);
        };
        let held = store.held().await?;
        if !matches!(self.condition(), Condition::Diverged(_)) {
            return Err(StandingError::Agreed);
        }
        let served = self.hub.load_full();
        let (base, kind) = match right {
            Right::Served => (&**served.state(), EventKind::StoreReseeded),
            Right::Held if held.state.instance.is_none() => return Err(StandingError::Empty),
            Right::Held => (&held.state, EventKind::StoreAdopted),
        };
        let newest = held.state.revision.max(served.state().revision);
        let base = State {
            // A revision nobody serves: every node sees a gap, and loads everything.
            revision: newest.plus(1),
            ..base.clone()
        };
        let mut draft = Draft::new(&base);
        draft.tell(NewEvent::new(kind));
        let Some(change) = draft.seal(actor, (self.clock)()) else {
            return Err(StandingError::Agreed);
        };
        let after = base.apply(&change);
        let revision = after.revision;
        let goes_on = right == Right::Held;
        store
            .take_over(held, Arc::new(change), after, goes_on)
            .await?;
        tracing::warn!(
            revision = revision.0,
            event = kind.as_str(),
            "the store and the nodes agree again"
        );
        Ok(revision)
    }
}
