//! How often something took how long, since the start.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus::proto::{MetricFamily, MetricType};

use super::family;

/// Upper bounds in microseconds: from the evaluation of few flags to the building of everything.
const BOUNDS: [u64; 15] = [
    5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 50_000, 100_000, 500_000, 2_000_000,
];

/// One histogram of times.
#[derive(Debug)]
pub(super) struct Histogram {
    name: &'static str,
    help: &'static str,
    /// How many took no longer than each bound, and longer than the one before.
    counts: [AtomicU64; BOUNDS.len()],
    all: AtomicU64,
    nanos: AtomicU64,
}

impl Histogram {
    pub(super) fn new(name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            help,
            counts: Default::default(),
            all: AtomicU64::new(0),
            nanos: AtomicU64::new(0),
        }
    }

    pub(super) fn add(&self, took: Duration) {
        let place = BOUNDS
            .iter()
            .position(|bound| took <= Duration::from_micros(*bound));
        if let Some(count) = place.and_then(|place| self.counts.get(place)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.all.fetch_add(1, Ordering::Relaxed);
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.nanos.fetch_add(nanos, Ordering::Relaxed);
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "the bounds are small, and nobody asks for nanoseconds in centuries"
    )]
    pub(super) fn family(&self) -> Option<MetricFamily> {
        let mut sum = 0;
        let buckets: Vec<(f64, u64)> = BOUNDS
            .iter()
            .zip(&self.counts)
            .map(|(bound, count)| {
                sum += count.load(Ordering::Relaxed);
                (*bound as f64 / 1e6, sum)
            })
            .collect();
        // Read last: never less than what is in the buckets.
        let all = self.all.load(Ordering::Relaxed).max(sum);
        let seconds = self.nanos.load(Ordering::Relaxed) as f64 / 1e9;
        let series = family::histogram(std::iter::empty(), (all, seconds), buckets.into_iter());
        family::family(self.name, self.help, MetricType::HISTOGRAM, vec![series])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up() {
        let histogram = Histogram::new("times", "Times.");
        for micros in [1, 5, 6, 60, 3_000_000] {
            histogram.add(Duration::from_micros(micros));
        }
        let family = histogram.family().unwrap();
        let encoder = prometheus::TextEncoder::new();
        let text = encoder.encode_to_string(&[family]).unwrap();
        for line in [
            "times_bucket{le=\"0.000005\"} 2\n",
            "times_bucket{le=\"0.00001\"} 3\n",
            "times_bucket{le=\"0.0001\"} 4\n",
            "times_bucket{le=\"2\"} 4\n",
            "times_bucket{le=\"+Inf\"} 5\n",
            "times_sum 3.000072\n",
            "times_count 5\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
    }
}
