//! Decides wishes about a kind of strategy.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Circumstances;
use crate::domain::change::Draft;
use crate::domain::command::{StrategyKindCommand, StrategyKindWish};
use crate::domain::document;
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::names::StrategyKindName;
use crate::domain::rejection::Rejection;
use crate::domain::state::{Entity, EntityKey};
use crate::domain::strategy::{StrategyKind, StrategyParameter};

pub(super) fn carry_out(
    draft: &mut Draft,
    wish: &StrategyKindCommand,
    _it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match wish {
        StrategyKindCommand::Create(name, wish) => create(draft, name, wish),
        StrategyKindCommand::Update(name, wish) => update(draft, name, wish),
        StrategyKindCommand::Delete(name) => delete(draft, name),
        StrategyKindCommand::Deprecate(name) => set_deprecated(draft, name, true),
        StrategyKindCommand::Reactivate(name) => set_deprecated(draft, name, false),
    }
}

fn find(draft: &Draft, name: &str, message: &str) -> Result<Arc<StrategyKind>, Rejection> {
    let found = draft.state().strategy_kinds.get(name);
    found
        .cloned()
        .ok_or_else(|| Rejection::NotFound(message.into()))
}

fn find_editable(draft: &Draft, name: &str) -> Result<Arc<StrategyKind>, Rejection> {
    let found = find(draft, name, "No strategy found")?;
    if !found.editable {
        return Err(Rejection::InvalidOperation(format!(
            "Cannot edit strategy {name}"
        )));
    }
    Ok(found)
}

fn check_parameters(parameters: &[StrategyParameter]) -> Result<(), Rejection> {
    let mut names = parameters.iter().map(|it| &it.name);
    match names.position(String::is_empty) {
        Some(index) => Err(Rejection::empty(&format!("parameters[{index}].name"))),
        None => Ok(()),
    }
}

fn create(
    draft: &mut Draft,
    name: &StrategyKindName,
    wish: &StrategyKindWish,
) -> Result<(), Rejection> {
    check_parameters(&wish.parameters)?;
    if draft.state().strategy_kinds.contains_key(name) {
        return Err(Rejection::NameTaken(format!(
            "Strategy with name {name} already exist!"
        )));
    }
    let kind = StrategyKind {
        name: name.clone(),
        display_name: None,
        title: wish.title.clone(),
        description: wish.description.clone(),
        editable: true,
        deprecated: false,
        parameters: wish.parameters.clone(),
    };
    tell(
        draft,
        EventKind::StrategyCreated,
        None,
        Some(document::strategy_kind(&kind)),
    );
    draft.put(Entity::StrategyKind(Arc::new(kind)));
    Ok(())
}

fn update(draft: &mut Draft, name: &str, wish: &StrategyKindWish) -> Result<(), Rejection> {
    check_parameters(&wish.parameters)?;
    let before = find_editable(draft, name)?;
    let after = StrategyKind {
        title: wish.title.clone().or_else(|| before.title.clone()),
        description: wish
            .description
            .clone()
            .or_else(|| before.description.clone()),
        parameters: wish.parameters.clone(),
        ..(*before).clone()
    };
    tell(
        draft,
        EventKind::StrategyUpdated,
        Some(document::strategy_kind(&before)),
        Some(document::strategy_kind(&after)),
    );
    draft.put(Entity::StrategyKind(Arc::new(after)));
    Ok(())
}

/// Flags may go on using it: SDKs that know the strategy do, the others see it as off.
fn delete(draft: &mut Draft, name: &str) -> Result<(), Rejection> {
    let before = find_editable(draft, name)?;
    draft.delete(EntityKey::StrategyKind(before.name.clone()));
    tell(
        draft,
        EventKind::StrategyDeleted,
        Some(document::strategy_kind(&before)),
        Some(json!({ "name": name })),
    );
    Ok(())
}

fn set_deprecated(draft: &mut Draft, name: &str, deprecated: bool) -> Result<(), Rejection> {
    let (kind, message) = if deprecated {
        (
            EventKind::StrategyDeprecated,
            format!("Could not find strategy with name {name}"),
        )
    } else {
        (
            EventKind::StrategyReactivated,
            "No strategy found".to_owned(),
        )
    };
    let before = find(draft, name, &message)?;
    draft.put(Entity::StrategyKind(Arc::new(StrategyKind {
        deprecated,
        ..(*before).clone()
    })));
    tell(draft, kind, None, Some(json!({ "name": name })));
    Ok(())
}

fn tell(draft: &mut Draft, kind: EventKind, before: Option<Value>, after: Option<Value>) {
    let mut event = NewEvent::new(kind);
    event.pre_data = before;
    event.data = after;
    draft.tell(event);
}
