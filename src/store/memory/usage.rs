//! What SDKs reported, in maps.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::domain::names::{EnvironmentName, FlagName};
use crate::domain::time::Timestamp;
use crate::domain::usage::{
    Application, ApplicationCard, ClientInstance, Expiry, LastSeen, Sightings, UnknownFlag,
    UsageQuery, UsageReport, UsageRow, kept,
};

type RowKey = (FlagName, Timestamp, EnvironmentName, String);

#[derive(Debug, Default)]
pub(super) struct UsageBook {
    rows: BTreeMap<RowKey, UsageRow>,
    applications: BTreeMap<(String, EnvironmentName), Application>,
    cards: BTreeMap<String, ApplicationCard>,
    instances: BTreeMap<(String, EnvironmentName, String), ClientInstance>,
    last_seen: BTreeMap<(FlagName, EnvironmentName), LastSeen>,
    unknown_flags: BTreeMap<(String, String, EnvironmentName), UnknownFlag>,
}

impl UsageBook {
    pub(super) fn add(&mut self, report: &UsageReport) {
        for it in &report.rows {
            put(&mut self.rows, row_key(it), it, UsageRow::add);
        }
        let seen = &report.sightings;
        for it in &seen.applications {
            let key = (it.app_name.clone(), it.environment.clone());
            put(&mut self.applications, key, it, Application::add);
        }
        for it in &seen.cards {
            let key = it.app_name.clone();
            put(&mut self.cards, key, it, ApplicationCard::add);
        }
        for it in &seen.instances {
            let (app, environment, id) = it.key();
            let key = (app.to_owned(), environment.clone(), id.to_owned());
            put(&mut self.instances, key, it, ClientInstance::add);
        }
        for it in &seen.last_seen {
            let key = (it.flag.clone(), it.environment.clone());
            put(&mut self.last_seen, key, it, LastSeen::add);
        }
        for it in &seen.unknown_flags {
            let (name, app, environment) = it.key();
            let key = (name.to_owned(), app.to_owned(), environment.clone());
            put(&mut self.unknown_flags, key, it, UnknownFlag::add);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.sightings() == Sightings::default()
    }

    pub(super) fn rows(&self, query: &UsageQuery) -> Vec<UsageRow> {
        let matching = self.rows.values().filter(|row| query.matches(row));
        matching.cloned().collect()
    }

    pub(super) fn sightings(&self) -> Sightings {
        Sightings {
            applications: self.applications.values().cloned().collect(),
            cards: self.cards.values().cloned().collect(),
            instances: self.instances.values().cloned().collect(),
            last_seen: self.last_seen.values().cloned().collect(),
            unknown_flags: self.unknown_flags.values().cloned().collect(),
        }
    }

    pub(super) fn prune(&mut self, expiry: &Expiry, exists: &dyn Fn(&str) -> bool) -> usize {
        let (old, most) = (expiry.applications_before, expiry.most);
        self.prune_rows(expiry)
            + newest(&mut self.applications, old, most, |it| it.last_seen)
            + newest(&mut self.cards, old, most, |it| it.changed_at)
            + newest(&mut self.instances, expiry.instances_before, most, |it| {
                it.last_seen
            })
            + newest(&mut self.unknown_flags, expiry.unknown_before, most, |it| {
                it.last_seen
            })
            + keep(&mut self.last_seen, |it| exists(it.flag.as_str()))
    }

    fn prune_rows(&mut self, expiry: &Expiry) -> usize {
        let before = self.rows.len();
        for (_, mut row) in std::mem::take(&mut self.rows) {
            if let Some(hour) = expiry.place(row.hour) {
                row.hour = hour;
                put(&mut self.rows, row_key(&row), &row, UsageRow::add);
            }
        }
        before - self.rows.len()
    }

    pub(super) fn forget_application(&mut self, app_name: &str) {
        self.applications.retain(|_, it| it.app_name != app_name);
        self.cards.remove(app_name);
        self.instances.retain(|_, it| it.app_name != app_name);
    }
}

fn row_key(row: &UsageRow) -> RowKey {
    let (flag, hour, environment, app) = row.key();
    (flag.clone(), hour, environment.clone(), app.to_owned())
}

/// Keeps what is not old, and no more than `most` of it.
fn newest<K: Ord, V>(
    map: &mut BTreeMap<K, V>,
    before: Timestamp,
    most: usize,
    at: impl Fn(&V) -> Timestamp,
) -> usize {
    let mut all: Vec<(K, V)> = std::mem::take(map).into_iter().collect();
    let forgotten = kept(&mut all, before, most, |(_, value)| at(value));
    map.extend(all);
    forgotten
}

fn put<K: Ord, V: Clone>(map: &mut BTreeMap<K, V>, key: K, value: &V, add: fn(&mut V, &V)) {
    match map.entry(key) {
        Entry::Occupied(mut known) => add(known.get_mut(), value),
        Entry::Vacant(place) => {
            place.insert(value.clone());
        }
    }
}

fn keep<K: Ord, V>(map: &mut BTreeMap<K, V>, wanted: impl Fn(&V) -> bool) -> usize {
    let before = map.len();
    map.retain(|_, value| wanted(value));
    before - map.len()
}
