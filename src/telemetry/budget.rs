//! Counters with a bounded number of series.
//!
//! SDKs decide how many applications and flags there are, and each pair would be a series of its own for ever. A family
//! has a budget: the first series are counted by themselves, the rest under `other`, so the sum is always exact. A part
//! of the budget is kept for those that turn out to be heavy later; from then on they are counted by themselves.
//! No series ever goes away, because that would look like a restart.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use prometheus::proto::{Counter, Metric, MetricFamily, MetricType};

use super::pairs;

/// What stands for everything that has no series of its own.
const OTHER: &str = "other";

/// A label of a family.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    pub(super) name: &'static str,
    /// Whether it is `other` for what is folded.
    pub(super) folds: bool,
}

/// A family of counters.
#[derive(Debug)]
pub(super) struct Budgeted {
    name: &'static str,
    help: &'static str,
    labels: Vec<Label>,
    budget: usize,
    book: Mutex<Book>,
    hasher: RandomState,
}

type Values = Box<[Box<str>]>;

#[derive(Debug, Default)]
struct Book {
    own: HashMap<Values, u64>,
    sum: u64,
    others: HashMap<Values, u64>,
    /// What was counted under `other`, by hash; as many as the budget, eight times.
    folded: HashMap<u64, u64>,
}

impl Budgeted {
    pub(super) fn new(
        name: &'static str,
        help: &'static str,
        labels: Vec<Label>,
        budget: usize,
    ) -> Self {
        Self {
            name,
            help,
            labels,
            budget,
            book: Mutex::default(),
            hasher: RandomState::new(),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Adds to the series with these values.
    pub(super) fn add(&self, values: &[&str], count: u64) {
        let key: Values = values.iter().map(|&it| it.into()).collect();
        let mut book = self.book();
        if let Some(known) = book.own.get_mut(&key) {
            *known = known.saturating_add(count);
            book.sum = book.sum.saturating_add(count);
            return;
        }
        let soon = self.budget - self.budget / 4;
        if book.own.len() < soon || self.is_heavy(&mut book, &key, count) {
            book.own.insert(key, count);
            book.sum = book.sum.saturating_add(count);
            return;
        }
        let folded = self.labels.iter().zip(key);
        let folded = folded.map(|(label, value)| if label.folds { OTHER.into() } else { value });
        let sum = book.others.entry(folded.collect()).or_default();
        *sum = sum.saturating_add(count);
    }

    /// Whether it has been counted more often than the average of those with a series of their own, and there is room.
    fn is_heavy(&self, book: &mut Book, key: &Values, count: u64) -> bool {
        let hash = self.hasher.hash_one(key);
        let room = book.folded.len() < self.budget * 8;
        let seen = match book.folded.get_mut(&hash) {
            Some(seen) => {
                *seen = seen.saturating_add(count);
                *seen
            }
            None if room => *book.folded.entry(hash).or_insert(count),
            None => count,
        };
        let own = u64::try_from(book.own.len().max(1)).unwrap_or(u64::MAX);
        let heavy = seen > book.sum / own && book.own.len() < self.budget;
        if heavy {
            book.folded.remove(&hash);
        }
        heavy
    }

    /// How many series, at least, have none of their own.
    #[expect(clippy::cast_precision_loss, reason = "it is a small number")]
    pub(super) fn folded(&self) -> f64 {
        self.book().folded.len() as f64
    }

    pub(super) fn family(&self) -> Option<MetricFamily> {
        let book = self.book();
        let mut all: Vec<(&Values, u64)> = book
            .own
            .iter()
            .chain(&book.others)
            .map(|(values, count)| (values, *count))
            .collect();
        if all.is_empty() {
            return None;
        }
        all.sort();
        let series = all.into_iter().map(|(values, count)| {
            let names = self.labels.iter().map(|label| label.name);
            let labels = pairs(names.zip(values.iter().map(AsRef::as_ref)));
            let mut counter = Counter::default();
            #[expect(clippy::cast_precision_loss, reason = "Prometheus knows floats only")]
            counter.set_value(count as f64);
            let mut metric = Metric::from_label(labels);
            metric.set_counter(counter);
            metric
        });
        let mut family = MetricFamily::default();
        family.set_name(self.name.to_owned());
        family.set_help(self.help.to_owned());
        family.set_field_type(MetricType::COUNTER);
        family.set_metric(series.collect());
        Some(family)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family() -> Budgeted {
        let label = |name, folds| Label { name, folds };
        Budgeted::new(
            "used_total",
            "Used.",
            vec![label("flag", true), label("active", false)],
            8,
        )
    }

    fn series(family: &Budgeted) -> Vec<(String, f64)> {
        let family = family.family().unwrap();
        let metrics = family.get_metric().iter();
        metrics
            .map(|it| {
                let values = it.get_label().iter().map(|label| label.value().to_owned());
                let values: Vec<String> = values.collect();
                (values.join(","), it.get_counter().get_value())
            })
            .collect()
    }

    #[test]
    fn the_sum_is_exact_and_the_number_of_series_bounded() {
        let family = family();
        for round in 0_u32..3 {
            for flag in 0..100 {
                let active = if flag % 2 == 0 { "true" } else { "false" };
                family.add(&[&format!("f{flag}"), active], u64::from(round + 1));
            }
        }
        let all = series(&family);
        assert!(all.len() <= 8 + 2, "{all:?}");
        assert_eq!(all.iter().map(|(_, count)| count).sum::<f64>(), 600.0);
        assert!(family.folded() > 0.0);
        assert!(all.iter().any(|(name, _)| name == "other,true"));
    }

    #[test]
    fn what_is_heavy_later_gets_a_series_of_its_own() {
        let family = family();
        for flag in 0..50 {
            family.add(&[&format!("f{flag}"), "true"], 10);
        }
        for _ in 0..100 {
            family.add(&["heavy", "true"], 5);
        }
        let all = series(&family);
        let heavy = all.iter().find(|(name, _)| name == "heavy,true");
        assert!(heavy.unwrap().1 > 400.0, "{all:?}");
        assert_eq!(all.iter().map(|(_, count)| count).sum::<f64>(), 1000.0);
    }

    #[test]
    fn known_series_go_on_when_the_family_is_full() {
        let family = family();
        family.add(&["first", "true"], 1);
        for flag in 0..50 {
            family.add(&[&format!("f{flag}"), "true"], 1);
        }
        family.add(&["first", "true"], 7);
        assert!(series(&family).contains(&("first,true".into(), 8.0)));
    }
}
