//! Decides wishes about a flag's strategies and variants in one environment. The switch is in `switch`.

use std::sync::Arc;

use super::{Circumstances, documents, strategy_rules as rules, switch, variant_rules};
use crate::domain::change::Draft;
use crate::domain::command::{
    FlagAddress, NewStrategy, StrategyAddress, StrategyChange, StrategyCommand,
};
use crate::domain::event::EventKind;
use crate::domain::flag::{Flag, FlagEnvironment};
use crate::domain::names::{EnvironmentName, StrategyId};
use crate::domain::rejection::Rejection;
use crate::domain::state::{Entity, State};
use crate::domain::strategy::Strategy;
use crate::domain::variant::Variant;

pub(super) fn carry_out(
    draft: &mut Draft,
    wish: &StrategyCommand,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match wish {
        StrategyCommand::Add {
            at,
            environment,
            strategy,
        } => add(draft, at, environment, strategy, it),
        StrategyCommand::Change { at, change: wish } => change(draft, at, wish, it),
        StrategyCommand::Remove(at) => remove(draft, at),
        StrategyCommand::Sort {
            at,
            environment,
            places,
        } => sort(draft, at, environment, places),
        StrategyCommand::Switch {
            at,
            environment,
            on: true,
            activate_disabled,
        } => switch::on(draft, at, environment, *activate_disabled, it),
        StrategyCommand::Switch {
            at,
            environment,
            on: false,
            ..
        } => switch::off(draft, at, environment),
        StrategyCommand::SetVariants {
            at,
            environments,
            variants,
        } => set_variants(draft, at, environments, variants),
    }
}

/// A flag in one environment while it is being changed.
pub(super) struct Place {
    pub(super) flag: Flag,
    pub(super) environment: EnvironmentName,
}

impl Place {
    pub(super) fn new(flag: &Flag, environment: EnvironmentName) -> Self {
        Self {
            flag: flag.clone(),
            environment,
        }
    }

    /// The configuration, made when there is none yet.
    pub(super) fn configuration(&mut self) -> &mut FlagEnvironment {
        self.flag
            .environments
            .entry(self.environment.clone())
            .or_default()
    }

    pub(super) fn tell(
        &self,
        draft: &mut Draft,
        kind: EventKind,
        before: Option<&Strategy>,
        after: Option<&Strategy>,
    ) {
        let mut event = documents::about_environment(&self.flag, &self.environment, kind);
        event.data = after.map(documents::strategy);
        event.pre_data = before.map(documents::strategy);
        draft.tell(event);
    }

    /// Adds a strategy behind the others, unless it has a place of its own.
    pub(super) fn push(&mut self, draft: &mut Draft, mut strategy: Strategy, place: Option<i32>) {
        let configuration = self.configuration();
        let last = configuration
            .strategies
            .iter()
            .map(|it| it.sort_order)
            .max();
        strategy.sort_order =
            place.unwrap_or_else(|| last.map_or(0, |last| last.saturating_add(1)));
        configuration.strategies.push(strategy.clone());
        configuration.sort();
        self.tell(draft, EventKind::FeatureStrategyAdd, None, Some(&strategy));
    }

    /// Switches the flag off here when no active strategy is left: without one it would be on for everybody.
    fn off_when_idle(&mut self, draft: &mut Draft) {
        let configuration = self.configuration();
        if configuration.enabled && configuration.active_strategies().next().is_none() {
            configuration.enabled = false;
            self.tell(draft, EventKind::FeatureEnvironmentDisabled, None, None);
        }
    }

    pub(super) fn put(self, draft: &mut Draft) {
        draft.put(Entity::Flag(Arc::new(self.flag)));
    }
}

fn add(
    draft: &mut Draft,
    at: &FlagAddress,
    environment: &str,
    new: &NewStrategy,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let state = draft.state();
    let flag = Arc::clone(state.flag_at(at)?);
    let environment = state.environment_of(&flag, environment).ok_or_else(|| {
        Rejection::bad_data("You have not added the current environment to the project")
    })?;
    let strategy = rules::check_new(state, it.limits, &flag, new, fresh_id(it))?;
    let mut place = Place::new(&flag, environment);
    let limit = it.limits.flag_environment_strategies;
    if place.configuration().strategies.len() >= limit {
        return Err(Rejection::Limit {
            resource: "strategy".into(),
            limit,
        });
    }
    place.push(draft, strategy, new.sort_order);
    place.put(draft);
    Ok(())
}

pub(super) fn fresh_id(it: &Circumstances<'_>) -> StrategyId {
    StrategyId::trusted(&(it.new_id)())
}

/// Finds a strategy by its identifier and makes sure it is where the caller says.
fn locate(state: &State, at: &StrategyAddress) -> Result<Place, Rejection> {
    let refuse = |what: &str| {
        Rejection::InvalidOperation(format!(
            "You can not change the {what} for an activation strategy."
        ))
    };
    let (flag, own) = state
        .strategy_owner(&at.flag.name, &at.id)
        .ok_or_else(|| not_found(&at.id))?;
    if flag.project != *at.flag.project {
        return Err(refuse("projectId"));
    }
    if flag.name != *at.flag.name {
        return Err(refuse("featureName"));
    }
    if state.environment_of(flag, &at.environment).is_none() {
        return Err(Rejection::NotFound(format!(
            "Could not find environment {} for feature: {}",
            at.environment, flag.name
        )));
    }
    Ok(Place::new(flag, own))
}

fn not_found(id: &str) -> Rejection {
    Rejection::NotFound(format!("Could not find strategy with id={id}"))
}

fn change(
    draft: &mut Draft,
    at: &StrategyAddress,
    wish: &StrategyChange,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let mut place = locate(draft.state(), at)?;
    let flag = place.flag.clone();
    let strategies = &mut place.configuration().strategies;
    let strategy = strategies
        .iter_mut()
        .find(|strategy| strategy.id == *at.id)
        .ok_or_else(|| not_found(&at.id))?;
    let before = strategy.clone();
    apply(draft.state(), &flag, strategy, wish, it)?;
    let after = strategy.clone();
    if before == after {
        return Ok(());
    }
    place.tell(
        draft,
        EventKind::FeatureStrategyUpdate,
        Some(&before),
        Some(&after),
    );
    place.off_when_idle(draft);
    place.put(draft);
    Ok(())
}

/// Only what is wished for is checked: a strategy that came from elsewhere may be sloppy in other places.
fn apply(
    state: &State,
    flag: &Flag,
    strategy: &mut Strategy,
    wish: &StrategyChange,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    if let Some(name) = &wish.name {
        rules::check_kind(state, name)?;
        strategy.name.clone_from(name);
    }
    if let Some(title) = &wish.title {
        strategy.title.clone_from(title);
    }
    strategy.disabled = wish.disabled.unwrap_or(strategy.disabled);
    if let Some(parameters) = &wish.parameters {
        rules::check_parameters(&strategy.name, parameters)?;
        strategy.parameters.clone_from(parameters);
    }
    if wish.fill_parameters {
        strategy.parameters =
            rules::filled(&strategy.name, &strategy.parameters, flag.name.as_str());
    }
    if let Some(constraints) = &wish.constraints {
        strategy.constraints =
            super::constraint_rules::check_strategy_constraints(constraints, state, it.limits)?;
    }
    if let Some(segments) = &wish.segments {
        strategy.segments = rules::check_segments(state, it.limits, &flag.project, segments)?;
    }
    if let Some(variants) = &wish.variants {
        strategy.variants = variant_rules::weighed(variants)?;
    }
    Ok(())
}

fn remove(draft: &mut Draft, at: &StrategyAddress) -> Result<(), Rejection> {
    let mut place = locate(draft.state(), at)?;
    let strategies = &mut place.configuration().strategies;
    let index = strategies
        .iter()
        .position(|strategy| strategy.id == *at.id)
        .ok_or_else(|| not_found(&at.id))?;
    let gone = strategies.remove(index);
    place.off_when_idle(draft);
    place.tell(draft, EventKind::FeatureStrategyRemove, Some(&gone), None);
    place.put(draft);
    Ok(())
}

fn sort(
    draft: &mut Draft,
    at: &FlagAddress,
    environment: &str,
    places: &[(StrategyId, i32)],
) -> Result<(), Rejection> {
    let found = draft
        .state()
        .flag_at(at)
        .ok()
        .and_then(|flag| Some((flag, draft.state().environment_of(flag, environment)?)));
    let Some((flag, environment)) = found else {
        return Err(Rejection::NotFound(format!(
            "Feature {} does not have environment {environment}",
            at.name
        )));
    };
    let mut place = Place::new(flag, environment);
    let configuration = place.configuration();
    let before = configuration.strategies.clone();
    for (id, sort_order) in places {
        let strategy = configuration.strategies.iter_mut().find(|it| it.id == *id);
        let strategy = strategy.ok_or_else(|| {
            Rejection::bad_data("trying to change strategies for environment via update sortOrder")
        })?;
        strategy.sort_order = *sort_order;
    }
    configuration.sort();
    let after = configuration.strategies.clone();
    if before == after {
        return Ok(());
    }
    let ids = |list: &[Strategy]| list.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
    let mut event = documents::about_environment(
        &place.flag,
        &place.environment,
        EventKind::StrategyOrderChanged,
    );
    event.data = Some(serde_json::json!({ "strategyIds": ids(&after) }));
    event.pre_data = Some(serde_json::json!({ "strategyIds": ids(&before) }));
    draft.tell(event);
    place.put(draft);
    Ok(())
}

fn set_variants(
    draft: &mut Draft,
    at: &FlagAddress,
    environments: &[String],
    given: &[Variant],
) -> Result<(), Rejection> {
    if environments.is_empty() {
        return Err(Rejection::bad_data("No environments provided"));
    }
    let variants = variant_rules::weighed(given)?;
    for environment in environments {
        let flag = Arc::clone(draft.state().live_flag_at(at)?);
        let found = draft.state().environment_of(&flag, environment);
        let environment = found.ok_or_else(|| {
            Rejection::NotFound(format!("Could not find {} in {environment}", at.name))
        })?;
        let mut place = Place::new(&flag, environment);
        let before = std::mem::replace(&mut place.configuration().variants, variants.clone());
        if before == variants {
            continue;
        }
        let mut event = documents::about_environment(
            &place.flag,
            &place.environment,
            EventKind::FeatureEnvironmentVariantsUpdated,
        );
        event.data = Some(serde_json::json!({ "variants": documents::variants(&variants) }));
        event.pre_data = Some(serde_json::json!({ "variants": documents::variants(&before) }));
        draft.tell(event);
        place.put(draft);
    }
    Ok(())
}
