//! Adding reports up in memory, within bounds. Pure.

use std::collections::HashMap;
use std::hash::Hash;

use crate::domain::names::{EnvironmentName, FlagName};
use crate::domain::time::Timestamp;
use crate::domain::usage::{
    Application, ApplicationCard, ClientInstance, LastSeen, Sightings, UnknownFlag, UsageReport,
    UsageRow,
};

/// How much may wait to be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// Counts, each variant counting as one.
    pub counts: usize,
    /// Applications, instances, points in time and unknown flags, of each.
    pub sightings: usize,
}

impl Default for Bounds {
    /// Some tens of megabytes at worst. A thousand applications asking for a hundred flags each fill half of it.
    fn default() -> Self {
        Self {
            counts: 200_000,
            sightings: 20_000,
        }
    }
}

/// What was reported since it was last written.
#[derive(Debug)]
pub struct Aggregate {
    bounds: Bounds,
    counts: usize,
    rows: HashMap<(FlagName, Timestamp, EnvironmentName, String), UsageRow>,
    applications: HashMap<(String, EnvironmentName), Application>,
    cards: HashMap<String, ApplicationCard>,
    instances: HashMap<(String, EnvironmentName, String), ClientInstance>,
    last_seen: HashMap<(FlagName, EnvironmentName), LastSeen>,
    unknown_flags: HashMap<(String, String, EnvironmentName), UnknownFlag>,
}

impl Aggregate {
    /// Holds nothing yet.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            counts: 0,
            rows: HashMap::new(),
            applications: HashMap::new(),
            cards: HashMap::new(),
            instances: HashMap::new(),
            last_seen: HashMap::new(),
            unknown_flags: HashMap::new(),
        }
    }

    /// How many counts it holds, each variant counting as one.
    #[must_use]
    pub fn counts(&self) -> usize {
        self.counts
    }

    /// Adds a report. Returns how many of its rows found no room and were dropped.
    #[must_use = "dropped rows are to be counted"]
    pub fn add(&mut self, report: UsageReport) -> usize {
        let rows = report.rows.into_iter();
        let dropped_rows = rows.filter(|row| !self.add_row(row)).count();
        dropped_rows + self.add_sightings(report.sightings)
    }

    /// Hands over all it holds, in a fixed order, and begins anew.
    #[must_use]
    pub fn take(&mut self) -> UsageReport {
        self.counts = 0;
        let mut report = UsageReport {
            rows: drain(&mut self.rows),
            sightings: Sightings {
                applications: drain(&mut self.applications),
                cards: drain(&mut self.cards),
                instances: drain(&mut self.instances),
                last_seen: drain(&mut self.last_seen),
                unknown_flags: drain(&mut self.unknown_flags),
            },
        };
        report.rows.sort_by(|a, b| a.key().cmp(&b.key()));
        report.sightings.sort();
        report
    }

    /// False when there was no room.
    fn add_row(&mut self, row: &UsageRow) -> bool {
        let key = (
            row.flag.clone(),
            row.hour,
            row.environment.clone(),
            row.app_name.clone(),
        );
        let known = self.rows.get(&key);
        let new_variants = row
            .variants
            .keys()
            .filter(|name| known.is_none_or(|known| !known.variants.contains_key(*name)))
            .count();
        let more = new_variants + usize::from(known.is_none());
        if more > 0 && self.counts + more > self.bounds.counts {
            return false;
        }
        self.counts += more;
        self.rows
            .entry(key)
            .and_modify(|known| known.add(row))
            .or_insert_with(|| row.clone());
        true
    }

    fn add_sightings(&mut self, seen: Sightings) -> usize {
        let most = self.bounds.sightings;
        let mut dropped = 0;
        for it in seen.applications {
            let key = (it.app_name.clone(), it.environment.clone());
            dropped += merge(&mut self.applications, most, key, it, Application::add);
        }
        for it in seen.cards {
            let key = it.app_name.clone();
            dropped += merge(&mut self.cards, most, key, it, ApplicationCard::add);
        }
        for it in seen.instances {
            let key = (
                it.app_name.clone(),
                it.environment.clone(),
                it.instance_id.clone(),
            );
            dropped += merge(&mut self.instances, most, key, it, ClientInstance::add);
        }
        for it in seen.last_seen {
            let key = (it.flag.clone(), it.environment.clone());
            dropped += merge(&mut self.last_seen, most, key, it, LastSeen::add);
        }
        for it in seen.unknown_flags {
            let key = (it.name.clone(), it.app_name.clone(), it.environment.clone());
            dropped += merge(&mut self.unknown_flags, most, key, it, UnknownFlag::add);
        }
        dropped
    }
}

/// Adds one thing; 1 when there was no room.
fn merge<K: Eq + Hash, V>(
    map: &mut HashMap<K, V>,
    most: usize,
    key: K,
    value: V,
    add: impl FnOnce(&mut V, &V),
) -> usize {
    let full = map.len() >= most;
    match map.get_mut(&key) {
        Some(known) => add(known, &value),
        None if full => return 1,
        None => _ = map.insert(key, value),
    }
    0
}

fn drain<K, V>(map: &mut HashMap<K, V>) -> Vec<V> {
    std::mem::take(map).into_values().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(flag: u8, app: u8, yes: u64, variant: u8) -> UsageRow {
        UsageRow {
            hour: Timestamp::from_millis(0),
            flag: FlagName::trusted(&format!("f{flag}")),
            environment: EnvironmentName::trusted("development"),
            app_name: format!("a{app}"),
            yes,
            no: 1,
            variants: [(format!("v{variant}"), yes)].into(),
        }
    }

    fn report(rows: Vec<UsageRow>) -> UsageReport {
        UsageReport {
            rows,
            ..UsageReport::default()
        }
    }

    proptest! {
        #[test]
        fn rows_add_up_in_any_order(
            rows in prop::collection::vec((0_u8..3, 0_u8..3, 0_u64..9, 0_u8..2), 0..40)
        ) {
            let rows: Vec<_> = rows.into_iter().map(|(f, a, y, v)| row(f, a, y, v)).collect();
            let (mut forth, mut back) = (Aggregate::new(Bounds::default()), Aggregate::new(Bounds::default()));
            prop_assert_eq!(forth.add(report(rows.clone())), 0);
            for row in rows.iter().rev() {
                prop_assert_eq!(back.add(report(vec![row.clone()])), 0);
            }
            let sum: u64 = rows.iter().map(|row| row.yes).sum();
            let (forth, back) = (forth.take(), back.take());
            prop_assert_eq!(&forth, &back);
            prop_assert_eq!(forth.rows.iter().map(|row| row.yes).sum::<u64>(), sum);
        }
    }

    #[test]
    fn what_does_not_fit_is_told_and_what_is_known_still_counts() {
        let mut full = Aggregate::new(Bounds {
            counts: 4,
            sightings: 1,
        });
        assert_eq!(full.add(report(vec![row(1, 1, 1, 1), row(2, 1, 1, 1)])), 0);
        assert_eq!(
            full.add(report(vec![
                row(3, 1, 1, 1),
                row(1, 1, 1, 2),
                row(1, 1, 5, 1)
            ])),
            2
        );
        let rows = full.take().rows;
        assert_eq!(rows.iter().map(|row| row.yes).collect::<Vec<_>>(), [6, 1]);
        assert!(full.take().is_empty());
        assert_eq!(full.add(report(vec![row(3, 1, 1, 1)])), 0);
    }
}
