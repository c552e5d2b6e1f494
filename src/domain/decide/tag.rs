//! Decides wishes about a kind of tag, or the tags of flags.

use super::Circumstances;
use crate::domain::change::Draft;
use crate::domain::command::TagCommand;
use crate::domain::rejection::Rejection;

pub(super) fn carry_out(
    _draft: &mut Draft,
    wish: &TagCommand,
    _it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match *wish {}
}
