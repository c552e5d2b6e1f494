//! How long operations take that wait for something: few kinds, so all of them are told.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use prometheus::proto::{MetricFamily, MetricType};

use super::family;
use super::summary::{Epoch, QUANTILES, Summary};

/// A family of summaries in seconds.
#[derive(Debug)]
pub(super) struct Operations<const LABELS: usize> {
    name: &'static str,
    help: &'static str,
    labels: [&'static str; LABELS],
    epoch: Epoch,
    times: Mutex<BTreeMap<[&'static str; LABELS], Summary>>,
}

impl<const LABELS: usize> Operations<LABELS> {
    pub(super) fn new(
        name: &'static str,
        help: &'static str,
        labels: [&'static str; LABELS],
    ) -> Self {
        Self {
            name,
            help,
            labels,
            epoch: Epoch::now(),
            times: Mutex::default(),
        }
    }

    /// Notes an operation that has just ended.
    pub(super) fn add(&self, values: [&'static str; LABELS], begun: Instant) {
        let now = Instant::now();
        let took = now.saturating_duration_since(begun);
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let summary = times.entry(values).or_default();
        summary.add(took, self.epoch.part(now));
    }

    pub(super) fn family(&self) -> Option<MetricFamily> {
        let now = self.epoch.part(Instant::now());
        let times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let series = times.iter().map(|(values, summary)| {
            family::summary(
                self.labels.into_iter().zip(values.iter().copied()),
                (summary.count(), summary.sum().as_secs_f64()),
                QUANTILES.into_iter().zip(summary.quantiles(now)),
            )
        });
        family::family(self.name, self.help, MetricType::SUMMARY, series.collect())
    }
}
