//! What we tell about ourselves, for Prometheus to scrape.
//!
//! All of it is a value: two servers in one process do not share a number. Families have the names and labels
//! dashboards of Unleash use where the same fact exists here; what is ours begins with `burgee_`. How many series a
//! family has is bounded.
//!
//! *Who calls it:* whoever does what is counted; `api` lets scrape. *What it may import:* `domain`.

mod budget;
mod changes;
mod family;
mod histogram;
mod impact;
mod operations;
mod requests;
mod summary;

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometheus::process_collector::ProcessCollector;
use prometheus::proto::MetricFamily;
use prometheus::{Registry, TextEncoder};

use crate::domain::change::Change;
use crate::domain::rejection::Rejection;
use crate::domain::state::State;
use crate::domain::usage::{ImpactMetric, UsageReport};
use budget::Budgeted;
use histogram::Histogram;
use impact::ImpactMetrics;
use operations::Operations;
use requests::Requests;

pub use family::Gauges;
pub use requests::{Answered, RequestTimes, Route};

/// The type of the answer.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// How many series each family of usage has at most, beside those that stand for all others.
const BUDGET: usize = 1500;

/// The same for families that are expected to be small.
const SMALL: usize = 200;

/// What is not known about an SDK.
const NOT_SET: &str = "not-set";

/// What is counted since the start.
#[derive(Debug)]
pub struct Telemetry {
    registry: Registry,
    usage: Budgeted,
    by_environment: Budgeted,
    variants: Budgeted,
    registrations: Budgeted,
    sdk_versions: Budgeted,
    updates: Budgeted,
    logins: Budgeted,
    limits: Budgeted,
    deliveries: Budgeted,
    evaluations: Budgeted,
    failed_flushes: Budgeted,
    impact: ImpactMetrics,
    refused_impact: Budgeted,
    requests: Requests,
    stores: Operations<2>,
    jobs: Operations<1>,
    evaluating: Histogram,
    building: Histogram,
    lookups: Mutex<Vec<Arc<Lookups>>>,
}

/// Who registered.
#[derive(Clone, Copy, Default, Debug)]
pub struct Registration<'r> {
    /// The application.
    pub app: &'r str,
    /// The environment of its token.
    pub environment: &'r str,
    /// How often it asks, as the SDK wrote it: seconds or milliseconds.
    pub interval: f64,
    /// The SDK, such as `unleash-node-sdk:6.12.1`.
    pub sdk: Option<&'r str>,
    /// What the application runs on: name and version.
    pub platform: [Option<&'r str>; 2],
    /// The version of the engine inside the SDK.
    pub engine: Option<&'r str>,
    /// The version of the specification the SDK follows.
    pub specification: Option<&'r str>,
    /// What wraps the SDK: name and version.
    pub flavor: [Option<&'r str>; 2],
}

/// How often one worker found a token without hashing its secret.
#[derive(Default, Debug)]
pub struct Lookups {
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Lookups {
    /// Counts one.
    pub fn count(&self, hit: bool) {
        let counter = if hit { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Self::new()
    }
}

impl Telemetry {
    /// Counts from zero.
    #[must_use]
    pub fn new() -> Self {
        let registry = Registry::new();
        let process = registry.register(Box::new(ProcessCollector::for_self()));
        if let Err(error) = process {
            tracing::warn!(%error, "nothing can be told about the process");
        }
        let telemetry = Self {
            registry,
            usage: Budgeted::new(
                "feature_toggle_usage_total",
                "How often a flag was on or off, as SDKs reported it.",
                &["toggle*", "active", "appName*"],
                BUDGET,
            ),
            by_environment: Budgeted::new(
                "burgee_flag_usage_total",
                "How often a flag was on or off in an environment, as SDKs reported it.",
                &["flag*", "environment", "active"],
                BUDGET,
            ),
            variants: Budgeted::new(
                "burgee_variant_usage_total",
                "How often a variant was given, as SDKs reported it.",
                &["flag*", "environment", "variant*"],
                BUDGET,
            ),
            registrations: Budgeted::new(
                "client_registration_total",
                "How often applications registered.",
                &["appName*", "environment", "interval*"],
                BUDGET,
            ),
            sdk_versions: Budgeted::new(
                "client_sdk_versions",
                "How often SDKs of a version registered.",
                &[
                    "sdk_name*",
                    "sdk_version*",
                    "platform_name*",
                    "platform_version*",
                    "yggdrasil_version*",
                    "spec_version*",
                    "sdk_flavor_name*",
                    "sdk_flavor_version*",
                ],
                SMALL,
            ),
            updates: changes::updates(),
            logins: changes::logins(),
            limits: Budgeted::new(
                "exceeds_limit_error",
                "How often something was refused because there would be too much of it.",
                &["resource*", "limit*"],
                SMALL,
            ),
            deliveries: Budgeted::new(
                "addon_events_handled",
                "What became of telling addons about events.",
                &["result", "destination"],
                SMALL,
            ),
            evaluations: Budgeted::new(
                "burgee_evaluations_total",
                "How many flags were evaluated here, for the frontend API.",
                &["environment*"],
                SMALL,
            ),
            failed_flushes: Budgeted::new(
                "burgee_usage_flush_failures_total",
                "How often what SDKs reported could not be written and was kept for the next time.",
                &[],
                1,
            ),
            impact: ImpactMetrics::default(),
            refused_impact: Budgeted::new(
                "burgee_impact_metrics_refused_total",
                "How many numbers that applications define themselves made no sense or found no room.",
                &["reason"],
                SMALL,
            ),
            requests: Requests::new(),
            stores: Operations::new(
                "db_query_duration_seconds",
                "How long operations of the store took; quantiles are of the last ten minutes.",
                ["store", "action"],
            ),
            jobs: Operations::new(
                "scheduler_duration_seconds",
                "How long regular work took; quantiles are of the last ten minutes.",
                ["jobId"],
            ),
            evaluating: Histogram::new(
                "burgee_evaluation_duration_seconds",
                "How long evaluating the flags of one request took.",
            ),
            building: Histogram::new(
                "burgee_snapshot_build_duration_seconds",
                "How long making what SDKs are served took, after a change.",
            ),
            lookups: Mutex::default(),
        };
        telemetry.begin();
        telemetry
    }

    /// What alarms are about is zero from the start, so that the first one is noticed.
    fn begin(&self) {
        self.failed_flushes.add(&[], 0);
        for reason in ["invalid", "full"] {
            self.refused_impact.add(&[reason], 0);
        }
        for outcome in ["success", "failure"] {
            self.logins.add(&["simple", outcome], 0);
        }
    }

    /// Counts what was reported.
    pub fn count(&self, report: &UsageReport) {
        if report.rows.is_empty() {
            return;
        }
        let mut usage = self.usage.counting();
        let mut by_environment = self.by_environment.counting();
        let mut variants = self.variants.counting();
        for row in &report.rows {
            let (flag, app) = (row.flag.as_str(), row.app_name.as_str());
            let environment = row.environment.as_str();
            for (active, count) in [("true", row.yes), ("false", row.no)] {
                if count > 0 {
                    usage.add(&[flag, active, app], count);
                    by_environment.add(&[flag, environment, active], count);
                }
            }
            for (variant, count) in &row.variants {
                variants.add(&[flag, environment, variant], *count);
            }
        }
    }

    /// Counts a registration.
    pub fn count_registration(&self, it: Registration<'_>) {
        let interval = it.interval.to_string();
        self.registrations
            .add(&[it.app, it.environment, &interval], 1);
        if let Some((name, version)) = it.sdk.and_then(|sdk| sdk.split_once(':')) {
            let or = |value: Option<_>| value.unwrap_or(NOT_SET);
            let ([platform, its], [flavor, of]) = (it.platform.map(or), it.flavor.map(or));
            let (engine, specification) = (or(it.engine), or(it.specification));
            let values = [
                name,
                version,
                platform,
                its,
                engine,
                specification,
                flavor,
                of,
            ];
            self.sdk_versions.add(&values, 1);
        }
    }

    /// Counts what a change committed here was about. `state` is as of after it.
    pub fn count_change(&self, change: &Change, state: &State) {
        for event in &change.events {
            changes::count(&self.updates, &self.logins, &event.what, state);
        }
    }

    /// Counts what was refused because a limit was reached.
    pub fn count_rejection(&self, rejection: &Rejection) {
        if let Rejection::Limit { resource, limit } = rejection {
            self.limits.add(&[resource, &limit.to_string()], 1);
        }
    }

    /// Counts an event that an addon was told about, or was not.
    pub fn count_delivery(&self, result: &str, destination: &str) {
        self.deliveries.add(&[result, destination], 1);
    }

    /// Counts the evaluation of some flags for one request.
    pub fn count_evaluations(&self, environment: &str, flags: usize, took: Duration) {
        let flags = u64::try_from(flags).unwrap_or(u64::MAX);
        self.evaluations.add(&[environment], flags);
        self.evaluating.add(took);
    }

    /// Counts a report that could not be written yet.
    pub fn count_failed_flush(&self) {
        self.failed_flushes.add(&[], 1);
    }

    /// Adds metrics that an application defines itself, of which some were left out because they make no sense.
    pub fn count_impact(&self, metrics: &[ImpactMetric], left_out: usize) {
        let refused = self.impact.add(metrics);
        for (reason, count) in [("invalid", left_out), ("full", refused)] {
            if count > 0 {
                let count = u64::try_from(count).unwrap_or(u64::MAX);
                self.refused_impact.add(&[reason], count);
            }
        }
    }

    /// What applications define themselves, as Prometheus reads it.
    ///
    /// # Errors
    /// [`prometheus::Error`]: it cannot be written.
    pub fn impact_text(&self) -> prometheus::Result<String> {
        self.impact.text()
    }

    /// Notes how long a snapshot took to build.
    pub fn note_build(&self, took: Duration) {
        self.building.add(took);
    }

    /// Notes how long an operation of the store takes.
    pub async fn timed<T>(
        &self,
        store: &'static str,
        action: &'static str,
        operation: impl Future<Output = T>,
    ) -> T {
        let begun = Instant::now();
        let done = operation.await;
        self.stores.add([store, action], begun);
        done
    }

    /// Notes how long regular work takes.
    pub async fn timed_job<T>(&self, job: &'static str, work: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        let done = work.await;
        self.jobs.add([job], begun);
        done
    }

    /// Says which routes there are. Only the first call counts.
    pub fn know_routes(&self, routes: Vec<Route>) {
        self.requests.know_routes(routes);
    }

    /// Where one more worker notes its requests.
    #[must_use]
    pub fn request_times(&self) -> RequestTimes {
        self.requests.worker()
    }

    /// Where one more worker counts how it finds tokens.
    #[must_use]
    pub fn lookups(&self) -> Arc<Lookups> {
        let lookups = Arc::default();
        let mut all = self.lookups.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Arc::clone(&lookups));
        lookups
    }

    /// Everything as Prometheus reads it, with these numbers of now. `state` says which projects flags are in.
    ///
    /// # Errors
    /// [`prometheus::Error`]: two families have one name.
    pub fn text(&self, now: Vec<Gauges>, state: &State) -> prometheus::Result<String> {
        let mut folded = Gauges::new(
            "burgee_series_folded",
            "How many series, at least, are counted under `other` because their family is full.",
        );
        for family in self.budgeted() {
            let labels = vec![("family", family.name().to_owned())];
            folded = folded.with(labels, family.folded());
        }
        let project = |values: &[&str]| Some(("project", project_of(values.first()?, state)));
        let counted = self.budgeted().into_iter().filter_map(|family| {
            let placed = [self.by_environment.name(), self.variants.name()];
            if placed.contains(&family.name()) {
                family.family_with(project)
            } else {
                family.family_with(|_| None)
            }
        });
        let gauges = now.into_iter().chain([folded]).filter_map(Gauges::family);
        let histograms = [&self.evaluating, &self.building];
        let all: Vec<MetricFamily> = self
            .registry
            .gather()
            .into_iter()
            .chain(counted)
            .chain(self.token_lookups())
            .chain(self.requests.families())
            .chain(self.stores.family())
            .chain(self.jobs.family())
            .chain(histograms.into_iter().filter_map(Histogram::family))
            .chain(gauges)
            .collect();
        TextEncoder::new().encode_to_string(&all)
    }

    fn budgeted(&self) -> [&Budgeted; 12] {
        [
            &self.usage,
            &self.by_environment,
            &self.variants,
            &self.registrations,
            &self.sdk_versions,
            &self.updates,
            &self.logins,
            &self.limits,
            &self.deliveries,
            &self.evaluations,
            &self.failed_flushes,
            &self.refused_impact,
        ]
    }

    fn token_lookups(&self) -> Option<MetricFamily> {
        let all = self.lookups.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = |of: fn(&Lookups) -> &AtomicU64| {
            all.iter().map(|it| of(it).load(Ordering::Relaxed)).sum()
        };
        let series = [("hit", sum(|it| &it.hits)), ("miss", sum(|it| &it.misses))];
        let series = series.map(|(result, count)| {
            let labels = [("cache", "sdk-tokens"), ("result", result)];
            family::counter(labels.into_iter(), count)
        });
        family::counters(
            "token_cache_lookup_total",
            "How often the secret of an SDK's token was one of the last, so that it need not be hashed.",
            series.into(),
        )
    }
}

/// The project a flag is in now; none when the flag is gone.
fn project_of<'s>(flag: &str, state: &'s State) -> &'s str {
    match state.flags.get(flag) {
        Some(known) => known.project.as_str(),
        None if flag == budget::OTHER => budget::OTHER,
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_servers_share_no_number() {
        let (one, other) = (Telemetry::new(), Telemetry::new());
        one.count_registration(Registration {
            app: "app",
            environment: "production",
            interval: 15.0,
            sdk: Some("sdk:1"),
            ..Registration::default()
        });
        let line = "client_registration_total{appName=\"app\",environment=\"production\",interval=\"15\"} 1";
        assert!(
            one.text(Vec::new(), &State::default())
                .unwrap()
                .contains(line)
        );
        assert!(
            !other
                .text(Vec::new(), &State::default())
                .unwrap()
                .contains("client_registration_total{")
        );
    }

    #[test]
    fn gauges_are_told_with_their_labels() {
        let gauges = Gauges::new("things", "Things.").with(vec![("kind", "a \"b\"\n".into())], 2.0);
        let text = Telemetry::new()
            .text(vec![gauges], &State::default())
            .unwrap();
        assert!(text.contains("# HELP things Things.\n# TYPE things gauge\n"));
        assert!(
            text.contains("things{kind=\"a \\\"b\\\"\\n\"} 2\n"),
            "{text}"
        );
    }
}
