//! What events say about things: documents in the reference's shapes, frozen when they are written.

use serde_json::{Map, Value, json};

use crate::domain::document;
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::flag::{Completion, Flag, Outcome};
use crate::domain::names::EnvironmentName;
use crate::domain::strategy::Strategy;
use crate::domain::variant::{Variant, WeightType};

/// An event about a flag.
pub(super) fn about(flag: &Flag, kind: EventKind) -> NewEvent {
    NewEvent {
        project: Some(flag.project.clone()),
        flag: Some(flag.name.clone()),
        tags: flag.tags.clone(),
        ..NewEvent::new(kind)
    }
}

/// An event about a flag in an environment.
pub(super) fn about_environment(
    flag: &Flag,
    environment: &EnvironmentName,
    kind: EventKind,
) -> NewEvent {
    NewEvent {
        environment: Some(environment.clone()),
        ..about(flag, kind)
    }
}

/// That a flag has done its work.
pub(super) fn completion(it: &Completion) -> Value {
    let mut document = json!({
        "status": it.outcome.as_str(),
        "kept": it.outcome == Outcome::Kept,
    });
    if let (Some(variant), Value::Object(members)) = (&it.variant, &mut document) {
        members.insert("statusValue".into(), json!(variant));
    }
    document
}

/// A flag's metadata.
pub(super) fn flag(flag: &Flag) -> Value {
    let mut document = json!({
        "name": flag.name,
        "description": flag.description,
        "type": flag.kind,
        "project": flag.project,
        "stale": flag.stale,
        "createdAt": flag.created_at.to_string(),
        "impressionData": flag.impression_data,
        "archived": flag.is_archived(),
    });
    if let (Some(document), Some(archived_at)) = (document.as_object_mut(), flag.archived_at) {
        document.insert("archivedAt".into(), archived_at.to_string().into());
    }
    document
}

/// A strategy of a flag.
pub(super) fn strategy(strategy: &Strategy) -> Value {
    json!({
        "id": strategy.id,
        "name": strategy.name,
        "title": strategy.title,
        "disabled": strategy.disabled,
        "constraints": document::constraints(&strategy.constraints),
        "parameters": strategy.parameters,
        "variants": variants(&strategy.variants),
        "sortOrder": strategy.sort_order,
        "segments": strategy.segments,
    })
}

/// A list of variants.
pub(super) fn variants(variants: &[Variant]) -> Value {
    variants.iter().map(variant).collect()
}

fn variant(variant: &Variant) -> Value {
    let mut document = Map::new();
    document.insert("name".into(), json!(variant.name));
    document.insert("weight".into(), json!(variant.weight));
    document.insert("weightType".into(), weight_type(variant.weight_type).into());
    if let Some(stickiness) = &variant.stickiness {
        document.insert("stickiness".into(), json!(stickiness));
    }
    if let Some(payload) = &variant.payload {
        document.insert(
            "payload".into(),
            json!({"type": payload.kind, "value": payload.value}),
        );
    }
    if !variant.overrides.is_empty() {
        let overrides = variant
            .overrides
            .iter()
            .map(|it| json!({"contextName": it.context_name, "values": it.values}));
        document.insert("overrides".into(), overrides.collect());
    }
    Value::Object(document)
}

fn weight_type(kind: WeightType) -> &'static str {
    match kind {
        WeightType::Fix => "fix",
        WeightType::Variable => "variable",
    }
}

/// A project's default strategy; lists that are empty are left out.
pub(super) fn default_strategy(strategy: &Strategy) -> Value {
    let mut document = Map::new();
    document.insert("name".into(), json!(strategy.name));
    document.insert("parameters".into(), json!(strategy.parameters));
    if let Some(title) = &strategy.title {
        document.insert("title".into(), json!(title));
    }
    if strategy.disabled {
        document.insert("disabled".into(), true.into());
    }
    let constraints: Vec<Value> = strategy
        .constraints
        .iter()
        .map(document::constraint)
        .collect();
    for (key, list) in [
        ("constraints", constraints.into()),
        ("variants", variants(&strategy.variants)),
        ("segments", json!(strategy.segments)),
    ] {
        if list.as_array().is_some_and(|list| !list.is_empty()) {
            document.insert(key.into(), list);
        }
    }
    Value::Object(document)
}
