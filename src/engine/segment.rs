//! Segments, compiled once and shared by all strategies that name them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fault::Fault;
use super::operators::CompiledConstraint;
use crate::domain::names::SegmentId;
use crate::domain::segment::Segment;

/// The constraints of a segment, or why they cannot be evaluated.
#[derive(Debug)]
pub struct CompiledSegment(Result<Box<[Arc<CompiledConstraint>]>, Fault>);

impl CompiledSegment {
    /// Compiles the constraints of a segment.
    #[must_use]
    pub fn compile(segment: &Segment) -> Self {
        Self(
            segment
                .constraints
                .iter()
                .map(|it| CompiledConstraint::compile(it).map(Arc::new))
                .collect(),
        )
    }

    /// Why strategies with this segment cannot be evaluated.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.0.as_ref().err()
    }

    pub(super) fn constraints(&self) -> &[Arc<CompiledConstraint>] {
        self.0.as_deref().unwrap_or_default()
    }
}

/// Where compiling a flag finds the segments of its strategies.
pub trait SegmentSource {
    /// The segment of that number, if there is one.
    fn segment(&self, id: SegmentId) -> Option<Arc<CompiledSegment>>;
}

/// All segments of a state, compiled: the source to use when many flags are compiled.
#[derive(Clone, Default, Debug)]
pub struct CompiledSegments(BTreeMap<SegmentId, Arc<CompiledSegment>>);

impl CompiledSegments {
    /// Compiles all segments.
    pub fn new<'s>(segments: impl IntoIterator<Item = &'s Segment>) -> Self {
        let compile = |segment: &Segment| (segment.id, Arc::new(CompiledSegment::compile(segment)));
        Self(segments.into_iter().map(compile).collect())
    }
}

impl SegmentSource for CompiledSegments {
    fn segment(&self, id: SegmentId) -> Option<Arc<CompiledSegment>> {
        self.0.get(&id).map(Arc::clone)
    }
}

/// Compiles a segment each time it is asked for: convenient for a single flag.
impl SegmentSource for BTreeMap<SegmentId, Arc<Segment>> {
    fn segment(&self, id: SegmentId) -> Option<Arc<CompiledSegment>> {
        self.get(&id)
            .map(|segment| Arc::new(CompiledSegment::compile(segment)))
    }
}
