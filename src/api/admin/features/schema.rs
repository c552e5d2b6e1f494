//! The shapes of flags.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::feature_strategies::schema::FeatureStrategySchema;
use crate::api::error::ApiError;
use crate::domain::command::{FlagChange, NewFlag};
use crate::domain::environment::Environment;
use crate::domain::flag::{Flag, FlagEnvironment, Tag};
use crate::domain::names::{FlagKindId, FlagName, TagKindName};
use crate::domain::rejection::Rejection;
use crate::domain::state::State;
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

/// Who made something.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct AuthorSchema {
    /// The user's number; negative numbers are tokens and the program itself.
    pub id: i64,
    /// The name.
    pub name: String,
    /// A picture; never set.
    pub image_url: String,
}

impl AuthorSchema {
    pub(in crate::api::admin) fn of(flag: &Flag) -> Self {
        Self {
            id: flag.created_by_user_id,
            name: flag.created_by.clone(),
            image_url: String::new(),
        }
    }
}

/// Who worked on a flag.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api::admin) struct CollaboratorsSchema {
    /// The users.
    pub users: Vec<AuthorSchema>,
}

/// A flag a flag depends on.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api::admin) struct DependencySchema {
    /// The flag depended on.
    pub feature: String,
    /// Whether it must be on or off.
    pub enabled: bool,
    /// The variants it must resolve to; empty when any will do.
    pub variants: Vec<String>,
}

/// A page about a flag.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api::admin) struct FeatureLinkSchema {
    /// Identifies the link.
    pub id: String,
    /// Where it leads.
    pub url: String,
    /// What it is called.
    pub title: Option<String>,
}

/// A flag in one environment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct FeatureEnvironmentDetailSchema {
    /// The environment.
    pub name: String,
    /// When an SDK last asked for the flag here.
    pub last_seen_at: Option<String>,
    /// The switch.
    pub enabled: bool,
    /// How often it was on during the last hour.
    pub yes: u64,
    /// How often it was off during the last hour.
    pub no: u64,
    /// The kind of environment.
    pub r#type: String,
    /// The environment's place in lists.
    pub sort_order: i32,
    /// The strategies, in order.
    pub strategies: Vec<FeatureStrategySchema>,
}

impl FeatureEnvironmentDetailSchema {
    fn new(environment: &Environment, flag: &Flag) -> Self {
        let none = FlagEnvironment::default();
        let own = flag.environments.get(&environment.name).unwrap_or(&none);
        Self {
            name: environment.name.to_string(),
            last_seen_at: None,
            enabled: own.enabled,
            yes: 0,
            no: 0,
            r#type: environment.kind.clone(),
            sort_order: environment.sort_order,
            strategies: own
                .strategies
                .iter()
                .map(FeatureStrategySchema::plain)
                .collect(),
        }
    }
}

/// A flag. Lists and changes show the first block; one flag asked for by name is shown with the second.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct FeatureSchema {
    /// Its name.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// The kind.
    pub r#type: String,
    /// The project it belongs to.
    pub project: String,
    /// Marked for removal.
    pub stale: bool,
    /// When it was made.
    pub created_at: String,
    /// Whether SDKs tell the application about each evaluation.
    pub impression_data: bool,
    /// When it was archived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<String>,
    /// Archived.
    pub archived: bool,

    /// The environments its project uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environments: Option<Vec<FeatureEnvironmentDetailSchema>>,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<AuthorSchema>,
    /// Flags it depends on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dependencies: Option<Vec<DependencySchema>>,
    /// Flags that depend on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub children: Option<Vec<String>>,
    /// Pages about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<Vec<FeatureLinkSchema>>,
    /// Who worked on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collaborators: Option<CollaboratorsSchema>,
}

impl FeatureSchema {
    /// The metadata.
    pub(in crate::api::admin) fn short(flag: &Flag) -> Self {
        Self {
            name: flag.name.to_string(),
            description: flag.description.clone(),
            r#type: flag.kind.to_string(),
            project: flag.project.to_string(),
            stale: flag.stale,
            created_at: flag.created_at.to_string(),
            impression_data: flag.impression_data,
            archived_at: flag.archived_at.map(|time| time.to_string()),
            archived: flag.is_archived(),
            environments: None,
            created_by: None,
            dependencies: None,
            children: None,
            links: None,
            collaborators: None,
        }
    }

    /// Everything.
    pub(super) fn full(flag: &Flag, state: &State) -> Self {
        let environments = state.environments_of(flag);
        let author = AuthorSchema::of(flag);
        Self {
            environments: Some(
                environments
                    .into_iter()
                    .map(|environment| FeatureEnvironmentDetailSchema::new(environment, flag))
                    .collect(),
            ),
            created_by: Some(author.clone()),
            dependencies: Some(dependencies(flag)),
            children: Some(
                state
                    .children(flag.name.as_str())
                    .map(|child| child.name.to_string())
                    .collect(),
            ),
            links: Some(links(flag)),
            collaborators: Some(CollaboratorsSchema {
                users: vec![author],
            }),
            ..Self::short(flag)
        }
    }
}

fn dependencies(flag: &Flag) -> Vec<DependencySchema> {
    flag.dependencies
        .iter()
        .map(|dependency| DependencySchema {
            feature: dependency.parent.to_string(),
            enabled: dependency.enabled,
            variants: dependency.variants.clone(),
        })
        .collect()
}

fn links(flag: &Flag) -> Vec<FeatureLinkSchema> {
    flag.links
        .iter()
        .map(|link| FeatureLinkSchema {
            id: link.id.clone(),
            url: link.url.clone(),
            title: link.title.clone(),
        })
        .collect()
}

/// What a flag is found as after a change.
///
/// # Errors
/// When somebody deleted it in the same moment.
pub(in crate::api::admin) fn found(state: &State, name: &str) -> Result<FeatureSchema, ApiError> {
    match state.flags.get(name) {
        Some(flag) => Ok(FeatureSchema::short(flag)),
        None => Err(Rejection::NotFound("No feature flag found".into()).into()),
    }
}
