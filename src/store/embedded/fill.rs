//! Giving everything away, and taking it over.

use std::sync::Arc;

use redb::{
    Database, Key, ReadTransaction, ReadableTable, ReadableTableMetadata, TableDefinition,
    TableError, Value, WriteTransaction,
};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::Sender;

use super::codec::{decode, encode};
use super::fault::Fault;
use super::place::begin;
use super::tables::{
    APPLICATION, APPLICATION_CARD, CHANGE, CLIENT_INSTANCE, DELIVERY, ENTITY, EVENT, Json,
    LAST_SEEN, META, UNKNOWN_FLAG, USAGE,
};
use super::{log, upgrade, usage};
use crate::domain::delivery::Delivery;
use crate::domain::event::Event;
use crate::domain::names::Revision;
use crate::domain::usage::{Sightings, UsageReport};
use crate::store::contents::{are_in_order, pieces};
use crate::store::{Origin, PART_LENGTH, Part};

/// A part is also cut off when it has this many bytes of JSON, so that large events do not fill the memory.
const PART_SIZE: usize = 1 << 20;

/// Sends everything that is committed in `txn`. Blocks while the receiver is busy.
pub(super) fn read_out(txn: &ReadTransaction, parts: &Sender<Part>) -> Result<(), Fault> {
    match send_all(txn, parts) {
        Err(Fault::Unheard) => Ok(()),
        done => done,
    }
}

fn send_all(txn: &ReadTransaction, parts: &Sender<Part>) -> Result<(), Fault> {
    let state = log::load(txn)?;
    send(
        parts,
        Part::Begin(Origin {
            instance: state.instance.as_ref().map(|it| it.id.clone()),
            revision: state.revision,
        }),
    )?;
    for piece in pieces(state.entities()) {
        send(parts, Part::Entities(piece))?;
    }
    drop(state);
    send_table(txn, EVENT, parts, Part::Events)?;
    send_table(txn, USAGE, parts, Part::Usage)?;
    for part in Part::of_sightings(usage::sightings(txn)?) {
        send(parts, part)?;
    }
    send_table(txn, DELIVERY, parts, Part::Deliveries)?;
    send(parts, Part::End)
}

fn send(parts: &Sender<Part>, part: Part) -> Result<(), Fault> {
    parts.blocking_send(part).map_err(|_| Fault::Unheard)
}

fn send_table<K: Key + 'static, T: DeserializeOwned>(
    txn: &ReadTransaction,
    table: TableDefinition<'static, K, Json>,
    parts: &Sender<Part>,
    wrap: fn(Vec<T>) -> Part,
) -> Result<(), Fault> {
    let table = match txn.open_table(table) {
        Ok(table) => table,
        // It is made when something is first written to it.
        Err(TableError::TableDoesNotExist(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let (mut piece, mut size) = (Vec::new(), 0);
    for row in table.iter()? {
        let (_, json) = row?;
        size += json.value().len();
        piece.push(decode("a row", json.value())?);
        if piece.len() >= PART_LENGTH || size >= PART_SIZE {
            send(parts, wrap(std::mem::take(&mut piece)))?;
            size = 0;
        }
    }
    if piece.is_empty() {
        return Ok(());
    }
    send(parts, wrap(piece))
}

/// Takes a part. With the last one the store is whole, and its revision is said.
pub(super) fn fill(database: &Database, part: Part) -> Result<Option<Revision>, Fault> {
    let txn = begin(database)?;
    let filling = upgrade::filling(&txn.open_table(META)?)?;
    let mut done = None;
    match (part, filling) {
        (Part::Begin(origin), filling) => start(&txn, &origin, filling.is_some())?,
        (_, None) => return Err(Fault::Misfit("it has not been begun")),
        (Part::Entities(entities), _) => log::write_entities(&txn, &[], &entities)?,
        (Part::Events(events), Some(revision)) => write_events(&txn, &events, revision)?,
        (Part::Usage(rows), _) => {
            let sightings = Sightings::default();
            usage::add_to(&txn, &UsageReport { rows, sightings })?;
        }
        (Part::Sightings(sightings), _) => {
            let rows = Vec::new();
            usage::add_to(&txn, &UsageReport { rows, sightings })?;
        }
        (Part::Deliveries(deliveries), _) => write_deliveries(&txn, &deliveries)?,
        (Part::End, Some(revision)) => {
            upgrade::end_filling(&txn, revision)?;
            done = Some(revision);
        }
    }
    txn.commit()?;
    Ok(done)
}

fn start(txn: &WriteTransaction, origin: &Origin, again: bool) -> Result<(), Fault> {
    if again {
        clear(txn)?;
    } else if !is_empty(txn)? {
        return Err(Fault::NotEmpty);
    }
    upgrade::begin_filling(txn, origin.revision)
}

/// Leaves a store that is as empty as a new one.
fn clear(txn: &WriteTransaction) -> Result<(), Fault> {
    txn.delete_table(ENTITY)?;
    txn.delete_table(EVENT)?;
    txn.delete_table(CHANGE)?;
    txn.delete_table(USAGE)?;
    txn.delete_table(APPLICATION)?;
    txn.delete_table(APPLICATION_CARD)?;
    txn.delete_table(CLIENT_INSTANCE)?;
    txn.delete_table(LAST_SEEN)?;
    txn.delete_table(UNKNOWN_FLAG)?;
    txn.delete_table(DELIVERY)?;
    upgrade::found(txn)
}

fn is_empty(txn: &WriteTransaction) -> Result<bool, Fault> {
    Ok(holds_nothing(txn, ENTITY)?
        && holds_nothing(txn, EVENT)?
        && holds_nothing(txn, USAGE)?
        && holds_nothing(txn, APPLICATION)?
        && holds_nothing(txn, APPLICATION_CARD)?
        && holds_nothing(txn, CLIENT_INSTANCE)?
        && holds_nothing(txn, LAST_SEEN)?
        && holds_nothing(txn, UNKNOWN_FLAG)?
        && holds_nothing(txn, DELIVERY)?)
}

fn holds_nothing<K: Key + 'static, V: Value + 'static>(
    txn: &WriteTransaction,
    table: TableDefinition<'static, K, V>,
) -> Result<bool, Fault> {
    Ok(txn.open_table(table)?.is_empty()?)
}

fn write_events(
    txn: &WriteTransaction,
    events: &[Arc<Event>],
    revision: Revision,
) -> Result<(), Fault> {
    let mut table = txn.open_table(EVENT)?;
    let last = table.last()?.map_or(0, |(id, _)| id.value());
    if !are_in_order(events, Revision(last), revision) {
        return Err(Fault::Misfit("the events are not in order"));
    }
    for event in events {
        table.insert(event.id.0, encode("an event", event)?.as_slice())?;
    }
    Ok(())
}

fn write_deliveries(txn: &WriteTransaction, deliveries: &[Delivery]) -> Result<(), Fault> {
    let mut table = txn.open_table(DELIVERY)?;
    for delivery in deliveries {
        table.insert(delivery.id, encode("a delivery", delivery)?.as_slice())?;
    }
    Ok(())
}
