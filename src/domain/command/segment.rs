//! Wishes about a segment.

/// Wishes about a segment.
#[derive(Clone, Debug)]
pub enum SegmentCommand {}
