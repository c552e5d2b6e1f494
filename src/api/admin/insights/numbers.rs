//! Counting what happened in a project.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::schema::{DoraFeatureSchema, ProjectDoraMetricsSchema, ProjectStatsSchema};
use crate::api::error::ApiError;
use crate::change::{EventOrder, EventQuery, History};
use crate::domain::event::EventKind;
use crate::domain::flag::Flag;
use crate::domain::lifecycle::is_production;
use crate::domain::names::{EnvironmentName, FlagName, ProjectId, UserId};
use crate::domain::state::State;
use crate::domain::time::Timestamp;

pub(super) const DAY: i64 = 24 * 3_600_000;
/// The length of the windows that are compared, in days.
pub(super) const WINDOW: i64 = 30;

/// Kinds of events that tell who has access to a project.
const ABOUT_ACCESS: [EventKind; 6] = [
    EventKind::ProjectAccessAdded,
    EventKind::ProjectAccessUpdated,
    EventKind::ProjectAccessUserRolesUpdated,
    EventKind::ProjectAccessUserRolesDeleted,
    EventKind::ProjectAccessGroupRolesUpdated,
    EventKind::ProjectAccessGroupRolesDeleted,
];

/// A project, and where to look for what happened in it.
#[derive(Clone, Copy)]
pub(in crate::api::admin) struct Chronicle<'c> {
    pub(in crate::api::admin) state: &'c State,
    pub(in crate::api::admin) history: &'c History,
    pub(in crate::api::admin) project: &'c str,
    pub(in crate::api::admin) now: Timestamp,
}

impl<'c> Chronicle<'c> {
    fn days_ago(self, days: i64) -> Timestamp {
        self.now.plus_millis(-days * DAY)
    }

    fn flags(self) -> impl Iterator<Item = &'c Flag> {
        let flags = self.state.flags.values().map(AsRef::as_ref);
        flags.filter(move |flag| flag.project == *self.project)
    }

    fn about(self) -> EventQuery {
        EventQuery {
            projects: vec![ProjectId::trusted(self.project)],
            ..EventQuery::default()
        }
    }

    /// When flags of the project were first switched on in production. The log is asked, for a flag only knows how it
    /// is now; what happened before the flag was made was another flag of that name.
    async fn went_live(self) -> Result<BTreeMap<FlagName, Timestamp>, ApiError> {
        let environments = self.state.environments.values();
        let environments: Vec<EnvironmentName> = environments
            .filter(|it| is_production(it))
            .map(|it| it.name.clone())
            .collect();
        if environments.is_empty() {
            return Ok(BTreeMap::new());
        }
        let query = EventQuery {
            kinds: vec![EventKind::FeatureEnvironmentEnabled],
            environments,
            order: EventOrder::OldestFirst,
            limit: usize::MAX,
            ..self.about()
        };
        let made: BTreeMap<&FlagName, Timestamp> =
            self.flags().map(|it| (&it.name, it.created_at)).collect();
        let mut first = BTreeMap::new();
        for event in self.history.events(&query).await?.events {
            let Some(flag) = &event.what.flag else {
                continue;
            };
            if made.get(flag).is_some_and(|made| *made <= event.at) {
                first.entry(flag.clone()).or_insert(event.at);
            }
        }
        Ok(first)
    }

    /// How many days flags took from being made to being on in production.
    pub(in crate::api::admin) async fn dora(self) -> Result<ProjectDoraMetricsSchema, ApiError> {
        let live = self.went_live().await?;
        let features: Vec<DoraFeatureSchema> = self
            .flags()
            .filter_map(|flag| {
                let at = live.get(&flag.name)?;
                Some(DoraFeatureSchema {
                    name: flag.name.to_string(),
                    time_to_production: days(flag.created_at, *at),
                })
            })
            .collect();
        Ok(ProjectDoraMetricsSchema {
            project_average: average(features.iter().map(|it| it.time_to_production)),
            features,
        })
    }

    /// This window and the one before it.
    pub(in crate::api::admin) async fn stats(self) -> Result<ProjectStatsSchema, ApiError> {
        let (recent, older) = (self.days_ago(WINDOW), self.days_ago(2 * WINDOW));
        let now = self.now.plus_millis(1);
        let within = |from: Timestamp, to: Timestamp| move |at: &Timestamp| *at >= from && *at < to;
        let made = || self.flags().map(|flag| flag.created_at);
        let archived = || self.flags().filter_map(|flag| flag.archived_at);
        let live = self.went_live().await?;
        let newly_live = self.flags().filter_map(|flag| {
            let at = live.get(&flag.name)?;
            (*at >= recent).then(|| days(flag.created_at, *at))
        });
        Ok(ProjectStatsSchema {
            avg_time_to_prod_current_window: average(newly_live),
            created_current_window: made().filter(within(recent, now)).count(),
            created_past_window: made().filter(within(older, recent)).count(),
            archived_current_window: archived().filter(within(recent, now)).count(),
            archived_past_window: archived().filter(within(older, recent)).count(),
            project_activity_current_window: self.events(recent, now).await?,
            project_activity_past_window: self.events(older, recent).await?,
            project_members_added_current_window: self.new_members().await?,
        })
    }

    async fn events(self, from: Timestamp, to: Timestamp) -> Result<usize, ApiError> {
        let query = EventQuery {
            from: Some(from),
            to: Some(to),
            limit: 1,
            ..self.about()
        };
        Ok(self.history.events(&query).await?.total)
    }

    /// How many events there were on each of the last 365 days on which there were any.
    pub(super) async fn days_with_events(self) -> Result<BTreeMap<Timestamp, usize>, ApiError> {
        let query = EventQuery {
            from: Some(self.days_ago(365)),
            limit: usize::MAX,
            ..self.about()
        };
        let mut days: BTreeMap<Timestamp, usize> = BTreeMap::new();
        for event in self.history.events(&query).await?.events {
            *days.entry(event.at.day()).or_default() += 1;
        }
        Ok(days)
    }

    /// Who had roles of their own in the project when the window began: what the first event about it since then says
    /// that it was before, or what it is now.
    async fn former_members(self) -> Result<BTreeSet<UserId>, ApiError> {
        let query = EventQuery {
            kinds: ABOUT_ACCESS.to_vec(),
            from: Some(self.days_ago(WINDOW)),
            order: EventOrder::OldestFirst,
            limit: 1,
            ..self.about()
        };
        let page = self.history.events(&query).await?;
        let Some(event) = page.events.first() else {
            return Ok(direct_members(self.state, self.project));
        };
        let before = event.what.pre_data.as_ref();
        let users = before.and_then(|it| it.get("users")?.as_array());
        let ids = users.into_iter().flatten();
        Ok(ids
            .filter_map(|user| user.get("id").and_then(Value::as_i64).map(UserId))
            .collect())
    }

    async fn new_members(self) -> Result<usize, ApiError> {
        let before = self.former_members().await?;
        let now = direct_members(self.state, self.project);
        Ok(now.difference(&before).count())
    }

    /// By how many more there are than when the window began.
    pub(super) async fn change_of_members(self) -> Result<i64, ApiError> {
        let before = self.former_members().await?.len();
        let now = direct_members(self.state, self.project).len();
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        Ok(number(now) - number(before))
    }
}

/// Users with roles of their own in a project.
pub(in crate::api::admin) fn direct_members(state: &State, project: &str) -> BTreeSet<UserId> {
    let access = state.access.get(project);
    let users = access.into_iter().flat_map(|access| access.users.keys());
    users.copied().collect()
}

/// Days between two instants, to a tenth.
pub(super) fn days(from: Timestamp, to: Timestamp) -> f64 {
    let tenths = (to.as_millis() - from.as_millis()) * 10 / DAY;
    f64::from(i32::try_from(tenths).unwrap_or(i32::MAX)) / 10.0
}

/// The average to a tenth; 0 of nothing.
pub(super) fn average(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    if count == 0.0 {
        return 0.0;
    }
    (sum / count * 10.0_f64).round() / 10.0
}
