//! A change: what things are now, and what happened.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::event::{Actor, Event, NewEvent, Reach};
use super::instance::Counters;
use super::names::Revision;
use super::state::{Entity, EntityKey, State};
use super::time::Timestamp;

/// A decided change with its numbers, ready to be committed on top of [`Change::expected`].
///
/// Always has at least one event, so each change has a revision of its own.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Change {
    /// The revision it was decided on. A store at another revision refuses it.
    pub expected: Revision,
    /// Entities as they are now.
    pub put: Vec<Entity>,
    /// Entities that are gone. No key is in both lists.
    pub delete: Vec<EntityKey>,
    /// What happened, numbered from `expected + 1` without a gap.
    pub events: Vec<Event>,
}

impl Change {
    /// The revision of the state after this change.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.events.last().map_or(self.expected, |event| event.id)
    }
}

/// A change that is being decided: a working copy of the state, and what differs from where it began.
///
/// Deciders read [`Draft::state`], so later steps of a batch see the earlier ones. Nothing is visible to anybody
/// else until the sealed change is committed; dropping a draft undoes it.
#[derive(Debug)]
pub struct Draft {
    expected: Revision,
    state: State,
    touched: BTreeMap<EntityKey, Option<Entity>>,
    events: Vec<NewEvent>,
}

impl Draft {
    /// Begins on top of `state`.
    #[must_use]
    pub fn new(state: &State) -> Self {
        Self {
            expected: state.revision,
            state: state.clone(),
            touched: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    /// The state with everything decided so far.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Sets an entity.
    pub fn put(&mut self, entity: Entity) {
        self.state.put(entity.clone());
        self.touched.insert(entity.key(), Some(entity));
    }

    /// Removes an entity.
    pub fn delete(&mut self, key: EntityKey) {
        self.state.remove(&key);
        self.touched.insert(key, None);
    }

    /// Says what happened.
    pub fn tell(&mut self, event: NewEvent) {
        self.events.push(event);
    }

    /// Whether nothing happened, so there is nothing to commit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Numbers the events, notes which environments got a new revision, and closes the draft.
    /// None when nothing happened.
    #[must_use]
    pub fn seal(mut self, actor: &Actor, now: Timestamp) -> Option<Change> {
        if self.events.is_empty() {
            return None;
        }
        let events: Vec<Event> = std::mem::take(&mut self.events)
            .into_iter()
            .enumerate()
            .map(|(index, what)| Event {
                id: self.expected.plus(index + 1),
                at: now,
                by: actor.clone(),
                what,
            })
            .collect();
        if let Some(counters) = counters_after(&self.state.counters, &events) {
            self.put(Entity::Counters(Arc::new(counters)));
        }
        let mut change = Change {
            expected: self.expected,
            put: Vec::new(),
            delete: Vec::new(),
            events,
        };
        for (key, entity) in self.touched {
            match entity {
                Some(entity) => change.put.push(entity),
                None => change.delete.push(key),
            }
        }
        Some(change)
    }
}

fn counters_after(before: &Counters, events: &[Event]) -> Option<Counters> {
    let mut after = before.clone();
    for event in events {
        match (event.what.kind.reach(), &event.what.environment) {
            (Reach::Everybody, _) => after.everybody = event.id,
            (Reach::ItsEnvironment, Some(environment)) => {
                after.environments.insert(environment.clone(), event.id);
            }
            (Reach::ItsEnvironment, None) | (Reach::Nobody, _) => {}
        }
    }
    (after != *before).then_some(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::EventKind;
    use crate::domain::names::EnvironmentName;

    #[test]
    fn events_are_numbered_without_gaps_and_bump_the_right_environments() {
        let state = State {
            revision: Revision(7),
            ..State::default()
        };
        let mut draft = Draft::new(&state);
        let mut switched = NewEvent::new(EventKind::FeatureEnvironmentEnabled);
        switched.environment = Some(EnvironmentName::trusted("stage"));
        draft.tell(switched);
        draft.tell(NewEvent::new(EventKind::SegmentCreated));
        let change = draft
            .seal(&Actor::system(), Timestamp::from_millis(0))
            .unwrap();
        let next = state.apply(&change);
        assert_eq!(next.revision, Revision(9));
        assert_eq!(next.environment_revision("stage"), Revision(8));
        assert_eq!(next.environment_revision("production"), Revision(0));
    }

    #[test]
    fn a_draft_in_which_nothing_happened_makes_no_change() {
        let draft = Draft::new(&State::default());
        assert!(
            draft
                .seal(&Actor::system(), Timestamp::from_millis(0))
                .is_none()
        );
    }
}
