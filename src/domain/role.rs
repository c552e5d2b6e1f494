//! Roles and the permissions they are made of. Names are the reference server's.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::names::{EnvironmentName, RoleId};

/// Where a permission counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Scope {
    /// Everywhere.
    Root,
    /// In a project.
    Project,
    /// In an environment of a project.
    Environment,
}

macro_rules! permissions {
    ($($scope:ident $name:literal $title:literal;)*) => {
        /// Every permission: its name, where it counts, what people call it.
        pub const PERMISSIONS: &[(&str, Scope, &str)] = &[$(($name, Scope::$scope, $title),)*];
    };
}

permissions! {
    Root "ADMIN" "Do everything";
    Root "CREATE_PROJECT" "Make projects";
    Root "CREATE_SEGMENT" "Make segments";
    Root "UPDATE_SEGMENT" "Change segments";
    Root "DELETE_SEGMENT" "Delete segments";
    Root "CREATE_CONTEXT_FIELD" "Make context fields";
    Root "UPDATE_CONTEXT_FIELD" "Change context fields";
    Root "DELETE_CONTEXT_FIELD" "Delete context fields";
    Root "CREATE_STRATEGY" "Make kinds of strategies";
    Root "UPDATE_STRATEGY" "Change kinds of strategies";
    Root "DELETE_STRATEGY" "Delete kinds of strategies";
    Root "CREATE_TAG_TYPE" "Make kinds of tags";
    Root "UPDATE_TAG_TYPE" "Change kinds of tags";
    Root "DELETE_TAG_TYPE" "Delete kinds of tags";
    Root "UPDATE_FEATURE_TYPE" "Change kinds of flags";
    Root "CREATE_ADDON" "Make integrations";
    Root "UPDATE_ADDON" "Change integrations";
    Root "DELETE_ADDON" "Delete integrations";
    Root "UPDATE_APPLICATION" "Change and delete applications";
    Root "READ_CLIENT_API_TOKEN" "See tokens of backend SDKs";
    Root "CREATE_CLIENT_API_TOKEN" "Make tokens of backend SDKs";
    Root "UPDATE_CLIENT_API_TOKEN" "Change tokens of backend SDKs";
    Root "DELETE_CLIENT_API_TOKEN" "Delete tokens of backend SDKs";
    Root "READ_FRONTEND_API_TOKEN" "See tokens of frontend SDKs";
    Root "CREATE_FRONTEND_API_TOKEN" "Make tokens of frontend SDKs";
    Root "UPDATE_FRONTEND_API_TOKEN" "Change tokens of frontend SDKs";
    Root "DELETE_FRONTEND_API_TOKEN" "Delete tokens of frontend SDKs";
    Root "READ_ROLE" "See roles";
    Root "READ_LOGS" "See who signed in and what happened on the instance";
    Root "UPDATE_CORS" "Change which web pages may ask";
    Root "UPDATE_MAINTENANCE_MODE" "Switch maintenance mode";
    Root "UPDATE_INSTANCE_BANNERS" "Change messages shown to everybody";
    Root "UPDATE_AUTH_CONFIGURATION" "Change how people sign in";
    Root "RELEASE_PLAN_TEMPLATE_CREATE" "Make templates of release plans";
    Root "RELEASE_PLAN_TEMPLATE_UPDATE" "Change templates of release plans";
    Root "RELEASE_PLAN_TEMPLATE_DELETE" "Delete templates of release plans";
    Project "CREATE_FEATURE" "Make flags";
    Project "UPDATE_FEATURE" "Change flags";
    Project "UPDATE_FEATURE_DEPENDENCY" "Change what flags depend on";
    Project "UPDATE_FEATURE_VARIANTS" "Change variants of flags in all environments";
    Project "DELETE_FEATURE" "Archive, revive and delete flags";
    Project "MOVE_FEATURE_TOGGLE" "Move flags to other projects";
    Project "UPDATE_PROJECT" "Change the project, its members and its settings";
    Project "DELETE_PROJECT" "Archive, revive and delete the project";
    Project "PROJECT_USER_ACCESS_READ" "See who has access";
    Project "PROJECT_USER_ACCESS_WRITE" "Change who has access";
    Project "PROJECT_DEFAULT_STRATEGY_READ" "See default strategies";
    Project "PROJECT_DEFAULT_STRATEGY_WRITE" "Change default strategies";
    Project "PROJECT_SETTINGS_READ" "See settings";
    Project "PROJECT_SETTINGS_WRITE" "Change settings";
    Project "PROJECT_CHANGE_REQUEST_READ" "See settings of change requests";
    Project "PROJECT_CHANGE_REQUEST_WRITE" "Change settings of change requests";
    Project "READ_PROJECT_API_TOKEN" "See tokens of the project";
    Project "CREATE_PROJECT_API_TOKEN" "Make tokens of the project";
    Project "DELETE_PROJECT_API_TOKEN" "Delete tokens of the project";
    Project "UPDATE_PROJECT_SEGMENT" "Make, change and delete segments of the project";
    Project "CREATE_PROJECT_CONTEXT_FIELD" "Make context fields of the project";
    Project "UPDATE_PROJECT_CONTEXT_FIELD" "Change context fields of the project";
    Project "DELETE_PROJECT_CONTEXT_FIELD" "Delete context fields of the project";
    Environment "CREATE_FEATURE_STRATEGY" "Add strategies";
    Environment "UPDATE_FEATURE_STRATEGY" "Change strategies";
    Environment "DELETE_FEATURE_STRATEGY" "Remove strategies";
    Environment "UPDATE_FEATURE_ENVIRONMENT" "Switch flags on and off";
    Environment "UPDATE_FEATURE_ENVIRONMENT_VARIANTS" "Change variants";
    Environment "APPROVE_CHANGE_REQUEST" "Approve change requests";
    Environment "APPLY_CHANGE_REQUEST" "Apply change requests";
    Environment "SKIP_CHANGE_REQUEST" "Change flags without a change request";
}

/// Where the permission of that name counts. None: there is no such permission.
#[must_use]
pub fn scope_of(permission: &str) -> Option<Scope> {
    let found = PERMISSIONS.iter().find(|(name, ..)| *name == permission);
    found.map(|(_, scope, _)| *scope)
}

/// Where a role can be given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoleKind {
    /// Built in, everywhere.
    Root,
    /// Built in, in a project.
    Project,
    /// Made by operators, everywhere.
    RootCustom,
    /// Made by operators, in a project.
    Custom,
}

impl RoleKind {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Project => "project",
            Self::RootCustom => "root-custom",
            Self::Custom => "custom",
        }
    }

    /// Whether it is given everywhere, and not in a project.
    #[must_use]
    pub fn is_root(self) -> bool {
        matches!(self, Self::Root | Self::RootCustom)
    }
}

/// A permission a role has.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Granted {
    /// Its name.
    pub name: String,
    /// The only environment it counts in. None: in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentName>,
}

/// What somebody may do, as a thing of its own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Role {
    /// Its number.
    pub id: RoleId,
    /// Unique.
    pub name: String,
    /// For people.
    pub description: String,
    /// Where it can be given.
    pub kind: RoleKind,
    /// What it allows.
    pub permissions: Vec<Granted>,
}

/// Does everything.
pub const ADMIN: RoleId = RoleId(1);
/// Changes everything but users, roles and what belongs to projects of others.
pub const EDITOR: RoleId = RoleId(2);
/// Looks.
pub const VIEWER: RoleId = RoleId(3);
/// Does everything in a project.
pub const OWNER: RoleId = RoleId(4);
/// Works on the flags of a project.
pub const MEMBER: RoleId = RoleId(5);
/// The number the first role of operators gets.
pub const FIRST_CUSTOM: RoleId = RoleId(6);

/// Root permissions of editors.
const EDITOR_PERMISSIONS: &[&str] = &[
    "CREATE_PROJECT",
    "CREATE_SEGMENT",
    "UPDATE_SEGMENT",
    "DELETE_SEGMENT",
    "CREATE_CONTEXT_FIELD",
    "UPDATE_CONTEXT_FIELD",
    "DELETE_CONTEXT_FIELD",
    "CREATE_STRATEGY",
    "UPDATE_STRATEGY",
    "DELETE_STRATEGY",
    "CREATE_TAG_TYPE",
    "UPDATE_TAG_TYPE",
    "DELETE_TAG_TYPE",
    "CREATE_ADDON",
    "UPDATE_ADDON",
    "DELETE_ADDON",
    "UPDATE_APPLICATION",
    "READ_CLIENT_API_TOKEN",
    "READ_FRONTEND_API_TOKEN",
    "RELEASE_PLAN_TEMPLATE_CREATE",
    "RELEASE_PLAN_TEMPLATE_UPDATE",
];

/// What members of a project may not do.
const OWNERS_ONLY: &[&str] = &[
    "UPDATE_PROJECT",
    "DELETE_PROJECT",
    "MOVE_FEATURE_TOGGLE",
    "PROJECT_USER_ACCESS_WRITE",
    "PROJECT_SETTINGS_WRITE",
    "PROJECT_DEFAULT_STRATEGY_WRITE",
    "PROJECT_CHANGE_REQUEST_WRITE",
    "CREATE_PROJECT_API_TOKEN",
    "DELETE_PROJECT_API_TOKEN",
    "SKIP_CHANGE_REQUEST",
];

/// The roles that are always there.
#[must_use]
pub fn built_in() -> &'static [Role] {
    static ROLES: LazyLock<Vec<Role>> = LazyLock::new(make_built_in);
    &ROLES
}

fn make_built_in() -> Vec<Role> {
    let role = |id, name: &str, description: &str, kind, permissions: Vec<&str>| Role {
        id,
        name: name.into(),
        description: description.into(),
        kind,
        permissions: permissions.into_iter().map(everywhere).collect(),
    };
    let owner = of_projects().collect();
    let member = of_projects()
        .filter(|it| !OWNERS_ONLY.contains(it))
        .collect();
    vec![
        role(
            ADMIN,
            "Admin",
            "May do everything.",
            RoleKind::Root,
            vec!["ADMIN"],
        ),
        role(
            EDITOR,
            "Editor",
            "May change most things, but neither users nor roles. Owns the projects it makes, and may do most things in \
             the default project.",
            RoleKind::Root,
            EDITOR_PERMISSIONS.to_vec(),
        ),
        role(
            VIEWER,
            "Viewer",
            "May look at everything but tokens. Can be a member of projects.",
            RoleKind::Root,
            Vec::new(),
        ),
        role(
            OWNER,
            "Owner",
            "May do everything in the project.",
            RoleKind::Project,
            owner,
        ),
        role(
            MEMBER,
            "Member",
            "May make and change flags in the project, but not change the project itself.",
            RoleKind::Project,
            member,
        ),
    ]
}

/// Names of all permissions that count in projects.
pub fn of_projects() -> impl Iterator<Item = &'static str> {
    let projects = PERMISSIONS.iter().filter(|it| it.1 != Scope::Root);
    projects.map(|(name, ..)| *name)
}

fn everywhere(name: &str) -> Granted {
    Granted {
        name: name.into(),
        environment: None,
    }
}
