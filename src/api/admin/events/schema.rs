//! The shapes of events.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::admin::tags::schema::TagSchema;
use crate::change::EventPage;
use crate::domain::event::Event;

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct EventSchema {
    /// Its number. Numbers have no gaps.
    pub id: u64,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Who did it.
    pub created_by: String,
    /// When.
    pub created_at: String,
    /// The number of who did it; negative numbers are not people.
    pub created_by_user_id: i64,
    /// What it is now.
    pub data: Option<Value>,
    /// What it was before.
    pub pre_data: Option<Value>,
    /// Tags the flag concerned had then.
    pub tags: Vec<TagSchema>,
    /// The flag concerned.
    pub feature_name: Option<String>,
    /// The project concerned.
    pub project: Option<String>,
    /// The environment concerned.
    pub environment: Option<String>,
    /// The kind in words.
    pub label: String,
    /// The address the request came from, unless the server did it by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
}

impl From<&Event> for EventSchema {
    fn from(it: &Event) -> Self {
        let what = &it.what;
        Self {
            id: it.id.0,
            kind: what.kind.as_str(),
            created_by: it.by.name.clone(),
            created_at: it.at.to_string(),
            created_by_user_id: it.by.user_id,
            data: what.data.clone(),
            pre_data: what.pre_data.clone(),
            tags: what.tags.iter().map(Into::into).collect(),
            feature_name: what.flag.as_ref().map(ToString::to_string),
            project: what.project.as_ref().map(ToString::to_string),
            environment: what.environment.as_ref().map(ToString::to_string),
            label: in_words(what.kind.as_str()),
            ip: it.by.ip.clone(),
        }
    }
}

/// `feature-created` in words: `Feature created`.
fn in_words(kind: &str) -> String {
    let mut words = kind.replace('-', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

fn events(page: &EventPage) -> Vec<EventSchema> {
    page.events.iter().map(|it| it.as_ref().into()).collect()
}

/// Events, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventsSchema {
    /// Version of this shape.
    pub version: u32,
    /// The events.
    pub events: Vec<EventSchema>,
    /// How many there are in all.
    pub total_events: usize,
}

impl From<&EventPage> for EventsSchema {
    fn from(page: &EventPage) -> Self {
        Self {
            version: 1,
            events: events(page),
            total_events: page.total,
        }
    }
}

/// Events about one flag, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FeatureEventsSchema {
    /// Version of this shape.
    pub version: u32,
    /// The flag.
    pub toggle_name: String,
    /// The events.
    pub events: Vec<EventSchema>,
    /// How many there are in all.
    pub total_events: usize,
}

impl FeatureEventsSchema {
    /// A page of events about `flag`.
    pub(super) fn new(flag: String, page: &EventPage) -> Self {
        Self {
            version: 1,
            toggle_name: flag,
            events: events(page),
            total_events: page.total,
        }
    }
}

/// Events found, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventSearchResponseSchema {
    /// The events.
    pub events: Vec<EventSchema>,
    /// How many there are in all.
    pub total: usize,
}

impl From<&EventPage> for EventSearchResponseSchema {
    fn from(page: &EventPage) -> Self {
        Self {
            events: events(page),
            total: page.total,
        }
    }
}

/// Somebody who did something.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub(super) struct EventCreatorSchema {
    /// The number.
    pub id: i64,
    /// The name.
    pub name: String,
}

impl From<&Event> for EventCreatorSchema {
    fn from(it: &Event) -> Self {
        Self {
            id: it.by.user_id,
            name: it.by.name.clone(),
        }
    }
}
