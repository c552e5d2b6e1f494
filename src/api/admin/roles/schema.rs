//! The shapes of roles and permissions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::users::schema::RoleSchema;
use crate::domain::command::RoleWish;
use crate::domain::names::EnvironmentName;
use crate::domain::rejection::Rejection;
use crate::domain::role::{Granted, PERMISSIONS, Role, RoleKind, Scope};

/// A role after it was made or changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoleWithVersionSchema {
    /// Always 1.
    pub version: u32,
    /// The role: one, whatever the name says.
    pub roles: RoleSchema,
}

impl From<&Role> for RoleWithVersionSchema {
    fn from(it: &Role) -> Self {
        Self {
            version: 1,
            roles: it.into(),
        }
    }
}

/// A role and what it allows.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoleWithPermissionsSchema {
    /// The role.
    #[serde(flatten)]
    pub role: RoleSchema,
    /// What it allows.
    pub permissions: Vec<AdminPermissionSchema>,
}

impl From<&Role> for RoleWithPermissionsSchema {
    fn from(it: &Role) -> Self {
        let permissions = it.permissions.iter();
        Self {
            role: it.into(),
            permissions: permissions
                .filter_map(|granted| {
                    let all = (1..).zip(PERMISSIONS);
                    let (id, known) = all.into_iter().find(|(_, it)| it.0 == granted.name)?;
                    let environment = granted.environment.as_ref().map(ToString::to_string);
                    Some(AdminPermissionSchema::new(id, known, environment))
                })
                .collect(),
        }
    }
}

/// Something one may be allowed to do.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct AdminPermissionSchema {
    /// Its number in this version of the server. Names are for keeps.
    pub id: i32,
    /// Its name.
    pub name: &'static str,
    /// What people call it.
    pub display_name: &'static str,
    /// `root`, `project` or `environment`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The only environment it counts in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub environment: Option<String>,
}

impl AdminPermissionSchema {
    pub(in crate::api::admin) fn new(
        id: i32,
        (name, scope, title): &(&'static str, Scope, &'static str),
        environment: Option<String>,
    ) -> Self {
        Self {
            id,
            name,
            display_name: title,
            kind: match scope {
                Scope::Root => "root",
                Scope::Project => "project",
                Scope::Environment => "environment",
            },
            environment,
        }
    }

    /// All that count in places of this kind.
    pub(in crate::api::admin) fn all(scope: Scope, environment: Option<&str>) -> Vec<Self> {
        let all = (1..).zip(PERMISSIONS).filter(|(_, it)| it.1 == scope);
        all.map(|(id, it)| Self::new(id, it, environment.map(Into::into)))
            .collect()
    }
}

/// What one may be allowed to do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AdminPermissionsSchema {
    /// Number of the shape.
    pub version: u32,
    /// By where they count.
    pub permissions: PermissionsByPlaceSchema,
}

/// Permissions by where they count.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PermissionsByPlaceSchema {
    /// Everywhere.
    pub root: Vec<AdminPermissionSchema>,
    /// In a project.
    pub project: Vec<AdminPermissionSchema>,
    /// In an environment of a project.
    pub environments: Vec<EnvironmentPermissionsSchema>,
}

/// Permissions in one environment.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EnvironmentPermissionsSchema {
    /// The environment.
    pub name: String,
    /// The permissions.
    pub permissions: Vec<AdminPermissionSchema>,
}

/// Where a role can be given.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum CustomRoleTypeSchema {
    /// Everywhere.
    RootCustom,
    /// In a project.
    Custom,
}

/// A permission for a role.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct GrantedPermissionSchema {
    /// Its name. Without one the number counts.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub name: Option<String>,
    /// Its number.
    #[serde(default)]
    #[schema(value_type = i32, required = false)]
    pub id: Option<i32>,
    /// The only environment it is to count in.
    #[serde(default)]
    pub environment: Option<String>,
}

impl GrantedPermissionSchema {
    fn into_granted(self) -> Result<Granted, Rejection> {
        let by_number = |id: i32| {
            let at = usize::try_from(id).ok()?.checked_sub(1)?;
            PERMISSIONS.get(at).map(|it| it.0.to_owned())
        };
        let environment = self.environment.filter(|it| !it.is_empty());
        Ok(Granted {
            name: self
                .name
                .or_else(|| by_number(self.id?))
                .ok_or_else(|| Rejection::bad_data("A permission needs its name."))?,
            environment: environment.map(|it| EnvironmentName::trusted(&it)),
        })
    }
}

/// A role as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct CreateRoleWithPermissionsSchema {
    /// Unique.
    pub name: String,
    /// For people.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub description: Option<String>,
    /// Where it can be given: `custom` in projects, `root-custom` everywhere. It cannot be changed later.
    #[serde(default, rename = "type")]
    #[schema(value_type = CustomRoleTypeSchema, required = false)]
    pub kind: Option<CustomRoleTypeSchema>,
    /// What it allows.
    #[serde(default)]
    #[schema(required = false)]
    pub permissions: Vec<GrantedPermissionSchema>,
}

impl CreateRoleWithPermissionsSchema {
    /// The wish. `kind` is what the role is if the body does not say.
    pub(super) fn into_wish(self, kind: RoleKind) -> Result<RoleWish, Rejection> {
        let permissions = self.permissions.into_iter();
        let permissions: Result<Vec<_>, _> = permissions
            .map(GrantedPermissionSchema::into_granted)
            .collect();
        let mut permissions = permissions?;
        permissions.sort();
        permissions.dedup();
        Ok(RoleWish {
            name: self.name,
            description: self.description.unwrap_or_default(),
            kind: match self.kind {
                Some(CustomRoleTypeSchema::RootCustom) => RoleKind::RootCustom,
                Some(CustomRoleTypeSchema::Custom) => RoleKind::Custom,
                None => kind,
            },
            permissions,
        })
    }
}
