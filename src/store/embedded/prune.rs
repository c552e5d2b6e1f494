//! Forgetting what is old.

use std::collections::{BTreeMap, BTreeSet};

use redb::{Database, ReadableTable, ReadableTableMetadata, Table, WriteTransaction};
use serde::de::DeserializeOwned;

use super::codec::{decode, encode};
use super::fault::Fault;
use super::place::begin;
use super::tables::{
    APPLICATION, APPLICATION_CARD, CLIENT_INSTANCE, ENTITY, Json, LAST_SEEN, UNKNOWN_FLAG, USAGE,
};
use super::usage::Sight;
use crate::domain::state::EntityKey;
use crate::domain::time::Timestamp;
use crate::domain::usage::{
    Application, ApplicationCard, ClientInstance, Expiry, LastSeen, UnknownFlag, UsageRow, kept,
};

type UsageTable<'t> = Table<'t, (&'static str, i64, &'static str), Json>;

pub(super) fn prune(database: &Database, expiry: &Expiry) -> Result<usize, Fault> {
    let txn = begin(database)?;
    let (old, most) = (expiry.applications_before, expiry.most);
    let mut gone = prune_rows(&txn, expiry)?;
    gone += newest(&txn, APPLICATION, old, most, |it: &Application| {
        it.last_seen
    })?;
    gone += newest(&txn, APPLICATION_CARD, old, most, |it: &ApplicationCard| {
        it.changed_at
    })?;
    let old = expiry.instances_before;
    gone += newest(&txn, CLIENT_INSTANCE, old, most, |it: &ClientInstance| {
        it.last_seen
    })?;
    let old = expiry.unknown_before;
    gone += newest(&txn, UNKNOWN_FLAG, old, most, |it: &UnknownFlag| {
        it.last_seen
    })?;
    let entities = txn.open_table(ENTITY)?;
    gone += keep(&txn, LAST_SEEN, |it: &LastSeen| {
        let key = EntityKey::Flag(it.flag.clone()).to_text();
        Ok(entities.get(key.as_str())?.is_some())
    })?;
    drop(entities);
    txn.commit()?;
    Ok(gone)
}

pub(super) fn forget_application(database: &Database, app_name: &str) -> Result<(), Fault> {
    let txn = begin(database)?;
    keep(&txn, APPLICATION, |it: &Application| {
        Ok(it.app_name != app_name)
    })?;
    keep(&txn, APPLICATION_CARD, |it: &ApplicationCard| {
        Ok(it.app_name != app_name)
    })?;
    keep(&txn, CLIENT_INSTANCE, |it: &ClientInstance| {
        Ok(it.app_name != app_name)
    })?;
    Ok(txn.commit()?)
}

/// Adds up by day and forgets, flag by flag: what belongs to one flag is held in memory at a time.
fn prune_rows(txn: &WriteTransaction, expiry: &Expiry) -> Result<usize, Fault> {
    let mut table = txn.open_table(USAGE)?;
    let all = table.len()?;
    let mut flags = BTreeSet::new();
    for entry in table.iter()? {
        let (key, _) = entry?;
        let (flag, hour, _) = key.value();
        let hour = Timestamp::from_millis(hour);
        if expiry.place(hour) != Some(hour) && !flags.contains(flag) {
            flags.insert(flag.to_owned());
        }
    }
    for flag in &flags {
        prune_flag(&mut table, flag, expiry)?;
    }
    let gone = all.saturating_sub(table.len()?);
    Ok(usize::try_from(gone).unwrap_or(usize::MAX))
}

fn prune_flag(table: &mut UsageTable<'_>, flag: &str, expiry: &Expiry) -> Result<(), Fault> {
    let end = expiry.by_day_before.max(expiry.counts_before).as_millis();
    let mut days: BTreeMap<(i64, String), UsageRow> = BTreeMap::new();
    let mut old: Vec<(i64, String)> = Vec::new();
    for entry in table.range((flag, i64::MIN, "")..(flag, end, ""))? {
        let (key, json) = entry?;
        let (_, hour, rest) = key.value();
        let place = expiry.place(Timestamp::from_millis(hour));
        if place == Some(Timestamp::from_millis(hour)) {
            continue;
        }
        old.push((hour, rest.to_owned()));
        let Some(day) = place else {
            continue;
        };
        let mut row: UsageRow = decode("a usage row", json.value())?;
        row.hour = day;
        days.entry((day.as_millis(), rest.to_owned()))
            .and_modify(|sum| sum.add(&row))
            .or_insert(row);
    }
    for (hour, rest) in &old {
        table.remove((flag, *hour, rest.as_str()))?;
    }
    for ((day, rest), mut sum) in days {
        let key = (flag, day, rest.as_str());
        if let Some(json) = table.get(key)? {
            sum.add(&decode("a usage row", json.value())?);
        }
        let json = encode("a usage row", &sum)?;
        table.insert(key, json.as_slice())?;
    }
    Ok(())
}

/// Keeps what is not old, and no more than `most` of it.
fn newest<T: DeserializeOwned>(
    txn: &WriteTransaction,
    table: Sight,
    before: Timestamp,
    most: usize,
    at: impl Fn(&T) -> Timestamp,
) -> Result<usize, Fault> {
    let mut seen = Vec::new();
    for row in txn.open_table(table)?.iter()? {
        let (key, json) = row?;
        let value: T = decode(key.value(), json.value())?;
        seen.push((key.value().to_owned(), at(&value)));
    }
    let all: BTreeSet<String> = seen.iter().map(|(key, _)| key.clone()).collect();
    kept(&mut seen, before, most, |(_, at)| *at);
    let left: BTreeSet<String> = seen.into_iter().map(|(key, _)| key).collect();
    let mut table = txn.open_table(table)?;
    let mut gone = 0;
    for key in all.difference(&left) {
        table.remove(key.as_str())?;
        gone += 1;
    }
    Ok(gone)
}

fn keep<T: DeserializeOwned>(
    txn: &WriteTransaction,
    table: Sight,
    wanted: impl Fn(&T) -> Result<bool, Fault>,
) -> Result<usize, Fault> {
    let mut table: Table<'_, &str, Json> = txn.open_table(table)?;
    let mut gone = Vec::new();
    for row in table.iter()? {
        let (key, json) = row?;
        if !wanted(&decode(key.value(), json.value())?)? {
            gone.push(key.value().to_owned());
        }
    }
    for key in &gone {
        table.remove(key.as_str())?;
    }
    Ok(gone.len())
}
