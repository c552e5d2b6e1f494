//! What became of telling addons about events.

use redb::{Database, ReadTransaction, ReadableTable, TableError};

use super::codec::{decode, encode};
use super::fault::Fault;
use super::place::begin;
use super::tables::DELIVERY;
use crate::domain::delivery::{DELIVERIES_KEPT, Delivery};
use crate::domain::names::AddonId;

pub(super) fn add(database: &Database, delivery: &Delivery) -> Result<(), Fault> {
    let txn = begin(database)?;
    let mut table = txn.open_table(DELIVERY)?;
    let last = table.last()?.map(|(id, _)| id.value());
    let id = last.map_or(1, |id| id.saturating_add(1));
    let numbered = Delivery {
        id,
        ..delivery.clone()
    };
    table.insert(id, encode("a delivery", &numbered)?.as_slice())?;
    let mut own = Vec::new();
    for row in table.iter()? {
        let (id, json) = row?;
        let known: Delivery = decode("a delivery", json.value())?;
        if known.addon == delivery.addon {
            own.push(id.value());
        }
    }
    let too_many = own.len().saturating_sub(DELIVERIES_KEPT);
    for id in own.iter().take(too_many) {
        table.remove(id)?;
    }
    drop(table);
    Ok(txn.commit()?)
}

pub(super) fn of_addon(txn: &ReadTransaction, addon: AddonId) -> Result<Vec<Delivery>, Fault> {
    let table = match txn.open_table(DELIVERY) {
        Ok(table) => table,
        Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut found = Vec::new();
    for row in table.iter()?.rev() {
        let (_, json) = row?;
        let delivery: Delivery = decode("a delivery", json.value())?;
        if delivery.addon == addon {
            found.push(delivery);
        }
    }
    Ok(found)
}
