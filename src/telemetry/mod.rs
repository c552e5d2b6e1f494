//! What we tell about ourselves, for Prometheus to scrape.
//!
//! All of it is a value: two servers in one process do not share a number. Families have the names and labels
//! dashboards of Unleash use where the same fact exists here; what is ours begins with `burgee_`. How many series a
//! family has is bounded.
//!
//! *Who calls it:* `usage` counts, `api` lets scrape. *What it may import:* `domain`.

mod budget;

use prometheus::process_collector::ProcessCollector;
use prometheus::proto::{Gauge, LabelPair, Metric, MetricFamily, MetricType};
use prometheus::{Registry, TextEncoder};

use crate::domain::usage::UsageReport;
use budget::{Budgeted, Label};

/// The type of the answer.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// How many series each family of usage has at most, beside those that stand for all others.
const BUDGET: usize = 2000;

/// What is counted since the start.
#[derive(Debug)]
pub struct Telemetry {
    registry: Registry,
    usage: Budgeted,
    by_environment: Budgeted,
    variants: Budgeted,
    registrations: Budgeted,
    sdk_versions: Budgeted,
}

/// Numbers as they are now: a family of gauges.
#[derive(Clone, Debug)]
pub struct Gauges {
    name: &'static str,
    help: &'static str,
    series: Vec<(Vec<(&'static str, String)>, f64)>,
}

impl Gauges {
    /// A family with nothing in it yet.
    #[must_use]
    pub fn new(name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            help,
            series: Vec::new(),
        }
    }

    /// A family of one number.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "numbers of things are far from where floats have gaps"
    )]
    pub fn one(name: &'static str, help: &'static str, value: usize) -> Self {
        Self::new(name, help).with(Vec::new(), value as f64)
    }

    /// Adds a number under labels.
    #[must_use]
    pub fn with(mut self, labels: Vec<(&'static str, String)>, value: f64) -> Self {
        self.series.push((labels, value));
        self
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
        let label = |name, folds| Label { name, folds };
        Self {
            registry,
            usage: Budgeted::new(
                "feature_toggle_usage_total",
                "How often a flag was on or off, as SDKs reported it.",
                vec![
                    label("toggle", true),
                    label("active", false),
                    label("appName", true),
                ],
                BUDGET,
            ),
            by_environment: Budgeted::new(
                "burgee_flag_usage_total",
                "How often a flag was on or off in an environment, as SDKs reported it.",
                vec![
                    label("flag", true),
                    label("environment", false),
                    label("active", false),
                ],
                BUDGET,
            ),
            variants: Budgeted::new(
                "burgee_variant_usage_total",
                "How often a variant was given, as SDKs reported it.",
                vec![
                    label("flag", true),
                    label("environment", false),
                    label("variant", true),
                ],
                BUDGET,
            ),
            registrations: Budgeted::new(
                "client_registration_total",
                "How often applications registered.",
                vec![
                    label("appName", true),
                    label("environment", false),
                    label("interval", true),
                ],
                BUDGET,
            ),
            sdk_versions: Budgeted::new(
                "client_sdk_versions",
                "How often SDKs of a version registered.",
                vec![label("sdk_name", true), label("sdk_version", true)],
                BUDGET / 10,
            ),
        }
    }

    /// Counts what was reported.
    pub fn count(&self, report: &UsageReport) {
        for row in &report.rows {
            let (flag, app) = (row.flag.as_str(), row.app_name.as_str());
            let environment = row.environment.as_str();
            for (active, count) in [("true", row.yes), ("false", row.no)] {
                if count > 0 {
                    self.usage.add(&[flag, active, app], count);
                    self.by_environment.add(&[flag, environment, active], count);
                }
            }
            for (variant, count) in &row.variants {
                self.variants.add(&[flag, environment, variant], *count);
            }
        }
    }

    /// Counts a registration. `interval` is as the SDK wrote it: seconds or milliseconds.
    pub fn count_registration(
        &self,
        app: &str,
        environment: &str,
        interval: f64,
        sdk: Option<&str>,
    ) {
        let interval = interval.to_string();
        self.registrations.add(&[app, environment, &interval], 1);
        if let Some((name, version)) = sdk.and_then(|it| it.split_once(':')) {
            self.sdk_versions.add(&[name, version], 1);
        }
    }

    /// Everything as Prometheus reads it, with these numbers of now.
    ///
    /// # Errors
    /// [`prometheus::Error`]: two families have one name.
    pub fn text(&self, now: Vec<Gauges>) -> prometheus::Result<String> {
        let budgeted = [
            &self.usage,
            &self.by_environment,
            &self.variants,
            &self.registrations,
            &self.sdk_versions,
        ];
        let mut folded = Gauges::new(
            "burgee_series_folded",
            "How many series, at least, are counted under `other` because their family is full.",
        );
        for family in budgeted {
            let labels = vec![("family", family.name().to_owned())];
            folded = folded.with(labels, family.folded());
        }
        let counted = budgeted.into_iter().filter_map(Budgeted::family);
        let gauges = now.into_iter().chain([folded]).filter_map(family);
        let all: Vec<MetricFamily> = self
            .registry
            .gather()
            .into_iter()
            .chain(counted)
            .chain(gauges)
            .collect();
        TextEncoder::new().encode_to_string(&all)
    }
}

fn family(gauges: Gauges) -> Option<MetricFamily> {
    if gauges.series.is_empty() {
        return None;
    }
    let series = gauges.series.into_iter().map(|(labels, value)| {
        let mut gauge = Gauge::default();
        gauge.set_value(value);
        let mut metric = Metric::from_label(pairs(labels.iter().map(|(a, b)| (*a, b.as_str()))));
        metric.set_gauge(gauge);
        metric
    });
    let mut family = MetricFamily::default();
    family.set_name(gauges.name.to_owned());
    family.set_help(gauges.help.to_owned());
    family.set_field_type(MetricType::GAUGE);
    family.set_metric(series.collect());
    Some(family)
}

fn pairs<'l>(labels: impl Iterator<Item = (&'l str, &'l str)>) -> Vec<LabelPair> {
    let pair = |(name, value): (&str, &str)| {
        let mut pair = LabelPair::default();
        pair.set_name(name.to_owned());
        pair.set_value(value.to_owned());
        pair
    };
    labels.map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_servers_share_no_number() {
        let (one, other) = (Telemetry::new(), Telemetry::new());
        one.count_registration("app", "production", 15.0, Some("sdk:1"));
        let line = "client_registration_total{appName=\"app\",environment=\"production\",interval=\"15\"} 1";
        assert!(one.text(Vec::new()).unwrap().contains(line));
        assert!(
            !other
                .text(Vec::new())
                .unwrap()
                .contains("client_registration_total{")
        );
    }

    #[test]
    fn gauges_are_told_with_their_labels() {
        let gauges = Gauges::new("things", "Things.").with(vec![("kind", "a \"b\"\n".into())], 2.0);
        let text = Telemetry::new().text(vec![gauges]).unwrap();
        assert!(text.contains("# HELP things Things.\n# TYPE things gauge\n"));
        assert!(
            text.contains("things{kind=\"a \\\"b\\\"\\n\"} 2\n"),
            "{text}"
        );
    }
}
