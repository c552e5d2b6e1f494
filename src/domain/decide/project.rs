//! Decides wishes about a project and the environments it uses.

use super::Circumstances;
use crate::domain::change::Draft;
use crate::domain::command::ProjectCommand;
use crate::domain::rejection::Rejection;

pub(super) fn carry_out(
    _draft: &mut Draft,
    wish: &ProjectCommand,
    _it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match *wish {}
}
