//! Environments: where applications run.

use serde::{Deserialize, Serialize};

use super::names::EnvironmentName;

/// An environment such as `stage` or `production`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Environment {
    /// Unique in the instance.
    pub name: EnvironmentName,
    /// `development`, `test`, `preproduction`, `production` or any other word.
    pub kind: String,
    /// Smaller comes first in lists.
    pub sort_order: i32,
    /// A disabled environment is not offered to new projects; flags and tokens keep working.
    pub enabled: bool,
    /// Protected environments cannot be changed or deleted.
    #[serde(default)]
    pub protected: bool,
}
