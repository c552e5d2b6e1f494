//! Configuration to store.

use std::sync::Arc;

use burgee::domain::change::{Change, Draft};
use burgee::domain::event::{Actor, EventKind, NewEvent};
use burgee::domain::flag::Flag;
use burgee::domain::names::{FlagName, ProjectId};
use burgee::domain::state::{Entity, EntityKey, State};
use burgee::domain::time::Timestamp;
use serde_json::json;

/// An hour of the year 2026.
pub(crate) const NOON: Timestamp =
    Timestamp::from_millis(1_780_000_000_000 / 3_600_000 * 3_600_000);

/// A flag as the store writes it, so that new fields of the type do not concern this file.
pub(crate) fn flag(name: &str) -> Flag {
    let json = json!({
        "name": name,
        "project": "default",
        "kind": "release",
        "description": format!("What {name} is for"),
        "created_at": NOON,
        "created_by": "somebody",
        "created_by_user_id": 7,
        "environments": { "production": { "enabled": true, "strategies": [{
            "id": format!("strategy-of-{name}"),
            "name": "flexibleRollout",
            "sort_order": 1,
            "parameters": { "rollout": "50", "stickiness": "default", "groupId": name },
        }]}},
        "tags": [{ "type": "simple", "value": "a tag" }],
    });
    serde_json::from_value(json).unwrap()
}

/// What a change does to a flag.
pub(crate) enum Step<'a> {
    Put(&'a str),
    Delete(&'a str),
}

/// A change of several flags, with an event for each.
pub(crate) fn change(state: &State, steps: &[Step<'_>]) -> Arc<Change> {
    let mut draft = Draft::new(state);
    for step in steps {
        match step {
            Step::Put(name) => {
                let mut event = about(EventKind::FeatureCreated, name);
                event.data = Some(json!({ "name": name, "number": 1.5, "list": [1, null, "x"] }));
                draft.put(Entity::Flag(Arc::new(flag(name))));
                draft.tell(event);
            }
            Step::Delete(name) => {
                let mut event = about(EventKind::FeatureDeleted, name);
                event.pre_data = Some(json!({ "name": name }));
                draft.delete(EntityKey::Flag(FlagName::trusted(name)));
                draft.tell(event);
            }
        }
    }
    Arc::new(draft.seal(&actor("somebody"), NOON).unwrap())
}

pub(crate) fn put(state: &State, name: &str) -> Arc<Change> {
    change(state, &[Step::Put(name)])
}

pub(crate) fn actor(name: &str) -> Actor {
    Actor {
        name: name.into(),
        user_id: 7,
        ip: Some("192.0.2.1".into()),
    }
}

fn about(kind: EventKind, flag: &str) -> NewEvent {
    let mut event = NewEvent::new(kind);
    event.project = Some(ProjectId::trusted("default"));
    event.flag = Some(FlagName::trusted(flag));
    event
}
