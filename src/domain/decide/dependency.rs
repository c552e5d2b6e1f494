//! Decides what a flag may depend on: one live flag of its project that depends on nothing itself.

use std::sync::Arc;

use serde_json::json;

use super::{Circumstances, documents};
use crate::domain::change::Draft;
use crate::domain::command::{DependencyCommand, FlagAddress};
use crate::domain::event::EventKind;
use crate::domain::flag::{Dependency, Flag};
use crate::domain::names::FlagName;
use crate::domain::rejection::Rejection;
use crate::domain::state::{Entity, State};

pub(super) fn carry_out(
    draft: &mut Draft,
    wish: &DependencyCommand,
    _: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match wish {
        DependencyCommand::Set {
            child,
            parent,
            enabled,
            variants,
        } => set(draft, child, parent, *enabled, variants.as_deref()),
        DependencyCommand::Remove { child, parent } => remove(draft, child, parent),
        DependencyCommand::RemoveAll { child } => remove_all(draft, child),
    }
}

fn refused(why: impl Into<String>) -> Rejection {
    Rejection::InvalidOperation(why.into())
}

/// One level only: SDKs do not follow a parent's own parents.
fn check(state: &State, child: &FlagAddress, parent: &str) -> Result<FlagName, Rejection> {
    if child.name == parent {
        return Err(refused("A feature flag cannot depend on itself."));
    }
    if state.children(&child.name).next().is_some() {
        return Err(refused(
            "Transitive dependency detected. Cannot add a dependency to the feature that other features depend on.",
        ));
    }
    let parent = state
        .live_flag(parent)
        .ok_or_else(|| refused(format!("No active feature {parent} exists")))?;
    if !parent.dependencies.is_empty() {
        return Err(refused(
            "Transitive dependency detected. Cannot add a dependency to the feature that has parent dependency.",
        ));
    }
    let flag = state.live_flag_at(child)?;
    if flag.project != parent.project {
        return Err(refused(format!(
            "Parent and child have to be in the same project. The feature {} is in project {}.",
            parent.name, parent.project
        )));
    }
    Ok(parent.name.clone())
}

fn set(
    draft: &mut Draft,
    child: &FlagAddress,
    parent: &str,
    enabled: bool,
    variants: Option<&[String]>,
) -> Result<(), Rejection> {
    let parent = check(draft.state(), child, parent)?;
    let mut flag = Flag::clone(draft.state().live_flag_at(child)?);
    let mut event = documents::about(&flag, EventKind::FeatureDependencyAdded);
    event.data = Some(match variants {
        Some(variants) => json!({"feature": parent, "enabled": enabled, "variants": variants}),
        None => json!({"feature": parent, "enabled": enabled}),
    });
    // A parent that must be off has no variant to compare with, and some SDKs compare all the same.
    let variants = variants.filter(|_| enabled).unwrap_or_default();
    flag.dependencies = vec![Dependency {
        parent,
        enabled,
        variants: variants.to_vec(),
    }];
    draft.put(Entity::Flag(Arc::new(flag)));
    draft.tell(event);
    Ok(())
}

fn remove(draft: &mut Draft, child: &FlagAddress, parent: &str) -> Result<(), Rejection> {
    let found = draft.state().flag_at(child).ok();
    let Some(flag) = found.filter(|flag| flag.depends_on(parent)) else {
        return Err(Rejection::NotFound(format!(
            "No dependency on \"{parent}\" for feature \"{}\" in project \"{}\".",
            child.name, child.project
        )));
    };
    let mut flag = Flag::clone(flag);
    flag.dependencies
        .retain(|dependency| dependency.parent != *parent);
    let mut event = documents::about(&flag, EventKind::FeatureDependencyRemoved);
    event.data = Some(json!({ "feature": parent }));
    draft.tell(event);
    draft.put(Entity::Flag(Arc::new(flag)));
    Ok(())
}

fn remove_all(draft: &mut Draft, child: &FlagAddress) -> Result<(), Rejection> {
    let found = draft.state().flag_at(child).ok();
    let Some(flag) = found.filter(|flag| !flag.dependencies.is_empty()) else {
        return Err(Rejection::NotFound(format!(
            "Feature \"{}\" has no dependencies to remove in project \"{}\".",
            child.name, child.project
        )));
    };
    let mut flag = Flag::clone(flag);
    flag.dependencies = Vec::new();
    draft.tell(documents::about(
        &flag,
        EventKind::FeatureDependenciesRemoved,
    ));
    draft.put(Entity::Flag(Arc::new(flag)));
    Ok(())
}
