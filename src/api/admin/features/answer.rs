//! The shapes in which flags are shown.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::favorites::Reader;
use super::super::feature_strategies::schema::FeatureStrategySchema;
use super::super::lifecycle::entered;
use super::super::lifecycle::schema::LifecycleEntry;
use crate::api::error::ApiError;
use crate::domain::environment::Environment;
use crate::domain::flag::{Flag, FlagEnvironment};
use crate::domain::rejection::Rejection;
use crate::domain::state::State;
use crate::usage::{Counts, Seen};

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
    /// The flag.
    pub feature: String,
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
    fn new(environment: &Environment, flag: &Flag, seen: &Seen, counts: &Counts) -> Self {
        let none = FlagEnvironment::default();
        let own = flag.environments.get(&environment.name).unwrap_or(&none);
        let (yes, no) = counts.get(&environment.name).copied().unwrap_or_default();
        Self {
            name: environment.name.to_string(),
            last_seen_at: last_seen(flag, environment, seen),
            enabled: own.enabled,
            yes,
            no,
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

    /// Whether the asking user marked it; not told to tokens of nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    pub favorite: Option<bool>,
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
    /// The stage it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<LifecycleEntry>,
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
            favorite: None,
            environments: None,
            created_by: None,
            dependencies: None,
            children: None,
            lifecycle: None,
            links: None,
            collaborators: None,
        }
    }

    /// Everything.
    pub(super) fn full(
        flag: &Flag,
        state: &State,
        (seen, counts): (&Seen, &Counts),
        reader: Reader<'_>,
    ) -> Self {
        let environments = state.environments_of(flag);
        let author = AuthorSchema::of(flag);
        Self {
            favorite: reader.if_user(reader.likes_flag(flag)),
            environments: Some(
                environments
                    .into_iter()
                    .map(|environment| {
                        FeatureEnvironmentDetailSchema::new(environment, flag, seen, counts)
                    })
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
            lifecycle: stage(flag, state, seen),
            links: Some(links(flag)),
            collaborators: Some(CollaboratorsSchema {
                users: vec![author],
            }),
            ..Self::short(flag)
        }
    }
}

/// The stage a flag is in.
pub(in crate::api::admin) fn stage(
    flag: &Flag,
    state: &State,
    seen: &Seen,
) -> Option<LifecycleEntry> {
    entered(flag, state, seen).last().map(Into::into)
}

/// When a flag was last asked for in an environment.
pub(in crate::api::admin) fn last_seen(
    flag: &Flag,
    environment: &Environment,
    seen: &Seen,
) -> Option<String> {
    let own = seen.of(&flag.name).iter();
    own.filter(|it| it.environment == environment.name && it.at >= flag.created_at)
        .map(|it| it.at.to_string())
        .next()
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
            feature: flag.name.to_string(),
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
