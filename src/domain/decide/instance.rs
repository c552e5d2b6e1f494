//! The first change of a store.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Circumstances;
use crate::domain::change::Draft;
use crate::domain::command::CreateInstance;
use crate::domain::context_field::ContextField;
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::flag::{FlagKind, TagKind};
use crate::domain::instance::Settings;
use crate::domain::names::{
    ContextFieldName, FlagKindId, ProjectId, StrategyKindName, TagKindName,
};
use crate::domain::project::{Project, ProjectEnvironment};
use crate::domain::rejection::Rejection;
use crate::domain::state::Entity;
use crate::domain::strategy::{StrategyKind, StrategyParameter};

pub(super) fn create(
    draft: &mut Draft,
    wish: &CreateInstance,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    if draft.state().instance.is_some() {
        return Err(Rejection::InvalidOperation(
            "this store already holds an instance".into(),
        ));
    }
    draft.put(Entity::Instance(Arc::new(wish.instance.clone())));
    draft.put(Entity::Settings(Arc::new(Settings {
        frontend_origins: wish.frontend_origins.clone(),
        ..Settings::default()
    })));
    for environment in &wish.environments {
        draft.put(Entity::Environment(Arc::new(environment.clone())));
    }
    draft.put(Entity::Project(Arc::new(default_project(wish, it))));
    if let Some(admin) = &wish.admin {
        let user = super::account::make(draft, admin, it)?;
        draft.put(Entity::User(Arc::new(user)));
    }
    for token in &wish.tokens {
        draft.put(Entity::Token(Arc::new(token.clone())));
    }
    FLAG_KINDS
        .iter()
        .for_each(|kind| draft.put(flag_kind(kind)));
    STRATEGY_KINDS
        .iter()
        .for_each(|kind| draft.put(strategy_kind(kind)));
    CONTEXT_FIELDS
        .iter()
        .zip(0..)
        .for_each(|(field, order)| draft.put(context_field(field, order, it)));
    draft.put(Entity::TagKind(Arc::new(TagKind {
        name: TagKindName::trusted("simple"),
        description: Some("Used to simplify filtering of features".into()),
        icon: Some("#".into()),
        color: Some("#FFFFFF".into()),
        values: BTreeSet::new(),
    })));
    draft.tell(NewEvent::new(EventKind::InstanceCreated));
    Ok(())
}

fn default_project(wish: &CreateInstance, it: &Circumstances<'_>) -> Project {
    Project {
        id: ProjectId::trusted(ProjectId::DEFAULT),
        name: "Default".into(),
        description: Some("Default project".into()),
        mode: "open".into(),
        default_stickiness: "default".into(),
        flag_limit: None,
        flag_naming: None,
        environments: wish
            .environments
            .iter()
            .map(|environment| (environment.name.clone(), ProjectEnvironment::default()))
            .collect(),
        created_at: it.now,
        updated_at: it.now,
        archived_at: None,
    }
}

/// Identifier, name, description, expected life in days.
const FLAG_KINDS: [(&str, &str, &str, Option<u32>); 6] = [
    (
        "experiment",
        "Experiment",
        "Used to run an experiment, such as an A/B test.",
        Some(40),
    ),
    (
        "kill-switch",
        "Kill switch",
        "Used to switch a part of the system off gracefully.",
        None,
    ),
    (
        "operational",
        "Operational",
        "Used to control how the system behaves in operation.",
        Some(7),
    ),
    (
        "permission",
        "Permission",
        "Used to decide who may use a part of the system.",
        None,
    ),
    (
        "release",
        "Release",
        "Used to bring new code to users step by step.",
        Some(40),
    ),
    (
        "sunset",
        "Sunset",
        "Used to take something away step by step.",
        Some(90),
    ),
];

fn flag_kind((id, name, description, lifetime_days): &(&str, &str, &str, Option<u32>)) -> Entity {
    Entity::FlagKind(Arc::new(FlagKind {
        id: FlagKindId::trusted(id),
        name: (*name).into(),
        description: (*description).into(),
        lifetime_days: *lifetime_days,
    }))
}

type Parameter = (&'static str, &'static str, &'static str, bool);
type Kind = (
    &'static str,
    &'static str,
    &'static str,
    &'static [Parameter],
);

/// Name, title, description, parameters: what a new reference server offers. The older kinds (`userWithId`,
/// `gradualRollout…`) are accepted and evaluated all the same.
const STRATEGY_KINDS: [Kind; 4] = [
    ("default", "Standard", "On for everybody.", &[]),
    (
        "flexibleRollout",
        "Gradual rollout",
        "On for a percentage of users, who stay the same as the percentage grows.",
        &[
            ("rollout", "percentage", "", false),
            (
                "stickiness",
                "string",
                "The context field that decides; `default` is userId, then sessionId, then chance.",
                true,
            ),
            (
                "groupId",
                "string",
                "Flags with the same group are on for the same users.",
                true,
            ),
        ],
    ),
    (
        "remoteAddress",
        "IPs",
        "On for addresses and address ranges.",
        &[("IPs", "list", "Addresses or ranges in CIDR notation.", true)],
    ),
    (
        "applicationHostname",
        "Hosts",
        "On for applications that run on certain hosts.",
        &[("hostNames", "list", "Host names.", false)],
    ),
];

fn strategy_kind((name, title, description, parameters): &Kind) -> Entity {
    Entity::StrategyKind(Arc::new(StrategyKind {
        name: StrategyKindName::trusted(name),
        display_name: Some((*title).into()),
        title: None,
        description: Some((*description).into()),
        editable: false,
        deprecated: false,
        parameters: parameters
            .iter()
            .map(|(name, kind, description, required)| StrategyParameter {
                name: (*name).into(),
                kind: (*kind).into(),
                description: Some((*description).into()),
                required: Some(*required),
            })
            .collect(),
    }))
}

/// Name, description, stickiness.
const CONTEXT_FIELDS: [(&str, &str, bool); 5] = [
    (
        "environment",
        "The environment the application runs in",
        false,
    ),
    ("userId", "The user", false),
    ("appName", "The application", false),
    ("currentTime", "When the flag is evaluated", false),
    ("sessionId", "The session", true),
];

fn context_field(
    (name, description, stickiness): &(&str, &str, bool),
    sort_order: i32,
    it: &Circumstances<'_>,
) -> Entity {
    Entity::ContextField(Arc::new(ContextField {
        name: ContextFieldName::trusted(name),
        description: Some((*description).into()),
        stickiness: *stickiness,
        sort_order,
        legal_values: Vec::new(),
        project: None,
        created_at: it.now,
    }))
}
