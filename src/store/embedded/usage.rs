//! What SDKs reported.

use redb::{
    Database, ReadTransaction, ReadableTable, TableDefinition, TableError, WriteTransaction,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec::{decode, encode, joined};
use super::fault::Fault;
use super::place::begin;
use super::tables::{
    APPLICATION, APPLICATION_CARD, CLIENT_INSTANCE, Json, LAST_SEEN, UNKNOWN_FLAG, USAGE,
};
use crate::domain::time::Timestamp;
use crate::domain::usage::{
    Application, ApplicationCard, ClientInstance, LastSeen, Sightings, UnknownFlag, UsageQuery,
    UsageReport, UsageRow,
};

pub(super) type Sight = TableDefinition<'static, &'static str, Json>;

pub(super) fn add(database: &Database, report: &UsageReport) -> Result<(), Fault> {
    let txn = begin(database)?;
    add_to(&txn, report)?;
    Ok(txn.commit()?)
}

pub(super) fn add_to(txn: &WriteTransaction, report: &UsageReport) -> Result<(), Fault> {
    add_rows(txn, &report.rows)?;
    let seen = &report.sightings;
    put_all(
        txn,
        APPLICATION,
        &seen.applications,
        Application::add,
        |it| joined(&[&it.app_name, it.environment.as_str()]),
    )?;
    put_all(
        txn,
        APPLICATION_CARD,
        &seen.cards,
        ApplicationCard::add,
        |it| Ok(it.app_name.clone()),
    )?;
    put_all(
        txn,
        CLIENT_INSTANCE,
        &seen.instances,
        ClientInstance::add,
        |it| joined(&[&it.app_name, it.environment.as_str(), &it.instance_id]),
    )?;
    put_all(txn, LAST_SEEN, &seen.last_seen, LastSeen::add, |it| {
        joined(&[it.flag.as_str(), it.environment.as_str()])
    })?;
    put_all(
        txn,
        UNKNOWN_FLAG,
        &seen.unknown_flags,
        UnknownFlag::add,
        |it| joined(&[&it.name, &it.app_name, it.environment.as_str()]),
    )
}

fn add_rows(txn: &WriteTransaction, rows: &[UsageRow]) -> Result<(), Fault> {
    let mut table = txn.open_table(USAGE)?;
    for row in rows {
        let rest = joined(&[row.environment.as_str(), &row.app_name])?;
        let key = (row.flag.as_str(), row.hour.as_millis(), rest.as_str());
        let known = table
            .get(key)?
            .map(|json| decode("a usage row", json.value()));
        let sum = sum(known.transpose()?, row, UsageRow::add);
        table.insert(key, encode("a usage row", &sum)?.as_slice())?;
    }
    Ok(())
}

fn put_all<T: Clone + Serialize + DeserializeOwned>(
    txn: &WriteTransaction,
    table: Sight,
    reported: &[T],
    add: fn(&mut T, &T),
    key: fn(&T) -> Result<String, Fault>,
) -> Result<(), Fault> {
    let mut table = txn.open_table(table)?;
    for it in reported {
        let key = key(it)?;
        let known = table
            .get(key.as_str())?
            .map(|json| decode(&key, json.value()));
        let sum = sum(known.transpose()?, it, add);
        table.insert(key.as_str(), encode(&key, &sum)?.as_slice())?;
    }
    Ok(())
}

fn sum<T: Clone>(known: Option<T>, reported: &T, add: fn(&mut T, &T)) -> T {
    let Some(mut sum) = known else {
        return reported.clone();
    };
    add(&mut sum, reported);
    sum
}

pub(super) fn rows(txn: &ReadTransaction, query: &UsageQuery) -> Result<Vec<UsageRow>, Fault> {
    let table = txn.open_table(USAGE)?;
    let flag = query.flag.as_ref().map(|flag| flag.as_str());
    let from = query.from.map_or(i64::MIN, Timestamp::as_millis);
    let found = match flag {
        Some(flag) => table.range((flag, from, "")..)?,
        None => table.iter()?,
    };
    let app = query.app_name.as_deref().map(end_of_key).transpose()?;
    let mut rows: Vec<UsageRow> = Vec::new();
    for entry in found {
        let (key, json) = entry?;
        let (its_flag, its_hour, rest) = key.value();
        let past = query.to.is_some_and(|to| its_hour >= to.as_millis());
        if flag.is_some_and(|flag| flag != its_flag || past) {
            break;
        }
        // Most of what is not wanted is told by its key: its JSON need not be read.
        if past || its_hour < from || app.as_ref().is_some_and(|app| !rest.ends_with(app)) {
            continue;
        }
        let row = decode("a usage row", json.value())?;
        if query.matches(&row) {
            rows.push(row);
        }
    }
    // The order of the keys' JSON is not quite that of the texts.
    rows.sort_by(|a, b| a.key().cmp(&b.key()));
    Ok(rows)
}

/// How keys of rows of an application end.
fn end_of_key(app_name: &str) -> Result<String, Fault> {
    let alone = joined(&[app_name])?;
    Ok(alone.replacen('[', ",", 1))
}

pub(super) fn sightings(txn: &ReadTransaction) -> Result<Sightings, Fault> {
    let mut found = Sightings {
        applications: all(txn, APPLICATION)?,
        cards: all(txn, APPLICATION_CARD)?,
        instances: all(txn, CLIENT_INSTANCE)?,
        last_seen: all(txn, LAST_SEEN)?,
        unknown_flags: all(txn, UNKNOWN_FLAG)?,
    };
    found.sort();
    Ok(found)
}

fn all<T: DeserializeOwned>(txn: &ReadTransaction, table: Sight) -> Result<Vec<T>, Fault> {
    let mut found = Vec::new();
    let table = match txn.open_table(table) {
        Ok(table) => table,
        // It is made when something is first written to it.
        Err(TableError::TableDoesNotExist(_)) => return Ok(found),
        Err(error) => return Err(error.into()),
    };
    for row in table.iter()? {
        let (key, json) = row?;
        found.push(decode(key.value(), json.value())?);
    }
    Ok(found)
}
