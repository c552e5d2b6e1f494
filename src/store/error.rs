//! What can go wrong while remembering. Messages name the place and say what to do.

use std::error::Error;
use std::io;

use thiserror::Error;

use crate::domain::names::Revision;

/// Any error of the layers below, kept as a source.
pub type Cause = Box<dyn Error + Send + Sync>;

/// The store could not do what it was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// It cannot be reached at present; trying again may help.
    #[error("the store is not available: {what}")]
    Unavailable {
        /// What was tried, or what is missing.
        what: String,
        /// Why.
        #[source]
        source: Option<Cause>,
    },
    /// It holds something of ours that cannot be read. Nothing was changed.
    #[error("{place} is damaged and was left as it is: {what}. {remedy}")]
    Corrupt {
        /// The file or address.
        place: String,
        /// What was found.
        what: String,
        /// What to do about it.
        remedy: &'static str,
    },
    /// It holds something that is not ours. Nothing was changed.
    #[error(
        "{place} is not a store of this program and was left as it is: {what}. Move it away, or choose another place"
    )]
    Foreign {
        /// The file or address.
        place: String,
        /// What was found.
        what: String,
    },
    /// Another process owns it.
    #[error(
        "{place} is in use by another process. Stop that process, or choose another data directory"
    )]
    Locked {
        /// The file.
        place: String,
    },
    /// A newer version of this program wrote it. Nothing was changed.
    #[error(
        "{place} has store format {found}, and this version of the program reads formats up to {known}. Use the newer version that wrote it"
    )]
    NewerFormat {
        /// The file or address.
        place: String,
        /// Its format.
        found: u64,
        /// The newest format known here.
        known: u64,
    },
    /// It is to be filled and holds something already. Nothing was changed.
    #[error(
        "{place} is not empty, and filling it would mix two sets of flags. Choose another place, or move it away"
    )]
    NotEmpty {
        /// The file or address.
        place: String,
    },
    /// It was being filled with what another store held, and that has not ended.
    #[error(
        "{place} is incomplete: filling it from a backup or another store broke off, or is still going on. Restore or copy again, or move it away"
    )]
    Incomplete {
        /// The file or address.
        place: String,
    },
    /// A part to fill it with does not fit what came before. Nothing of that part was written.
    #[error("{place} cannot be filled: {what}")]
    Misfit {
        /// The file or address.
        place: String,
        /// What is wrong.
        what: &'static str,
    },
    /// The address or an option of it cannot be used. The address itself is not repeated: it may hold a password.
    #[error("the address of the store cannot be used: {what}")]
    Address {
        /// What is wrong with it.
        what: String,
    },
    /// It no longer holds what this node serves. Nothing was changed.
    #[error(
        "the store does not hold what this node serves: {what}. Nothing is written until an operator decides: `burgee store reseed` writes what this node serves, `burgee store adopt` takes what the store holds"
    )]
    Diverged {
        /// How the two differ.
        what: String,
    },
    /// The operating system refused.
    #[error("{place}: {doing} failed")]
    Io {
        /// The file or directory.
        place: String,
        /// What was being done.
        doing: &'static str,
        /// The refusal.
        #[source]
        source: io::Error,
    },
}

impl StoreError {
    /// Not available, without a deeper cause.
    pub fn unavailable(what: impl Into<String>) -> Self {
        Self::Unavailable {
            what: what.into(),
            source: None,
        }
    }
}

/// A change was not committed, and nothing was written.
#[derive(Debug, Error)]
pub enum CommitError {
    /// The store is not at the revision the change was decided on.
    #[error("the store is at revision {actual}")]
    Conflict {
        /// Where the store is.
        actual: Revision,
    },
    /// The change has no events or does not number them from its expected revision. A defect of the caller.
    #[error("the events of the change are not numbered from its expected revision")]
    Misnumbered,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
