//! Wishes about a context field.

/// Wishes about a context field.
#[derive(Clone, Debug)]
pub enum ContextFieldCommand {}
