//! Every wish one may have, as one enum. The admin API, the importers and the first start all speak it.

mod access;
mod account;
mod addon;
mod context_field;
mod dependency;
mod environment;
mod flag;
mod flag_kind;
mod import;
mod link;
mod project;
mod segment;
mod settings;
mod strategy;
mod strategy_kind;
mod tag;
mod token;

pub use access::{AccessCommand, GroupWish, RoleWish, Roles};
pub use account::{AccountCommand, Favorite, NewPersonalToken, NewUser, PageNote, UserChange};
pub use addon::{AddonCommand, AddonWish};
pub use context_field::{ContextFieldCommand, ContextFieldTarget, ContextFieldWish};
pub use dependency::DependencyCommand;
pub use environment::{CloneEnvironment, EnvironmentCommand};
pub use flag::{FlagAddress, FlagChange, FlagCommand, NewFlag};
pub use flag_kind::FlagKindCommand;
pub use import::{
    ImportCommand, ImportWish, ImportedDependency, ImportedFlag, ImportedSegment, ImportedSettings,
};
pub use link::LinkCommand;
pub use project::{NewProject, ProjectChange, ProjectCommand};
pub use segment::{SegmentAssignment, SegmentCommand, SegmentWish};
pub use settings::SettingsCommand;
pub use strategy::{NewStrategy, StrategyAddress, StrategyChange, StrategyCommand};
pub use strategy_kind::{StrategyKindCommand, StrategyKindWish};
pub use tag::{TagCommand, TagKindWish};
pub use token::TokenCommand;

use super::api_token::ApiToken;
use super::environment::Environment;
use super::instance::Instance;

/// A wish to change the configuration. One group for each aggregate.
#[derive(Clone, Debug)]
pub enum Command {
    /// Fill an empty store.
    CreateInstance(CreateInstance),
    /// Change a flag's metadata and life: create, change, archive, revive, delete.
    Flag(FlagCommand),
    /// Change a flag in one environment: its switch, strategies and variants.
    Strategy(StrategyCommand),
    /// Change what a flag depends on.
    Dependency(DependencyCommand),
    /// Change links of a flag.
    Link(LinkCommand),
    /// Change a project and the environments it uses.
    Project(ProjectCommand),
    /// Change an environment of the instance.
    Environment(EnvironmentCommand),
    /// Change a segment.
    Segment(SegmentCommand),
    /// Change a context field.
    ContextField(ContextFieldCommand),
    /// Change a kind of flag.
    FlagKind(FlagKindCommand),
    /// Change a kind of strategy.
    StrategyKind(StrategyKindCommand),
    /// Change a kind of tag, or the tags of flags.
    Tag(TagCommand),
    /// Change an API token.
    Token(TokenCommand),
    /// Change a user, or what belongs to one.
    Account(AccountCommand),
    /// Change roles, groups, and who has which role in a project.
    Access(AccessCommand),
    /// Change an addon.
    Addon(AddonCommand),
    /// Change the run-time settings.
    Settings(SettingsCommand),
    /// Change the import of somebody else's configuration.
    Import(ImportCommand),
    /// Several wishes as one change: later ones see what earlier ones did, and all come true or none.
    Batch(Vec<Command>),
}

/// What a new instance starts with. Refused when there already is one.
#[derive(Clone, Debug)]
pub struct CreateInstance {
    /// Identity and hash key, made by the caller, who has the dice.
    pub instance: Instance,
    /// Its environments, all of them in use by the project `default`.
    pub environments: Vec<Environment>,
    /// Tokens that exist from the beginning.
    pub tokens: Vec<ApiToken>,
    /// The first administrator.
    pub admin: Option<NewUser>,
    /// Origins browsers may call from.
    pub frontend_origins: Vec<String>,
}
