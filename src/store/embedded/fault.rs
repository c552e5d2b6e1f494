//! From the database's errors to the store's.

use std::io;
use std::path::Path;

use crate::store::StoreError;

/// An error that does not know yet which file it is about.
#[derive(Debug)]
pub(super) enum Fault {
    Database(redb::Error),
    /// A value is not what it should be.
    Value {
        what: String,
        source: serde_json::Error,
    },
    Foreign(String),
    NewerFormat {
        found: u64,
        known: u64,
    },
    Closed,
    /// Nobody receives any more what is given away: no error of whoever gives it.
    Unheard,
    NotEmpty,
    Incomplete,
    Misfit(&'static str),
}

macro_rules! from_database {
    ($($error:ty),*) => {
        $(impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                Self::Database(error.into())
            }
        })*
    };
}

from_database!(
    redb::DatabaseError,
    redb::TransactionError,
    redb::TableError,
    redb::StorageError,
    redb::CommitError,
    redb::SetDurabilityError
);

const RESTORE: &str = "Restore a backup, or move the file away to begin with an empty store";

impl Fault {
    pub(super) fn at(self, file: &Path) -> StoreError {
        let place = file.display().to_string();
        match self {
            Self::Database(error) => database(error, place),
            Self::Value { what, source } => corrupt(place, format!("{what}: {source}")),
            Self::Foreign(what) => StoreError::Foreign { place, what },
            Self::NewerFormat { found, known } => StoreError::NewerFormat {
                place,
                found,
                known,
            },
            Self::NotEmpty => StoreError::NotEmpty { place },
            Self::Incomplete => StoreError::Incomplete { place },
            Self::Misfit(what) => StoreError::Misfit { place, what },
            Self::Unheard => StoreError::unavailable(format!("nobody receives what {place} holds")),
            Self::Closed => StoreError::unavailable(format!("{place} has been closed")),
        }
    }
}

pub(super) fn corrupt(place: String, what: impl Into<String>) -> StoreError {
    StoreError::Corrupt {
        place,
        what: what.into(),
        remedy: RESTORE,
    }
}

pub(super) fn io(file: &Path, doing: &'static str, source: io::Error) -> StoreError {
    StoreError::Io {
        place: file.display().to_string(),
        doing,
        source,
    }
}

fn database(error: redb::Error, place: String) -> StoreError {
    use redb::Error;
    match error {
        Error::DatabaseAlreadyOpen | Error::LockProtocolMismatch => StoreError::Locked { place },
        Error::TableDoesNotExist(_)
        | Error::TableTypeMismatch { .. }
        | Error::TableIsMultimap(_)
        | Error::TypeDefinitionChanged { .. }
        | Error::UpgradeRequired(_) => StoreError::Foreign {
            place,
            what: format!("it is a redb database of another kind ({error})"),
        },
        Error::Corrupted(what) => corrupt(place, what),
        Error::RepairAborted => corrupt(place, "it cannot be repaired"),
        Error::Io(source) if source.kind() == io::ErrorKind::UnexpectedEof => {
            corrupt(place, "it ends too early")
        }
        Error::Io(source) => StoreError::Io {
            place,
            doing: "reading or writing",
            source,
        },
        other => StoreError::Unavailable {
            what: place,
            source: Some(Box::new(other)),
        },
    }
}
