//! Families of series as Prometheus knows them.

use prometheus::proto::{
    Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType, Quantile,
    Summary,
};

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

    /// Adds a number of things under one label.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "numbers of things are far from where floats have gaps"
    )]
    pub fn count(self, label: &'static str, value: impl Into<String>, count: usize) -> Self {
        self.with(vec![(label, value.into())], count as f64)
    }

    pub(super) fn family(self) -> Option<MetricFamily> {
        let series = self.series.into_iter().map(|(labels, value)| {
            let mut gauge = Gauge::default();
            gauge.set_value(value);
            let labels = labels.iter().map(|(name, value)| (*name, value.as_str()));
            let mut metric = Metric::from_label(pairs(labels));
            metric.set_gauge(gauge);
            metric
        });
        family(self.name, self.help, MetricType::GAUGE, series.collect())
    }
}

/// A series of a family of counters.
#[expect(clippy::cast_precision_loss, reason = "Prometheus knows floats only")]
pub(super) fn counter<'l>(labels: impl Iterator<Item = (&'l str, &'l str)>, count: u64) -> Metric {
    let mut counter = Counter::default();
    counter.set_value(count as f64);
    let mut metric = Metric::from_label(pairs(labels));
    metric.set_counter(counter);
    metric
}

/// A series of a family of summaries.
pub(super) fn summary<'l>(
    labels: impl Iterator<Item = (&'l str, &'l str)>,
    (count, sum): (u64, f64),
    quantiles: impl Iterator<Item = (f64, f64)>,
) -> Metric {
    let mut summary = Summary::default();
    summary.set_sample_count(count);
    summary.set_sample_sum(sum);
    let quantile = |(rank, value)| {
        let mut quantile = Quantile::default();
        quantile.set_quantile(rank);
        quantile.set_value(value);
        quantile
    };
    summary.set_quantile(quantiles.map(quantile).collect());
    let mut metric = Metric::from_label(pairs(labels));
    metric.set_summary(summary);
    metric
}

/// A series of a family of histograms. `buckets` are upper bounds with how many are not above.
pub(super) fn histogram<'l>(
    labels: impl Iterator<Item = (&'l str, &'l str)>,
    (count, sum): (u64, f64),
    buckets: impl Iterator<Item = (f64, u64)>,
) -> Metric {
    let mut histogram = Histogram::default();
    histogram.set_sample_count(count);
    histogram.set_sample_sum(sum);
    let bucket = |(bound, count)| {
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(bound);
        bucket.set_cumulative_count(count);
        bucket
    };
    histogram.set_bucket(buckets.map(bucket).collect());
    let mut metric = Metric::from_label(pairs(labels));
    metric.set_histogram(histogram);
    metric
}

pub(super) fn counters(name: &str, help: &str, series: Vec<Metric>) -> Option<MetricFamily> {
    family(name, help, MetricType::COUNTER, series)
}

/// None when there is no series: the format has no empty families.
pub(super) fn family(
    name: &str,
    help: &str,
    kind: MetricType,
    series: Vec<Metric>,
) -> Option<MetricFamily> {
    if series.is_empty() {
        return None;
    }
    let mut family = MetricFamily::default();
    family.set_name(name.to_owned());
    family.set_help(help.to_owned());
    family.set_field_type(kind);
    family.set_metric(series);
    Some(family)
}

pub(super) fn pairs<'l>(labels: impl Iterator<Item = (&'l str, &'l str)>) -> Vec<LabelPair> {
    let pair = |(name, value): (&str, &str)| {
        let mut pair = LabelPair::default();
        pair.set_name(name.to_owned());
        pair.set_value(value.to_owned());
        pair
    };
    labels.map(pair).collect()
}
