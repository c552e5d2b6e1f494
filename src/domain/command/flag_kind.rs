//! Wishes about a kind of flag.

/// Wishes about a kind of flag.
#[derive(Clone, Debug)]
pub enum FlagKindCommand {}
