//! Counting.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::schema::{
    ActiveUsers, ClientApps, InstanceAdminStatsSchema, MetricsBuckets, ProductionChanges,
    TokenCounts,
};
use crate::api::admin::ui_config::COMPATIBLE_WITH;
use crate::api::error::ApiError;
use crate::change::{EventQuery, History};
use crate::domain::api_token::TokenKind;
use crate::domain::event::EventKind;
use crate::domain::lifecycle::is_production;
use crate::domain::names::{EnvironmentName, RoleId};
use crate::domain::state::State;
use crate::domain::strategy::Strategy;
use crate::domain::time::Timestamp;
use crate::domain::usage::{Sightings, UsageQuery};
use crate::domain::user::{AccountKind, User};
use crate::usage::Usage;

const DAY: i64 = 24 * 3_600_000;

/// What is counted, and when.
pub(super) struct Sources<'s> {
    pub(super) state: &'s State,
    pub(super) now: Timestamp,
    pub(super) usage: &'s Usage,
    pub(super) history: &'s History,
}

impl Sources<'_> {
    pub(super) async fn numbers(&self) -> Result<InstanceAdminStatsSchema, ApiError> {
        let seen = self.usage.sightings().await.map_err(unavailable)?;
        let state = self.state;
        let archived = state.flags.values().filter(|it| it.is_archived()).count();
        let mut numbers = InstanceAdminStatsSchema {
            timestamp: self.now.to_string(),
            instance_id: state
                .instance
                .as_ref()
                .map(|it| it.id.clone())
                .unwrap_or_default(),
            version_oss: COMPATIBLE_WITH,
            version_enterprise: "",
            users: self.people().count(),
            service_accounts: state.users.len() - self.people().count(),
            api_tokens: self.tokens(),
            active_users: self.active_users(),
            licensed_users: 0,
            feature_toggles: state.flags.len() - archived,
            archived_feature_toggles: archived,
            projects: state.projects.len(),
            context_fields: state.context_fields.len(),
            roles: state.all_roles().count(),
            custom_root_roles: self.custom_root_roles().count(),
            custom_root_roles_in_use: self.custom_root_roles_in_use(),
            groups: state.groups.len(),
            environments: state.environments.len(),
            segments: state.segments.len(),
            strategies: state.strategy_kinds.len(),
            saml_enabled: false,
            oidc_enabled: false,
            password_auth_enabled: true,
            scim_enabled: false,
            client_apps: self.applications(&seen),
            feature_exports: self.events(&[EventKind::FeaturesExported], None).await?,
            feature_imports: self.events(&[EventKind::FeaturesImported], None).await?,
            production_changes: self.production_changes().await?,
            previous_day_metrics_buckets_count: self.buckets().await?,
            max_environment_strategies: self.most_strategies(),
            max_constraint_values: self
                .most(|it| it.constraints.iter().map(|it| it.values.len()).max()),
            max_constraints: self.most(|it| Some(it.constraints.len())),
            release_templates: 0,
            release_plans: 0,
            edge_instance_usage: BTreeMap::new(),
            read_only_users: self.readers(),
            sum: String::new(),
        };
        numbers.sum = self.digest(&numbers);
        Ok(numbers)
    }

    fn people(&self) -> impl Iterator<Item = &User> {
        let users = self.state.users.values().map(AsRef::as_ref);
        users.filter(|user| user.kind == AccountKind::Person)
    }

    fn active_users(&self) -> ActiveUsers {
        let within = |days: i64| {
            let since = self.now.plus_millis(-days * DAY);
            let seen = self.people().filter_map(|user| user.seen_at);
            seen.filter(|at| *at >= since).count()
        };
        ActiveUsers {
            last7: within(7),
            last30: within(30),
            last60: within(60),
            last90: within(90),
        }
    }

    fn custom_root_roles(&self) -> impl Iterator<Item = RoleId> {
        let roles = self.state.roles.values();
        roles.filter(|role| role.kind.is_root()).map(|role| role.id)
    }

    fn custom_root_roles_in_use(&self) -> usize {
        let users = self.state.users.values().map(|user| user.root_role);
        let groups = self.state.groups.values().filter_map(|it| it.root_role);
        let used: BTreeSet<RoleId> = users.chain(groups).collect();
        self.custom_root_roles()
            .filter(|id| used.contains(id))
            .count()
    }

    /// People who may do nothing but look.
    fn readers(&self) -> usize {
        let may_nothing = |user: &&User| {
            let rights = self.state.rights(user);
            rights
                .iter()
                .all(|right| right.permission.starts_with("READ_"))
        };
        self.people().filter(may_nothing).count()
    }

    fn tokens(&self) -> TokenCounts {
        let mut counts = TokenCounts::default();
        for token in self.state.tokens.values() {
            *match token.kind {
                TokenKind::Admin => &mut counts.admin,
                TokenKind::Frontend => &mut counts.frontend,
                TokenKind::Backend => &mut counts.backend,
            } += 1;
        }
        counts
    }

    fn applications(&self, seen: &Sightings) -> Vec<ClientApps> {
        let count = |days: Option<i64>| {
            let since = days.map(|days| self.now.plus_millis(-days * DAY));
            let recent = seen
                .applications
                .iter()
                .filter(|it| since.is_none_or(|since| it.last_seen >= since));
            recent.map(|it| &it.app_name).collect::<BTreeSet<_>>().len()
        };
        [("7d", Some(7)), ("30d", Some(30)), ("allTime", None)]
            .map(|(range, days)| ClientApps {
                range,
                count: count(days),
            })
            .into()
    }

    async fn production_changes(&self) -> Result<ProductionChanges, ApiError> {
        Ok(ProductionChanges {
            last30: self.events(&[], Some(30)).await?,
            last60: self.events(&[], Some(60)).await?,
            last90: self.events(&[], Some(90)).await?,
        })
    }

    /// How many events there were: of these kinds, or, of any kind, in production within that many days.
    async fn events(&self, kinds: &[EventKind], days: Option<i64>) -> Result<usize, ApiError> {
        let environments: Vec<EnvironmentName> = match days {
            None => Vec::new(),
            Some(_) => {
                let all = self.state.environments.values();
                let production = all.filter(|it| is_production(it));
                production.map(|it| it.name.clone()).collect()
            }
        };
        if days.is_some() && environments.is_empty() {
            return Ok(0);
        }
        let query = EventQuery {
            kinds: kinds.to_vec(),
            environments,
            from: days.map(|days| self.now.plus_millis(-days * DAY)),
            limit: 1,
            ..EventQuery::default()
        };
        Ok(self.history.events(&query).await?.total)
    }

    /// Flags are looked at one by one: the counts of all of them together may be many.
    async fn buckets(&self) -> Result<MetricsBuckets, ApiError> {
        let today = self.now.day();
        let mut buckets = MetricsBuckets::default();
        for flag in self.state.flags.keys() {
            let query = UsageQuery {
                flag: Some(flag.clone()),
                from: Some(today.plus_millis(-DAY)),
                to: Some(today),
                ..UsageQuery::default()
            };
            let rows = self.usage.rows(&query).await.map_err(unavailable)?;
            buckets.enabled_count += rows.len();
            buckets.variant_count += rows.iter().map(|row| row.variants.len()).sum::<usize>();
        }
        Ok(buckets)
    }

    fn most_strategies(&self) -> usize {
        let flags = self.state.flags.values();
        let counts =
            flags.flat_map(|flag| flag.environments.values().map(|it| it.strategies.len()));
        counts.max().unwrap_or_default()
    }

    fn most(&self, of: impl Fn(&Strategy) -> Option<usize>) -> usize {
        let environments = self
            .state
            .flags
            .values()
            .flat_map(|flag| flag.environments.values());
        let strategies = environments.flat_map(|it| &it.strategies);
        strategies.filter_map(of).max().unwrap_or_default()
    }

    /// Differs when something that is counted differs; not when only time has passed.
    fn digest(&self, numbers: &InstanceAdminStatsSchema) -> String {
        let mut digest = DefaultHasher::new();
        numbers.instance_id.hash(&mut digest);
        self.state.revision.0.hash(&mut digest);
        for counted in &numbers.client_apps {
            counted.count.hash(&mut digest);
        }
        format!("{:016x}", digest.finish())
    }
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> ApiError {
    ApiError::StoreUnavailable(error.into())
}
