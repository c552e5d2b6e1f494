//! Decides wishes about the import of somebody else's configuration.

use super::Circumstances;
use crate::domain::change::Draft;
use crate::domain::command::ImportCommand;
use crate::domain::rejection::Rejection;

pub(super) fn carry_out(
    _draft: &mut Draft,
    wish: &ImportCommand,
    _it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match *wish {}
}
