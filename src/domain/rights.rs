//! Who may do what: the sum of the roles somebody has.

use std::collections::BTreeSet;

use super::names::{EnvironmentName, GroupId, ProjectId, RoleId};
use super::role::{self, Granted, Role, Scope};
use super::state::State;
use super::user::User;

/// Something somebody wants to do.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'w> {
    /// The permission it takes.
    pub permission: &'w str,
    /// The project it happens in, if it does.
    pub project: Option<&'w str>,
    /// The environment it happens in, if it does.
    pub environment: Option<&'w str>,
}

/// A permission somebody has.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Right {
    /// Its name.
    pub permission: String,
    /// The only project it counts in. None: everywhere.
    pub project: Option<ProjectId>,
    /// The only environment it counts in. None: in all.
    pub environment: Option<EnvironmentName>,
}

/// The same, borrowed from the role it comes from.
#[derive(Clone, Copy)]
struct Grant<'g> {
    permission: &'g str,
    project: Option<&'g ProjectId>,
    environment: Option<&'g EnvironmentName>,
}

impl Grant<'_> {
    fn is_everything(&self) -> bool {
        self.permission == "ADMIN" && self.project.is_none()
    }

    fn allows(&self, wanted: &Wanted<'_>) -> bool {
        let here = |own: Option<&str>, place: Option<&str>| own.is_none() || own == place;
        self.is_everything()
            || self.permission == wanted.permission
                && here(self.project.map(AsRef::as_ref), wanted.project)
                && here(self.environment.map(AsRef::as_ref), wanted.environment)
    }
}

impl State {
    /// The role of that number, built in or not.
    #[must_use]
    pub fn role(&self, id: RoleId) -> Option<&Role> {
        let own = self.roles.get(&id).map(AsRef::as_ref);
        own.or_else(|| role::built_in().iter().find(|role| role.id == id))
    }

    /// All roles, by number.
    pub fn all_roles(&self) -> impl Iterator<Item = &Role> {
        let own = self.roles.values().map(AsRef::as_ref);
        role::built_in().iter().chain(own)
    }

    /// Everything `user` may do.
    #[must_use]
    pub fn rights(&self, user: &User) -> BTreeSet<Right> {
        let mut rights = BTreeSet::new();
        self.any_right(user, |right| {
            rights.insert(Right {
                permission: right.permission.to_owned(),
                project: right.project.cloned(),
                environment: right.environment.cloned(),
            });
            false
        });
        rights
    }

    /// Whether `user` may do what is wanted.
    #[must_use]
    pub fn may(&self, user: &User, wanted: &Wanted<'_>) -> bool {
        self.any_right(user, |right| right.allows(wanted))
    }

    /// Whether one of these permissions counts for `user` in some place.
    #[must_use]
    pub fn may_somewhere(&self, user: &User, permissions: &[&str]) -> bool {
        self.any_right(user, |right| {
            right.is_everything() || permissions.contains(&right.permission)
        })
    }

    /// Whether `user` may do everything.
    #[must_use]
    pub fn is_admin(&self, user: &User) -> bool {
        let wanted = Wanted {
            permission: "ADMIN",
            project: None,
            environment: None,
        };
        self.may(user, &wanted)
    }

    /// Roles of `user` everywhere: its own and those of its groups.
    #[must_use]
    pub fn root_roles(&self, user: &User) -> BTreeSet<RoleId> {
        let of_groups = self.groups_of(user).filter_map(|id| {
            let group = self.groups.get(&id)?;
            group.root_role
        });
        of_groups.chain([user.root_role]).collect()
    }

    /// Roles of `user` in projects: its own and those of its groups.
    #[must_use]
    pub fn project_roles(&self, user: &User) -> BTreeSet<(ProjectId, RoleId)> {
        let roles = self.in_projects(user);
        roles
            .map(|(project, role)| (project.clone(), role))
            .collect()
    }

    /// The same, some of them perhaps twice.
    fn in_projects(&self, user: &User) -> impl Iterator<Item = (&ProjectId, RoleId)> {
        let groups: BTreeSet<GroupId> = self.groups_of(user).collect();
        let id = user.id;
        self.access.iter().flat_map(move |(project, access)| {
            let mut roles: Vec<RoleId> = access
                .users
                .get(&id)
                .into_iter()
                .flatten()
                .copied()
                .collect();
            for group in &groups {
                roles.extend(access.groups.get(group).into_iter().flatten());
            }
            roles.into_iter().map(move |role| (project, role))
        })
    }

    fn groups_of(&self, user: &User) -> impl Iterator<Item = GroupId> {
        let member =
            move |group: &&std::sync::Arc<super::user::Group>| group.users.contains_key(&user.id);
        self.groups.values().filter(member).map(|group| group.id)
    }

    /// Whether `found` says yes to a right of `user`; the rest is not looked at then. Nothing is copied, since every
    /// admin request asks.
    fn any_right(&self, user: &User, mut found: impl FnMut(Grant<'_>) -> bool) -> bool {
        // Editors own the default project, as with the reference.
        let default = ProjectId::trusted(ProjectId::DEFAULT);
        let everywhere = self.root_roles(user).into_iter().any(|role| {
            self.any_grant(role, None, &mut found)
                || role == role::EDITOR && self.any_grant(role::OWNER, Some(&default), &mut found)
        });
        everywhere
            || self
                .in_projects(user)
                .any(|(project, role)| self.any_grant(role, Some(project), &mut found))
    }

    fn any_grant(
        &self,
        role: RoleId,
        project: Option<&ProjectId>,
        found: &mut impl FnMut(Grant<'_>) -> bool,
    ) -> bool {
        let granted = self.role(role).into_iter().flat_map(|it| &it.permissions);
        // A permission of a project says nothing about the rest of the instance, and the other way round.
        let of_root = |it: &&Granted| role::scope_of(&it.name) == Some(Scope::Root);
        let mut counting = granted.filter(|it| of_root(it) == project.is_none());
        counting.any(|it| {
            found(Grant {
                permission: &it.name,
                project,
                environment: it.environment.as_ref(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::names::UserId;
    use crate::domain::role::{ADMIN, EDITOR, MEMBER, OWNER, VIEWER};
    use crate::domain::state::Entity;
    use crate::domain::time::Timestamp;
    use crate::domain::user::{AccountKind, Group, Membership, ProjectAccess};

    const NOW: Timestamp = Timestamp::from_millis(0);

    fn user(id: i64, root_role: RoleId) -> User {
        User {
            id: UserId(id),
            kind: AccountKind::Person,
            username: Some(format!("user-{id}")),
            email: None,
            name: None,
            root_role,
            password: None,
            former_passwords: Vec::new(),
            reset: None,
            seen_at: None,
            created_at: NOW,
            favorite_flags: BTreeSet::new(),
            favorite_projects: BTreeSet::new(),
            pages: Default::default(),
        }
    }

    fn may(state: &State, user: &User, permission: &str, project: &str, environment: &str) -> bool {
        let place = |name| Some(name).filter(|name: &&str| !name.is_empty());
        state.may(
            user,
            &Wanted {
                permission,
                project: place(project),
                environment: place(environment),
            },
        )
    }

    #[test]
    fn built_in_roles_allow_what_their_names_say() {
        let state = State::default();
        let [admin, editor, viewer] = [ADMIN, EDITOR, VIEWER].map(|role| user(7, role));
        for (permission, project, expected) in [
            ("ADMIN", "", [true, false, false]),
            ("CREATE_SEGMENT", "", [true, true, false]),
            ("CREATE_FEATURE", "default", [true, true, false]),
            ("CREATE_FEATURE", "other", [true, false, false]),
            ("CREATE_CLIENT_API_TOKEN", "", [true, false, false]),
            ("READ_CLIENT_API_TOKEN", "", [true, true, false]),
        ] {
            let found =
                [&admin, &editor, &viewer].map(|it| may(&state, it, permission, project, ""));
            assert_eq!(found, expected, "{permission} in {project:?}");
        }
    }

    #[test]
    fn roles_in_projects_come_from_the_user_and_from_groups() {
        let mut state = State::default();
        let [member, guest] = [1, 2].map(|id| user(id, VIEWER));
        let joined = Membership {
            joined_at: NOW,
            created_by: String::new(),
        };
        state.put(Entity::Group(Arc::new(Group {
            id: GroupId(9),
            name: "team".into(),
            description: None,
            sso_groups: Vec::new(),
            root_role: None,
            users: [(guest.id, joined)].into(),
            created_at: NOW,
            created_by: String::new(),
        })));
        state.put(Entity::Access(Arc::new(ProjectAccess {
            project: ProjectId::trusted("shop"),
            users: [(member.id, [MEMBER].into())].into(),
            groups: [(GroupId(9), [OWNER].into())].into(),
        })));
        assert!(may(&state, &member, "CREATE_FEATURE", "shop", ""));
        assert!(!may(&state, &member, "UPDATE_PROJECT", "shop", ""));
        assert!(may(&state, &guest, "UPDATE_PROJECT", "shop", ""));
        assert!(may(
            &state,
            &guest,
            "UPDATE_FEATURE_ENVIRONMENT",
            "shop",
            "production"
        ));
        assert!(!may(&state, &guest, "UPDATE_PROJECT", "other", ""));
        assert!(!may(&state, &guest, "CREATE_SEGMENT", "", ""));
    }

    #[test]
    fn a_permission_of_one_environment_counts_there_only() {
        let mut state = State::default();
        state.put(Entity::Role(Arc::new(Role {
            id: RoleId(6),
            name: "stage".into(),
            description: String::new(),
            kind: role::RoleKind::Custom,
            permissions: vec![Granted {
                name: "UPDATE_FEATURE_ENVIRONMENT".into(),
                environment: Some(EnvironmentName::trusted("stage")),
            }],
        })));
        let user = user(1, VIEWER);
        state.put(Entity::Access(Arc::new(ProjectAccess {
            project: ProjectId::trusted("shop"),
            users: [(user.id, [RoleId(6)].into())].into(),
            groups: Default::default(),
        })));
        let switch = |environment| {
            may(
                &state,
                &user,
                "UPDATE_FEATURE_ENVIRONMENT",
                "shop",
                environment,
            )
        };
        assert!(switch("stage"));
        assert!(!switch("production"));
        assert!(!switch(""));
    }
}
