//! Decides wishes about a context field.

use super::Circumstances;
use crate::domain::change::Draft;
use crate::domain::command::ContextFieldCommand;
use crate::domain::rejection::Rejection;

pub(super) fn carry_out(
    _draft: &mut Draft,
    wish: &ContextFieldCommand,
    _it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match *wish {}
}
