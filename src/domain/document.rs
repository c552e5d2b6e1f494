//! Documents of entities for the event log, in the reference's shapes. Written once, when something happens, and
//! never read back. There is no secret and no hash in any of them.

use serde_json::{Map, Value, json};

use super::addon::Addon;
use super::api_token::{ApiToken, TokenKind, TokenProjects};
use super::constraint::Constraint;
use super::context_field::{ContextField, LegalValue};
use super::flag::{FlagKind, Tag, TagKind};
use super::segment::Segment;
use super::strategy::{StrategyKind, StrategyParameter};

/// A constraint. What is at its default is left out, as it is when callers leave it out.
#[must_use]
pub fn constraint(it: &Constraint) -> Value {
    let mut document = Map::new();
    if let Some(value) = &it.value {
        document.insert("value".into(), json!(value));
    }
    document.insert("values".into(), json!(it.values));
    document.insert("operator".into(), json!(it.operator.as_str()));
    document.insert("contextName".into(), json!(it.context_name));
    if it.inverted {
        document.insert("inverted".into(), json!(true));
    }
    if it.case_insensitive {
        document.insert("caseInsensitive".into(), json!(true));
    }
    Value::Object(document)
}

/// A list of constraints.
#[must_use]
pub fn constraints(list: &[Constraint]) -> Value {
    list.iter().map(constraint).collect()
}

/// A segment. `project` is left out of segments of all projects.
#[must_use]
pub fn segment(it: &Segment) -> Value {
    let mut document = json!({
        "id": it.id,
        "name": it.name,
        "description": it.description,
        "constraints": constraints(&it.constraints),
        "createdBy": it.created_by,
        "createdAt": it.created_at.to_string(),
    });
    if let Some(project) = &it.project {
        set(&mut document, "project", json!(project));
    }
    document
}

/// An addon without its parameters: there are secrets among them.
#[must_use]
pub fn addon(it: &Addon) -> Value {
    json!({
        "id": it.id,
        "provider": it.provider,
        "enabled": it.enabled,
        "description": it.description,
        "events": it.events,
        "projects": it.projects,
        "environments": it.environments,
        "createdAt": it.created_at.to_string(),
    })
}

/// A context field. `project` is left out of fields of all projects.
#[must_use]
pub fn context_field(it: &ContextField) -> Value {
    let mut document = json!({
        "name": it.name,
        "description": it.description,
        "stickiness": it.stickiness,
        "sortOrder": it.sort_order,
        "legalValues": it.legal_values.iter().map(legal_value).collect::<Value>(),
        "createdAt": it.created_at.to_string(),
    });
    if let Some(project) = &it.project {
        set(&mut document, "project", json!(project));
    }
    document
}

/// A legal value of a context field.
#[must_use]
pub fn legal_value(it: &LegalValue) -> Value {
    let mut document = json!({ "value": it.value });
    if let Some(description) = &it.description {
        set(&mut document, "description", json!(description));
    }
    document
}

/// A kind of flag.
#[must_use]
pub fn flag_kind(it: &FlagKind) -> Value {
    json!({
        "id": it.id,
        "name": it.name,
        "description": it.description,
        "lifetimeDays": it.lifetime_days,
    })
}

/// A kind of tag.
#[must_use]
pub fn tag_kind(it: &TagKind) -> Value {
    json!({ "name": it.name, "description": it.description, "icon": it.icon, "color": it.color })
}

/// A tag.
#[must_use]
pub fn tag(it: &Tag) -> Value {
    json!({ "type": it.kind, "value": it.value })
}

/// A kind of strategy.
#[must_use]
pub fn strategy_kind(it: &StrategyKind) -> Value {
    json!({
        "name": it.name,
        "displayName": it.display_name,
        "title": it.title,
        "description": it.description,
        "editable": it.editable,
        "deprecated": it.deprecated,
        "parameters": it.parameters.iter().map(strategy_parameter).collect::<Value>(),
    })
}

fn strategy_parameter(it: &StrategyParameter) -> Value {
    let mut document = json!({ "name": it.name, "type": it.kind });
    if let Some(description) = &it.description {
        set(&mut document, "description", json!(description));
    }
    if let Some(required) = it.required {
        set(&mut document, "required", json!(required));
    }
    document
}

/// A token, without its secret.
#[must_use]
pub fn token(it: &ApiToken) -> Value {
    let projects: Vec<&str> = project_names(&it.projects);
    json!({
        "tokenName": it.name,
        "type": token_kind(it.kind),
        "project": projects.join(","),
        "projects": projects,
        "environment": it.environment.as_ref().map_or("*", |name| name.as_str()),
        "expiresAt": it.expires_at.map(|time| time.to_string()),
        "createdAt": it.created_at.to_string(),
        "alias": null,
        "seenAt": null,
        "secure": false,
    })
}

/// The names of the projects a token sees; `*` is all of them.
#[must_use]
pub fn project_names(projects: &TokenProjects) -> Vec<&str> {
    match projects {
        TokenProjects::All => vec!["*"],
        TokenProjects::Only(some) => some.iter().map(|id| id.as_str()).collect(),
    }
}

/// The reference's name for a kind of token. Backend tokens are told by their old name, whatever they were made as.
#[must_use]
pub fn token_kind(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Backend => "client",
        TokenKind::Frontend => "frontend",
        TokenKind::Admin => "admin",
    }
}

fn set(document: &mut Value, key: &str, value: Value) {
    if let Value::Object(members) = document {
        members.insert(key.into(), value);
    }
}
