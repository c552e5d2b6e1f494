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
    /// Whether changes are to be agreed to.
    #[serde(default, skip_serializing_if = "ChangeRequests::is_unset")]
    pub change_requests: ChangeRequests,
}

/// Whether changes of flags in an environment are to be agreed to, and by how many. Remembered for tools that set it;
/// changes are not held back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ChangeRequests {
    /// They are.
    pub enabled: bool,
    /// By how many, from 1 to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvals: Option<u8>,
}

impl ChangeRequests {
    /// The most people who can be asked to agree.
    const MOST: i64 = 10;

    /// Brings a number of people into its bounds. One has to agree if nobody says how many.
    #[must_use]
    pub fn new(enabled: bool, approvals: Option<i64>) -> Self {
        let approvals = approvals.or(enabled.then_some(1));
        let bounded = approvals.map(|it| it.clamp(1, Self::MOST));
        Self {
            enabled,
            approvals: bounded.and_then(|it| u8::try_from(it).ok()),
        }
    }

    fn is_unset(&self) -> bool {
        *self == Self::default()
    }
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
