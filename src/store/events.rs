//! Asking the event log. One definition of what a query means, for all stores.

use std::sync::Arc;

use crate::domain::event::{Event, EventKind};
use crate::domain::names::{EnvironmentName, FlagName, ProjectId, Revision};
use crate::domain::time::Timestamp;

/// The order of a page.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum EventOrder {
    /// The newest first.
    #[default]
    NewestFirst,
    /// The oldest first.
    OldestFirst,
}

/// Which events are wanted. Lists left empty do not restrict; a list with entries wants any of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventQuery {
    /// With these numbers.
    pub ids: Vec<Revision>,
    /// About these projects.
    pub projects: Vec<ProjectId>,
    /// About these flags.
    pub flags: Vec<FlagName>,
    /// About these environments.
    pub environments: Vec<EnvironmentName>,
    /// Of these kinds.
    pub kinds: Vec<EventKind>,
    /// By somebody with one of these names.
    pub created_by: Vec<String>,
    /// By somebody with one of these numbers.
    pub created_by_user_ids: Vec<i64>,
    /// At or after this instant.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
    /// Contains this text, upper and lower case being equal: kind, who, project, flag, environment, or the JSON of
    /// the data before and after.
    pub text: Option<String>,
    /// In which order.
    pub order: EventOrder,
    /// How many matching ones to leave out first.
    pub offset: usize,
    /// How many to give at most.
    pub limit: usize,
}

impl Default for EventQuery {
    fn default() -> Self {
        Self {
            ids: Vec::new(),
            projects: Vec::new(),
            flags: Vec::new(),
            environments: Vec::new(),
            kinds: Vec::new(),
            created_by: Vec::new(),
            created_by_user_ids: Vec::new(),
            from: None,
            to: None,
            text: None,
            order: EventOrder::NewestFirst,
            offset: 0,
            limit: 100,
        }
    }
}

impl EventQuery {
    /// Whether every event matches, so that a store can count without looking.
    #[must_use]
    pub fn wants_everything(&self) -> bool {
        *self
            == Self {
                order: self.order,
                offset: self.offset,
                limit: self.limit,
                ..Self::default()
            }
    }

    /// Whether the query asks for `event`, whatever its place on the page.
    #[must_use]
    pub fn matches(&self, event: &Event) -> bool {
        self.concerns(event) && self.says(event)
    }

    /// Everything but the text. The documents of the event are not looked at.
    pub(super) fn concerns(&self, event: &Event) -> bool {
        let what = &event.what;
        any(&self.ids, Some(&event.id))
            && any(&self.projects, what.project.as_ref())
            && any(&self.flags, what.flag.as_ref())
            && any(&self.environments, what.environment.as_ref())
            && any(&self.kinds, Some(&what.kind))
            && any(&self.created_by, Some(&event.by.name))
            && any(&self.created_by_user_ids, Some(&event.by.user_id))
            && self.from.is_none_or(|from| event.at >= from)
            && self.to.is_none_or(|to| event.at < to)
    }

    /// The text alone.
    pub(super) fn says(&self, event: &Event) -> bool {
        self.text.as_deref().is_none_or(|text| says(event, text))
    }
}

fn any<T: PartialEq>(wanted: &[T], found: Option<&T>) -> bool {
    wanted.is_empty() || found.is_some_and(|found| wanted.contains(found))
}

fn says(event: &Event, text: &str) -> bool {
    let what = &event.what;
    let words = [
        Some(what.kind.as_str()),
        Some(event.by.name.as_str()),
        what.project.as_ref().map(ProjectId::as_str),
        what.flag.as_ref().map(FlagName::as_str),
        what.environment.as_ref().map(EnvironmentName::as_str),
    ];
    let needle = text.to_lowercase();
    let documents = [&what.data, &what.pre_data];
    words
        .into_iter()
        .flatten()
        .any(|word| word.to_lowercase().contains(&needle))
        || documents
            .into_iter()
            .flatten()
            .any(|document| document.to_string().to_lowercase().contains(&needle))
}

/// A part of the events that match a query.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct EventPage {
    /// In the order asked for.
    pub events: Vec<Arc<Event>>,
    /// How many match in all, on this page and elsewhere.
    pub total: usize,
}
