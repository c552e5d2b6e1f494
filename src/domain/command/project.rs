//! Wishes about a project and the environments it uses.

use serde_json::Value;

use super::NewStrategy;
use crate::domain::names::ProjectId;
use crate::domain::project::{ChangeRequests, FlagNaming};

/// A project to be made.
#[derive(Clone, Debug)]
pub struct NewProject {
    /// An identifier nobody has.
    pub id: ProjectId,
    /// For people.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// `open`, `protected` or `private`.
    pub mode: String,
    /// Stickiness offered for new strategies.
    pub default_stickiness: String,
    /// Environments in use; none means all that are enabled.
    pub environments: Option<Vec<String>>,
    /// Environments in which changes are to be agreed to.
    pub change_requests: Vec<(String, ChangeRequests)>,
}

/// What is to be different about a project; none leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct ProjectChange {
    /// For people.
    pub name: Option<String>,
    /// For people; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// `open`, `protected` or `private`.
    pub mode: Option<String>,
    /// Stickiness offered for new strategies.
    pub default_stickiness: Option<String>,
    /// Most flags the project may hold; `Some(None)` lifts the limit.
    pub flag_limit: Option<Option<u32>>,
    /// Rule for names of new flags; `Some(None)` lifts it.
    pub flag_naming: Option<Option<FlagNaming>>,
}

/// Wishes about projects.
#[derive(Clone, Debug)]
pub enum ProjectCommand {
    /// Make a project.
    Create(NewProject),
    /// Change a project.
    Change {
        /// The project.
        id: String,
        /// The difference.
        change: ProjectChange,
    },
    /// Archive a project without live flags.
    Archive {
        /// The project.
        id: String,
    },
    /// Bring an archived project back.
    Revive {
        /// The project.
        id: String,
    },
    /// Delete a project without live flags, and its archived flags with it.
    Delete {
        /// The project.
        id: String,
    },
    /// Use an environment.
    AddEnvironment {
        /// The project.
        id: String,
        /// The environment.
        environment: String,
    },
    /// Stop using an environment: all flags of the project go off there and keep their strategies.
    RemoveEnvironment {
        /// The project.
        id: String,
        /// The environment.
        environment: String,
    },
    /// Say whether changes in an environment are to be agreed to.
    SetChangeRequests {
        /// The project.
        id: String,
        /// The environment.
        environment: String,
        /// Whether, and by how many.
        wish: ChangeRequests,
    },
    /// Set what a flag gets when it is switched on without a strategy.
    SetDefaultStrategy {
        /// The project.
        id: String,
        /// The environment.
        environment: String,
        /// The strategy.
        strategy: NewStrategy,
        /// The caller's words, for the audit log.
        document: Value,
    },
}
