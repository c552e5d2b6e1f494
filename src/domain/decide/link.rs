//! Decides wishes about links of a flag.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Circumstances, documents};
use crate::domain::change::Draft;
use crate::domain::command::{FlagAddress, LinkCommand};
use crate::domain::event::EventKind;
use crate::domain::flag::{Flag, Link};
use crate::domain::rejection::Rejection;
use crate::domain::state::Entity;

pub(super) fn carry_out(
    draft: &mut Draft,
    wish: &LinkCommand,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match wish {
        LinkCommand::Add { at, url, title } => {
            let link = Link {
                id: (it.new_id)(),
                url: checked(url)?,
                title: title.clone(),
            };
            let mut flag = find(draft, at)?;
            add(draft, &mut flag, link);
            draft.put(Entity::Flag(Arc::new(flag)));
            Ok(())
        }
        LinkCommand::Change { at, id, url, title } => change(draft, at, id, url, title.as_ref()),
        LinkCommand::Remove { at, id } => remove(draft, at, id),
    }
}

/// Adds a link to a flag that the caller will put.
pub(super) fn add(draft: &mut Draft, flag: &mut Flag, link: Link) {
    let data = document(&link);
    flag.links.push(link);
    tell(draft, flag, EventKind::FeatureLinkAdded, None, Some(data));
}

fn find(draft: &Draft, at: &FlagAddress) -> Result<Flag, Rejection> {
    let found = draft.state().flags.get(at.name.as_str());
    let right = found.filter(|flag| flag.project == *at.project);
    right
        .map(|flag| Flag::clone(flag))
        .ok_or_else(|| Rejection::NotFound(format!("Could not find feature with name {}", at.name)))
}

/// An address without a scheme is one of a page. Other schemes, such as `javascript`, have no place in a link.
pub(super) fn checked(url: &str) -> Result<String, Rejection> {
    let trimmed = url.trim();
    match trimmed.split_once("://") {
        Some(("http" | "https", rest)) if !rest.is_empty() => Ok(trimmed.to_owned()),
        None if !trimmed.is_empty() => Ok(format!("https://{trimmed}")),
        _ => Err(Rejection::bad_data(format!("Invalid URL: {url}"))),
    }
}

fn unknown(id: &str) -> Rejection {
    Rejection::NotFound(format!("No item with id {id}"))
}

fn change(
    draft: &mut Draft,
    at: &FlagAddress,
    id: &str,
    url: &str,
    title: Option<&String>,
) -> Result<(), Rejection> {
    let url = checked(url)?;
    let mut flag = find(draft, at)?;
    let mut links = flag.links.iter_mut();
    let link = links
        .find(|link| link.id == id)
        .ok_or_else(|| unknown(id))?;
    let before = document(link);
    link.url = url;
    link.title = title.cloned();
    let after = document(link);
    tell(
        draft,
        &flag,
        EventKind::FeatureLinkUpdated,
        Some(before),
        Some(after),
    );
    draft.put(Entity::Flag(Arc::new(flag)));
    Ok(())
}

fn remove(draft: &mut Draft, at: &FlagAddress, id: &str) -> Result<(), Rejection> {
    let mut flag = find(draft, at)?;
    let place = flag.links.iter().position(|link| link.id == id);
    let link = flag.links.remove(place.ok_or_else(|| unknown(id))?);
    tell(
        draft,
        &flag,
        EventKind::FeatureLinkRemoved,
        Some(document(&link)),
        None,
    );
    draft.put(Entity::Flag(Arc::new(flag)));
    Ok(())
}

fn document(link: &Link) -> Value {
    json!({ "url": link.url, "title": link.title })
}

fn tell(
    draft: &mut Draft,
    flag: &Flag,
    kind: EventKind,
    before: Option<Value>,
    after: Option<Value>,
) {
    let mut event = documents::about(flag, kind);
    event.pre_data = before;
    event.data = after;
    draft.tell(event);
}
