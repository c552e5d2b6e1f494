//! Decides wishes about a flag's metadata and life: create, change, copy.

use std::sync::Arc;

use super::{Circumstances, archive, documents};
use crate::domain::change::Draft;
use crate::domain::command::{FlagAddress, FlagChange, FlagCommand, NewFlag};
use crate::domain::event::EventKind;
use crate::domain::flag::{Completion, Flag, FlagEnvironment};
use crate::domain::names::{FlagName, StrategyId};
use crate::domain::project::Project;
use crate::domain::rejection::Rejection;
use crate::domain::state::{Entity, State};

pub(super) fn carry_out(
    draft: &mut Draft,
    wish: &FlagCommand,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match wish {
        FlagCommand::Create(new) => create(draft, new, it),
        FlagCommand::Change { at, change: wish } => change(draft, at, wish, it),
        FlagCommand::Clone {
            source,
            name,
            replace_group_id,
        } => copy(draft, source, name, *replace_group_id, it),
        FlagCommand::Archive(at) => archive::archive_one(draft, at, it),
        FlagCommand::ArchiveAll { project, names } => {
            archive::archive_all(draft, project, names, it)
        }
        FlagCommand::Complete(at, completion) => complete(draft, at, completion.as_ref()),
        FlagCommand::Revive { name } => archive::revive_one(draft, name),
        FlagCommand::ReviveAll { project, names } => archive::revive_all(draft, project, names),
        FlagCommand::Delete { project, names } => archive::delete(draft, project.as_deref(), names),
        FlagCommand::MarkStale {
            project,
            names,
            stale,
        } => archive::mark_stale(draft, project, names, *stale),
    }
}

/// Whether a new flag of this name may be made; `project` is the one whose rule for names applies, if it is known.
///
/// # Errors
/// [`Rejection::NameTaken`] or [`Rejection::PatternMismatch`].
pub fn check_new_name(
    state: &State,
    name: &FlagName,
    project: Option<&str>,
) -> Result<(), Rejection> {
    match state.flags.get(name) {
        Some(taken) if taken.is_archived() => Err(Rejection::NameTaken(
            "An archived flag with that name already exists".into(),
        )),
        Some(_) => Err(Rejection::NameTaken(
            "A flag with that name already exists".into(),
        )),
        None => project
            .and_then(|id| state.projects.get(id))
            .map_or(Ok(()), |project| check_pattern(project, name)),
    }
}

/// Says that a flag has done its work, or has not. Saying the same again is no change.
fn complete(
    draft: &mut Draft,
    at: &FlagAddress,
    completion: Option<&Completion>,
) -> Result<(), Rejection> {
    let before = Arc::clone(draft.state().live_flag_at(at)?);
    let kind = match completion {
        Some(_) => EventKind::FeatureCompleted,
        None => EventKind::FeatureUncompleted,
    };
    let said = |it: &Completion| (it.outcome, it.variant.clone());
    if before.completed.as_ref().map(said) == completion.map(said) {
        return Ok(());
    }
    let after = Flag {
        completed: completion.cloned(),
        ..(*before).clone()
    };
    let mut event = documents::about(&after, kind);
    event.data = completion.map(documents::completion);
    draft.tell(event);
    draft.put(Entity::Flag(Arc::new(after)));
    Ok(())
}

fn check_pattern(project: &Project, name: &FlagName) -> Result<(), Rejection> {
    let Some(naming) = &project.flag_naming else {
        return Ok(());
    };
    // Patterns are checked when they are saved; one that does not compile cannot refuse anything.
    let fits = regex::Regex::new(&format!("^(?:{})$", naming.pattern))
        .map_or(true, |pattern| pattern.is_match(name.as_str()));
    if fits {
        return Ok(());
    }
    Err(Rejection::PatternMismatch(format!(
        "The flag name \"{name}\" does not match the project's naming pattern: \"{}\".",
        naming.pattern
    )))
}

fn check_room(state: &State, project: &Project, it: &Circumstances<'_>) -> Result<(), Rejection> {
    let live = |flag: &&Arc<Flag>| !flag.is_archived();
    let limit = |resource: &str, limit: usize| Rejection::Limit {
        resource: resource.into(),
        limit,
    };
    if state.flags.values().filter(live).count() >= it.limits.flags {
        return Err(limit("feature flag", it.limits.flags));
    }
    let Some(most) = project
        .flag_limit
        .and_then(|most| usize::try_from(most).ok())
    else {
        return Ok(());
    };
    let own = |flag: &&Arc<Flag>| flag.project == project.id;
    if state.flags.values().filter(live).filter(own).count() >= most {
        return Err(limit("feature flag in this project", most));
    }
    Ok(())
}

fn create(draft: &mut Draft, new: &NewFlag, it: &Circumstances<'_>) -> Result<(), Rejection> {
    let state = draft.state();
    let project = Arc::clone(state.active_project(&new.project)?);
    check_new_name(state, &new.name, Some(&new.project))?;
    check_room(state, &project, it)?;
    if let Some(tag) = new
        .tags
        .iter()
        .find(|tag| !state.tag_kinds.contains_key(&tag.kind))
    {
        return Err(Rejection::NotFound(format!(
            "Could not find tag type: {}",
            tag.kind
        )));
    }
    let flag = Flag {
        name: new.name.clone(),
        project: project.id.clone(),
        kind: new.kind.clone(),
        description: described(new.description.as_deref()),
        impression_data: new.impression_data,
        stale: new.stale,
        archived_at: new.archived.then_some(it.now),
        created_at: new.created_at.unwrap_or(it.now),
        created_by: it.actor.name.clone(),
        completed: None,
        created_by_user_id: it.actor.user_id,
        environments: std::collections::BTreeMap::new(),
        dependencies: Vec::new(),
        tags: new.tags.clone(),
        links: Vec::new(),
    };
    told_as_new(draft, flag);
    Ok(())
}

fn described(description: Option<&str>) -> Option<String> {
    description
        .filter(|text| !text.is_empty())
        .map(ToOwned::to_owned)
}

fn told_as_new(draft: &mut Draft, flag: Flag) {
    let mut event = documents::about(&flag, EventKind::FeatureCreated);
    event.data = Some(documents::flag(&flag));
    draft.put(Entity::Flag(Arc::new(flag)));
    draft.tell(event);
}

fn change(
    draft: &mut Draft,
    at: &FlagAddress,
    wish: &FlagChange,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let before = Arc::clone(draft.state().flag_at(at)?);
    let mut after = changed(&before, wish, it);
    if after == *before {
        return Ok(());
    }
    if after.is_archived() && !before.is_archived() {
        archive::check_no_children(draft.state(), &[&before])?;
        archive::release(draft, &mut after);
    }
    let mut event = documents::about(&after, EventKind::FeatureMetadataUpdated);
    event.data = Some(documents::flag(&after));
    event.pre_data = Some(documents::flag(&before));
    draft.tell(event);
    if wish.announce_stale && after.stale != before.stale {
        draft.tell(documents::about(&after, archive::stale_kind(after.stale)));
    }
    draft.put(Entity::Flag(Arc::new(after)));
    Ok(())
}

fn changed(before: &Flag, wish: &FlagChange, it: &Circumstances<'_>) -> Flag {
    let mut after = before.clone();
    if let Some(kind) = &wish.kind {
        after.kind = kind.clone();
    }
    if let Some(description) = &wish.description {
        after.description = described(description.as_deref());
    }
    after.impression_data = wish.impression_data.unwrap_or(before.impression_data);
    after.stale = wish.stale.unwrap_or(before.stale);
    match wish.archived {
        Some(true) => after.archived_at = before.archived_at.or(Some(it.now)),
        Some(false) => after.archived_at = None,
        None => {}
    }
    after
}

fn copy(
    draft: &mut Draft,
    source: &FlagAddress,
    name: &FlagName,
    replace_group_id: bool,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let state = draft.state();
    let original = Arc::clone(state.flag_at(source)?);
    check_new_name(state, name, Some(&source.project))?;
    check_room(state, state.active_project(&source.project)?, it)?;
    let mut flag = Flag {
        name: name.clone(),
        stale: false,
        archived_at: None,
        created_at: it.now,
        created_by: it.actor.name.clone(),
        completed: None,
        created_by_user_id: it.actor.user_id,
        tags: std::collections::BTreeSet::new(),
        links: Vec::new(),
        ..Flag::clone(&original)
    };
    for environment in flag.environments.values_mut() {
        renew(environment, replace_group_id.then_some(name), it);
    }
    told_as_new(draft, flag.clone());
    for (environment, configuration) in &flag.environments {
        for strategy in &configuration.strategies {
            let mut event =
                documents::about_environment(&flag, environment, EventKind::FeatureStrategyAdd);
            event.data = Some(documents::strategy(strategy));
            draft.tell(event);
        }
    }
    Ok(())
}

/// Makes a configuration the copy's own: switched off, its strategies under new identifiers.
fn renew(environment: &mut FlagEnvironment, group: Option<&FlagName>, it: &Circumstances<'_>) {
    environment.enabled = false;
    for strategy in &mut environment.strategies {
        strategy.id = StrategyId::trusted(&(it.new_id)());
        if let (Some(name), Some(own)) = (group, strategy.parameters.get_mut("groupId")) {
            name.as_str().clone_into(own);
        }
    }
}
