//! Numbers as they are when somebody asks.

use std::collections::BTreeMap;

use crate::api::signing_in::AccountRules;
use crate::change::Condition;
use crate::domain::api_token::TokenKind;
use crate::domain::limits::Limits;
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::user::AccountKind;
use crate::snapshot::Snapshot;
use crate::telemetry::Gauges;
use crate::usage::{Census, Usage};

const VERSION: &str = env!("CARGO_PKG_VERSION");

const DAY: i64 = 24 * 3_600_000;

/// What there is of everything.
pub(super) fn of_state(state: &State) -> Vec<Gauges> {
    let archived = state.flags.values().filter(|it| it.is_archived()).count();
    let people = |kind| state.users.values().filter(|it| it.kind == kind).count();
    let mut modes: BTreeMap<&str, usize> = BTreeMap::new();
    for project in state.projects.values() {
        *modes.entry(project.mode.as_str()).or_default() += 1;
    }
    let projects = Gauges::new("projects_total", "Projects by mode.");
    let projects = modes.into_iter().fold(projects, |all, (mode, count)| {
        all.count("mode", mode, count)
    });
    vec![
        Gauges::new("burgee_build_info", "Which version this is; always 1.")
            .with(vec![("version", VERSION.to_owned())], 1.0),
        Gauges::new("feature_toggles_total", "Flags that are not archived.").count(
            "version",
            VERSION,
            state.flags.len() - archived,
        ),
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
        all.count("type", name, count)
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
            "burgee_usage_clamped",
            "Rows since the start whose time could not be right, and that count under the present hour.",
            usize::try_from(usage.clamped()).unwrap_or(usize::MAX),
        ),
        Gauges::one(
            "burgee_usage_dropped",
            "Rows since the start that found no room in memory while the store was away.",
            dropped,
        ),
    ]
}

/// People who were there within some days.
pub(super) fn of_people(state: &State, now: Timestamp) -> Vec<Gauges> {
    let active = |name, help, days: i64| {
        let since = now.plus_millis(-days * DAY);
        let users = state.users.values();
        let people = users.filter(|it| it.kind == AccountKind::Person);
        let active = people.filter(|it| it.seen_at.is_some_and(|at| at >= since));
        Gauges::one(name, help, active.count())
    };
    vec![
        active("users_active_7", "People seen in the last 7 days.", 7),
        active("users_active_30", "People seen in the last 30 days.", 30),
        active("users_active_60", "People seen in the last 60 days.", 60),
        active("users_active_90", "People seen in the last 90 days.", 90),
    ]
}

/// What operators set.
pub(super) fn of_settings(limits: &Limits, rules: &AccountRules) -> Vec<Gauges> {
    let limits = [
        ("segmentValues", limits.segment_values),
        ("strategySegments", limits.strategy_segments),
        ("segments", limits.segments),
        ("constraintValues", limits.constraint_values),
        ("constraints", limits.constraints),
        (
            "featureEnvironmentStrategies",
            limits.flag_environment_strategies,
        ),
        ("featureFlags", limits.flags),
        ("projects", limits.projects),
        ("environments", limits.environments),
        ("apiTokens", limits.api_tokens),
    ];
    let family = Gauges::new("resource_limit", "How much there may be of everything.");
    let limits = limits.into_iter();
    let limits = limits.fold(family, |all, (name, limit)| {
        all.count("resource", name, limit)
    });
    let rates = Gauges::new(
        "rate_limits",
        "How many requests in a minute each address may make.",
    );
    let login = vec![
        ("endpoint", "/auth/simple/login".to_owned()),
        ("method", "POST".to_owned()),
    ];
    vec![
        limits,
        rates.with(login, f64::from(rules.attempts_per_minute)),
    ]
}

/// What is served, and how large it is.
pub(super) fn of_snapshot(snapshot: &Snapshot) -> Vec<Gauges> {
    let mut bytes = Gauges::new(
        "burgee_snapshot_bytes",
        "Bytes of JSON that the flags of an environment are, as SDKs are served them.",
    );
    let mut flags = Gauges::new(
        "burgee_snapshot_flags",
        "Flags of an environment that SDKs are served.",
    );
    for name in snapshot.state().environments.keys() {
        let served = snapshot.environment(name.as_str());
        bytes = bytes.count("environment", name.as_str(), served.size());
        flags = flags.count("environment", name.as_str(), served.flags().len());
    }
    let revision = snapshot.state().revision.0;
    let revision = usize::try_from(revision).unwrap_or(usize::MAX);
    vec![
        bytes,
        flags,
        Gauges::one(
            "burgee_revision",
            "The newest event that is part of what is served.",
            revision,
        ),
    ]
}

/// Who asks for flags.
pub(super) fn of_census(census: &Census) -> Vec<Gauges> {
    let apps = Gauges::new(
        "client_apps_total",
        "Applications by when they were last seen.",
    );
    let counts = census.applications.into_iter();
    let apps = counts.fold(apps, |all, (range, count)| all.count("range", range, count));
    let instances = Gauges::new(
        "burgee_client_instances",
        "Running copies of applications seen within a day, by environment and SDK.",
    );
    let instances = census
        .instances
        .iter()
        .fold(instances, |all, (sdk, count)| {
            let (environment, name, version) = sdk;
            let labels = vec![
                ("environment", environment.clone()),
                ("sdk_name", name.clone()),
                ("sdk_version", version.clone()),
            ];
            all.with(labels, f64::from(u32::try_from(*count).unwrap_or(u32::MAX)))
        });
    vec![
        apps,
        instances,
        Gauges::one(
            "unknown_flags",
            "Flags asked for within a day that do not exist, by application and environment.",
            census.unknown_flags,
        ),
        Gauges::one(
            "unknown_flags_unique_names",
            "Names of flags asked for within a day that do not exist.",
            census.unknown_names,
        ),
    ]
}
