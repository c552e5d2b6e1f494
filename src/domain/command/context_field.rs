//! Wishes about a context field.

use crate::domain::context_field::LegalValue;
use crate::domain::names::{ContextFieldName, ProjectId};

/// Wishes about a context field.
#[derive(Clone, Debug)]
pub enum ContextFieldCommand {
    /// Make one.
    Create {
        /// Its name.
        name: ContextFieldName,
        /// The project it is for; all of them when `None`.
        project: Option<ProjectId>,
        /// The rest.
        wish: ContextFieldWish,
    },
    /// Change one. What the wish leaves out goes to its default, but for the description, which is kept.
    Update(ContextFieldTarget, ContextFieldWish),
    /// Delete one that no flag uses.
    Delete(ContextFieldTarget),
    /// Add a legal value, or change its description.
    PutLegalValue(ContextFieldTarget, LegalValue),
    /// Remove a legal value.
    RemoveLegalValue(ContextFieldTarget, String),
}

/// A context field, named alone or through the project it belongs to.
#[derive(Clone, Debug)]
pub struct ContextFieldTarget {
    /// Its name.
    pub name: String,
    /// When set, a field of another project, or of all of them, is not found.
    pub project: Option<ProjectId>,
}

/// What a context field shall be.
#[derive(Clone, Debug, Default)]
pub struct ContextFieldWish {
    /// Its description; `None` keeps the one it has.
    pub description: Option<String>,
    /// Whether rollouts may stick to it.
    pub stickiness: bool,
    /// Smaller comes first.
    pub sort_order: i32,
    /// Values offered.
    pub legal_values: Vec<LegalValue>,
}
