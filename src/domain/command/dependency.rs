//! Wishes about what a flag depends on.

/// Wishes about what a flag depends on.
#[derive(Clone, Debug)]
pub enum DependencyCommand {}
