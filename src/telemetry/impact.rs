//! Metrics that applications define themselves, added up for Prometheus. They are kept in memory only.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use prometheus::TextEncoder;
use prometheus::proto::{Counter, Gauge, Metric, MetricFamily, MetricType};

use super::family;
use crate::domain::usage::{ImpactKind, ImpactMetric, ImpactSample, ImpactValue};

/// How many metrics there may be, and how many lines they may be together.
const MOST_METRICS: usize = 200;
const MOST_LINES: usize = 5000;

/// The longest name and the longest text in bytes. A longer name is refused, of a longer text the end is cut off.
const LONGEST: usize = 255;

/// Labels that are ours.
const OWN_LABELS: [&str; 4] = ["le", "metric_type", "origin", "quantile"];

/// What a histogram's name is followed by.
const PARTS: [&str; 3] = ["_bucket", "_count", "_sum"];

/// All metrics of all applications.
#[derive(Default, Debug)]
pub(super) struct ImpactMetrics(Mutex<Book>);

#[derive(Default, Debug)]
struct Book {
    metrics: BTreeMap<String, Kept>,
    lines: usize,
}

#[derive(Debug)]
struct Kept {
    help: String,
    kind: ImpactKind,
    series: BTreeMap<Vec<(String, String)>, ImpactValue>,
}

impl ImpactMetrics {
    /// Adds a report. Returns how many numbers were refused: for want of room, or because the metric is of another
    /// kind.
    pub(super) fn add(&self, metrics: &[ImpactMetric]) -> usize {
        let mut book = self.book();
        metrics.iter().map(|metric| book.add(metric)).sum()
    }

    pub(super) fn text(&self) -> prometheus::Result<String> {
        let book = self.book();
        let families: Vec<MetricFamily> = book
            .metrics
            .iter()
            .filter_map(|(name, kept)| kept.family(name))
            .collect();
        TextEncoder::new().encode_to_string(&families)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn add(&mut self, metric: &ImpactMetric) -> usize {
        let name = legal(&metric.name);
        if !self.has_room_for(&name, metric.kind) {
            return metric.samples.len();
        }
        let kept = self.metrics.entry(name).or_insert_with(|| Kept {
            help: clip(&metric.help).to_owned(),
            kind: metric.kind,
            series: BTreeMap::new(),
        });
        let mut refused = 0;
        for sample in &metric.samples {
            let labels = labels(sample);
            let known = kept.series.contains_key(&labels);
            let lines = if known { 0 } else { sample.value.lines() };
            if self.lines + lines > MOST_LINES {
                refused += 1;
                continue;
            }
            self.lines += lines;
            let value = kept.series.entry(labels);
            value
                .and_modify(|known| self.lines += known.add(metric.kind, &sample.value))
                .or_insert_with(|| sample.value.clone());
        }
        refused
    }

    /// Whether a metric is known under this name and of this kind, or may be made without being mistaken for a part of
    /// another.
    fn has_room_for(&self, name: &str, kind: ImpactKind) -> bool {
        if let Some(known) = self.metrics.get(name) {
            return known.kind == kind;
        }
        let is_histogram = |name: &str| {
            let found = self.metrics.get(name);
            found.is_some_and(|it| it.kind == ImpactKind::Histogram)
        };
        let part = PARTS
            .iter()
            .any(|end| name.strip_suffix(end).is_some_and(is_histogram));
        let whole = kind == ImpactKind::Histogram
            && PARTS
                .iter()
                .any(|end| self.metrics.contains_key(&format!("{name}{end}")));
        !part && !whole && name.len() <= LONGEST && self.metrics.len() < MOST_METRICS
    }
}

impl ImpactValue {
    fn lines(&self) -> usize {
        match self {
            Self::Number(_) => 1,
            Self::Distribution { buckets, .. } => buckets.len() + 2,
        }
    }

    /// Returns how many lines more it is.
    fn add(&mut self, kind: ImpactKind, more: &Self) -> usize {
        let before = self.lines();
        match (kind, &mut *self, more) {
            (ImpactKind::Counter, Self::Number(known), Self::Number(grown)) => *known += grown,
            (
                ImpactKind::Histogram,
                Self::Distribution {
                    count,
                    sum,
                    buckets,
                },
                Self::Distribution {
                    count: more,
                    sum: grown,
                    buckets: theirs,
                },
            ) if same_bounds(buckets, theirs) => {
                *count = count.saturating_add(*more);
                *sum += grown;
                let both = buckets.iter_mut().zip(theirs);
                both.for_each(|(own, their)| own.1 = own.1.saturating_add(their.1));
            }
            // A gauge is what was said last; a histogram with other bounds begins anew, as with the reference.
            (_, known, new) => *known = new.clone(),
        }
        self.lines().saturating_sub(before)
    }
}

#[expect(clippy::float_cmp, reason = "bounds are written, not calculated")]
fn same_bounds(one: &[(f64, u64)], other: &[(f64, u64)]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.0 == b.0)
}

impl Kept {
    fn family(&self, name: &str) -> Option<MetricFamily> {
        let kind = match self.kind {
            ImpactKind::Counter => MetricType::COUNTER,
            ImpactKind::Gauge => MetricType::GAUGE,
            ImpactKind::Histogram => MetricType::HISTOGRAM,
        };
        let series = self.series.iter().map(|(labels, value)| {
            let own = [("origin", "sdk"), ("metric_type", self.kind.as_str())];
            let theirs = labels
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()));
            metric(self.kind, own.into_iter().chain(theirs), value)
        });
        family::family(name, &self.help, kind, series.collect())
    }
}

fn metric<'l>(
    kind: ImpactKind,
    labels: impl Iterator<Item = (&'l str, &'l str)>,
    value: &ImpactValue,
) -> Metric {
    match value {
        ImpactValue::Number(number) => {
            let mut metric = Metric::from_label(family::pairs(labels));
            if kind == ImpactKind::Counter {
                let mut counter = Counter::default();
                counter.set_value(*number);
                metric.set_counter(counter);
            } else {
                let mut gauge = Gauge::default();
                gauge.set_value(*number);
                metric.set_gauge(gauge);
            }
            metric
        }
        ImpactValue::Distribution {
            count,
            sum,
            buckets,
        } => {
            // The infinite bound is written as `+Inf` when it is left to the encoder.
            let finite = buckets.iter().filter(|(bound, _)| bound.is_finite());
            family::histogram(labels, (*count, *sum), finite.copied())
        }
    }
}

/// Labels in order. Of names that become the same the first stays.
fn labels(sample: &ImpactSample) -> Vec<(String, String)> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in &sample.labels {
        let name = legal(clip(name)).replace(':', "_");
        if !OWN_LABELS.contains(&name.as_str()) && !name.starts_with("__") {
            all.entry(name).or_insert_with(|| clip(value).to_owned());
        }
    }
    all.into_iter().collect()
}

/// A name Prometheus knows: what it does not allow is an underscore.
fn legal(name: &str) -> String {
    let mut legal: String = name
        .chars()
        .map(|it| match it {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | ':' => it,
            _ => '_',
        })
        .collect();
    if legal.starts_with(|first: char| first.is_ascii_digit()) {
        legal.insert(0, '_');
    }
    legal
}

fn clip(text: &str) -> &str {
    text.get(..text.floor_char_boundary(LONGEST))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reported(name: &str, kind: ImpactKind, label: &str, value: ImpactValue) -> ImpactMetric {
        ImpactMetric {
            name: name.into(),
            help: "Help.".into(),
            kind,
            samples: vec![ImpactSample {
                labels: [("shop".to_owned(), label.to_owned())].into(),
                value,
            }],
        }
    }

    fn number(name: &str, kind: ImpactKind, label: &str, value: f64) -> ImpactMetric {
        reported(name, kind, label, ImpactValue::Number(value))
    }

    fn distribution(name: &str, bound: f64, count: u64) -> ImpactMetric {
        let value = ImpactValue::Distribution {
            count,
            sum: 0.5,
            buckets: vec![(bound, 1), (f64::INFINITY, count)],
        };
        reported(name, ImpactKind::Histogram, "a", value)
    }

    #[test]
    fn counters_grow_gauges_are_set_and_histograms_add_up() {
        let all = ImpactMetrics::default();
        for value in [1.0, 2.5] {
            let metrics = [
                number("my clicks", ImpactKind::Counter, "a", value),
                number("2load", ImpactKind::Gauge, "a", value),
                distribution("ms", 1.0, 3),
            ];
            assert_eq!(all.add(&metrics), 0);
        }
        let text = all.text().unwrap();
        for line in [
            "# HELP my_clicks Help.\n# TYPE my_clicks counter\n",
            "my_clicks{origin=\"sdk\",metric_type=\"counter\",shop=\"a\"} 3.5\n",
            "_2load{origin=\"sdk\",metric_type=\"gauge\",shop=\"a\"} 2.5\n",
            "ms_bucket{origin=\"sdk\",metric_type=\"histogram\",shop=\"a\",le=\"1\"} 2\n",
            "ms_bucket{origin=\"sdk\",metric_type=\"histogram\",shop=\"a\",le=\"+Inf\"} 6\n",
            "ms_sum{origin=\"sdk\",metric_type=\"histogram\",shop=\"a\"} 1\n",
            "ms_count{origin=\"sdk\",metric_type=\"histogram\",shop=\"a\"} 6\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
        assert_eq!(all.add(&[distribution("ms", 2.0, 3)]), 0);
        let text = all.text().unwrap();
        assert!(text.contains("le=\"2\"} 1\n") && !text.contains("le=\"1\""));
    }

    #[test]
    fn nothing_grows_without_end_and_what_is_known_goes_on() {
        let all = ImpactMetrics::default();
        let clicks = |label: &str| number("clicks", ImpactKind::Counter, label, 1.0);
        let refused: usize = (0..6000)
            .map(|it| all.add(&[clicks(&it.to_string())]))
            .sum();
        assert_eq!(refused, 1000);
        assert_eq!(all.add(&[clicks("0")]), 0);
        let sum: f64 = all
            .text()
            .unwrap()
            .lines()
            .filter(|line| line.starts_with("clicks{"))
            .map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
            .sum();
        assert_eq!(sum, 5001.0);
        let names = ImpactMetrics::default();
        let named = |it: usize| names.add(&[number(&format!("m{it}"), ImpactKind::Gauge, "", 0.0)]);
        assert_eq!((0..300).map(named).sum::<usize>(), 100);
    }

    #[test]
    fn names_are_not_mistaken_for_one_another() {
        let all = ImpactMetrics::default();
        assert_eq!(all.add(&[distribution("ms", 1.0, 3)]), 0);
        let gauge = |name| number(name, ImpactKind::Gauge, "a", 1.0);
        assert_eq!(
            all.add(&[gauge("ms"), gauge("ms_sum"), gauge("ms_total")]),
            2
        );
        assert_eq!(all.add(&[gauge("s_count"), distribution("s", 1.0, 3)]), 1);
        let labels = ["origin", "le", "__name__", "a-b", "a.b"];
        let labels = labels.map(|name| (name.to_owned(), name.to_owned()));
        let mut metric = gauge("labelled");
        metric.samples[0].labels = labels.into();
        all.add(&[metric]);
        let expected = "labelled{origin=\"sdk\",metric_type=\"gauge\",a_b=\"a-b\"} 1\n";
        assert!(
            all.text().unwrap().contains(expected),
            "{}",
            all.text().unwrap()
        );
    }
}
