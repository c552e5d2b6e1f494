//! Wishes about an environment of the instance.

use std::collections::BTreeMap;

use crate::domain::names::EnvironmentName;

/// Wishes about environments.
#[derive(Clone, Debug)]
pub enum EnvironmentCommand {
    /// Make an environment.
    Create {
        /// A name nobody has.
        name: EnvironmentName,
        /// The kind.
        kind: String,
        /// Its place in lists; none means the last.
        sort_order: Option<i32>,
        /// Whether new projects get it.
        enabled: bool,
        /// Whether it is protected against changes and deletion.
        protected: bool,
    },
    /// Change an environment; none leaves a field as it is.
    Change {
        /// The environment.
        name: String,
        /// The kind.
        kind: Option<String>,
        /// Its place in lists.
        sort_order: Option<i32>,
        /// Whether it is protected. A protected one changes only when this says that it no longer is.
        protected: Option<bool>,
    },
    /// Make an environment like another one, with all that projects and flags have there.
    Clone(CloneEnvironment),
    /// Offer it to projects, or stop offering it.
    Switch {
        /// The environment.
        name: String,
        /// Offered or not.
        enabled: bool,
    },
    /// Give environments other places in lists; unknown ones are skipped.
    Sort {
        /// Places by name.
        places: BTreeMap<String, i32>,
    },
    /// Delete an environment that no project uses.
    Delete {
        /// The environment.
        name: String,
    },
}

/// What an environment like another one is made from.
#[derive(Clone, Debug)]
pub struct CloneEnvironment {
    /// The other one.
    pub source: String,
    /// A name nobody has.
    pub name: EnvironmentName,
    /// The kind.
    pub kind: String,
    /// Projects that get it; none means all that use the other one.
    pub projects: Option<Vec<String>>,
    /// Whether roles allow the same there.
    pub permissions: bool,
}
