//! Decides whether a flag is on in an environment.

use std::sync::Arc;

use super::strategy::{Place, fresh_id};
use super::{Circumstances, strategy_rules as rules};
use crate::domain::change::Draft;
use crate::domain::command::FlagAddress;
use crate::domain::event::EventKind;
use crate::domain::names::StrategyId;
use crate::domain::rejection::Rejection;
use crate::domain::state::State;
use crate::domain::strategy::Strategy;

fn place(state: &State, at: &FlagAddress, environment: &str) -> Result<Place, Rejection> {
    let flag = Arc::clone(state.flag_at(at)?);
    if flag.is_archived() {
        return Err(Rejection::Archived);
    }
    let environment = state
        .environment_in_use(&flag, environment)
        .ok_or_else(|| {
            Rejection::NotFound(format!(
                "Could not find environment {environment} for feature: {}",
                flag.name
            ))
        })?;
    Ok(Place::new(&flag, environment))
}

pub(super) fn on(
    draft: &mut Draft,
    at: &FlagAddress,
    environment: &str,
    activate_disabled: bool,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let mut place = place(draft.state(), at, environment)?;
    if activate_disabled {
        activate_all(draft, &mut place);
    }
    if !is_active(&mut place) {
        let strategy = default_strategy(draft.state(), &place, fresh_id(it));
        place.push(draft, strategy, None);
    }
    set(draft, place, true);
    Ok(())
}

fn is_active(place: &mut Place) -> bool {
    place.configuration().active_strategies().next().is_some()
}

pub(super) fn off(draft: &mut Draft, at: &FlagAddress, environment: &str) -> Result<(), Rejection> {
    let place = place(draft.state(), at, environment)?;
    set(draft, place, false);
    Ok(())
}

fn set(draft: &mut Draft, mut place: Place, enabled: bool) {
    let before = std::mem::replace(&mut place.configuration().enabled, enabled);
    if before != enabled {
        let kind = if enabled {
            EventKind::FeatureEnvironmentEnabled
        } else {
            EventKind::FeatureEnvironmentDisabled
        };
        place.tell(draft, kind, None, None);
    }
    place.put(draft);
}

fn activate_all(draft: &mut Draft, place: &mut Place) {
    let before = place.configuration().strategies.clone();
    for strategy in &mut place.configuration().strategies {
        strategy.disabled = false;
    }
    let after = place.configuration().strategies.clone();
    let changed = before
        .iter()
        .zip(&after)
        .filter(|(one, other)| one != other);
    for (before, after) in changed {
        place.tell(
            draft,
            EventKind::FeatureStrategyUpdate,
            Some(before),
            Some(after),
        );
    }
}

/// The project's strategy for the environment, or everybody.
fn default_strategy(state: &State, place: &Place, id: StrategyId) -> Strategy {
    let project = state.projects.get(&place.flag.project);
    let own = project
        .and_then(|project| project.environments.get(&place.environment))
        .and_then(|environment| environment.default_strategy.clone());
    let base = own.unwrap_or_else(|| Strategy {
        id: id.clone(),
        name: rules::ROLLOUT.into(),
        title: None,
        disabled: false,
        sort_order: 0,
        parameters: std::collections::BTreeMap::new(),
        constraints: Vec::new(),
        segments: Vec::new(),
        variants: Vec::new(),
    });
    Strategy {
        id,
        parameters: rules::filled(&base.name, &base.parameters, place.flag.name.as_str()),
        disabled: false,
        ..base
    }
}
