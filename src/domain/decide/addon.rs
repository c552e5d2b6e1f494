//! Decides wishes about addons.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::{Circumstances, tag};
use crate::domain::addon::{Addon, MASK, Provider};
use crate::domain::change::Draft;
use crate::domain::command::{AddonCommand, AddonWish, TagKindWish};
use crate::domain::document;
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::names::{AddonId, TagKindName};
use crate::domain::rejection::Rejection;
use crate::domain::state::{Entity, EntityKey, State};

pub(super) fn carry_out(
    draft: &mut Draft,
    wish: &AddonCommand,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match wish {
        AddonCommand::Create(wish) => create(draft, wish, it),
        AddonCommand::Update(id, wish) => update(draft, *id, wish),
        AddonCommand::Delete(id) => delete(draft, *id),
    }
}

/// The addon of that number.
///
/// # Errors
/// Not found.
pub fn find(state: &State, id: AddonId) -> Result<&Arc<Addon>, Rejection> {
    let missing = || Rejection::NotFound("Could not find addon".into());
    state.addons.get(&id).ok_or_else(missing)
}

fn create(draft: &mut Draft, wish: &AddonWish, it: &Circumstances<'_>) -> Result<(), Rejection> {
    let provider = check(wish, &wish.parameters)?;
    add_tag_kind(draft, provider)?;
    let mut counters = (*draft.state().counters).clone();
    let id = counters.next_addon;
    counters.next_addon = AddonId(id.0.saturating_add(1));
    let addon = Addon {
        id,
        provider: wish.provider.clone(),
        description: wish.description.clone(),
        enabled: wish.enabled,
        parameters: wish.parameters.clone(),
        events: wish.events.clone(),
        projects: wish.projects.clone().unwrap_or_default(),
        environments: wish.environments.clone().unwrap_or_default(),
        created_at: it.now,
        since: draft.state().revision,
    };
    draft.put(Entity::Counters(Arc::new(counters)));
    let document = document::addon(&addon);
    tell(draft, EventKind::AddonConfigCreated, None, Some(document));
    draft.put(Entity::Addon(Arc::new(addon)));
    Ok(())
}

fn update(draft: &mut Draft, id: AddonId, wish: &AddonWish) -> Result<(), Rejection> {
    let before = Arc::clone(find(draft.state(), id)?);
    let parameters = unmasked(&wish.parameters, &before.parameters);
    let provider = check(wish, &parameters)?;
    add_tag_kind(draft, provider)?;
    let keep = |wished: &Option<Vec<String>>, old: &Vec<String>| match wished {
        Some(new) => new.clone(),
        None => old.clone(),
    };
    let after = Addon {
        id,
        provider: wish.provider.clone(),
        description: wish.description.clone().or(before.description.clone()),
        enabled: wish.enabled,
        parameters,
        events: wish.events.clone(),
        projects: keep(&wish.projects, &before.projects),
        environments: keep(&wish.environments, &before.environments),
        created_at: before.created_at,
        // What it did not want to be told before, it is not told now.
        since: draft.state().revision,
    };
    let unchanged = Addon {
        since: before.since,
        ..after.clone()
    };
    if unchanged == *before {
        return Ok(());
    }
    tell(
        draft,
        EventKind::AddonConfigUpdated,
        Some(document::addon(&before)),
        Some(document::addon(&after)),
    );
    draft.put(Entity::Addon(Arc::new(after)));
    Ok(())
}

fn delete(draft: &mut Draft, id: AddonId) -> Result<(), Rejection> {
    let before = document::addon(find(draft.state(), id)?);
    draft.delete(EntityKey::Addon(id));
    tell(draft, EventKind::AddonConfigDeleted, Some(before), None);
    Ok(())
}

/// Parameters with the old secrets where masks stand.
fn unmasked(
    given: &BTreeMap<String, String>,
    old: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let whole = |(name, value): (&String, &String)| {
        let kept = old.get(name).filter(|_| value == MASK);
        (name.clone(), kept.unwrap_or(value).clone())
    };
    given.iter().map(whole).collect()
}

fn check(
    wish: &AddonWish,
    parameters: &BTreeMap<String, String>,
) -> Result<&'static Provider, Rejection> {
    let Some(provider) = Provider::named(&wish.provider) else {
        return Err(Rejection::bad_data(format!(
            "There is no addon provider called {:?}",
            wish.provider
        )));
    };
    let given = |name: &str| parameters.get(name).filter(|it| !it.trim().is_empty());
    for parameter in provider.parameters {
        match given(parameter.name) {
            None if parameter.required => {
                return Err(Rejection::bad_data(format!(
                    "The parameter \"{}\" is required",
                    parameter.name
                )));
            }
            Some(url) if parameter.kind == "url" => check_url(parameter.name, url)?,
            _ => {}
        }
    }
    if let Some(headers) = given("customHeaders") {
        check_headers(headers)?;
    }
    Ok(provider)
}

/// Says nothing of the address: it may hold a secret.
fn check_url(name: &str, url: &str) -> Result<(), Rejection> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let odd = |byte: u8| byte <= b' ' || byte == 0x7f;
    match host {
        Some(host) if !host.is_empty() && !url.bytes().any(odd) => Ok(()),
        _ => Err(Rejection::bad_data(format!(
            "The parameter \"{name}\" must be an address that begins with https:// or http://"
        ))),
    }
}

fn check_headers(text: &str) -> Result<(), Rejection> {
    let headers: Option<BTreeMap<String, String>> = serde_json::from_str(text).ok();
    if headers.is_some() {
        return Ok(());
    }
    Err(Rejection::bad_data(
        "The parameter \"customHeaders\" must be a JSON object whose values are texts",
    ))
}

fn add_tag_kind(draft: &mut Draft, provider: &Provider) -> Result<(), Rejection> {
    let Some((name, description, icon)) = provider.tag_kind else {
        return Ok(());
    };
    let name = TagKindName::trusted(name);
    if draft.state().tag_kinds.contains_key(&name) {
        return Ok(());
    }
    let wish = TagKindWish {
        description: Some(Some(description.into())),
        icon: Some(Some(icon.into())),
        color: None,
    };
    tag::create_kind(draft, &name, &wish)
}

fn tell(draft: &mut Draft, kind: EventKind, before: Option<Value>, after: Option<Value>) {
    let mut event = NewEvent::new(kind);
    event.pre_data = before;
    event.data = after;
    draft.tell(event);
}
