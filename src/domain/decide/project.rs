//! Decides wishes about a project and the environments it uses.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    Circumstances, archive, context_field, personal, project_environment as environment, segment,
    token,
};
use crate::domain::change::Draft;
use crate::domain::command::{NewProject, ProjectChange, ProjectCommand};
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::flag::Flag;
use crate::domain::names::{EnvironmentName, ProjectId, UserId};
use crate::domain::project::{FlagNaming, Project, ProjectEnvironment};
use crate::domain::rejection::Rejection;
use crate::domain::role::OWNER;
use crate::domain::state::{Entity, EntityKey, State};
use crate::domain::user::ProjectAccess;

pub(super) fn carry_out(
    draft: &mut Draft,
    wish: &ProjectCommand,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match wish {
        ProjectCommand::Create(new) => create(draft, new, it),
        ProjectCommand::Change { id, change: wish } => change(draft, id, wish, it),
        ProjectCommand::Archive { id } => archive(draft, id, it),
        ProjectCommand::Revive { id } => revive(draft, id, it),
        ProjectCommand::Delete { id } => delete(draft, id),
        ProjectCommand::AddEnvironment { id, environment } => {
            environment::add(draft, id, environment)
        }
        ProjectCommand::RemoveEnvironment { id, environment } => {
            environment::remove(draft, id, environment)
        }
        ProjectCommand::SetChangeRequests {
            id,
            environment,
            wish,
        } => environment::set_change_requests(draft, id, environment, *wish),
        ProjectCommand::SetDefaultStrategy {
            id,
            environment,
            strategy,
            document,
        } => environment::set_default_strategy(draft, (id, environment), strategy, document, it),
    }
}

/// An event about a project.
pub(super) fn about(project: &ProjectId, kind: EventKind) -> NewEvent {
    NewEvent {
        project: Some(project.clone()),
        ..NewEvent::new(kind)
    }
}

fn document(project: &Project) -> Value {
    json!({
        "id": project.id,
        "name": project.name,
        "description": project.description,
        "mode": project.mode,
        "defaultStickiness": project.default_stickiness,
        "featureLimit": project.flag_limit,
        "environments": project.environments.keys().collect::<Vec<_>>(),
    })
}

/// Whether a new project of this identifier may be made.
///
/// # Errors
/// [`Rejection::NameTaken`].
pub fn check_new_id(state: &State, id: &ProjectId) -> Result<(), Rejection> {
    if state.projects.contains_key(id) {
        return Err(Rejection::NameTaken(
            "A project with this id already exists.".into(),
        ));
    }
    Ok(())
}

fn create(draft: &mut Draft, new: &NewProject, it: &Circumstances<'_>) -> Result<(), Rejection> {
    let state = draft.state();
    check_new_id(state, &new.id)?;
    if state.projects.len() >= it.limits.projects {
        return Err(Rejection::Limit {
            resource: "project".into(),
            limit: it.limits.projects,
        });
    }
    let project = Project {
        id: new.id.clone(),
        name: named(&new.name)?,
        description: new.description.clone(),
        mode: new.mode.clone(),
        default_stickiness: new.default_stickiness.clone(),
        flag_limit: None,
        flag_naming: None,
        environments: environments_of(state, new)?,
        created_at: it.now,
        updated_at: it.now,
        archived_at: None,
    };
    let mut event = about(&project.id, EventKind::ProjectCreated);
    event.data = Some(document(&project));
    own(draft, &project.id, it);
    draft.put(Entity::Project(Arc::new(project)));
    draft.tell(event);
    Ok(())
}

/// Whoever makes a project owns it. Tokens of nobody own nothing.
fn own(draft: &mut Draft, id: &ProjectId, it: &Circumstances<'_>) {
    let user = UserId(it.actor.user_id);
    if draft.state().users.contains_key(&user) {
        let mut access = ProjectAccess::nobody(id.clone());
        access.users.insert(user, [OWNER].into());
        draft.put(Entity::Access(Arc::new(access)));
    }
}

fn named(name: &str) -> Result<String, Rejection> {
    if name.trim().is_empty() {
        return Err(Rejection::empty("name"));
    }
    Ok(name.to_owned())
}

fn environments_of(
    state: &State,
    new: &NewProject,
) -> Result<BTreeMap<EnvironmentName, ProjectEnvironment>, Rejection> {
    let mut chosen = chosen_environments(state, new.environments.as_deref())?;
    for (name, wish) in &new.change_requests {
        let Some(own) = chosen.get_mut(name.as_str()) else {
            return Err(Rejection::bad_data(format!(
                "The project does not use the environment {name}, so changes there cannot be agreed to"
            )));
        };
        own.change_requests = *wish;
    }
    Ok(chosen)
}

fn chosen_environments(
    state: &State,
    names: Option<&[String]>,
) -> Result<BTreeMap<EnvironmentName, ProjectEnvironment>, Rejection> {
    let Some(names) = names.filter(|names| !names.is_empty()) else {
        return Ok(state
            .environments
            .values()
            .filter(|environment| environment.enabled)
            .map(|environment| (environment.name.clone(), ProjectEnvironment::default()))
            .collect());
    };
    names
        .iter()
        .map(|name| match state.environments.get(name.as_str()) {
            Some(found) => Ok((found.name.clone(), ProjectEnvironment::default())),
            None => Err(Rejection::bad_data(format!(
                "Environment {name} does not exist"
            ))),
        })
        .collect()
}

fn change(
    draft: &mut Draft,
    id: &str,
    wish: &ProjectChange,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let before = Arc::clone(draft.state().project(id)?);
    let mut after = Project::clone(&before);
    if let Some(name) = &wish.name {
        after.name = named(name)?;
    }
    if let Some(description) = &wish.description {
        after.description.clone_from(description);
    }
    if let Some(mode) = &wish.mode {
        after.mode.clone_from(mode);
    }
    if let Some(stickiness) = &wish.default_stickiness {
        after.default_stickiness.clone_from(stickiness);
    }
    if let Some(limit) = wish.flag_limit {
        after.flag_limit = limit;
    }
    if let Some(naming) = &wish.flag_naming {
        after.flag_naming = naming.as_ref().map(checked_naming).transpose()?;
    }
    replace(draft, &before, after, it);
    Ok(())
}

fn checked_naming(naming: &FlagNaming) -> Result<FlagNaming, Rejection> {
    let fits = |pattern: &regex::Regex| {
        naming
            .example
            .as_deref()
            .is_none_or(|example| example.is_empty() || pattern.is_match(example))
    };
    match regex::Regex::new(&format!("^(?:{})$", naming.pattern)) {
        Ok(pattern) if fits(&pattern) => Ok(naming.clone()),
        Ok(_) => Err(Rejection::bad_data(format!(
            "You've provided a feature flag naming example (\"{}\") that doesn't match your feature flag naming \
             pattern (\"{}\").",
            naming.example.as_deref().unwrap_or_default(),
            naming.pattern
        ))),
        Err(error) => Err(Rejection::bad_data(format!(
            "The naming pattern is not a valid regular expression: {error}"
        ))),
    }
}

/// Puts a changed project and tells of it; nothing when nothing changed.
fn replace(draft: &mut Draft, before: &Project, mut after: Project, it: &Circumstances<'_>) {
    if after == *before {
        return;
    }
    after.updated_at = it.now;
    let mut event = about(&after.id, EventKind::ProjectUpdated);
    event.data = Some(document(&after));
    event.pre_data = Some(document(before));
    draft.put(Entity::Project(Arc::new(after)));
    draft.tell(event);
}

/// The flags of a project that can go, with all of their owner.
fn leaving(state: &State, id: &str) -> Result<(Arc<Project>, Vec<Arc<Flag>>), Rejection> {
    let project = Arc::clone(state.project(id)?);
    if id == ProjectId::DEFAULT {
        return Err(Rejection::InvalidOperation(
            "You can not delete the default project!".into(),
        ));
    }
    let flags: Vec<Arc<Flag>> = state
        .flags
        .values()
        .filter(|flag| flag.project == *id)
        .cloned()
        .collect();
    if flags.iter().any(|flag| !flag.is_archived()) {
        return Err(Rejection::InvalidOperation(
            "You can not delete a project with active feature flags".into(),
        ));
    }
    Ok((project, flags))
}

fn archive(draft: &mut Draft, id: &str, it: &Circumstances<'_>) -> Result<(), Rejection> {
    let (before, _) = leaving(draft.state(), id)?;
    let mut after = Project::clone(&before);
    after.archived_at = before.archived_at.or(Some(it.now));
    replace(draft, &before, after, it);
    Ok(())
}

fn revive(draft: &mut Draft, id: &str, it: &Circumstances<'_>) -> Result<(), Rejection> {
    let before = Arc::clone(draft.state().project(id)?);
    let mut after = Project::clone(&before);
    after.archived_at = None;
    replace(draft, &before, after, it);
    Ok(())
}

fn delete(draft: &mut Draft, id: &str) -> Result<(), Rejection> {
    let (project, flags) = leaving(draft.state(), id)?;
    for flag in &flags {
        archive::forget(draft, flag);
    }
    let mut event = about(&project.id, EventKind::ProjectDeleted);
    event.pre_data = Some(document(&project));
    // A new project of the same name must inherit nothing: neither who may do what here, nor what tokens may read.
    token::forget_project(draft, &project.id);
    segment::delete_of(draft, &project.id)?;
    context_field::delete_of(draft, &project.id);
    if draft.state().access.contains_key(&project.id) {
        draft.delete(EntityKey::Access(project.id.clone()));
    }
    personal::forget_marks(
        draft,
        |user| user.favorite_projects.contains(&project.id),
        |user| {
            user.favorite_projects.remove(&project.id);
        },
    );
    draft.delete(EntityKey::Project(project.id.clone()));
    draft.tell(event);
    Ok(())
}
