//! The shapes of projects.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::answer::present;
use super::super::favorites::Reader;
use super::super::insights::{Onboarding, onboarding};
use crate::auth::avatar::image_url;
use crate::domain::command::{NewProject, ProjectChange};
use crate::domain::health::{Health, live_flags};
use crate::domain::names::ProjectId;
use crate::domain::project::{ChangeRequests, FlagNaming, Project};
use crate::domain::rejection::Rejection;
use crate::domain::role::OWNER;
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::usage::Seen;

/// Who owns a project.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct ProjectOwnerSchema {
    /// `user`, `group`, or `system` when nobody else owns it.
    pub owner_type: &'static str,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub name: Option<String>,
    /// The address of a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub email: Option<String>,
    /// A picture of a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub image_url: Option<String>,
}

impl ProjectOwnerSchema {
    const SYSTEM: Self = Self {
        owner_type: "system",
        name: None,
        email: None,
        image_url: None,
    };

    /// A user who owns one.
    pub(in crate::api::admin) fn of_user(user: &User) -> Self {
        Self {
            owner_type: "user",
            name: Some(user.display_name()),
            email: user.email.clone(),
            image_url: Some(image_url(user)),
        }
    }

    /// Users and groups with the role, or the system.
    pub(in crate::api::admin) fn all(state: &State, project: &ProjectId) -> Vec<Self> {
        let Some(access) = state.access.get(project) else {
            return vec![Self::SYSTEM];
        };
        let users = access.users.iter().filter(|(_, it)| it.contains(&OWNER));
        let users = users.filter_map(|(id, _)| state.users.get(id));
        let users = users.map(|user| Self::of_user(user));
        let groups = access.groups.iter().filter(|(_, it)| it.contains(&OWNER));
        let groups = groups.filter_map(|(id, _)| state.groups.get(id));
        let groups = groups.map(|group| Self {
            owner_type: "group",
            name: Some(group.name.clone()),
            ..Self::SYSTEM
        });
        let mut owners: Vec<Self> = users.chain(groups).collect();
        if owners.is_empty() {
            owners.push(Self::SYSTEM);
        }
        owners
    }
}

/// How many users have a role in a project, of their own or through a group.
pub(in crate::api::admin) fn members(state: &State, project: &ProjectId) -> usize {
    let Some(access) = state.access.get(project) else {
        return 0;
    };
    let groups = access.groups.keys().filter_map(|id| state.groups.get(id));
    let users = access.users.keys();
    let all: BTreeSet<_> = users
        .chain(groups.flat_map(|group| group.users.keys()))
        .collect();
    all.len()
}

/// How far somebody has come with a project.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api::admin) struct OnboardingStatusSchema {
    /// `onboarding-started`, `first-flag-created`, `sdk-connected` or `onboarded`.
    pub status: &'static str,
    /// The first flag, of `first-flag-created`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub feature: Option<String>,
}

impl OnboardingStatusSchema {
    pub(in crate::api::admin) fn of(state: &State, project: &str, seen: &Seen) -> Self {
        let (status, feature) = match onboarding(state, project, seen) {
            Onboarding::Started => ("onboarding-started", None),
            Onboarding::FirstFlagCreated(flag) => ("first-flag-created", Some(&flag.name)),
            Onboarding::SdkConnected => ("sdk-connected", None),
            Onboarding::Onboarded => ("onboarded", None),
        };
        Self {
            status,
            feature: feature.map(ToString::to_string),
        }
    }
}

/// A project of the list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct ProjectSchema {
    /// Its identifier.
    pub id: String,
    /// For people.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// Share of live flags that are neither stale nor older than expected, in hundredths.
    pub health: usize,
    /// The rest.
    pub technical_debt: usize,
    /// Whether the asking user marked it; not told to tokens of nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    pub favorite: Option<bool>,
    /// How many live flags there are.
    pub feature_count: usize,
    /// How many live flags have done their work; left out when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = usize, required = false)]
    pub cleanup_count: Option<usize>,
    /// How many users have a role in it.
    pub member_count: usize,
    /// When it was made.
    pub created_at: String,
    /// When it was archived.
    pub archived_at: Option<String>,
    /// Who may do what.
    pub mode: String,
    /// When an SDK last reported use of one of its flags.
    pub last_reported_flag_usage: Option<String>,
    /// When it was last changed.
    pub last_updated_at: String,
    /// How far somebody has come with it.
    pub onboarding_status: OnboardingStatusSchema,
    /// Who owns it.
    pub owners: Vec<ProjectOwnerSchema>,
}

impl ProjectSchema {
    fn new(project: &Project, shown: Shown<'_>) -> Self {
        let Shown { state, seen, .. } = shown;
        let id = project.id.as_str();
        let health = Health::of(state, id, shown.now);
        let reader = shown.reader;
        Self {
            id: project.id.to_string(),
            name: project.name.clone(),
            description: project.description.clone(),
            health: health.rating(),
            technical_debt: health.technical_debt(),
            favorite: reader.if_user(reader.likes_project(project)),
            feature_count: health.total(),
            cleanup_count: Some(done_with(state, id)).filter(|count| *count > 0),
            member_count: members(state, &project.id),
            created_at: project.created_at.to_string(),
            archived_at: project.archived_at.map(|time| time.to_string()),
            mode: project.mode.clone(),
            last_reported_flag_usage: last_use(state, id, seen).map(|at| at.to_string()),
            last_updated_at: project.updated_at.to_string(),
            onboarding_status: OnboardingStatusSchema::of(state, id, seen),
            owners: ProjectOwnerSchema::all(state, &project.id),
        }
    }
}

/// How many live flags of a project have done their work.
fn done_with(state: &State, project: &str) -> usize {
    let flags = live_flags(state, project);
    flags.filter(|flag| flag.completed.is_some()).count()
}

/// When a live flag of a project was last asked for.
fn last_use(state: &State, project: &str, seen: &Seen) -> Option<Timestamp> {
    let uses = live_flags(state, project).flat_map(|flag| {
        let own = seen.of(&flag.name).iter();
        own.map(|it| it.at).filter(|at| *at >= flag.created_at)
    });
    uses.max()
}

/// What projects are shown from, and to whom.
#[derive(Clone, Copy)]
pub(super) struct Shown<'s> {
    pub(super) state: &'s State,
    pub(super) seen: &'s Seen,
    pub(super) now: Timestamp,
    pub(super) reader: Reader<'s>,
}

/// All projects, live or archived.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api::admin) struct ProjectsSchema {
    /// Number of the shape.
    pub version: u32,
    /// The projects.
    pub projects: Vec<ProjectSchema>,
}

impl ProjectsSchema {
    pub(super) fn new(shown: Shown<'_>, archived: bool) -> Self {
        let projects = shown.state.projects.values();
        Self {
            version: 1,
            projects: projects
                .filter(|project| project.archived_at.is_some() == archived)
                .map(|project| ProjectSchema::new(project, shown))
                .collect(),
        }
    }
}

/// A rule for names of new flags.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::api::admin) struct FeatureNamingSchema {
    /// A regular expression for the whole name; none lifts the rule.
    #[serde(default)]
    pub pattern: Option<String>,
    /// A name that fits.
    #[serde(default)]
    pub example: Option<String>,
    /// What the pattern means.
    #[serde(default)]
    pub description: Option<String>,
}

/// Who may do what in a project.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::api::admin) enum ProjectModeSchema {
    #[default]
    Open,
    Protected,
    Private,
}

impl ProjectModeSchema {
    fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Protected => "protected",
            Self::Private => "private",
        }
    }
}

/// A project to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct CreateProjectSchema {
    /// An identifier nobody has; made from the name when left out.
    #[serde(default)]
    pub id: Option<String>,
    /// For people.
    pub name: String,
    /// For people.
    #[serde(default)]
    pub description: Option<String>,
    /// Who may do what.
    #[serde(default)]
    #[schema(required = false)]
    pub mode: ProjectModeSchema,
    /// Stickiness offered for new strategies.
    #[serde(default)]
    pub default_stickiness: Option<String>,
    /// The environments it uses; all that are enabled when left out.
    #[serde(default)]
    pub environments: Option<Vec<String>>,
    /// Environments in which changes are to be agreed to. Remembered; changes are not held back.
    #[serde(default)]
    #[schema(required = false)]
    pub change_request_environments: Vec<CreateChangeRequestEnvironmentSchema>,
}

/// An environment in which changes are to be agreed to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct CreateChangeRequestEnvironmentSchema {
    /// The environment.
    pub name: String,
    /// By how many; brought into the bounds from 1 to 10.
    #[serde(default)]
    #[schema(value_type = i64, required = false)]
    pub required_approvals: Option<i64>,
}

/// An environment in which changes are to be agreed to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct ChangeRequestEnvironmentSchema {
    /// The environment.
    pub name: String,
    /// By how many.
    pub required_approvals: u8,
}

impl CreateProjectSchema {
    pub(super) fn into_wish(self) -> Result<NewProject, Rejection> {
        let id = self.id.filter(|id| !id.is_empty());
        let id = id.unwrap_or_else(|| slug(&self.name));
        Ok(NewProject {
            id: ProjectId::parse(&id)?,
            name: self.name,
            description: self.description,
            mode: self.mode.as_str().into(),
            default_stickiness: self.default_stickiness.unwrap_or_else(|| "default".into()),
            environments: self.environments,
            change_requests: self
                .change_request_environments
                .into_iter()
                .map(|it| (it.name, ChangeRequests::new(true, it.required_approvals)))
                .collect(),
        })
    }
}

/// The name in small letters, everything but letters and digits a dash.
fn slug(name: &str) -> String {
    let words = name
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

/// A project that was made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct ProjectCreatedSchema {
    /// Its identifier.
    pub id: String,
    /// For people.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// Most flags it may hold.
    pub feature_limit: Option<u32>,
    /// Who may do what.
    pub mode: String,
    /// Stickiness offered for new strategies.
    pub default_stickiness: String,
    /// The environments it uses.
    pub environments: Vec<String>,
    /// Environments in which changes are to be agreed to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub change_request_environments: Vec<ChangeRequestEnvironmentSchema>,
}

impl ProjectCreatedSchema {
    pub(super) fn new(project: &Project) -> Self {
        Self {
            id: project.id.to_string(),
            name: project.name.clone(),
            description: project.description.clone(),
            feature_limit: project.flag_limit,
            mode: project.mode.clone(),
            default_stickiness: project.default_stickiness.clone(),
            environments: project
                .environments
                .keys()
                .map(ToString::to_string)
                .collect(),
            change_request_environments: agreed_to(project),
        }
    }
}

fn agreed_to(project: &Project) -> Vec<ChangeRequestEnvironmentSchema> {
    let environments = project.environments.iter();
    let agreed_to = environments.filter(|(_, own)| own.change_requests.enabled);
    agreed_to
        .map(|(name, own)| ChangeRequestEnvironmentSchema {
            name: name.to_string(),
            required_approvals: own.change_requests.approvals.unwrap_or(1),
        })
        .collect()
}

/// What is to be different about a project. What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct UpdateProjectSchema {
    /// For people.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub name: Option<String>,
    /// For people; null removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, required = false)]
    pub description: Option<Option<String>>,
    /// Who may do what.
    #[serde(default)]
    #[schema(value_type = ProjectModeSchema, required = false)]
    pub mode: Option<ProjectModeSchema>,
    /// Stickiness offered for new strategies.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub default_stickiness: Option<String>,
    /// Most flags it may hold; null lifts the limit.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<u32>, required = false)]
    pub feature_limit: Option<Option<u32>>,
    /// Rule for names of new flags; one without a pattern lifts it.
    #[serde(default)]
    #[schema(value_type = FeatureNamingSchema, required = false)]
    pub feature_naming: Option<FeatureNamingSchema>,
}

impl UpdateProjectSchema {
    pub(super) fn into_change(self) -> ProjectChange {
        ProjectChange {
            name: self.name,
            description: self.description,
            mode: self.mode.map(|mode| mode.as_str().to_owned()),
            default_stickiness: self.default_stickiness,
            flag_limit: self.feature_limit,
            flag_naming: self.feature_naming.map(|naming| {
                Some(FlagNaming {
                    pattern: naming.pattern.filter(|pattern| !pattern.is_empty())?,
                    example: naming.example,
                    description: naming.description,
                })
            }),
        }
    }
}

/// An identifier somebody would like to give.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::api::admin) struct ValidateProjectSchema {
    /// The identifier.
    pub id: String,
}

/// Whether an identifier can be given.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api::admin) struct ValidProjectSchema {
    /// Always true; otherwise the answer is an error.
    pub valid: bool,
}

/// An environment to be used.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api::admin) struct ProjectEnvironmentSchema {
    /// The environment.
    pub environment: String,
    /// Whether changes there are to be agreed to. Remembered; changes are not held back.
    #[serde(default)]
    #[schema(required = false)]
    pub change_requests_enabled: bool,
    /// What a flag gets there when it is switched on without a strategy.
    #[serde(default)]
    #[schema(value_type = super::super::feature_strategies::schema::CreateFeatureStrategySchema, required = false)]
    pub default_strategy: Option<serde_json::Value>,
}

/// Somebody who made a flag.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api::admin) struct FlagCreatorSchema {
    /// The user's number.
    pub id: i64,
    /// The name.
    pub name: String,
}

impl FlagCreatorSchema {
    pub(super) fn all(state: &State, project: &str) -> Vec<Self> {
        let flags = state.flags.values().filter(|flag| flag.project == *project);
        let authors: BTreeMap<i64, &str> = flags
            .map(|flag| (flag.created_by_user_id, flag.created_by.as_str()))
            .collect();
        let authors = authors.into_iter().map(|(id, name)| Self {
            id,
            name: name.to_owned(),
        });
        authors.collect()
    }
}
