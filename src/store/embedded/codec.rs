//! Values of tables.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::fault::Fault;
use crate::domain::change::Change;
use crate::domain::event::{Actor, Event, EventKind, NewEvent};
use crate::domain::names::{EnvironmentName, FlagName, ProjectId, Revision};
use crate::domain::state::{Entity, EntityKey};
use crate::domain::time::Timestamp;

pub(super) fn encode<T: Serialize>(what: &str, value: &T) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(value).map_err(|source| Fault::Value {
        what: what.to_owned(),
        source,
    })
}

pub(super) fn decode<T: DeserializeOwned>(what: &str, json: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(json).map_err(|source| Fault::Value {
        what: format!("{what} cannot be read"),
        source,
    })
}

/// A key made of several texts. JSON keeps them apart whatever they contain.
pub(super) fn joined(parts: &[&str]) -> Result<String, Fault> {
    serde_json::to_string(parts).map_err(|source| Fault::Value {
        what: "a key".into(),
        source,
    })
}

/// A committed change without its events, which stand in the event log.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ChangeRecord {
    pub(super) expected: Revision,
    pub(super) put: Vec<Entity>,
    pub(super) delete: Vec<EntityKey>,
}

/// [`ChangeRecord`] for writing, without copies.
#[derive(Serialize)]
pub(super) struct ChangeRecordRef<'a> {
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

/// An event without its documents, for looking through many: skipping them is several times faster than reading.
#[derive(Deserialize)]
pub(super) struct EventHead {
    id: Revision,
    at: Timestamp,
    by: Actor,
    #[serde(rename = "type")]
    kind: EventKind,
    #[serde(default)]
    project: Option<ProjectId>,
    #[serde(default)]
    flag: Option<FlagName>,
    #[serde(default)]
    environment: Option<EnvironmentName>,
}

impl From<EventHead> for Event {
    fn from(head: EventHead) -> Self {
        let mut what = NewEvent::new(head.kind);
        what.project = head.project;
        what.flag = head.flag;
        what.environment = head.environment;
        Self {
            id: head.id,
            at: head.at,
            by: head.by,
            what,
        }
    }
}
