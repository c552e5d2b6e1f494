//! Counts what random flags reached, so that a test which stops testing is noticed.

use std::collections::{BTreeMap, HashMap};

/// How often each thing was reached.
#[derive(Default)]
pub(crate) struct Coverage {
    counts: BTreeMap<String, u64>,
    /// Things of two words, counted without writing them out: contexts and answers are made by the million.
    pairs: HashMap<(&'static str, &'static str), u64>,
}

impl Coverage {
    pub(crate) fn note(&mut self, what: impl AsRef<str>) {
        self.add(what.as_ref(), 1);
    }

    pub(crate) fn note_if(&mut self, reached: bool, what: impl AsRef<str>) {
        if reached {
            self.note(what);
        }
    }

    /// Counts `<subject> <what>`.
    pub(crate) fn note_pair(&mut self, reached: bool, subject: &'static str, what: &'static str) {
        if reached {
            *self.pairs.entry((subject, what)).or_default() += 1;
        }
    }

    pub(crate) fn add(&mut self, what: &str, times: u64) {
        match self.counts.get_mut(what) {
            Some(count) => *count += times,
            None => {
                self.counts.insert(what.to_owned(), times);
            }
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (what, times) in other.counts {
            self.add(&what, times);
        }
        for ((subject, what), times) in other.pairs {
            self.add(&format!("{subject} {what}"), times);
        }
    }

    pub(crate) fn count(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or_default()
    }

    /// The things that were reached fewer than `least` times.
    pub(crate) fn missing<'w>(&self, wanted: &'w [String], least: u64) -> Vec<&'w str> {
        let rare = |what: &&String| self.count(what) < least;
        wanted.iter().filter(rare).map(String::as_str).collect()
    }

    pub(crate) fn print(&self) {
        for (what, times) in &self.counts {
            println!("{times:>10}  {what}");
        }
    }
}
