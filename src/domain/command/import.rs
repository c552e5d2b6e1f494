//! Wishes about the import of somebody else's configuration.

/// Wishes about the import of somebody else's configuration.
#[derive(Clone, Debug)]
pub enum ImportCommand {}
