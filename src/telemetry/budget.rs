//! Counters with a bounded number of series.
//!
//! SDKs decide how many applications and flags there are, and each pair would be a series of its own for ever. A family
//! has a budget: the first series are counted by themselves, the rest under `other`, so the sum is always exact. A part
//! of the budget is kept for those that turn out to be heavy later; from then on they are counted by themselves.
//! No series ever goes away, because that would look like a restart.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use prometheus::proto::MetricFamily;

use super::family;

/// What stands for everything that has no series of its own.
pub(super) const OTHER: &str = "other";

/// The longest value of a label in bytes; the rest is cut off.
const LONGEST: usize = 255;

/// Between the values of a series: a byte that no text has.
const BETWEEN: u8 = 0xFF;

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

/// The values of a series, one after the other.
type Key = Box<[u8]>;

#[derive(Debug, Default)]
struct Book {
    own: HashMap<Key, u64>,
    sum: u64,
    others: HashMap<Key, u64>,
    /// What was counted under `other`, by hash; as many as the budget, eight times.
    folded: HashMap<u64, u64>,
    /// The key at hand. Its memory is used again, so that counting what is known allocates nothing.
    key: Vec<u8>,
}

/// A family that is being counted in, by one at a time.
pub(super) struct Counting<'b> {
    family: &'b Budgeted,
    book: MutexGuard<'b, Book>,
}

impl Budgeted {
    /// A label whose name ends with a star is `other` for what is folded.
    pub(super) fn new(
        name: &'static str,
        help: &'static str,
        labels: &[&'static str],
        budget: usize,
    ) -> Self {
        let label = |name: &&'static str| Label {
            name: name.trim_end_matches('*'),
            folds: name.ends_with('*'),
        };
        Self {
            name,
            help,
            labels: labels.iter().map(label).collect(),
            budget,
            book: Mutex::default(),
            hasher: RandomState::new(),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// To count several things at once.
    pub(super) fn counting(&self) -> Counting<'_> {
        Counting {
            family: self,
            book: self.book(),
        }
    }

    /// Adds to one series.
    pub(super) fn add(&self, values: &[&str], count: u64) {
        self.counting().add(values, count);
    }

    /// How many series, at least, have none of their own.
    #[expect(clippy::cast_precision_loss, reason = "it is a small number")]
    pub(super) fn folded(&self) -> f64 {
        self.book().folded.len() as f64
    }

    /// The series, with one more label after the first that follows from the values of the others.
    pub(super) fn family_with<'s>(
        &self,
        more: impl Fn(&[&str]) -> Option<(&'static str, &'s str)>,
    ) -> Option<MetricFamily> {
        let book = self.book();
        let mut all: Vec<(&Key, u64)> = book
            .own
            .iter()
            .chain(&book.others)
            .map(|(key, count)| (key, *count))
            .collect();
        all.sort();
        let series = all.into_iter().map(|(key, count)| {
            let values: Vec<&str> = values(key).take(self.labels.len()).collect();
            let names = self.labels.iter().map(|label| label.name);
            let mut labels: Vec<(&str, &str)> = names.zip(values.iter().copied()).collect();
            if let Some(more) = more(&values) {
                labels.insert(1.min(labels.len()), more);
            }
            family::counter(labels.into_iter(), count)
        });
        family::counters(self.name, self.help, series.collect())
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counting<'_> {
    /// Adds to the series with these values.
    pub(super) fn add(&mut self, values: &[&str], count: u64) {
        let book = &mut *self.book;
        join(values.iter().copied(), &mut book.key);
        if let Some(known) = book.own.get_mut(book.key.as_slice()) {
            *known = known.saturating_add(count);
            book.sum = book.sum.saturating_add(count);
            return;
        }
        let budget = self.family.budget;
        if book.own.len() < budget - budget / 4 || book.is_heavy(self.family, count) {
            book.own.insert(book.key.as_slice().into(), count);
            book.sum = book.sum.saturating_add(count);
            return;
        }
        let folded = self.family.labels.iter().zip(values);
        let folded = folded.map(|(label, value)| if label.folds { OTHER } else { value });
        join(folded, &mut book.key);
        match book.others.get_mut(book.key.as_slice()) {
            Some(known) => *known = known.saturating_add(count),
            None => _ = book.others.insert(book.key.as_slice().into(), count),
        }
    }
}

impl Book {
    /// Whether what is at hand has been counted more often than the average of those with a series of their own, and
    /// there is room.
    fn is_heavy(&mut self, family: &Budgeted, count: u64) -> bool {
        let hash = family.hasher.hash_one(&self.key);
        let room = self.folded.len() < family.budget * 8;
        let seen = match self.folded.get_mut(&hash) {
            Some(seen) => {
                *seen = seen.saturating_add(count);
                *seen
            }
            None if room => *self.folded.entry(hash).or_insert(count),
            None => count,
        };
        let own = u64::try_from(self.own.len().max(1)).unwrap_or(u64::MAX);
        let heavy = seen > self.sum / own && self.own.len() < family.budget;
        if heavy {
            self.folded.remove(&hash);
        }
        heavy
    }
}

fn join<'v>(values: impl Iterator<Item = &'v str>, key: &mut Vec<u8>) {
    key.clear();
    for value in values {
        let kept = value.get(..value.floor_char_boundary(LONGEST));
        key.extend_from_slice(kept.unwrap_or_default().as_bytes());
        key.push(BETWEEN);
    }
}

fn values(key: &[u8]) -> impl Iterator<Item = &str> {
    key.split(|byte| *byte == BETWEEN)
        .map(|value| str::from_utf8(value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family() -> Budgeted {
        Budgeted::new("used_total", "Used.", &["flag*", "active"], 8)
    }

    fn series(family: &Budgeted) -> Vec<(String, f64)> {
        let family = family.family_with(|_| None).unwrap();
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

    #[test]
    fn counting_what_is_known_allocates_nothing() {
        let family = family();
        let count_all = || {
            let mut counting = family.counting();
            for flag in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "a long name"] {
                counting.add(&[flag, "true"], 3);
            }
        };
        count_all();
        assert_eq!(allocation_counter::measure(count_all).count_total, 0);
        let all = series(&family);
        assert_eq!(all.iter().map(|(_, count)| count).sum::<f64>(), 60.0);
    }
}
