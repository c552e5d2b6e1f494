//! Decides which environments a project uses, and what a flag gets there when it is switched on.

use std::sync::Arc;

use serde_json::{Value, json};

use super::project::about;
use super::{Circumstances, documents, strategy_rules as rules, variant_rules};
use crate::domain::change::Draft;
use crate::domain::command::NewStrategy;
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::flag::Flag;
use crate::domain::names::{EnvironmentName, StrategyId};
use crate::domain::project::{ChangeRequests, Project, ProjectEnvironment};
use crate::domain::rejection::Rejection;
use crate::domain::state::Entity;
use crate::domain::strategy::Strategy;

fn told(project: &Project, environment: &EnvironmentName, kind: EventKind) -> NewEvent {
    NewEvent {
        environment: Some(environment.clone()),
        ..about(&project.id, kind)
    }
}

pub(super) fn add(draft: &mut Draft, id: &str, environment: &str) -> Result<(), Rejection> {
    let mut project = Project::clone(draft.state().project(id)?);
    let Some(found) = draft.state().environments.get(environment) else {
        return Err(Rejection::bad_data(format!(
            "Environment {environment} does not exist"
        )));
    };
    let name = found.name.clone();
    if project.environments.contains_key(&name) {
        return Err(Rejection::NameTaken(format!(
            "{id} already has the environment {name} enabled"
        )));
    }
    project
        .environments
        .insert(name.clone(), ProjectEnvironment::default());
    draft.tell(told(&project, &name, EventKind::ProjectEnvironmentAdded));
    draft.put(Entity::Project(Arc::new(project)));
    Ok(())
}

/// Says whether changes in an environment are to be agreed to.
pub(super) fn set_change_requests(
    draft: &mut Draft,
    id: &str,
    environment: &str,
    wish: ChangeRequests,
) -> Result<(), Rejection> {
    let mut project = Project::clone(draft.state().project(id)?);
    let Some((name, own)) = project
        .environments
        .iter_mut()
        .find(|(name, _)| name.as_str() == environment)
    else {
        return Err(Rejection::NotFound(format!(
            "The project {id} does not use an environment {environment}"
        )));
    };
    if own.change_requests == wish {
        return Ok(());
    }
    let document = |it: &ChangeRequests| json!({"changeRequestsEnabled": it.enabled, "requiredApprovals": it.approvals});
    let (name, before) = (name.clone(), document(&own.change_requests));
    own.change_requests = wish;
    let kind = EventKind::ChangeRequestConfigurationUpdated;
    let mut event = told(&project, &name, kind);
    event.pre_data = Some(before);
    event.data = Some(document(&wish));
    draft.tell(event);
    draft.put(Entity::Project(Arc::new(project)));
    Ok(())
}

/// Flags keep their strategies but go off, so that taking the environment back in switches nothing on.
pub(super) fn remove(draft: &mut Draft, id: &str, environment: &str) -> Result<(), Rejection> {
    let used =
        draft.state().projects.get(id).and_then(|project| {
            Some((project, project.environments.get_key_value(environment)?.0))
        });
    // The reference is content when there is nothing to remove.
    let Some((project, name)) = used else {
        return Ok(());
    };
    let (mut project, name) = (Project::clone(project), name.clone());
    project.environments.remove(&name);
    let on: Vec<Arc<Flag>> = draft
        .state()
        .flags
        .values()
        .filter(|flag| flag.project == project.id)
        .filter(|flag| flag.environments.get(&name).is_some_and(|it| it.enabled))
        .cloned()
        .collect();
    for flag in on {
        let mut flag = Flag::clone(&flag);
        if let Some(configuration) = flag.environments.get_mut(&name) {
            configuration.enabled = false;
        }
        draft.put(Entity::Flag(Arc::new(flag)));
    }
    draft.tell(told(&project, &name, EventKind::ProjectEnvironmentRemoved));
    draft.put(Entity::Project(Arc::new(project)));
    Ok(())
}

pub(super) fn set_default_strategy(
    draft: &mut Draft,
    (id, environment): (&str, &str),
    new: &NewStrategy,
    document: &Value,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    if new.name != rules::ROLLOUT {
        return Err(Rejection::bad_data(format!(
            "Only \"{}\" strategy can be used as a default strategy for an environment",
            rules::ROLLOUT
        )));
    }
    let mut project = Project::clone(draft.state().project(id)?);
    let strategy = checked(draft, &project, new, it)?;
    let Some((name, configuration)) = project
        .environments
        .iter_mut()
        .find(|(name, _)| **name == *environment)
    else {
        return Err(Rejection::NotFound(format!(
            "Project {id} does not have environment {environment}"
        )));
    };
    let name = name.clone();
    let before = configuration.default_strategy.replace(strategy);
    let mut event = told(&project, &name, EventKind::DefaultStrategyUpdated);
    event.data = Some(document.clone());
    event.pre_data = before.as_ref().map(documents::default_strategy);
    draft.tell(event);
    draft.put(Entity::Project(Arc::new(project)));
    Ok(())
}

/// The strategy as it is kept: parameters as given, for they are filled in with the flag's name later.
fn checked(
    draft: &Draft,
    project: &Project,
    new: &NewStrategy,
    it: &Circumstances<'_>,
) -> Result<Strategy, Rejection> {
    let state = draft.state();
    rules::check_parameters(&new.name, &new.parameters)?;
    Ok(Strategy {
        id: StrategyId::trusted(&(it.new_id)()),
        name: new.name.clone(),
        title: new.title.clone(),
        disabled: new.disabled,
        sort_order: new.sort_order.unwrap_or_default(),
        parameters: new.parameters.clone(),
        constraints: super::constraint_rules::check_strategy_constraints(
            &new.constraints,
            state,
            it.limits,
        )?,
        segments: rules::check_segments(state, it.limits, &project.id, &new.segments)?,
        variants: variant_rules::weighed(&new.variants)?,
    })
}
