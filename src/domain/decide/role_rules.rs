//! What roles may be made of.

use crate::domain::command::RoleWish;
use crate::domain::names::RoleId;
use crate::domain::rejection::Rejection;
use crate::domain::role::{RoleKind, Scope, scope_of};
use crate::domain::state::State;

/// Checks a role as it is to be; `but` is the one it takes the place of.
///
/// # Errors
/// [`Rejection`] naming the rule that is broken.
pub fn check(state: &State, wish: &RoleWish, but: Option<RoleId>) -> Result<(), Rejection> {
    if wish.name.trim().is_empty() {
        return Err(Rejection::empty("name"));
    }
    let same = |name: &str| name.to_lowercase() == wish.name.to_lowercase();
    if state
        .all_roles()
        .any(|role| Some(role.id) != but && same(&role.name))
    {
        return Err(Rejection::NameTaken(format!(
            "There already exists a role with the name {}",
            wish.name
        )));
    }
    wish.permissions
        .iter()
        .try_for_each(|granted| check_permission(state, wish.kind, granted))
}

fn check_permission(
    state: &State,
    kind: RoleKind,
    granted: &crate::domain::role::Granted,
) -> Result<(), Rejection> {
    let name = &granted.name;
    let Some(scope) = scope_of(name) else {
        return Err(Rejection::bad_data(format!(
            "There is no permission called {name}. GET /api/admin/permissions lists them."
        )));
    };
    if kind.is_root() != (scope == Scope::Root) {
        let place = match scope {
            Scope::Root => "everywhere, so it needs a role of type root-custom",
            Scope::Project | Scope::Environment => "in projects, so it needs a role of type custom",
        };
        return Err(Rejection::bad_data(format!("{name} counts {place}.")));
    }
    if name == "ADMIN" {
        return Err(Rejection::bad_data(
            "ADMIN belongs to the built-in role Admin alone.",
        ));
    }
    match &granted.environment {
        Some(_) if scope != Scope::Environment => Err(Rejection::bad_data(format!(
            "{name} does not depend on an environment."
        ))),
        Some(environment) if !state.environments.contains_key(environment) => Err(
            Rejection::bad_data(format!("Environment={environment} does not exist")),
        ),
        _ => Ok(()),
    }
}
