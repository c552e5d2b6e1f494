//! Wishes about an environment of the instance.

/// Wishes about an environment of the instance.
#[derive(Clone, Debug)]
pub enum EnvironmentCommand {}
