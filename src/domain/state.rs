//! The whole configuration as one value.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::api_token::{ApiToken, TokenHash};
use super::change::Change;
use super::context_field::ContextField;
use super::environment::Environment;
use super::flag::{Flag, FlagKind, TagKind};
use super::instance::{Counters, Instance, Settings};
use super::names::{
    ContextFieldName, EnvironmentName, FlagKindId, FlagName, ProjectId, Revision, SegmentId,
    StrategyKindName, TagKindName,
};
use super::project::Project;
use super::segment::Segment;
use super::strategy::StrategyKind;

/// A map that is shared until somebody changes it.
pub type Shared<K, V> = Arc<BTreeMap<K, Arc<V>>>;

/// One thing the store remembers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant is the type it holds")]
pub enum Entity {
    Instance(Arc<Instance>),
    Settings(Arc<Settings>),
    Counters(Arc<Counters>),
    Environment(Arc<Environment>),
    Project(Arc<Project>),
    FlagKind(Arc<FlagKind>),
    TagKind(Arc<TagKind>),
    StrategyKind(Arc<StrategyKind>),
    ContextField(Arc<ContextField>),
    Segment(Arc<Segment>),
    Token(Arc<ApiToken>),
    Flag(Arc<Flag>),
}

/// Identifies an [`Entity`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "each variant is the key of the entity of that name"
)]
pub enum EntityKey {
    Instance,
    Settings,
    Counters,
    Environment(EnvironmentName),
    Project(ProjectId),
    FlagKind(FlagKindId),
    TagKind(TagKindName),
    StrategyKind(StrategyKindName),
    ContextField(ContextFieldName),
    Segment(SegmentId),
    Token(TokenHash),
    Flag(FlagName),
}

impl Entity {
    /// The key it is stored under.
    #[must_use]
    pub fn key(&self) -> EntityKey {
        match self {
            Self::Instance(_) => EntityKey::Instance,
            Self::Settings(_) => EntityKey::Settings,
            Self::Counters(_) => EntityKey::Counters,
            Self::Environment(it) => EntityKey::Environment(it.name.clone()),
            Self::Project(it) => EntityKey::Project(it.id.clone()),
            Self::FlagKind(it) => EntityKey::FlagKind(it.id.clone()),
            Self::TagKind(it) => EntityKey::TagKind(it.name.clone()),
            Self::StrategyKind(it) => EntityKey::StrategyKind(it.name.clone()),
            Self::ContextField(it) => EntityKey::ContextField(it.name.clone()),
            Self::Segment(it) => EntityKey::Segment(it.id),
            Self::Token(it) => EntityKey::Token(it.hash),
            Self::Flag(it) => EntityKey::Flag(it.name.clone()),
        }
    }
}

impl EntityKey {
    /// The key as text, unique over all kinds: `flag/my-flag`, `segment/7`, `settings`.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Instance => "instance".into(),
            Self::Settings => "settings".into(),
            Self::Counters => "counters".into(),
            Self::Environment(name) => format!("environment/{name}"),
            Self::Project(id) => format!("project/{id}"),
            Self::FlagKind(id) => format!("flag-kind/{id}"),
            Self::TagKind(name) => format!("tag-kind/{name}"),
            Self::StrategyKind(name) => format!("strategy-kind/{name}"),
            Self::ContextField(name) => format!("context-field/{name}"),
            Self::Segment(id) => format!("segment/{id}"),
            Self::Token(hash) => format!("token/{}", hash.to_hex()),
            Self::Flag(name) => format!("flag/{name}"),
        }
    }
}

/// All configuration at one revision. Cloning copies a dozen pointers.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct State {
    /// Number of the newest event contained.
    pub revision: Revision,
    /// None until the first start has been committed.
    pub instance: Option<Arc<Instance>>,
    /// Run-time settings.
    pub settings: Arc<Settings>,
    /// Numbers that only grow.
    pub counters: Arc<Counters>,
    /// Environments by name.
    pub environments: Shared<EnvironmentName, Environment>,
    /// Projects by id, archived ones included.
    pub projects: Shared<ProjectId, Project>,
    /// Kinds of flags.
    pub flag_kinds: Shared<FlagKindId, FlagKind>,
    /// Kinds of tags.
    pub tag_kinds: Shared<TagKindName, TagKind>,
    /// Kinds of strategies.
    pub strategy_kinds: Shared<StrategyKindName, StrategyKind>,
    /// Context fields.
    pub context_fields: Shared<ContextFieldName, ContextField>,
    /// Segments by number.
    pub segments: Shared<SegmentId, Segment>,
    /// Tokens by hash.
    pub tokens: Shared<TokenHash, ApiToken>,
    /// Flags by name, archived ones included.
    pub flags: Shared<FlagName, Flag>,
}

impl State {
    /// Puts an entity in its place, over an older one with the same key.
    pub fn put(&mut self, entity: Entity) {
        match entity {
            Entity::Instance(it) => self.instance = Some(it),
            Entity::Settings(it) => self.settings = it,
            Entity::Counters(it) => self.counters = it,
            Entity::Environment(it) => insert(&mut self.environments, it.name.clone(), it),
            Entity::Project(it) => insert(&mut self.projects, it.id.clone(), it),
            Entity::FlagKind(it) => insert(&mut self.flag_kinds, it.id.clone(), it),
            Entity::TagKind(it) => insert(&mut self.tag_kinds, it.name.clone(), it),
            Entity::StrategyKind(it) => insert(&mut self.strategy_kinds, it.name.clone(), it),
            Entity::ContextField(it) => insert(&mut self.context_fields, it.name.clone(), it),
            Entity::Segment(it) => insert(&mut self.segments, it.id, it),
            Entity::Token(it) => insert(&mut self.tokens, it.hash, it),
            Entity::Flag(it) => insert(&mut self.flags, it.name.clone(), it),
        }
    }

    /// Removes an entity if it is there.
    pub fn remove(&mut self, key: &EntityKey) {
        match key {
            EntityKey::Instance => self.instance = None,
            EntityKey::Settings => self.settings = Arc::default(),
            EntityKey::Counters => self.counters = Arc::default(),
            EntityKey::Environment(it) => delete(&mut self.environments, it),
            EntityKey::Project(it) => delete(&mut self.projects, it),
            EntityKey::FlagKind(it) => delete(&mut self.flag_kinds, it),
            EntityKey::TagKind(it) => delete(&mut self.tag_kinds, it),
            EntityKey::StrategyKind(it) => delete(&mut self.strategy_kinds, it),
            EntityKey::ContextField(it) => delete(&mut self.context_fields, it),
            EntityKey::Segment(it) => delete(&mut self.segments, it),
            EntityKey::Token(it) => delete(&mut self.tokens, it),
            EntityKey::Flag(it) => delete(&mut self.flags, it),
        }
    }

    /// The state after a committed change. Untouched maps stay shared with this one.
    #[must_use]
    pub fn apply(&self, change: &Change) -> Self {
        let mut next = self.clone();
        for key in &change.delete {
            next.remove(key);
        }
        for entity in &change.put {
            next.put(entity.clone());
        }
        next.revision = change.revision();
        next
    }

    /// Every entity, in a fixed order: what a full dump contains.
    pub fn entities(&self) -> impl Iterator<Item = Entity> {
        self.instance
            .iter()
            .cloned()
            .map(Entity::Instance)
            .chain([
                Entity::Settings(Arc::clone(&self.settings)),
                Entity::Counters(Arc::clone(&self.counters)),
            ])
            .chain(self.environments.values().cloned().map(Entity::Environment))
            .chain(self.projects.values().cloned().map(Entity::Project))
            .chain(self.flag_kinds.values().cloned().map(Entity::FlagKind))
            .chain(self.tag_kinds.values().cloned().map(Entity::TagKind))
            .chain(
                self.strategy_kinds
                    .values()
                    .cloned()
                    .map(Entity::StrategyKind),
            )
            .chain(
                self.context_fields
                    .values()
                    .cloned()
                    .map(Entity::ContextField),
            )
            .chain(self.segments.values().cloned().map(Entity::Segment))
            .chain(self.tokens.values().cloned().map(Entity::Token))
            .chain(self.flags.values().cloned().map(Entity::Flag))
    }

    /// A flag that is not archived.
    #[must_use]
    pub fn live_flag(&self, name: &str) -> Option<&Arc<Flag>> {
        self.flags.get(name).filter(|flag| !flag.is_archived())
    }

    /// Number of the newest event that concerns SDKs of `environment`.
    #[must_use]
    pub fn environment_revision(&self, environment: &str) -> Revision {
        let own = self.counters.environments.get(environment).copied();
        own.unwrap_or_default().max(self.counters.everybody)
    }
}

fn insert<K: Ord + Clone, V>(map: &mut Shared<K, V>, key: K, value: Arc<V>) {
    Arc::make_mut(map).insert(key, value);
}

fn delete<K: Ord + Clone, V>(map: &mut Shared<K, V>, key: &K) {
    if map.contains_key(key) {
        Arc::make_mut(map).remove(key);
    }
}
