//! Decides wishes about a kind of tag, or the tags of flags.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::Circumstances;
use crate::domain::change::Draft;
use crate::domain::command::{TagCommand, TagKindWish};
use crate::domain::document;
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::flag::{Flag, Tag, TagKind};
use crate::domain::names::{FlagName, TagKindName};
use crate::domain::rejection::Rejection;
use crate::domain::state::{Entity, EntityKey, State};

pub(super) fn carry_out(
    draft: &mut Draft,
    wish: &TagCommand,
    _it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match wish {
        TagCommand::CreateKind(name, wish) => create_kind(draft, name, wish),
        TagCommand::UpdateKind(name, wish) => {
            update_kind(draft, name, wish);
            Ok(())
        }
        TagCommand::DeleteKind(name) => delete_kind(draft, name),
        TagCommand::Create(tag) => create(draft, tag),
        TagCommand::Delete(tag) => {
            delete(draft, tag);
            Ok(())
        }
        TagCommand::Change { flag, add, remove } => change(draft, flag, add, remove),
        TagCommand::ChangeMany {
            project,
            flags,
            add,
            remove,
        } => {
            let known = |name: &&FlagName| {
                let flag = draft.state().flags.get(*name);
                flag.is_some_and(|flag| flag.project == *project)
            };
            let known: Vec<FlagName> = flags.iter().filter(known).cloned().collect();
            known
                .iter()
                .try_for_each(|flag| change(draft, flag, add, remove))
        }
    }
}

/// Checks that a name is free.
///
/// # Errors
/// Name taken.
pub fn check_free(state: &State, name: &TagKindName) -> Result<(), Rejection> {
    if state.tag_kinds.contains_key(name) {
        return Err(Rejection::NameTaken(format!(
            "There already exists a tag-type with the name {name}"
        )));
    }
    Ok(())
}

pub(super) fn create_kind(
    draft: &mut Draft,
    name: &TagKindName,
    wish: &TagKindWish,
) -> Result<(), Rejection> {
    check_free(draft.state(), name)?;
    let kind = TagKind {
        name: name.clone(),
        description: wish.description.clone().flatten(),
        icon: wish.icon.clone().flatten(),
        color: wish.color.clone().flatten(),
        values: BTreeSet::new(),
    };
    tell(
        draft,
        EventKind::TagTypeCreated,
        None,
        Some(document::tag_kind(&kind)),
    );
    draft.put(Entity::TagKind(Arc::new(kind)));
    Ok(())
}

/// Nothing happens to an unknown one, as with the reference.
fn update_kind(draft: &mut Draft, name: &TagKindName, wish: &TagKindWish) {
    let Some(before) = draft.state().tag_kinds.get(name).map(Arc::clone) else {
        return;
    };
    let chosen = |wished: &Option<Option<String>>, old: &Option<String>| match wished {
        Some(new) => new.clone(),
        None => old.clone(),
    };
    let after = TagKind {
        description: chosen(&wish.description, &before.description),
        icon: chosen(&wish.icon, &before.icon),
        color: chosen(&wish.color, &before.color),
        ..(*before).clone()
    };
    if after == *before {
        return;
    }
    tell(
        draft,
        EventKind::TagTypeUpdated,
        Some(document::tag_kind(&before)),
        Some(document::tag_kind(&after)),
    );
    draft.put(Entity::TagKind(Arc::new(after)));
}

fn delete_kind(draft: &mut Draft, name: &TagKindName) -> Result<(), Rejection> {
    let Some(before) = draft.state().tag_kinds.get(name).map(Arc::clone) else {
        return Err(Rejection::NotFound("Could not find tag-type".into()));
    };
    take_off_all(draft, |tag| tag.kind == *name);
    draft.delete(EntityKey::TagKind(name.clone()));
    tell(
        draft,
        EventKind::TagTypeDeleted,
        Some(document::tag_kind(&before)),
        None,
    );
    Ok(())
}

fn create(draft: &mut Draft, tag: &Tag) -> Result<(), Rejection> {
    if !remember(draft, tag)? {
        return Err(Rejection::NameTaken(format!(
            "A tag of {}:{} already exists",
            tag.kind, tag.value
        )));
    }
    Ok(())
}

/// Makes the tag if there is none yet; says whether there was none.
fn remember(draft: &mut Draft, tag: &Tag) -> Result<bool, Rejection> {
    let Some(kind) = draft.state().tag_kinds.get(&tag.kind) else {
        return Err(Rejection::bad_data(format!(
            "Tag type '{}' does not exist",
            tag.kind
        )));
    };
    if kind.values.contains(&tag.value) {
        return Ok(false);
    }
    let mut kind = (**kind).clone();
    kind.values.insert(tag.value.clone());
    draft.put(Entity::TagKind(Arc::new(kind)));
    tell(draft, EventKind::TagCreated, None, Some(document::tag(tag)));
    Ok(true)
}

fn delete(draft: &mut Draft, tag: &Tag) {
    let Some(kind) = draft.state().tag_kinds.get(&tag.kind) else {
        return;
    };
    let mut kind = (**kind).clone();
    if !kind.values.remove(&tag.value) {
        return;
    }
    draft.put(Entity::TagKind(Arc::new(kind)));
    take_off_all(draft, |it| it == tag);
    tell(draft, EventKind::TagDeleted, None, Some(document::tag(tag)));
}

fn take_off_all(draft: &mut Draft, gone: impl Fn(&Tag) -> bool) {
    let touched: Vec<Arc<Flag>> = draft
        .state()
        .flags
        .values()
        .filter(|flag| flag.tags.iter().any(&gone))
        .cloned()
        .collect();
    for flag in touched {
        let mut flag = (*flag).clone();
        flag.tags.retain(|tag| !gone(tag));
        draft.put(Entity::Flag(Arc::new(flag)));
    }
}

/// Puts tags on a flag, archived or not, and takes others off.
pub(super) fn change(
    draft: &mut Draft,
    name: &FlagName,
    add: &[Tag],
    remove: &[Tag],
) -> Result<(), Rejection> {
    let Some(flag) = draft.state().flags.get(name) else {
        return Err(Rejection::NotFound("No feature flag found".into()));
    };
    let mut flag = (**flag).clone();
    for tag in add {
        remember(draft, tag)?;
        if flag.tags.insert(tag.clone()) {
            tell_of_flag(draft, EventKind::FeatureTagged, &flag, tag);
        }
    }
    for tag in remove {
        if flag.tags.remove(tag) {
            tell_of_flag(draft, EventKind::FeatureUntagged, &flag, tag);
        }
    }
    if draft
        .state()
        .flags
        .get(name)
        .is_none_or(|old| **old != flag)
    {
        draft.put(Entity::Flag(Arc::new(flag)));
    }
    Ok(())
}

fn tell_of_flag(draft: &mut Draft, kind: EventKind, flag: &Flag, tag: &Tag) {
    let mut event = NewEvent::new(kind);
    event.flag = Some(flag.name.clone());
    event.project = Some(flag.project.clone());
    event.tags.clone_from(&flag.tags);
    let document = Some(document::tag(tag));
    if kind == EventKind::FeatureTagged {
        event.data = document;
    } else {
        event.pre_data = document;
    }
    draft.tell(event);
}

fn tell(draft: &mut Draft, kind: EventKind, before: Option<Value>, after: Option<Value>) {
    let mut event = NewEvent::new(kind);
    event.pre_data = before;
    event.data = after;
    draft.tell(event);
}
