//! Decides wishes about the environments of the instance.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Circumstances, access, environment_clone, token};
use crate::domain::change::Draft;
use crate::domain::command::EnvironmentCommand;
use crate::domain::environment::Environment;
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::flag::Flag;
use crate::domain::names::EnvironmentName;
use crate::domain::rejection::Rejection;
use crate::domain::state::{Entity, EntityKey, State};

pub(super) fn carry_out(
    draft: &mut Draft,
    wish: &EnvironmentCommand,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match wish {
        EnvironmentCommand::Create {
            name,
            kind,
            sort_order,
            enabled,
            protected,
        } => {
            let environment = Environment {
                name: name.clone(),
                kind: kind.clone(),
                sort_order: sort_order.unwrap_or_else(|| next_place(draft.state())),
                enabled: *enabled,
                protected: *protected,
            };
            create(draft, environment, it)
        }
        EnvironmentCommand::Clone(wish) => environment_clone::carry_out(draft, wish, it),
        EnvironmentCommand::Change {
            name,
            kind,
            sort_order,
            protected,
        } => {
            let before = match protected {
                Some(false) => Arc::clone(draft.state().environment(name)?),
                Some(true) | None => unprotected(draft.state(), name)?,
            };
            let mut after = Environment::clone(&before);
            if let Some(kind) = kind {
                after.kind.clone_from(kind);
            }
            after.sort_order = sort_order.unwrap_or(before.sort_order);
            after.protected = protected.unwrap_or(before.protected);
            replace(draft, &before, after, EventKind::EnvironmentUpdated);
            Ok(())
        }
        EnvironmentCommand::Switch { name, enabled } => {
            let before = Arc::clone(draft.state().environment(name)?);
            let mut after = Environment::clone(&before);
            after.enabled = *enabled;
            let kind = if *enabled {
                EventKind::EnvironmentEnabled
            } else {
                EventKind::EnvironmentDisabled
            };
            replace(draft, &before, after, kind);
            Ok(())
        }
        EnvironmentCommand::Sort { places } => {
            sort(draft, places);
            Ok(())
        }
        EnvironmentCommand::Delete { name } => delete(draft, name),
    }
}

fn about(environment: &EnvironmentName, kind: EventKind) -> NewEvent {
    NewEvent {
        environment: Some(environment.clone()),
        ..NewEvent::new(kind)
    }
}

fn document(environment: &Environment) -> Value {
    json!({
        "name": environment.name,
        "type": environment.kind,
        "enabled": environment.enabled,
        "protected": environment.protected,
        "sortOrder": environment.sort_order,
    })
}

/// Whether a new environment of this name may be made.
///
/// # Errors
/// [`Rejection::NameTaken`].
pub fn check_new_name(state: &State, name: &EnvironmentName) -> Result<(), Rejection> {
    if state.environments.contains_key(name) {
        return Err(Rejection::NameTaken(format!(
            "Environment {name} already exists"
        )));
    }
    Ok(())
}

/// The place behind all others.
pub(super) fn next_place(state: &State) -> i32 {
    let last = state.environments.values().map(|it| it.sort_order).max();
    last.unwrap_or_default().saturating_add(1)
}

pub(super) fn create(
    draft: &mut Draft,
    environment: Environment,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let state = draft.state();
    check_new_name(state, &environment.name)?;
    if state.environments.len() >= it.limits.environments {
        return Err(Rejection::Limit {
            resource: "environment".into(),
            limit: it.limits.environments,
        });
    }
    let mut event = about(&environment.name, EventKind::EnvironmentCreated);
    event.data = Some(document(&environment));
    draft.put(Entity::Environment(Arc::new(environment)));
    draft.tell(event);
    Ok(())
}

/// Puts a changed environment and tells of it; nothing when nothing changed.
fn replace(draft: &mut Draft, before: &Environment, after: Environment, kind: EventKind) {
    if after == *before {
        return;
    }
    let mut event = about(&after.name, kind);
    event.data = Some(document(&after));
    event.pre_data = Some(document(before));
    draft.put(Entity::Environment(Arc::new(after)));
    draft.tell(event);
}

fn unprotected(state: &State, name: &str) -> Result<Arc<Environment>, Rejection> {
    let found = state.environment(name)?;
    if found.protected {
        return Err(Rejection::InvalidOperation(format!(
            "The environment {name} is protected and cannot be changed or deleted"
        )));
    }
    Ok(Arc::clone(found))
}

fn sort(draft: &mut Draft, places: &BTreeMap<String, i32>) {
    for (name, place) in places {
        let Some(before) = draft.state().environments.get(name.as_str()).cloned() else {
            continue;
        };
        let mut after = Environment::clone(&before);
        after.sort_order = *place;
        replace(draft, &before, after, EventKind::EnvironmentUpdated);
    }
}

/// An environment in use stays. What flags had there before their project left it, the tokens for it and the
/// permissions in it go along: a new environment of the same name must not inherit them.
fn delete(draft: &mut Draft, name: &str) -> Result<(), Rejection> {
    let state = draft.state();
    let environment = unprotected(state, name)?;
    let project = state
        .projects
        .values()
        .find(|project| project.environments.contains_key(&environment.name));
    if let Some(project) = project {
        return Err(Rejection::InUse(format!(
            "The environment {name} is used by the project {}. Remove it from the project first.",
            project.id
        )));
    }
    let flags: Vec<Entity> = state
        .flags
        .values()
        .filter(|flag| flag.environments.contains_key(&environment.name))
        .map(|flag| {
            let mut flag = Flag::clone(flag);
            flag.environments.remove(&environment.name);
            Entity::Flag(Arc::new(flag))
        })
        .collect();
    flags.into_iter().for_each(|flag| draft.put(flag));
    token::forget_environment(draft, &environment.name);
    access::change_permissions(draft, |permissions| {
        permissions.retain(|it| it.environment.as_ref() != Some(&environment.name));
    });
    let mut event = about(&environment.name, EventKind::EnvironmentDeleted);
    event.pre_data = Some(document(&environment));
    draft.delete(EntityKey::Environment(environment.name.clone()));
    draft.tell(event);
    Ok(())
}
