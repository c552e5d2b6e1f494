//! Wishes about a flag's metadata and life: create, change, archive, revive, delete.

use std::collections::BTreeSet;

use crate::domain::flag::{Completion, Tag};
use crate::domain::names::{FlagKindId, FlagName};
use crate::domain::time::Timestamp;

/// Where a caller says a flag is. Nothing about it has been checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FlagAddress {
    /// The project.
    pub project: String,
    /// The flag.
    pub name: String,
}

/// A flag to be made.
#[derive(Clone, Debug)]
pub struct NewFlag {
    /// The project it is made in.
    pub project: String,
    /// A name nobody has.
    pub name: FlagName,
    /// The kind.
    pub kind: FlagKindId,
    /// For people.
    pub description: Option<String>,
    /// Whether SDKs tell the application about each evaluation.
    pub impression_data: bool,
    /// Marked for removal from the beginning.
    pub stale: bool,
    /// Archived from the beginning: the name is taken, nothing is served.
    pub archived: bool,
    /// When it was made elsewhere; none means now.
    pub created_at: Option<Timestamp>,
    /// Labels.
    pub tags: BTreeSet<Tag>,
}

/// What is to be different about a flag; none leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct FlagChange {
    /// The kind.
    pub kind: Option<FlagKindId>,
    /// For people; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// Whether SDKs tell the application about each evaluation.
    pub impression_data: Option<bool>,
    /// Marked for removal.
    pub stale: Option<bool>,
    /// Archived.
    pub archived: Option<bool>,
    /// Tell of a changed mark in an event of its own, as the reference does for patches only.
    pub announce_stale: bool,
}

/// Wishes about flags.
#[derive(Clone, Debug)]
pub enum FlagCommand {
    /// Make a flag.
    Create(NewFlag),
    /// Change metadata. Archived flags can be changed too.
    Change {
        /// The flag.
        at: FlagAddress,
        /// The difference.
        change: FlagChange,
    },
    /// Make a flag like another one, switched off everywhere.
    Clone {
        /// The flag to copy.
        source: FlagAddress,
        /// The name of the copy.
        name: FlagName,
        /// Whether strategies are grouped by the new name, so that the copy reaches other users.
        replace_group_id: bool,
    },
    /// Archive a flag that must exist.
    Archive(FlagAddress),
    /// Archive those flags of a project that exist and are live.
    ArchiveAll {
        /// The project all of them must be in.
        project: String,
        /// The flags; unknown ones are skipped.
        names: Vec<String>,
    },
    /// Say that a flag has done its work, or, with nothing, that it has not.
    Complete(FlagAddress, Option<Completion>),
    /// Bring back a flag that must exist, switched off everywhere.
    Revive {
        /// The flag.
        name: String,
    },
    /// Bring back those flags of a project that are archived, switched off everywhere.
    ReviveAll {
        /// The project.
        project: String,
        /// The flags; unknown and live ones are skipped.
        names: Vec<String>,
    },
    /// Delete those flags for ever that are archived.
    Delete {
        /// The project, when the caller named one.
        project: Option<String>,
        /// The flags; unknown and live ones are skipped.
        names: Vec<String>,
    },
    /// Set or take away the mark for removal.
    MarkStale {
        /// The project all of them must be in.
        project: String,
        /// The flags; unknown ones are skipped.
        names: Vec<String>,
        /// The mark.
        stale: bool,
    },
}
