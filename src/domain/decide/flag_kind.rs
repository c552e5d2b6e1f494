//! Decides wishes about a kind of flag.

use super::Circumstances;
use crate::domain::change::Draft;
use crate::domain::command::FlagKindCommand;
use crate::domain::rejection::Rejection;

pub(super) fn carry_out(
    _draft: &mut Draft,
    wish: &FlagKindCommand,
    _it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match *wish {}
}
