//! Looking for events among their JSON, as little of which is read as is needed.

use std::sync::Arc;

use serde::Deserialize;

use super::{EventPage, EventQuery};
use crate::domain::event::{Actor, Event, EventKind, NewEvent};
use crate::domain::names::{EnvironmentName, FlagName, ProjectId, Revision};
use crate::domain::time::Timestamp;

/// Looks at events one by one, in the order asked for, and makes the page.
pub(in crate::store) struct Search<'q> {
    query: &'q EventQuery,
    page: EventPage,
}

impl<'q> Search<'q> {
    pub(in crate::store) fn new(query: &'q EventQuery) -> Self {
        Self {
            query,
            page: EventPage::default(),
        }
    }

    /// Looks at the next event.
    ///
    /// # Errors
    /// It is not the JSON of an event.
    pub(in crate::store) fn look_at(&mut self, json: &[u8]) -> Result<(), serde_json::Error> {
        let (query, page) = (self.query, &mut self.page);
        let head: EventHead = serde_json::from_slice(json)?;
        if !query.concerns(&head.into()) {
            return Ok(());
        }
        let on_page = page.total >= query.offset && page.events.len() < query.limit;
        if !on_page && query.text.is_none() {
            page.total += 1;
            return Ok(());
        }
        let event: Event = serde_json::from_slice(json)?;
        if !query.says(&event) {
            return Ok(());
        }
        page.total += 1;
        if on_page {
            page.events.push(Arc::new(event));
        }
        Ok(())
    }

    pub(in crate::store) fn into_page(self) -> EventPage {
        self.page
    }
}

/// An event without its documents, for looking through many: skipping them is several times faster than reading.
#[derive(Deserialize)]
struct EventHead {
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
