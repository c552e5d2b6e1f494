//! Wishes about a flag's metadata and life: create, change, archive, revive, delete.

/// Wishes about a flag's metadata and life: create, change, archive, revive, delete.
#[derive(Clone, Debug)]
pub enum FlagCommand {}
