//! What SDKs reported, in maps.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::domain::names::{EnvironmentName, FlagName};
use crate::domain::time::Timestamp;
use crate::domain::usage::{
    Application, ClientInstance, LastSeen, Sightings, UnknownFlag, UsageQuery, UsageReport,
    UsageRow,
};

#[derive(Debug, Default)]
pub(super) struct UsageBook {
    rows: BTreeMap<(FlagName, Timestamp, EnvironmentName, String), UsageRow>,
    applications: BTreeMap<(String, EnvironmentName), Application>,
    instances: BTreeMap<(String, EnvironmentName, String), ClientInstance>,
    last_seen: BTreeMap<(FlagName, EnvironmentName), LastSeen>,
    unknown_flags: BTreeMap<(String, String, EnvironmentName), UnknownFlag>,
}

impl UsageBook {
    pub(super) fn add(&mut self, report: &UsageReport) {
        for it in &report.rows {
            let (flag, hour, environment, app) = it.key();
            let key = (flag.clone(), hour, environment.clone(), app.to_owned());
            put(&mut self.rows, key, it, UsageRow::add);
        }
        let seen = &report.sightings;
        for it in &seen.applications {
            let key = (it.app_name.clone(), it.environment.clone());
            put(&mut self.applications, key, it, Application::add);
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

    pub(super) fn rows(&self, query: &UsageQuery) -> Vec<UsageRow> {
        let matching = self.rows.values().filter(|row| query.matches(row));
        matching.cloned().collect()
    }

    pub(super) fn sightings(&self) -> Sightings {
        Sightings {
            applications: self.applications.values().cloned().collect(),
            instances: self.instances.values().cloned().collect(),
            last_seen: self.last_seen.values().cloned().collect(),
            unknown_flags: self.unknown_flags.values().cloned().collect(),
        }
    }

    pub(super) fn prune(&mut self, before: Timestamp, exists: &dyn Fn(&str) -> bool) -> usize {
        keep(&mut self.rows, |it| it.hour >= before)
            + keep(&mut self.applications, |it| it.last_seen >= before)
            + keep(&mut self.instances, |it| it.last_seen >= before)
            + keep(&mut self.unknown_flags, |it| it.last_seen >= before)
            + keep(&mut self.last_seen, |it| exists(it.flag.as_str()))
    }
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
