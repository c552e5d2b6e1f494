//! The end of a flag's life and the way back: stale, archived, revived, deleted.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Circumstances, documents, personal};
use crate::domain::change::Draft;
use crate::domain::command::FlagAddress;
use crate::domain::event::EventKind;
use crate::domain::flag::Flag;
use crate::domain::rejection::Rejection;
use crate::domain::state::{Entity, EntityKey, State};

/// The flags of these names, each once; unknown names are skipped.
///
/// # Errors
/// When one of them is in another project.
fn chosen(state: &State, project: &str, names: &[String]) -> Result<Vec<Arc<Flag>>, Rejection> {
    let unique: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let flags: Vec<Arc<Flag>> = unique
        .iter()
        .filter_map(|name| state.flags.get(*name).cloned())
        .collect();
    let elsewhere: BTreeSet<String> = flags
        .iter()
        .filter(|flag| flag.project != *project)
        .map(|flag| format!("\"{}\"", flag.project))
        .collect();
    if elsewhere.is_empty() {
        return Ok(flags);
    }
    let elsewhere: Vec<String> = elsewhere.into_iter().collect();
    Err(Rejection::InvalidOperation(format!(
        "The operation could not be completed. The features exist, but the provided project ids ({}) does not match \
         the project provided in request URL (\"{project}\").",
        elsewhere.join(", ")
    )))
}

/// Whether the flags can go: no live flag but themselves depends on any of them.
///
/// # Errors
/// [`Rejection::InvalidOperation`].
pub(super) fn check_no_children(state: &State, going: &[&Arc<Flag>]) -> Result<(), Rejection> {
    let stays = |child: &Arc<Flag>| going.iter().all(|flag| flag.name != child.name);
    if going
        .iter()
        .any(|flag| state.children(flag.name.as_str()).any(stays))
    {
        return Err(Rejection::InvalidOperation(
            "You can not archive/delete this feature since other features depend on it.".into(),
        ));
    }
    Ok(())
}

pub(super) fn archive_one(
    draft: &mut Draft,
    at: &FlagAddress,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let state = draft.state();
    if !state.flags.contains_key(at.name.as_str()) {
        return Err(no_such_flag());
    }
    let flag = Arc::clone(state.flag_at(at)?);
    check_no_children(state, &[&flag])?;
    archive(draft, &flag, it);
    Ok(())
}

pub(super) fn archive_all(
    draft: &mut Draft,
    project: &str,
    names: &[String],
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let flags = chosen(draft.state(), project, names)?;
    let live: Vec<&Arc<Flag>> = flags.iter().filter(|flag| !flag.is_archived()).collect();
    check_no_children(draft.state(), &live)?;
    for flag in live {
        archive(draft, flag, it);
    }
    Ok(())
}

/// An archived flag depends on nothing: its parents must be free to change meanwhile.
pub(super) fn release(draft: &mut Draft, flag: &mut Flag) {
    if !flag.dependencies.is_empty() {
        flag.dependencies = Vec::new();
        draft.tell(documents::about(
            flag,
            EventKind::FeatureDependenciesRemoved,
        ));
    }
}

fn archive(draft: &mut Draft, flag: &Arc<Flag>, it: &Circumstances<'_>) {
    let mut after = Flag::clone(flag);
    release(draft, &mut after);
    after.archived_at = flag.archived_at.or(Some(it.now));
    draft.tell(documents::about(flag, EventKind::FeatureArchived));
    draft.put(Entity::Flag(Arc::new(after)));
}

pub(super) fn revive_one(draft: &mut Draft, name: &str) -> Result<(), Rejection> {
    let found = draft.state().flags.get(name).cloned();
    revive(draft, &found.ok_or_else(no_such_flag)?);
    Ok(())
}

pub(super) fn revive_all(
    draft: &mut Draft,
    project: &str,
    names: &[String],
) -> Result<(), Rejection> {
    let flags = chosen(draft.state(), project, names)?;
    for flag in flags.iter().filter(|flag| flag.is_archived()) {
        revive(draft, flag);
    }
    Ok(())
}

/// A revived flag is off everywhere: what it did when it was archived may be long out of date.
fn revive(draft: &mut Draft, flag: &Arc<Flag>) {
    if flag.is_archived() {
        let mut after = Flag::clone(flag);
        after.archived_at = None;
        for environment in after.environments.values_mut() {
            environment.enabled = false;
        }
        draft.put(Entity::Flag(Arc::new(after)));
    }
    draft.tell(documents::about(flag, EventKind::FeatureRevived));
}

pub(super) fn delete(
    draft: &mut Draft,
    project: Option<&str>,
    names: &[String],
) -> Result<(), Rejection> {
    let flags = match project {
        Some(project) => chosen(draft.state(), project, names)?,
        None => names
            .iter()
            .filter_map(|name| draft.state().flags.get(name.as_str()).cloned())
            .collect(),
    };
    for flag in flags.iter().filter(|flag| flag.is_archived()) {
        forget(draft, flag);
    }
    Ok(())
}

/// Deletes a flag for ever.
pub(super) fn forget(draft: &mut Draft, flag: &Flag) {
    let mut event = documents::about(flag, EventKind::FeatureDeleted);
    event.pre_data = Some(documents::flag(flag));
    personal::forget_marks(
        draft,
        |user| user.favorite_flags.contains(&flag.name),
        |user| {
            user.favorite_flags.remove(&flag.name);
        },
    );
    draft.delete(EntityKey::Flag(flag.name.clone()));
    draft.tell(event);
}

pub(super) fn mark_stale(
    draft: &mut Draft,
    project: &str,
    names: &[String],
    stale: bool,
) -> Result<(), Rejection> {
    let flags = chosen(draft.state(), project, names)?;
    for flag in flags.iter().filter(|flag| flag.stale != stale) {
        let mut after = Flag::clone(flag);
        after.stale = stale;
        draft.tell(documents::about(&after, stale_kind(stale)));
        draft.put(Entity::Flag(Arc::new(after)));
    }
    Ok(())
}

pub(super) fn stale_kind(stale: bool) -> EventKind {
    if stale {
        EventKind::FeatureStaleOn
    } else {
        EventKind::FeatureStaleOff
    }
}

fn no_such_flag() -> Rejection {
    Rejection::NotFound("No feature flag found".into())
}
