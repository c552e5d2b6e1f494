//! Numbers as they are when somebody asks.

use std::collections::BTreeMap;

use crate::change::Condition;
use crate::domain::api_token::TokenKind;
use crate::domain::state::State;
use crate::domain::user::AccountKind;
use crate::telemetry::Gauges;
use crate::usage::Usage;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What there is of everything.
pub(super) fn of_state(state: &State) -> Vec<Gauges> {
    let archived = state.flags.values().filter(|it| it.is_archived()).count();
    let people = |kind| state.users.values().filter(|it| it.kind == kind).count();
    let mut modes: BTreeMap<&str, u32> = BTreeMap::new();
    for project in state.projects.values() {
        *modes.entry(project.mode.as_str()).or_default() += 1;
    }
    let projects = Gauges::new("projects_total", "Projects by mode.");
    let projects = modes.into_iter().fold(projects, |all, (mode, count)| {
        all.with(vec![("mode", mode.to_owned())], f64::from(count))
    });
    let flags = state.flags.len() - archived;
    let flags = u32::try_from(flags).unwrap_or(u32::MAX);
    vec![
        Gauges::new("burgee_build_info", "Which version this is; always 1.")
            .with(vec![("version", VERSION.to_owned())], 1.0),
        Gauges::new("feature_toggles_total", "Flags that are not archived.")
            .with(vec![("version", VERSION.to_owned())], f64::from(flags)),
        Gauges::one(
            "feature_toggles_archived_total",
            "Flags that are archived.",
            archived,
        ),
        projects,
        Gauges::one(
            "environments_total",
            "Environments.",
            state.environments.len(),
        ),
        Gauges::one("segments_total", "Segments.", state.segments.len()),
        Gauges::one(
            "context_total",
            "Context fields.",
            state.context_fields.len(),
        ),
        Gauges::one(
            "strategies_total",
            "Kinds of strategies.",
            state.strategy_kinds.len(),
        ),
        Gauges::one("users_total", "People.", people(AccountKind::Person)),
        Gauges::one(
            "service_accounts_total",
            "Service accounts.",
            people(AccountKind::Service),
        ),
        Gauges::one("groups_total", "Groups.", state.groups.len()),
        Gauges::one(
            "roles_total",
            "Roles, built in or not.",
            state.all_roles().count(),
        ),
        tokens(state),
        revisions(state),
    ]
}

fn tokens(state: &State) -> Gauges {
    let kinds = [
        ("client", TokenKind::Backend),
        ("frontend", TokenKind::Frontend),
        ("admin", TokenKind::Admin),
    ];
    let all = Gauges::new("api_tokens_total", "API tokens by type.");
    kinds.into_iter().fold(all, |all, (name, kind)| {
        let count = state.tokens.values().filter(|it| it.kind == kind).count();
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        all.with(vec![("type", name.to_owned())], f64::from(count))
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "revisions are far from where floats have gaps"
)]
fn revisions(state: &State) -> Gauges {
    let all = Gauges::new(
        "environment_revision_id",
        "The newest event that concerns SDKs of an environment.",
    );
    let counters = &state.counters;
    state.environments.keys().fold(all, |all, name| {
        let own = counters.environments.get(name).copied();
        let newest = own.unwrap_or_default().max(counters.everybody);
        all.with(vec![("environment", name.to_string())], newest.0 as f64)
    })
}

/// Whether the store can be written to.
pub(super) fn of_store(condition: &Condition) -> Vec<Gauges> {
    let family = Gauges::new(
        "burgee_store_condition",
        "How the store is doing: 1 for what is the case. `away` and `diverged` mean that changes are refused.",
    );
    let cases = [
        ("good", matches!(condition, Condition::Good)),
        ("away", matches!(condition, Condition::Away(_))),
        ("diverged", matches!(condition, Condition::Diverged(_))),
    ];
    let family = cases.into_iter().fold(family, |family, (name, is)| {
        family.with(
            vec![("condition", name.to_owned())],
            f64::from(u8::from(is)),
        )
    });
    vec![family]
}

/// What waits to be written, and what found no room.
pub(super) fn of_usage(usage: &Usage) -> Vec<Gauges> {
    let dropped = usize::try_from(usage.dropped()).unwrap_or(usize::MAX);
    vec![
        Gauges::one(
            "burgee_usage_waiting",
            "Counts that SDKs reported and that are not yet written.",
            usage.backlog(),
        ),
        Gauges::one(
            "burgee_usage_dropped",
            "Rows since the start that found no room in memory while the store was away.",
            dropped,
        ),
    ]
}
