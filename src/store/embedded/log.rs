//! Entities, changes and events.

use std::sync::Arc;

use redb::{
    Database, ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTable,
    ReadableTableMetadata, WriteTransaction,
};

use super::codec::{decode, encode};
use super::fault::Fault;
use super::place::begin;
use super::tables::{CHANGE, ENTITY, EVENT, Json, META};
use super::upgrade::{filling, name_instance, read_revision, write_revision};
use crate::domain::change::Change;
use crate::domain::event::Event;
use crate::domain::names::Revision;
use crate::domain::state::{Entity, EntityKey, State};
use crate::store::change_record::{ChangeRecord, ChangeRecordRef};
use crate::store::search::Search;
use crate::store::{CHANGES_KEPT, CommitError, EventOrder, EventPage, EventQuery, check_order};

/// None while it is being filled.
pub(super) fn revision(database: &Database) -> Result<Option<Revision>, Fault> {
    let txn = database.begin_read()?;
    let meta = txn.open_table(META)?;
    if filling(&meta)?.is_some() {
        return Ok(None);
    }
    read_revision(&meta).map(Some)
}

pub(super) fn load(txn: &ReadTransaction) -> Result<State, Fault> {
    let mut state = State::default();
    for row in txn.open_table(ENTITY)?.iter()? {
        let (key, json) = row?;
        state.put(decode(key.value(), json.value())?);
    }
    state.revision = read_revision(&txn.open_table(META)?)?;
    Ok(state)
}

/// The outer error is the file's, the inner one the change's.
pub(super) fn commit(
    database: &Database,
    change: &Change,
) -> Result<Result<Revision, CommitError>, Fault> {
    let txn = begin(database)?;
    let at = read_revision(&txn.open_table(META)?)?;
    if let Err(refused) = check_order(change, at) {
        return Ok(Err(refused));
    }
    write_entities(&txn, &change.delete, &change.put)?;
    write_log(&txn, change)?;
    write_revision(&txn, change.revision())?;
    txn.commit()?;
    Ok(Ok(change.revision()))
}

pub(super) fn write_entities(
    txn: &WriteTransaction,
    delete: &[EntityKey],
    put: &[Entity],
) -> Result<(), Fault> {
    let mut entities = txn.open_table(ENTITY)?;
    for key in delete {
        entities.remove(key.to_text().as_str())?;
    }
    for entity in put {
        let key = entity.key().to_text();
        entities.insert(key.as_str(), encode(&key, entity)?.as_slice())?;
        if let Entity::Instance(instance) = entity {
            name_instance(txn, &instance.id)?;
        }
    }
    Ok(())
}

fn write_log(txn: &WriteTransaction, change: &Change) -> Result<(), Fault> {
    let mut events = txn.open_table(EVENT)?;
    for event in &change.events {
        events.insert(event.id.0, encode("an event", event)?.as_slice())?;
    }
    let mut changes = txn.open_table(CHANGE)?;
    let record = encode("a change", &ChangeRecordRef::from(change))?;
    changes.insert(change.revision().0, record.as_slice())?;
    let kept = u64::try_from(CHANGES_KEPT).unwrap_or(u64::MAX);
    while changes.len()? > kept {
        changes.pop_first()?;
    }
    Ok(())
}

pub(super) fn changes_after(
    txn: &ReadTransaction,
    from: Revision,
    limit: usize,
) -> Result<Vec<Arc<Change>>, Fault> {
    let changes = txn.open_table(CHANGE)?;
    let log = txn.open_table(EVENT)?;
    let mut found = Vec::new();
    for row in changes.range(from.plus(1).0..)?.take(limit) {
        let (revision, json) = row?;
        let record: ChangeRecord = decode("a change", json.value())?;
        let mut events = Vec::new();
        for row in log.range(record.expected.plus(1).0..=revision.value())? {
            events.push(decode("an event", row?.1.value())?);
        }
        found.push(Arc::new(record.with(events)));
    }
    Ok(found)
}

pub(super) fn events(txn: &ReadTransaction, query: &EventQuery) -> Result<EventPage, Fault> {
    let log = txn.open_table(EVENT)?;
    let rows = log.iter()?;
    match (query.order, query.wants_everything()) {
        (EventOrder::OldestFirst, true) => cut(&log, rows, query),
        (EventOrder::NewestFirst, true) => cut(&log, rows.rev(), query),
        (EventOrder::OldestFirst, false) => search(rows, query),
        (EventOrder::NewestFirst, false) => search(rows.rev(), query),
    }
}

type Row<'a> =
    Result<(redb::AccessGuard<'a, u64>, redb::AccessGuard<'a, Json>), redb::StorageError>;

/// A page of all events: only what is on it is read.
fn cut<'a>(
    log: &ReadOnlyTable<u64, Json>,
    rows: impl Iterator<Item = Row<'a>>,
    query: &EventQuery,
) -> Result<EventPage, Fault> {
    let mut page = EventPage {
        total: usize::try_from(log.len()?).unwrap_or(usize::MAX),
        ..EventPage::default()
    };
    for row in rows.skip(query.offset).take(query.limit) {
        let event: Event = decode("an event", row?.1.value())?;
        page.events.push(Arc::new(event));
    }
    Ok(page)
}

/// Looks at each event.
fn search<'a>(rows: impl Iterator<Item = Row<'a>>, query: &EventQuery) -> Result<EventPage, Fault> {
    let mut search = Search::new(query);
    for row in rows {
        let (id, json) = row?;
        search
            .look_at(json.value())
            .map_err(|source| Fault::Value {
                what: format!("event {}", id.value()),
                source,
            })?;
    }
    Ok(search.into_page())
}
