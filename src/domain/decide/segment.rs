//! Decides wishes about a segment.

use super::Circumstances;
use crate::domain::change::Draft;
use crate::domain::command::SegmentCommand;
use crate::domain::rejection::Rejection;

pub(super) fn carry_out(
    _draft: &mut Draft,
    wish: &SegmentCommand,
    _it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match *wish {}
}
