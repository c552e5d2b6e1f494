//! The shapes of who has which roles in a project.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::groups::schema::GroupUserModelSchema;
use super::super::users::schema::{RoleSchema, UserSchema};
use crate::domain::command::Roles;
use crate::domain::names::{GroupId, ProjectId, RoleId, UserId};
use crate::domain::state::State;
use crate::domain::user::{AccountKind, ProjectAccess};

/// Who has access to a project.
#[derive(Serialize, ToSchema)]
pub(super) struct ProjectAccessSchema {
    /// Groups with their roles.
    pub groups: Vec<GroupWithProjectRoleSchema>,
    /// Users with their own roles.
    pub users: Vec<UserWithProjectRoleSchema>,
    /// The roles one can have in a project.
    pub roles: Vec<RoleSchema>,
}

impl ProjectAccessSchema {
    pub(super) fn new(state: &State, project: &ProjectId) -> Self {
        let access = state.access.get(project).map(AsRef::as_ref);
        Self {
            groups: access
                .map(|access| GroupWithProjectRoleSchema::all(state, access))
                .unwrap_or_default(),
            users: access
                .map(|access| UserWithProjectRoleSchema::all(state, access))
                .unwrap_or_default(),
            roles: state
                .all_roles()
                .filter(|role| !role.kind.is_root())
                .map(Into::into)
                .collect(),
        }
    }
}

/// A user and its roles in a project.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserWithProjectRoleSchema {
    /// The user.
    #[serde(flatten)]
    pub user: UserSchema,
    /// The first of its roles.
    pub role_id: Option<i64>,
    /// Its roles.
    pub roles: Vec<i64>,
}

impl UserWithProjectRoleSchema {
    fn all(state: &State, access: &ProjectAccess) -> Vec<Self> {
        let users = access.users.iter().filter_map(|(id, roles)| {
            Some(Self {
                user: UserSchema::new(state.users.get(id)?),
                role_id: roles.first().map(|role| role.0),
                roles: roles.iter().map(|role| role.0).collect(),
            })
        });
        users.collect()
    }
}

/// A group and its roles in a project.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupWithProjectRoleSchema {
    /// The number.
    pub id: i64,
    /// The name.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// Groups of a single sign-on whose members belong to this one.
    #[serde(rename = "mappingsSSO")]
    pub mappings_sso: Vec<String>,
    /// What its members may do everywhere: the number of a role.
    pub root_role: Option<i64>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// Its members.
    pub users: Vec<GroupUserModelSchema>,
    /// The first of its roles.
    pub role_id: Option<i64>,
    /// Its roles.
    pub roles: Vec<i64>,
    /// Always null: groups come from nowhere else.
    pub scim_id: Option<String>,
}

impl GroupWithProjectRoleSchema {
    fn all(state: &State, access: &ProjectAccess) -> Vec<Self> {
        let groups = access.groups.iter().filter_map(|(id, roles)| {
            let group = state.groups.get(id)?;
            Some(Self {
                id: group.id.0,
                name: group.name.clone(),
                description: group.description.clone(),
                mappings_sso: group.sso_groups.clone(),
                root_role: group.root_role.map(|role| role.0),
                created_by: group.created_by.clone(),
                created_at: group.created_at.to_string(),
                users: GroupUserModelSchema::all(state, group),
                role_id: roles.first().map(|role| role.0),
                roles: roles.iter().map(|role| role.0).collect(),
                scim_id: None,
            })
        });
        groups.collect()
    }
}

/// Who has a role of their own in a project.
#[derive(Serialize, ToSchema)]
pub(super) struct ProjectUsersSchema {
    /// The users.
    pub users: Vec<UserWithProjectRoleSchema>,
    /// The roles one can have in a project.
    pub roles: Vec<RoleSchema>,
}

/// How often a role is given.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProjectRoleUsageSchema {
    /// By project.
    pub projects: Vec<ProjectRoleSchema>,
}

/// How often a role is given in a project.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProjectRoleSchema {
    /// The project.
    pub project: String,
    /// The number of the role.
    pub role: i64,
    /// To how many people.
    pub user_count: usize,
    /// To how many service accounts.
    pub service_account_count: usize,
    /// To how many groups.
    pub group_count: usize,
}

impl ProjectRoleUsageSchema {
    pub(super) fn new(state: &State, role: RoleId) -> Self {
        let usage = state.access.iter().map(|(project, access)| {
            let users = access
                .users
                .iter()
                .filter(|(_, roles)| roles.contains(&role));
            let kinds = users.filter_map(|(id, _)| Some(state.users.get(id)?.kind));
            let kinds: Vec<AccountKind> = kinds.collect();
            let of = |kind| kinds.iter().filter(|it| **it == kind).count();
            let groups = access.groups.values();
            ProjectRoleSchema {
                project: project.to_string(),
                role: role.0,
                user_count: of(AccountKind::Person),
                service_account_count: of(AccountKind::Service),
                group_count: groups.filter(|roles| roles.contains(&role)).count(),
            }
        });
        let given =
            |it: &ProjectRoleSchema| it.user_count + it.service_account_count + it.group_count > 0;
        Self {
            projects: usage.filter(given).collect(),
        }
    }
}

/// Who is to have access to a project.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ProjectAccessConfigurationSchema {
    /// By role. Who is not named has none.
    pub roles: Vec<RoleMembersSchema>,
}

/// Who is to have a role.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct RoleMembersSchema {
    /// The number of the role.
    #[schema(minimum = 1)]
    pub id: i64,
    /// Numbers of groups.
    #[serde(default)]
    #[schema(required = false)]
    pub groups: Vec<i64>,
    /// Numbers of users.
    #[serde(default)]
    #[schema(required = false)]
    pub users: Vec<i64>,
}

impl ProjectAccessConfigurationSchema {
    pub(super) fn into_wish(self) -> Roles {
        let mut wish = Roles::default();
        for RoleMembersSchema { id, groups, users } in self.roles {
            add(&mut wish, &[id], users, groups);
        }
        wish
    }
}

/// Notes that all of these users and groups are to have all of these roles.
fn add(wish: &mut Roles, roles: &[i64], users: Vec<i64>, groups: Vec<i64>) {
    let roles = || roles.iter().copied().map(RoleId);
    for user in users {
        wish.users.entry(UserId(user)).or_default().extend(roles());
    }
    for group in groups {
        let own = wish.groups.entry(GroupId(group)).or_default();
        own.extend(roles());
    }
}

/// Who is to have more roles.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ProjectAddAccessSchema {
    /// Numbers of the roles.
    pub roles: Vec<i64>,
    /// Numbers of groups.
    pub groups: Vec<i64>,
    /// Numbers of users.
    pub users: Vec<i64>,
}

impl ProjectAddAccessSchema {
    pub(super) fn into_wish(self) -> Roles {
        let mut wish = Roles::default();
        add(&mut wish, &self.roles, self.users, self.groups);
        wish
    }
}

/// The number of a user or group.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct MemberSchema {
    /// The number.
    pub id: i64,
}

/// Who is to have one more role.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ProjectAddRoleAccessSchema {
    /// Groups.
    pub groups: Vec<MemberSchema>,
    /// Users.
    pub users: Vec<MemberSchema>,
}

impl ProjectAddRoleAccessSchema {
    pub(super) fn into_wish(self, role: RoleId) -> Roles {
        let ids = |members: Vec<MemberSchema>| members.into_iter().map(|it| it.id).collect();
        let mut wish = Roles::default();
        add(&mut wish, &[role.0], ids(self.users), ids(self.groups));
        wish
    }
}

/// The roles somebody is to have.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct SetRolesSchema {
    /// Their numbers.
    pub roles: Vec<i64>,
}

/// A wish about one user.
pub(super) fn of_user(id: UserId, roles: impl IntoIterator<Item = RoleId>) -> Roles {
    Roles {
        users: BTreeMap::from([(id, roles.into_iter().collect())]),
        groups: BTreeMap::new(),
    }
}

/// A wish about one group.
pub(super) fn of_group(id: GroupId, roles: impl IntoIterator<Item = RoleId>) -> Roles {
    Roles {
        users: BTreeMap::new(),
        groups: BTreeMap::from([(id, roles.into_iter().collect())]),
    }
}
