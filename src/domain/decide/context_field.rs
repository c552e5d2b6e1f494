//! Decides wishes about a context field.

use std::sync::Arc;

use serde_json::Value;

use super::Circumstances;
use crate::domain::change::Draft;
use crate::domain::command::{ContextFieldCommand, ContextFieldTarget, ContextFieldWish};
use crate::domain::context_field::{ContextField, LegalValue};
use crate::domain::document;
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::names::{ContextFieldName, MAX_NAME_LENGTH, ProjectId, check_length};
use crate::domain::rejection::Rejection;
use crate::domain::state::{Entity, EntityKey, State};

pub(super) fn carry_out(
    draft: &mut Draft,
    wish: &ContextFieldCommand,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match wish {
        ContextFieldCommand::Create {
            name,
            project,
            wish,
        } => create(draft, name, project.as_ref(), wish, it),
        ContextFieldCommand::Update(target, wish) => update(draft, target, wish),
        ContextFieldCommand::Delete(target) => delete(draft, target),
        ContextFieldCommand::PutLegalValue(target, value) => put_value(draft, target, value),
        ContextFieldCommand::RemoveLegalValue(target, value) => remove_value(draft, target, value),
    }
}

/// Checks that a name is free.
///
/// # Errors
/// Name taken.
pub fn check_free(state: &State, name: &ContextFieldName) -> Result<(), Rejection> {
    if state.context_fields.contains_key(name) {
        return Err(Rejection::NameTaken(
            "A context field with that name already exist".into(),
        ));
    }
    Ok(())
}

fn find(draft: &Draft, target: &ContextFieldTarget) -> Result<Arc<ContextField>, Rejection> {
    let name = &target.name;
    let found = draft.state().context_fields.get(name.as_str());
    let right =
        |field: &&Arc<ContextField>| target.project.is_none() || field.project == target.project;
    found.filter(right).cloned().ok_or_else(|| {
        Rejection::NotFound(match &target.project {
            Some(project) => format!("Could not find context field {name} in project {project}"),
            None => format!("Could not find context field with name {name}"),
        })
    })
}

fn check_values(values: &[LegalValue]) -> Result<(), Rejection> {
    for (index, it) in values.iter().enumerate() {
        check_value(&format!("legalValues[{index}].value"), &it.value)?;
        if values
            .iter()
            .take(index)
            .any(|other| other.value == it.value)
        {
            return Err(Rejection::broken_rule(
                &format!("legalValues[{index}]"),
                "contains a duplicate value",
                &document::legal_value(it),
            ));
        }
    }
    Ok(())
}

fn check_value(field: &str, value: &str) -> Result<(), Rejection> {
    if value.is_empty() {
        return Err(Rejection::empty(field));
    }
    check_length(field, value, MAX_NAME_LENGTH)
}

pub(super) fn create(
    draft: &mut Draft,
    name: &ContextFieldName,
    project: Option<&ProjectId>,
    wish: &ContextFieldWish,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    check_free(draft.state(), name)?;
    check_values(&wish.legal_values)?;
    if let Some(id) = project.filter(|id| !draft.state().projects.contains_key(*id)) {
        return Err(Rejection::bad_data(format!("Project={id} does not exist")));
    }
    let field = ContextField {
        name: name.clone(),
        description: wish.description.clone(),
        stickiness: wish.stickiness,
        sort_order: wish.sort_order,
        legal_values: wish.legal_values.clone(),
        project: project.cloned(),
        created_at: it.now,
    };
    save(draft, EventKind::ContextFieldCreated, None, field);
    Ok(())
}

fn update(
    draft: &mut Draft,
    target: &ContextFieldTarget,
    wish: &ContextFieldWish,
) -> Result<(), Rejection> {
    let before = find(draft, target)?;
    check_values(&wish.legal_values)?;
    let after = ContextField {
        description: wish
            .description
            .clone()
            .or_else(|| before.description.clone()),
        stickiness: wish.stickiness,
        sort_order: wish.sort_order,
        legal_values: wish.legal_values.clone(),
        ..(*before).clone()
    };
    save(draft, EventKind::ContextFieldUpdated, Some(&before), after);
    Ok(())
}

fn delete(draft: &mut Draft, target: &ContextFieldTarget) -> Result<(), Rejection> {
    let before = find(draft, target)?;
    let mut users = draft.state().users_of_context_field(before.name.as_str());
    if users.next().is_some() {
        return Err(Rejection::InUse(
            "This context field is in use by existing flags. To delete it, first remove its usage from all flags."
                .into(),
        ));
    }
    drop(users);
    remove(draft, &before);
    Ok(())
}

/// Deletes the context fields of a project. Constraints need no definition of the field they look at.
pub(super) fn delete_of(draft: &mut Draft, project: &ProjectId) {
    let fields = draft.state().context_fields.values();
    let own: Vec<Arc<ContextField>> = fields
        .filter(|field| field.project.as_ref() == Some(project))
        .cloned()
        .collect();
    own.iter().for_each(|field| remove(draft, field));
}

fn remove(draft: &mut Draft, field: &ContextField) {
    draft.delete(EntityKey::ContextField(field.name.clone()));
    tell(
        draft,
        EventKind::ContextFieldDeleted,
        field.project.as_ref(),
        Some(document::context_field(field)),
        None,
    );
}

fn put_value(
    draft: &mut Draft,
    target: &ContextFieldTarget,
    value: &LegalValue,
) -> Result<(), Rejection> {
    check_value("value", &value.value)?;
    let before = find(draft, target)?;
    let mut after = (*before).clone();
    let mut values = after.legal_values.iter_mut();
    match values.find(|it| it.value == value.value) {
        Some(known) => known.description.clone_from(&value.description),
        None => after.legal_values.push(value.clone()),
    }
    save(draft, EventKind::ContextFieldUpdated, Some(&before), after);
    Ok(())
}

fn remove_value(
    draft: &mut Draft,
    target: &ContextFieldTarget,
    value: &str,
) -> Result<(), Rejection> {
    let before = find(draft, target)?;
    let mut after = (*before).clone();
    after.legal_values.retain(|it| it.value != value);
    save(draft, EventKind::ContextFieldUpdated, Some(&before), after);
    Ok(())
}

fn save(draft: &mut Draft, kind: EventKind, before: Option<&ContextField>, after: ContextField) {
    tell(
        draft,
        kind,
        after.project.as_ref(),
        before.map(document::context_field),
        Some(document::context_field(&after)),
    );
    draft.put(Entity::ContextField(Arc::new(after)));
}

fn tell(
    draft: &mut Draft,
    kind: EventKind,
    project: Option<&ProjectId>,
    before: Option<Value>,
    after: Option<Value>,
) {
    let mut event = NewEvent::new(kind);
    event.project = project.cloned();
    event.pre_data = before;
    event.data = after;
    draft.tell(event);
}
