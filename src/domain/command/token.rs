//! Wishes about an API token.

/// Wishes about an API token.
#[derive(Clone, Debug)]
pub enum TokenCommand {}
