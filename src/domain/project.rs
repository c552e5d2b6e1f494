//! Projects: groups of flags with their own environments.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::names::{EnvironmentName, ProjectId};
use super::strategy::Strategy;
use super::time::Timestamp;

/// A pattern that names of new flags of a project must match.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FlagNaming {
    /// A regular expression, matched against the whole name.
    pub pattern: String,
    /// A name that fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// What the pattern means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// An environment as a project uses it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ProjectEnvironment {
    /// The strategy a flag gets when it is switched on without one; none means "everybody".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_strategy: Option<Strategy>,
}

/// A project.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Project {
    /// Unique in the instance.
    pub id: ProjectId,
    /// For people.
    pub name: String,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `open`, `protected` or `private`.
    pub mode: String,
    /// Stickiness offered for new strategies.
    pub default_stickiness: String,
    /// Most flags the project may hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag_limit: Option<u32>,
    /// Rule for names of new flags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag_naming: Option<FlagNaming>,
    /// Environments in use. In others all flags of the project are off.
    pub environments: BTreeMap<EnvironmentName, ProjectEnvironment>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was archived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Timestamp>,
}
