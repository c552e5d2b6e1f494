//! Wishes about a segment.

use crate::domain::constraint::Constraint;
use crate::domain::names::{EnvironmentName, ProjectId, SegmentId, StrategyId};

/// Wishes about a segment.
#[derive(Clone, Debug)]
pub enum SegmentCommand {
    /// Make one.
    Create(SegmentWish),
    /// Change one.
    Update(SegmentId, SegmentWish),
    /// Delete one that no flag uses.
    Delete(SegmentId),
    /// Say which segments a strategy uses.
    Assign(SegmentAssignment),
}

/// What a segment shall be.
#[derive(Clone, Debug)]
pub struct SegmentWish {
    /// Its name.
    pub name: String,
    /// Its description; `None` keeps the one it has.
    pub description: Option<Option<String>>,
    /// The project it is for; all of them when `None`.
    pub project: Option<ProjectId>,
    /// Its constraints.
    pub constraints: Vec<Constraint>,
}

/// Which segments a strategy shall use.
#[derive(Clone, Debug)]
pub struct SegmentAssignment {
    /// The project of the flag the strategy belongs to.
    pub project: ProjectId,
    /// The environment the strategy is for.
    pub environment: EnvironmentName,
    /// The strategy.
    pub strategy: StrategyId,
    /// Its segments from now on.
    pub segments: Vec<SegmentId>,
}
