//! Decides wishes about a flag's metadata and life: create, change, archive, revive, delete.

use super::Circumstances;
use crate::domain::change::Draft;
use crate::domain::command::FlagCommand;
use crate::domain::rejection::Rejection;

pub(super) fn carry_out(
    _draft: &mut Draft,
    wish: &FlagCommand,
    _it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match *wish {}
}
