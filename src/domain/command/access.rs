//! Wishes about roles, groups, and who has which role in a project.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::names::{GroupId, ProjectId, RoleId, UserId};
use crate::domain::role::{Granted, RoleKind};

/// What a role is to be.
#[derive(Clone, Debug)]
pub struct RoleWish {
    /// Unique.
    pub name: String,
    /// For people.
    pub description: String,
    /// Where it can be given.
    pub kind: RoleKind,
    /// What it allows.
    pub permissions: Vec<Granted>,
}

/// What a group is to be.
#[derive(Clone, Debug)]
pub struct GroupWish {
    /// Unique.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// Groups of a single sign-on whose members belong to this one.
    pub sso_groups: Vec<String>,
    /// What its members may do everywhere.
    pub root_role: Option<RoleId>,
    /// Its members; none leaves them as they are.
    pub users: Option<BTreeSet<UserId>>,
}

/// Roles of users and groups in a project.
#[derive(Clone, Default, Debug)]
pub struct Roles {
    /// Of users.
    pub users: BTreeMap<UserId, BTreeSet<RoleId>>,
    /// Of groups.
    pub groups: BTreeMap<GroupId, BTreeSet<RoleId>>,
}

/// Wishes about roles, groups and access.
#[derive(Clone, Debug)]
pub enum AccessCommand {
    /// Make a role.
    CreateRole(RoleWish),
    /// Change a role that is not built in.
    ChangeRole(RoleId, RoleWish),
    /// Delete a role that is not built in and that nobody has.
    DeleteRole(RoleId),
    /// Make a group.
    CreateGroup(GroupWish),
    /// Change a group.
    ChangeGroup(GroupId, GroupWish),
    /// Delete a group.
    DeleteGroup(GroupId),
    /// Give roles in a project to some, beside those they have.
    Give(ProjectId, Roles),
    /// Take roles in a project from some. Nothing happens to those who do not have them.
    Take(ProjectId, Roles),
    /// Set the roles of some in a project; those who get none lose access, others keep theirs.
    Set(ProjectId, Roles),
    /// Set who has which role in a project: whoever is not named has none.
    Replace(ProjectId, Roles),
}
