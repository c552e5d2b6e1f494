//! Making snapshots: from nothing, and from the one before.

use std::sync::Arc;

use crate::domain::change::Change;
use crate::domain::state::State;

/// The configuration at one revision in the forms in which it is read.
#[derive(Debug)]
pub struct Snapshot {
    state: Arc<State>,
}

impl Snapshot {
    /// Builds everything from a state.
    #[must_use]
    pub fn build(state: State) -> Self {
        Self {
            state: Arc::new(state),
        }
    }

    /// The snapshot after a committed change, made from this one; equal to a full build.
    #[must_use]
    pub fn next(&self, change: &Change) -> Self {
        Self::build(self.state.apply(change))
    }

    /// The configuration itself.
    #[must_use]
    pub fn state(&self) -> &Arc<State> {
        &self.state
    }
}
