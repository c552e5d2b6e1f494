//! Wishes about links of a flag to pages about it.

use super::FlagAddress;

/// Wishes about links of a flag to pages about it.
#[derive(Clone, Debug)]
pub enum LinkCommand {
    /// Add one.
    Add {
        /// The flag.
        at: FlagAddress,
        /// Where it leads.
        url: String,
        /// What it is called.
        title: Option<String>,
    },
    /// Change one.
    Change {
        /// The flag.
        at: FlagAddress,
        /// The link.
        id: String,
        /// Where it leads.
        url: String,
        /// What it is called.
        title: Option<String>,
    },
    /// Remove one.
    Remove {
        /// The flag.
        at: FlagAddress,
        /// The link.
        id: String,
    },
}
