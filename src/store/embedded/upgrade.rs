//! What the file says about itself, and how older files become newer ones.

use redb::{Database, ReadableDatabase, ReadableTable, WriteTransaction};
use serde::{Deserialize, Serialize};

use super::codec::{decode, encode};
use super::fault::Fault;
use super::tables::{
    APPLICATION, CHANGE, CLIENT_INSTANCE, ENTITY, EVENT, LAST_SEEN, META, UNKNOWN_FLAG, USAGE,
};
use crate::domain::names::Revision;

/// The format this version writes. It reads every format up to this one.
///
/// A new format needs: this number raised, a step in this module, and a file of the format before in
/// `fixtures/stores`.
pub(super) const FORMAT: u64 = 1;

const PRODUCT: &str = "burgee";
const ABOUT: &str = "about";
const REVISION: &str = "revision";

/// What the file is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct About {
    product: String,
    format: u64,
    /// Of the instance that lives here; none before its first start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// The revision it will be at when it has been filled with what another store held. Until then it has no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filling: Option<Revision>,
}

/// Writes what an empty store contains.
pub(super) fn found(txn: &WriteTransaction) -> Result<(), Fault> {
    txn.open_table(ENTITY)?;
    txn.open_table(EVENT)?;
    txn.open_table(CHANGE)?;
    txn.open_table(USAGE)?;
    txn.open_table(APPLICATION)?;
    txn.open_table(CLIENT_INSTANCE)?;
    txn.open_table(LAST_SEEN)?;
    txn.open_table(UNKNOWN_FLAG)?;
    write_about(
        txn,
        &About {
            product: PRODUCT.into(),
            format: FORMAT,
            instance: None,
            filling: None,
        },
    )?;
    write_revision(txn, Revision::EMPTY)
}

/// Refuses what is not ours or from the future, without writing.
pub(super) fn check(database: &Database) -> Result<(), Fault> {
    let txn = database.begin_read()?;
    let about = read_about(&txn.open_table(META)?)?;
    if about.filling.is_none() {
        read_revision(&txn.open_table(META)?)?;
    }
    if about.product != PRODUCT {
        return Err(Fault::Foreign(format!(
            "it belongs to the program {:?}",
            about.product
        )));
    }
    if about.format > FORMAT {
        return Err(Fault::NewerFormat {
            found: about.format,
            known: FORMAT,
        });
    }
    Ok(())
}

/// Notes which instance lives here.
pub(super) fn name_instance(txn: &WriteTransaction, id: &str) -> Result<(), Fault> {
    let mut about = read_about(&txn.open_table(META)?)?;
    about.instance = Some(id.to_owned());
    write_about(txn, &about)
}

/// The revision it will be at, if it is being filled.
pub(super) fn filling(
    meta: &impl ReadableTable<&'static str, &'static [u8]>,
) -> Result<Option<Revision>, Fault> {
    Ok(read_about(meta)?.filling)
}

/// From here on it is nothing but a place to fill: without a revision, versions that know nothing of filling refuse
/// it, too.
pub(super) fn begin_filling(txn: &WriteTransaction, revision: Revision) -> Result<(), Fault> {
    let mut about = read_about(&txn.open_table(META)?)?;
    about.filling = Some(revision);
    txn.open_table(META)?.remove(REVISION)?;
    write_about(txn, &about)
}

/// It is whole.
pub(super) fn end_filling(txn: &WriteTransaction, revision: Revision) -> Result<(), Fault> {
    let mut about = read_about(&txn.open_table(META)?)?;
    about.filling = None;
    write_about(txn, &about)?;
    write_revision(txn, revision)
}

pub(super) fn read_revision(
    meta: &impl ReadableTable<&'static str, &'static [u8]>,
) -> Result<Revision, Fault> {
    let Some(value) = meta.get(REVISION)? else {
        return Err(Fault::Foreign("it has no revision".into()));
    };
    decode("the revision", value.value())
}

pub(super) fn write_revision(txn: &WriteTransaction, revision: Revision) -> Result<(), Fault> {
    let json = encode(REVISION, &revision)?;
    txn.open_table(META)?.insert(REVISION, json.as_slice())?;
    Ok(())
}

fn read_about(meta: &impl ReadableTable<&'static str, &'static [u8]>) -> Result<About, Fault> {
    let Some(value) = meta.get(ABOUT)? else {
        return Err(Fault::Foreign(
            "it does not say which program it belongs to".into(),
        ));
    };
    decode("the description of the file", value.value())
}

fn write_about(txn: &WriteTransaction, about: &About) -> Result<(), Fault> {
    let json = encode(ABOUT, about)?;
    txn.open_table(META)?.insert(ABOUT, json.as_slice())?;
    Ok(())
}
