//! Segments: constraints with a name, used by many strategies.

use serde::{Deserialize, Serialize};

use super::constraint::Constraint;
use super::names::{ProjectId, SegmentId};
use super::time::Timestamp;

/// A named list of constraints. A strategy that names it holds only where all of them hold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Segment {
    /// Never used twice.
    pub id: SegmentId,
    /// Unique in the instance.
    pub name: String,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// All must hold.
    pub constraints: Vec<Constraint>,
    /// When set, only strategies of this project may use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectId>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
}
