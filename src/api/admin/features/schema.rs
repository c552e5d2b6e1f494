//! The shapes of wishes about flags.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::command::{FlagChange, NewFlag};
use crate::domain::flag::{Flag, Tag};
use crate::domain::names::{FlagKindId, FlagName, TagKindName};
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;

/// The kinds of flags.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::api::admin) enum FeatureTypeName {
    Experiment,
    KillSwitch,
    #[default]
    Release,
    Operational,
    Permission,
    Sunset,
}

impl FeatureTypeName {
    fn id(self) -> FlagKindId {
        FlagKindId::trusted(match self {
            Self::Experiment => "experiment",
            Self::KillSwitch => "kill-switch",
            Self::Release => "release",
            Self::Operational => "operational",
            Self::Permission => "permission",
            Self::Sunset => "sunset",
        })
    }
}

/// A tag of a new flag.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api::admin) struct NewTagSchema {
    /// The kind of tag.
    #[serde(rename = "type")]
    #[schema(min_length = 2, max_length = 50)]
    pub kind: String,
    /// The value.
    #[schema(min_length = 2, max_length = 50)]
    pub value: String,
}

/// A flag to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct CreateFeatureSchema {
    /// A name nobody has: 1–100 characters that need no escaping in a URL.
    pub name: String,
    /// The kind.
    #[serde(default)]
    #[schema(required = false)]
    pub r#type: FeatureTypeName,
    /// For people.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether SDKs tell the application about each evaluation.
    #[serde(default)]
    pub impression_data: bool,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<NewTagSchema>,
    /// Marked for removal from the beginning.
    #[serde(default)]
    pub stale: bool,
    /// Archived from the beginning.
    #[serde(default)]
    pub archived: bool,
    /// When it was made elsewhere.
    #[serde(default)]
    #[schema(format = DateTime)]
    pub created_at: Option<String>,
}

impl CreateFeatureSchema {
    pub(super) fn into_wish(self, project: String) -> Result<NewFlag, Rejection> {
        let tags: BTreeSet<Tag> = self
            .tags
            .into_iter()
            .map(|tag| Tag {
                kind: TagKindName::trusted(&tag.kind),
                value: tag.value,
            })
            .collect();
        Ok(NewFlag {
            project,
            name: FlagName::parse(&self.name)?,
            kind: self.r#type.id(),
            description: self.description,
            impression_data: self.impression_data,
            stale: self.stale,
            archived: self.archived,
            created_at: self.created_at.as_deref().and_then(Timestamp::parse),
            tags,
        })
    }
}

/// A flag's metadata. What is left out becomes what it is for a new flag.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct UpdateFeatureSchema {
    /// Must be the flag's name when it is there.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub name: Option<String>,
    /// The kind.
    #[serde(default)]
    #[schema(required = false)]
    pub r#type: FeatureTypeName,
    /// For people.
    #[serde(default)]
    pub description: Option<String>,
    /// Marked for removal.
    #[serde(default)]
    pub stale: bool,
    /// Archived.
    #[serde(default)]
    pub archived: bool,
    /// Whether SDKs tell the application about each evaluation.
    #[serde(default)]
    pub impression_data: bool,
}

impl UpdateFeatureSchema {
    /// The change that makes a flag exactly this.
    pub(super) fn into_change(self) -> FlagChange {
        FlagChange {
            kind: Some(self.r#type.id()),
            description: Some(self.description),
            impression_data: Some(self.impression_data),
            stale: Some(self.stale),
            archived: Some(self.archived),
            announce_stale: false,
        }
    }

    /// The change that makes a flag this where it differs from `before`: what a patch did not touch stays as it is
    /// even when somebody else changes it at the same time.
    pub(super) fn into_difference(self, before: &Flag) -> FlagChange {
        let kind = self.r#type.id();
        FlagChange {
            kind: (kind != before.kind).then_some(kind),
            description: (self.description != before.description).then_some(self.description),
            impression_data: (self.impression_data != before.impression_data)
                .then_some(self.impression_data),
            stale: (self.stale != before.stale).then_some(self.stale),
            archived: (self.archived != before.is_archived()).then_some(self.archived),
            announce_stale: true,
        }
    }
}

/// The name of a copy.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct CloneFeatureSchema {
    /// A name nobody has.
    pub name: String,
    /// Whether strategies are grouped by the new name.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub replace_group_id: bool,
}

fn yes() -> bool {
    true
}

/// A name that somebody would like to give.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct ValidateFeatureSchema {
    /// The name.
    pub name: String,
    /// The project whose rule for names applies.
    #[serde(default)]
    pub project_id: Option<String>,
}
