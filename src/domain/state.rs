//! The whole configuration as one value.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::addon::Addon;
use super::api_token::{ApiToken, TokenHash};
use super::change::Change;
use super::context_field::ContextField;
use super::environment::Environment;
use super::flag::{Flag, FlagKind, TagKind};
use super::instance::{Counters, Instance, Settings};
use super::names::{
    AddonId, ContextFieldName, EnvironmentName, FlagKindId, FlagName, GroupId, ProjectId, Revision,
    RoleId, SegmentId, StrategyKindName, TagKindName, UserId,
};
use super::project::Project;
use super::role::Role;
use super::segment::Segment;
use super::strategy::StrategyKind;
use super::user::{Group, Invitation, PersonalToken, ProjectAccess, Session, User};

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
    User(Arc<User>),
    PersonalToken(Arc<PersonalToken>),
    Session(Arc<Session>),
    Invitation(Arc<Invitation>),
    Role(Arc<Role>),
    Group(Arc<Group>),
    Access(Arc<ProjectAccess>),
    Addon(Arc<Addon>),
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
    User(UserId),
    PersonalToken(TokenHash),
    Session(TokenHash),
    Invitation(TokenHash),
    Role(RoleId),
    Group(GroupId),
    Access(ProjectId),
    Addon(AddonId),
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
            Self::User(it) => EntityKey::User(it.id),
            Self::PersonalToken(it) => EntityKey::PersonalToken(it.hash),
            Self::Session(it) => EntityKey::Session(it.hash),
            Self::Invitation(it) => EntityKey::Invitation(it.hash),
            Self::Role(it) => EntityKey::Role(it.id),
            Self::Group(it) => EntityKey::Group(it.id),
            Self::Access(it) => EntityKey::Access(it.project.clone()),
            Self::Addon(it) => EntityKey::Addon(it.id),
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
            Self::User(id) => format!("user/{id}"),
            Self::PersonalToken(hash) => format!("personal-token/{}", hash.to_hex()),
            Self::Session(hash) => format!("session/{}", hash.to_hex()),
            Self::Invitation(hash) => format!("invitation/{}", hash.to_hex()),
            Self::Role(id) => format!("role/{id}"),
            Self::Group(id) => format!("group/{id}"),
            Self::Access(id) => format!("access/{id}"),
            Self::Addon(id) => format!("addon/{id}"),
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
    /// Users and service accounts by number.
    pub users: Shared<UserId, User>,
    /// Tokens of users, by hash.
    pub personal_tokens: Shared<TokenHash, PersonalToken>,
    /// Browsers in which somebody signed in, by hash.
    pub sessions: Shared<TokenHash, Session>,
    /// Links with which people make accounts, by hash.
    pub invitations: Shared<TokenHash, Invitation>,
    /// Roles operators made, by number.
    pub roles: Shared<RoleId, Role>,
    /// Groups of users by number.
    pub groups: Shared<GroupId, Group>,
    /// Who has which roles in a project.
    pub access: Shared<ProjectId, ProjectAccess>,
    /// Addons by number.
    pub addons: Shared<AddonId, Addon>,
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
            Entity::User(it) => insert(&mut self.users, it.id, it),
            Entity::PersonalToken(it) => insert(&mut self.personal_tokens, it.hash, it),
            Entity::Session(it) => insert(&mut self.sessions, it.hash, it),
            Entity::Invitation(it) => insert(&mut self.invitations, it.hash, it),
            Entity::Role(it) => insert(&mut self.roles, it.id, it),
            Entity::Group(it) => insert(&mut self.groups, it.id, it),
            Entity::Access(it) => insert(&mut self.access, it.project.clone(), it),
            Entity::Addon(it) => insert(&mut self.addons, it.id, it),
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
            EntityKey::User(it) => delete(&mut self.users, it),
            EntityKey::PersonalToken(it) => delete(&mut self.personal_tokens, it),
            EntityKey::Session(it) => delete(&mut self.sessions, it),
            EntityKey::Invitation(it) => delete(&mut self.invitations, it),
            EntityKey::Role(it) => delete(&mut self.roles, it),
            EntityKey::Group(it) => delete(&mut self.groups, it),
            EntityKey::Access(it) => delete(&mut self.access, it),
            EntityKey::Addon(it) => delete(&mut self.addons, it),
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
            .chain(self.addons.values().cloned().map(Entity::Addon))
            .chain(self.accounts())
    }

    /// Users and what belongs to them.
    fn accounts(&self) -> impl Iterator<Item = Entity> {
        let users = self.users.values().cloned().map(Entity::User);
        users
            .chain(
                self.personal_tokens
                    .values()
                    .cloned()
                    .map(Entity::PersonalToken),
            )
            .chain(self.sessions.values().cloned().map(Entity::Session))
            .chain(self.invitations.values().cloned().map(Entity::Invitation))
            .chain(self.roles.values().cloned().map(Entity::Role))
            .chain(self.groups.values().cloned().map(Entity::Group))
            .chain(self.access.values().cloned().map(Entity::Access))
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
