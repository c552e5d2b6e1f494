//! What an import takes the right for: it does at once what otherwise takes many calls.

use crate::api::error::ApiError;
use crate::api::extract::Permit;
use crate::auth::actions::Action;
use crate::domain::command::ImportWish;
use crate::domain::role;
use crate::domain::state::State;

/// A right, and whether the environment matters.
type Needed = (&'static str, Place);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Everywhere,
    Project,
    Environment,
}

/// The rights an import takes.
fn needed(state: &State, wish: &ImportWish) -> Vec<Needed> {
    let mut needed = vec![("UPDATE_FEATURE", Place::Project)];
    let mut when = |holds: bool, right, place| {
        if holds {
            needed.push((right, place));
        }
    };
    let known = |name: &str| state.flags.get(name);
    let flags = &wish.flags;
    when(
        flags.iter().any(|flag| known(&flag.name).is_none()),
        "CREATE_FEATURE",
        Place::Project,
    );
    when(
        flags.iter().any(|flag| !flag.dependencies.is_empty()),
        "UPDATE_FEATURE_DEPENDENCY",
        Place::Project,
    );
    let has_strategies = |name: &str| {
        let settings = known(name).and_then(|flag| flag.environments.get(&wish.environment));
        settings.is_some_and(|settings| !settings.strategies.is_empty())
    };
    when(
        flags.iter().any(|flag| !flag.strategies.is_empty()),
        "CREATE_FEATURE_STRATEGY",
        Place::Environment,
    );
    when(
        flags.iter().any(|flag| has_strategies(&flag.name)),
        "DELETE_FEATURE_STRATEGY",
        Place::Environment,
    );
    let settings = || flags.iter().filter_map(|flag| flag.settings.as_ref());
    when(
        settings().next().is_some(),
        "UPDATE_FEATURE_ENVIRONMENT",
        Place::Environment,
    );
    when(
        settings().any(|it| !it.variants.is_empty()),
        "UPDATE_FEATURE_ENVIRONMENT_VARIANTS",
        Place::Environment,
    );
    let new_field = |(name, _): &(_, _)| !state.context_fields.contains_key(name);
    when(
        wish.context_fields.iter().any(new_field),
        "CREATE_CONTEXT_FIELD",
        Place::Everywhere,
    );
    let new_kind = |(name, _): &(_, _)| !state.tag_kinds.contains_key(name);
    when(
        wish.tag_kinds.iter().any(new_kind),
        "CREATE_TAG_TYPE",
        Place::Everywhere,
    );
    let new_segment = |name: &str| !state.segments.values().any(|it| it.name == name);
    when(
        wish.segments
            .iter()
            .any(|it| it.constraints.is_some() && new_segment(&it.name)),
        "CREATE_SEGMENT",
        Place::Everywhere,
    );
    needed
}

/// The rights an import takes and the caller does not have.
pub(super) fn missing<A: Action>(
    permit: &Permit<A>,
    state: &State,
    wish: &ImportWish,
) -> Vec<&'static str> {
    let (project, environment) = (wish.project.as_str(), wish.environment.as_str());
    let lacks = |(right, place): &Needed| {
        let project = (*place != Place::Everywhere).then_some(project);
        let environment = (*place == Place::Environment).then_some(environment);
        permit.check_in(right, project, environment).is_err()
    };
    let needed = needed(state, wish).into_iter();
    needed.filter(lacks).map(|(right, _)| right).collect()
}

/// Refuses an import somebody has not all rights for.
pub(super) fn check<A: Action>(
    permit: &Permit<A>,
    state: &State,
    wish: &ImportWish,
) -> Result<(), ApiError> {
    let missing = missing(permit, state, wish);
    if missing.is_empty() {
        return Ok(());
    }
    // All of them are needed; the sentence of this error would read as if one were enough.
    Err(ApiError::NotAllowed(missing.into_iter().take(1).collect()))
}

/// What people call a right.
pub(super) fn title(right: &str) -> String {
    let found = role::PERMISSIONS.iter().find(|(name, ..)| *name == right);
    found.map_or(right, |(.., title)| title).to_owned()
}
