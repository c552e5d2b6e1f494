//! The shapes of groups.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::users::schema::UserSchema;
use crate::domain::command::GroupWish;
use crate::domain::names::{RoleId, UserId};
use crate::domain::state::State;
use crate::domain::user::Group;

/// A group of users.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct GroupSchema {
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
    /// Projects it has a role in.
    pub projects: Vec<String>,
    /// How many members it has.
    pub user_count: usize,
    /// Always null: groups come from nowhere else.
    pub scim_id: Option<String>,
}

impl GroupSchema {
    pub(in crate::api::admin) fn new(state: &State, group: &Group) -> Self {
        let access = state.access.iter();
        let projects = access.filter(|(_, access)| access.groups.contains_key(&group.id));
        Self {
            id: group.id.0,
            name: group.name.clone(),
            description: group.description.clone(),
            mappings_sso: group.sso_groups.clone(),
            root_role: group.root_role.map(|role| role.0),
            created_by: group.created_by.clone(),
            created_at: group.created_at.to_string(),
            users: GroupUserModelSchema::all(state, group),
            projects: projects.map(|(id, _)| id.to_string()).collect(),
            user_count: group.users.len(),
            scim_id: None,
        }
    }
}

/// A member of a group.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct GroupUserModelSchema {
    /// Since when.
    #[schema(format = DateTime)]
    pub joined_at: String,
    /// Who added it.
    pub created_by: String,
    /// The member.
    pub user: UserSchema,
}

impl GroupUserModelSchema {
    pub(in crate::api::admin) fn all(state: &State, group: &Group) -> Vec<Self> {
        let members = group.users.iter().filter_map(|(id, membership)| {
            let user = state.users.get(id)?;
            Some(Self {
                joined_at: membership.joined_at.to_string(),
                created_by: membership.created_by.clone(),
                user: UserSchema::with_role(user),
            })
        });
        members.collect()
    }
}

/// Groups.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GroupsSchema {
    /// The groups.
    pub groups: Vec<GroupSchema>,
}

/// The number of a user.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct GroupMemberSchema {
    /// The number.
    #[schema(minimum = 0)]
    pub id: i64,
}

/// A member to be.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct CreateGroupUserSchema {
    /// The user.
    pub user: GroupMemberSchema,
}

/// A group as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateGroupSchema {
    /// Unique.
    pub name: String,
    /// For people.
    #[serde(default)]
    pub description: Option<String>,
    /// Groups of a single sign-on whose members belong to this one.
    #[serde(default, rename = "mappingsSSO")]
    #[schema(required = false)]
    pub mappings_sso: Vec<String>,
    /// What its members may do everywhere: the number of a role.
    #[serde(default)]
    pub root_role: Option<i64>,
    /// Its members. Left out, they stay as they are.
    #[serde(default)]
    #[schema(value_type = Vec<CreateGroupUserSchema>, required = false)]
    pub users: Option<Vec<CreateGroupUserSchema>>,
}

impl CreateGroupSchema {
    pub(super) fn into_wish(self) -> GroupWish {
        let ids = |users: Vec<CreateGroupUserSchema>| {
            let ids = users.into_iter().map(|it| UserId(it.user.id));
            ids.collect()
        };
        GroupWish {
            name: self.name,
            description: self.description,
            sso_groups: self.mappings_sso,
            root_role: self.root_role.map(RoleId),
            users: self.users.map(ids),
        }
    }
}
