//! Decides wishes about roles, groups, and who has which role in a project.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::account::{keeping_an_administrator, take_number};
use super::{Circumstances, role_rules};
use crate::domain::change::Draft;
use crate::domain::command::{AccessCommand, GroupWish, RoleWish, Roles};
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::names::{GroupId, ProjectId, RoleId, UserId};
use crate::domain::rejection::Rejection;
use crate::domain::role::{FIRST_CUSTOM, Granted, Role};
use crate::domain::state::{Entity, EntityKey, State};
use crate::domain::user::{Group, Membership, ProjectAccess};

pub(super) fn carry_out(
    draft: &mut Draft,
    wish: &AccessCommand,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match wish {
        AccessCommand::CreateRole(wish) => create_role(draft, wish),
        AccessCommand::ChangeRole(id, wish) => change_role(draft, *id, wish),
        AccessCommand::DeleteRole(id) => delete_role(draft, *id),
        AccessCommand::CreateGroup(wish) => create_group(draft, wish, it),
        AccessCommand::ChangeGroup(id, wish) => {
            keeping_an_administrator(draft, |draft| change_group(draft, *id, wish, it))
        }
        AccessCommand::DeleteGroup(id) => {
            keeping_an_administrator(draft, |draft| delete_group(draft, *id))
        }
        AccessCommand::Give(project, roles) => access(draft, project, roles, How::Give),
        AccessCommand::Take(project, roles) => access(draft, project, roles, How::Take),
        AccessCommand::Set(project, roles) => access(draft, project, roles, How::Set),
        AccessCommand::Replace(project, roles) => access(draft, project, roles, How::Replace),
    }
}

impl State {
    /// The role of that number.
    ///
    /// # Errors
    /// [`Rejection::NotFound`].
    pub fn known_role(&self, id: RoleId) -> Result<&Role, Rejection> {
        self.role(id)
            .ok_or_else(|| Rejection::NotFound(format!("Could not find role with id {id}")))
    }

    /// The group of that number.
    ///
    /// # Errors
    /// [`Rejection::NotFound`].
    pub fn group(&self, id: GroupId) -> Result<&Arc<Group>, Rejection> {
        let found = self.groups.get(&id);
        found.ok_or_else(|| Rejection::NotFound(format!("Could not find group with id {id}")))
    }
}

fn create_role(draft: &mut Draft, wish: &RoleWish) -> Result<(), Rejection> {
    role_rules::check(draft.state(), wish, None)?;
    let id = take_number(draft, |counters| {
        let id = counters.next_role;
        counters.next_role = RoleId(id.0 + 1);
        id
    });
    let role = role(id, wish);
    tell(
        draft,
        EventKind::RoleCreated,
        None,
        Some(role_document(&role)),
    );
    draft.put(Entity::Role(Arc::new(role)));
    Ok(())
}

fn role(id: RoleId, wish: &RoleWish) -> Role {
    Role {
        id,
        name: wish.name.clone(),
        description: wish.description.clone(),
        kind: wish.kind,
        permissions: wish.permissions.clone(),
    }
}

fn own_role(draft: &Draft, id: RoleId) -> Result<Role, Rejection> {
    let role = draft.state().known_role(id)?;
    if id < FIRST_CUSTOM {
        return Err(Rejection::InvalidOperation(format!(
            "The role {} is built in and stays as it is.",
            role.name
        )));
    }
    Ok(role.clone())
}

fn change_role(draft: &mut Draft, id: RoleId, wish: &RoleWish) -> Result<(), Rejection> {
    let before = own_role(draft, id)?;
    if before.kind != wish.kind {
        return Err(Rejection::bad_data(
            "The type of a role cannot be changed. Make another role.",
        ));
    }
    role_rules::check(draft.state(), wish, Some(id))?;
    let after = role(id, wish);
    replace_role(draft, &before, after);
    Ok(())
}

/// Puts a changed role and tells of it; nothing when nothing changed.
fn replace_role(draft: &mut Draft, before: &Role, after: Role) {
    if after == *before {
        return;
    }
    let (before, document) = (role_document(before), role_document(&after));
    tell(draft, EventKind::RoleUpdated, Some(before), Some(document));
    draft.put(Entity::Role(Arc::new(after)));
}

/// Changes what roles allow, each by itself.
pub(super) fn change_permissions(draft: &mut Draft, change: impl Fn(&mut Vec<Granted>)) {
    let roles: Vec<Arc<Role>> = draft.state().roles.values().cloned().collect();
    for before in roles {
        let mut after = Role::clone(&before);
        change(&mut after.permissions);
        replace_role(draft, &before, after);
    }
}

fn delete_role(draft: &mut Draft, id: RoleId) -> Result<(), Rejection> {
    let before = own_role(draft, id)?;
    if is_given(draft.state(), id) {
        return Err(Rejection::InUse(format!(
            "Somebody has the role {}. Take it from them first.",
            before.name
        )));
    }
    draft.delete(EntityKey::Role(id));
    tell(
        draft,
        EventKind::RoleDeleted,
        Some(role_document(&before)),
        None,
    );
    Ok(())
}

fn is_given(state: &State, id: RoleId) -> bool {
    let in_project = |access: &Arc<ProjectAccess>| {
        let roles = access.users.values().chain(access.groups.values());
        roles.into_iter().any(|roles| roles.contains(&id))
    };
    state.users.values().any(|user| user.root_role == id)
        || state.groups.values().any(|it| it.root_role == Some(id))
        || state.access.values().any(in_project)
}

fn create_group(
    draft: &mut Draft,
    wish: &GroupWish,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    check_group(draft.state(), wish, None)?;
    let id = take_number(draft, |counters| {
        let id = counters.next_group;
        counters.next_group = GroupId(id.0 + 1);
        id
    });
    let group = Group {
        id,
        name: wish.name.clone(),
        description: wish.description.clone(),
        sso_groups: wish.sso_groups.clone(),
        root_role: wish.root_role,
        users: members(&BTreeMap::new(), wish, it),
        created_at: it.now,
        created_by: it.actor.name.clone(),
    };
    tell(
        draft,
        EventKind::GroupCreated,
        None,
        Some(group_document(&group)),
    );
    draft.put(Entity::Group(Arc::new(group)));
    Ok(())
}

fn change_group(
    draft: &mut Draft,
    id: GroupId,
    wish: &GroupWish,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let before = Arc::clone(draft.state().group(id)?);
    check_group(draft.state(), wish, Some(id))?;
    let after = Group {
        name: wish.name.clone(),
        description: wish.description.clone(),
        sso_groups: wish.sso_groups.clone(),
        root_role: wish.root_role,
        users: members(&before.users, wish, it),
        ..(*before).clone()
    };
    if after != *before {
        let (before, document) = (group_document(&before), group_document(&after));
        tell(draft, EventKind::GroupUpdated, Some(before), Some(document));
        draft.put(Entity::Group(Arc::new(after)));
    }
    Ok(())
}

/// Those who stay keep the day they joined.
fn members(
    before: &BTreeMap<UserId, Membership>,
    wish: &GroupWish,
    it: &Circumstances<'_>,
) -> BTreeMap<UserId, Membership> {
    let Some(wanted) = &wish.users else {
        return before.clone();
    };
    let joined = |id: &UserId| {
        let known = before.get(id).cloned();
        let membership = known.unwrap_or_else(|| Membership {
            joined_at: it.now,
            created_by: it.actor.name.clone(),
        });
        (*id, membership)
    };
    wanted.iter().map(joined).collect()
}

fn check_group(state: &State, wish: &GroupWish, but: Option<GroupId>) -> Result<(), Rejection> {
    if wish.name.trim().is_empty() {
        return Err(Rejection::bad_data("Group name cannot be empty"));
    }
    let taken = |group: &Arc<Group>| Some(group.id) != but && group.name == wish.name;
    if state.groups.values().any(taken) {
        return Err(Rejection::NameTaken("Group name already exists".into()));
    }
    if let Some(role) = wish.root_role {
        let known = state.role(role).filter(|role| role.kind.is_root());
        known.ok_or_else(|| Rejection::bad_data(format!("Could not find rootRole={role}")))?;
    }
    let users = wish.users.iter().flatten();
    users.into_iter().try_for_each(|id| known_user(state, *id))
}

fn known_user(state: &State, id: UserId) -> Result<(), Rejection> {
    match state.users.contains_key(&id) {
        true => Ok(()),
        false => Err(Rejection::bad_data(format!(
            "Could not find user with id {id}"
        ))),
    }
}

fn delete_group(draft: &mut Draft, id: GroupId) -> Result<(), Rejection> {
    let before = Arc::clone(draft.state().group(id)?);
    let state = draft.state().clone();
    for access in state
        .access
        .values()
        .filter(|it| it.groups.contains_key(&id))
    {
        let mut access = (**access).clone();
        access.groups.remove(&id);
        draft.put(Entity::Access(Arc::new(access)));
    }
    draft.delete(EntityKey::Group(id));
    tell(
        draft,
        EventKind::GroupDeleted,
        Some(group_document(&before)),
        None,
    );
    Ok(())
}

/// What happens to roles somebody has already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// They stay.
    Give,
    /// Those named go.
    Take,
    /// Those of the users and groups named go.
    Set,
    /// All go.
    Replace,
}

fn access(draft: &mut Draft, project: &ProjectId, wish: &Roles, how: How) -> Result<(), Rejection> {
    draft.state().project(project.as_str())?;
    check_roles(draft.state(), wish)?;
    let before = draft.state().access.get(project).map(|it| (**it).clone());
    let before = before.unwrap_or_else(|| ProjectAccess::nobody(project.clone()));
    let mut after = match how {
        How::Replace => ProjectAccess::nobody(project.clone()),
        How::Give | How::Take | How::Set => before.clone(),
    };
    assign(&mut after.users, &wish.users, how);
    assign(&mut after.groups, &wish.groups, how);
    if after != before {
        let mut event = NewEvent::new(event_kind(wish, how));
        event.project = Some(project.clone());
        event.pre_data = Some(access_document(&before));
        event.data = Some(access_document(&after));
        draft.tell(event);
        draft.put(Entity::Access(Arc::new(after)));
    }
    Ok(())
}

fn assign<K: Ord + Copy>(
    all: &mut BTreeMap<K, BTreeSet<RoleId>>,
    wish: &BTreeMap<K, BTreeSet<RoleId>>,
    how: How,
) {
    for (who, roles) in wish {
        let own = all.entry(*who).or_default();
        match how {
            How::Give => own.extend(roles),
            How::Take => own.retain(|role| !roles.contains(role)),
            How::Set | How::Replace => own.clone_from(roles),
        }
        if own.is_empty() {
            all.remove(who);
        }
    }
}

fn event_kind(wish: &Roles, how: How) -> EventKind {
    let gone = |mut roles: std::collections::btree_map::Values<'_, _, BTreeSet<RoleId>>| {
        roles.all(BTreeSet::is_empty)
    };
    match (how, wish.users.is_empty()) {
        (How::Give, _) => EventKind::ProjectAccessAdded,
        (How::Replace, _) => EventKind::ProjectAccessUpdated,
        (How::Set, false) if wish.users.values().all(BTreeSet::is_empty) => {
            EventKind::ProjectAccessUserRolesDeleted
        }
        (How::Set | How::Take, false) => EventKind::ProjectAccessUserRolesUpdated,
        (How::Set, true) if gone(wish.groups.values()) => EventKind::ProjectAccessGroupRolesDeleted,
        (How::Set | How::Take, true) => EventKind::ProjectAccessGroupRolesUpdated,
    }
}

fn check_roles(state: &State, wish: &Roles) -> Result<(), Rejection> {
    wish.users
        .keys()
        .try_for_each(|id| known_user(state, *id))?;
    for id in wish.groups.keys() {
        if !state.groups.contains_key(id) {
            return Err(Rejection::bad_data(format!(
                "Could not find group with id {id}"
            )));
        }
    }
    let roles = wish.users.values().chain(wish.groups.values());
    for id in roles.into_iter().flatten() {
        match state.role(*id) {
            Some(role) if !role.kind.is_root() => {}
            _ => {
                return Err(Rejection::bad_data(format!(
                    "Could not find a role of projects with id {id}"
                )));
            }
        }
    }
    Ok(())
}

fn tell(draft: &mut Draft, kind: EventKind, before: Option<Value>, after: Option<Value>) {
    let mut event = NewEvent::new(kind);
    event.pre_data = before;
    event.data = after;
    draft.tell(event);
}

fn role_document(role: &Role) -> Value {
    let permission = |it: &Granted| match &it.environment {
        Some(environment) => json!({"name": it.name, "environment": environment}),
        None => json!({"name": it.name}),
    };
    json!({
        "id": role.id,
        "name": role.name,
        "description": role.description,
        "type": role.kind.as_str(),
        "permissions": role.permissions.iter().map(permission).collect::<Vec<_>>(),
    })
}

fn group_document(group: &Group) -> Value {
    json!({
        "id": group.id,
        "name": group.name,
        "description": group.description,
        "mappingsSSO": group.sso_groups,
        "rootRole": group.root_role,
        "users": group.users.keys().collect::<Vec<_>>(),
    })
}

fn access_document(access: &ProjectAccess) -> Value {
    let users = access.users.iter();
    let groups = access.groups.iter();
    json!({
        "users": users.map(|(id, roles)| json!({"id": id, "roles": roles})).collect::<Vec<_>>(),
        "groups": groups.map(|(id, roles)| json!({"id": id, "roles": roles})).collect::<Vec<_>>(),
    })
}
