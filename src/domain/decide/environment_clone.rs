//! Decides wishes for an environment like another one.

use std::sync::Arc;

use super::environment::{create, next_place};
use super::project::about;
use super::{Circumstances, access};
use crate::domain::change::Draft;
use crate::domain::command::CloneEnvironment;
use crate::domain::environment::Environment;
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::flag::Flag;
use crate::domain::names::{EnvironmentName, ProjectId, StrategyId};
use crate::domain::project::Project;
use crate::domain::rejection::Rejection;
use crate::domain::role::Granted;
use crate::domain::state::{Entity, State};

pub(super) fn carry_out(
    draft: &mut Draft,
    wish: &CloneEnvironment,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let name = &wish.name;
    let source = Arc::clone(draft.state().environment(&wish.source)?);
    let chosen = chosen(draft.state(), &source.name, wish.projects.as_deref())?;
    let made = Environment {
        name: name.clone(),
        kind: wish.kind.clone(),
        sort_order: next_place(draft.state()),
        enabled: true,
        protected: false,
    };
    create(draft, made, it)?;
    for project in &chosen {
        copy_project(draft, project, &source.name, name);
        copy_flags(draft, &project.id, &source.name, name, it);
    }
    if wish.permissions {
        copy_permissions(draft, &source.name, name);
    }
    Ok(())
}

/// The projects named that use the environment, or all that do.
fn chosen(
    state: &State,
    source: &EnvironmentName,
    names: Option<&[String]>,
) -> Result<Vec<Arc<Project>>, Rejection> {
    let names = names.filter(|names| !names.is_empty());
    for name in names.into_iter().flatten() {
        state.project(name)?;
    }
    let named = |project: &Project| {
        names.is_none_or(|names| names.iter().any(|name| *name == project.id.as_str()))
    };
    let projects = state.projects.values();
    Ok(projects
        .filter(|project| named(project) && project.environments.contains_key(source))
        .cloned()
        .collect())
}

fn copy_project(
    draft: &mut Draft,
    project: &Project,
    source: &EnvironmentName,
    name: &EnvironmentName,
) {
    let Some(own) = project.environments.get(source).cloned() else {
        return;
    };
    let mut project = Project::clone(project);
    project.environments.insert(name.clone(), own);
    let kind = EventKind::ProjectEnvironmentAdded;
    draft.tell(NewEvent {
        environment: Some(name.clone()),
        ..about(&project.id, kind)
    });
    draft.put(Entity::Project(Arc::new(project)));
}

/// Strategies get identifiers of their own.
fn copy_flags(
    draft: &mut Draft,
    project: &ProjectId,
    source: &EnvironmentName,
    name: &EnvironmentName,
    it: &Circumstances<'_>,
) {
    let flags = draft.state().flags.values();
    let flags: Vec<Arc<Flag>> = flags
        .filter(|flag| flag.project == *project && flag.environments.contains_key(source))
        .cloned()
        .collect();
    for flag in flags {
        let Some(mut own) = flag.environments.get(source).cloned() else {
            continue;
        };
        for strategy in &mut own.strategies {
            strategy.id = StrategyId::trusted(&(it.new_id)());
        }
        let mut flag = Flag::clone(&flag);
        flag.environments.insert(name.clone(), own);
        draft.put(Entity::Flag(Arc::new(flag)));
    }
}

/// Whoever may do something in the one environment may do it in the other.
fn copy_permissions(draft: &mut Draft, source: &EnvironmentName, name: &EnvironmentName) {
    access::change_permissions(draft, |permissions| {
        let there = permissions.iter();
        let there = there.filter(|it| it.environment.as_ref() == Some(source));
        let more: Vec<Granted> = there
            .map(|granted| Granted {
                name: granted.name.clone(),
                environment: Some(name.clone()),
            })
            .collect();
        permissions.extend(more);
    });
}
