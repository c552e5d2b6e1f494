//! An event as others are told about it: the form of the event log of the admin API.

use serde_json::{Value, json};

use crate::domain::event::Event;

/// The event as JSON. Addresses people came from are not told.
pub(super) fn event(event: &Event) -> Value {
    let what = &event.what;
    let tags: Vec<Value> = what
        .tags
        .iter()
        .map(|tag| json!({ "type": tag.kind.as_str(), "value": tag.value }))
        .collect();
    json!({
        "id": event.id,
        "type": what.kind.as_str(),
        "createdBy": event.by.name,
        "createdAt": event.at.to_string(),
        "createdByUserId": event.by.user_id,
        "data": what.data,
        "preData": what.pre_data,
        "tags": tags,
        "featureName": what.flag.as_ref().map(AsRef::<str>::as_ref),
        "project": what.project.as_ref().map(AsRef::<str>::as_ref),
        "environment": what.environment.as_ref().map(AsRef::<str>::as_ref),
    })
}
