//! Wishes about a project and the environments it uses.

/// Wishes about a project and the environments it uses.
#[derive(Clone, Debug)]
pub enum ProjectCommand {}
