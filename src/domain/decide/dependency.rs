//! Decides wishes about what a flag depends on.

use super::Circumstances;
use crate::domain::change::Draft;
use crate::domain::command::DependencyCommand;
use crate::domain::rejection::Rejection;

pub(super) fn carry_out(
    _draft: &mut Draft,
    wish: &DependencyCommand,
    _it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match *wish {}
}
