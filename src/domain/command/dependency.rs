//! Wishes about what a flag depends on.

use super::FlagAddress;

/// Wishes about what a flag depends on.
#[derive(Clone, Debug)]
pub enum DependencyCommand {
    /// Let a flag depend on another one, instead of the one it depended on so far.
    Set {
        /// The flag that will depend.
        child: FlagAddress,
        /// The flag it will depend on.
        parent: String,
        /// Whether the parent must be on or off.
        enabled: bool,
        /// The variants one of which the parent must resolve to; none when the caller did not say.
        variants: Option<Vec<String>>,
    },
    /// Remove one dependency.
    Remove {
        /// The flag that depends.
        child: FlagAddress,
        /// The flag it depends on.
        parent: String,
    },
    /// Remove all dependencies.
    RemoveAll {
        /// The flag that depends.
        child: FlagAddress,
    },
}
