//! Flags: what applications ask for.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::names::{EnvironmentName, FlagKindId, FlagName, ProjectId, TagKindName};
use super::strategy::Strategy;
use super::time::Timestamp;
use super::variant::Variant;

/// A label on a flag: a kind and a value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Tag {
    /// The kind, such as `simple`.
    #[serde(rename = "type")]
    pub kind: TagKindName,
    /// The value.
    pub value: String,
}

/// A kind of tag.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TagKind {
    /// Its name.
    pub name: TagKindName,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A letter or a picture address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// A colour such as `#ff0000`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// Values that have been made, on flags or not.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub values: BTreeSet<String>,
}

/// What another flag must evaluate to for this one to be on (contract EVALUATION §7).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Dependency {
    /// The flag depended on.
    pub parent: FlagName,
    /// Whether the parent must be on or off.
    pub enabled: bool,
    /// When not empty, the variant the parent must resolve to. Always empty when `enabled` is false.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<String>,
}

/// A flag in one environment. A flag without an entry for an environment is off there and has no strategies.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct FlagEnvironment {
    /// The switch.
    pub enabled: bool,
    /// In the order of [`Strategy::sort_order`], then id.
    #[serde(default)]
    pub strategies: Vec<Strategy>,
    /// Variants of the flag itself, used when the strategy that holds has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
}

impl FlagEnvironment {
    /// Strategies that are served: those not disabled, in order.
    pub fn active_strategies(&self) -> impl Iterator<Item = &Strategy> {
        self.strategies.iter().filter(|strategy| !strategy.disabled)
    }

    /// Puts the strategies into serving order.
    pub fn sort(&mut self) {
        self.strategies
            .sort_by(|a, b| (a.sort_order, &a.id).cmp(&(b.sort_order, &b.id)));
    }
}

/// A link to a page about a flag.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Link {
    /// Identifies the link.
    pub id: String,
    /// Where it leads.
    pub url: String,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// What became of what a flag switched.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It stays.
    Kept,
    /// It goes.
    Discarded,
}

impl Outcome {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Discarded => "discarded",
        }
    }
}

/// That a flag has done its work.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Completion {
    /// When somebody said so.
    pub at: Timestamp,
    /// What became of what it switched.
    pub outcome: Outcome,
    /// The variant that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

/// A flag with its configuration in all environments.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Flag {
    /// Unique in the instance.
    pub name: FlagName,
    /// The project it belongs to.
    pub project: ProjectId,
    /// The kind, such as `release`.
    pub kind: FlagKindId,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether SDKs tell the application about each evaluation.
    #[serde(default)]
    pub impression_data: bool,
    /// Marked for removal; no effect on evaluation.
    #[serde(default)]
    pub stale: bool,
    /// When it was archived. Archived flags are not served and keep their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Timestamp>,
    /// That it has done its work, if somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed: Option<Completion>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Name of who made it.
    pub created_by: String,
    /// Number of the user who made it.
    pub created_by_user_id: i64,
    /// Environments it was configured in.
    #[serde(default)]
    pub environments: BTreeMap<EnvironmentName, FlagEnvironment>,
    /// Flags this one depends on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Dependency>,
    /// Labels.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<Tag>,
    /// Links to pages about the flag.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
}

impl Flag {
    /// Whether the flag is archived.
    #[must_use]
    pub fn is_archived(&self) -> bool {
        self.archived_at.is_some()
    }
}

/// A kind of flag and how long such a flag is expected to live.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FlagKind {
    /// Its identifier, such as `kill-switch`.
    pub id: FlagKindId,
    /// A name for people.
    pub name: String,
    /// For people.
    pub description: String,
    /// Expected life in days; none for flags that stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime_days: Option<u32>,
}
