//! Changes as stores keep them.

use serde::{Deserialize, Serialize};

use crate::domain::change::Change;
use crate::domain::event::Event;
use crate::domain::names::Revision;
use crate::domain::state::{Entity, EntityKey};

/// A committed change without its events, which stand in the event log.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store) struct ChangeRecord {
    pub(in crate::store) expected: Revision,
    put: Vec<Entity>,
    delete: Vec<EntityKey>,
}

impl ChangeRecord {
    /// The change, with the events of it.
    pub(in crate::store) fn with(self, events: Vec<Event>) -> Change {
        Change {
            expected: self.expected,
            put: self.put,
            delete: self.delete,
            events,
        }
    }
}

/// [`ChangeRecord`] for writing, without copies.
#[derive(Serialize)]
pub(in crate::store) struct ChangeRecordRef<'a> {
    expected: Revision,
    put: &'a [Entity],
    delete: &'a [EntityKey],
}

impl<'a> From<&'a Change> for ChangeRecordRef<'a> {
    fn from(change: &'a Change) -> Self {
        Self {
            expected: change.expected,
            put: &change.put,
            delete: &change.delete,
        }
    }
}
