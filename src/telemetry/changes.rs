//! What committed changes are counted under.

use super::budget::Budgeted;
use super::{BUDGET, SMALL};
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::state::State;

/// What stands for an environment when a change concerns all of them.
const NONE: &str = "n/a";

/// Changes of flags.
pub(super) fn updates() -> Budgeted {
    Budgeted::new(
        "feature_toggle_update_total",
        "How often flags were changed here.",
        &[
            "toggle*",
            "project*",
            "environment",
            "environmentType",
            "action",
        ],
        BUDGET,
    )
}

/// People signing in.
pub(super) fn logins() -> Budgeted {
    Budgeted::new(
        "auth_login_total",
        "How often people signed in or could not.",
        &["provider", "outcome"],
        SMALL,
    )
}

pub(super) fn count(updates: &Budgeted, logins: &Budgeted, event: &NewEvent, state: &State) {
    match event.kind {
        EventKind::UserSignedIn => logins.add(&["simple", "success"], 1),
        EventKind::UserSignInFailed => logins.add(&["simple", "failure"], 1),
        kind => {
            if let (Some(action), Some(flag)) = (action(kind), &event.flag) {
                let named = event.environment.as_ref();
                let environment = named.and_then(|name| state.environments.get(name));
                let values = [
                    flag.as_str(),
                    event.project.as_ref().map_or(NONE, |it| it.as_str()),
                    named.map_or(NONE, |it| it.as_str()),
                    environment.map_or(NONE, |it| it.kind.as_str()),
                    action,
                ];
                updates.add(&values, 1);
            }
        }
    }
}

/// What happened to a flag; none for what is no change of one.
fn action(kind: EventKind) -> Option<&'static str> {
    Some(match kind {
        EventKind::FeatureCreated | EventKind::FeatureImport => "created",
        EventKind::FeatureArchived => "archived",
        EventKind::FeatureRevived => "revived",
        EventKind::FeatureDeleted => "deleted",
        EventKind::FeatureMetadataUpdated
        | EventKind::FeatureProjectChange
        | EventKind::FeatureStaleOn
        | EventKind::FeatureStaleOff
        | EventKind::FeatureCompleted
        | EventKind::FeatureUncompleted
        | EventKind::FeatureStrategyAdd
        | EventKind::FeatureStrategyUpdate
        | EventKind::FeatureStrategyRemove
        | EventKind::StrategyOrderChanged
        | EventKind::FeatureEnvironmentEnabled
        | EventKind::FeatureEnvironmentDisabled
        | EventKind::FeatureEnvironmentVariantsUpdated
        | EventKind::FeatureDependencyAdded
        | EventKind::FeatureDependencyRemoved
        | EventKind::FeatureDependenciesRemoved
        | EventKind::FeatureTagged
        | EventKind::FeatureUntagged
        | EventKind::FeatureTypeUpdated
        | EventKind::FeatureLinkAdded
        | EventKind::FeatureLinkUpdated
        | EventKind::FeatureLinkRemoved => "updated",
        _ => return None,
    })
}
