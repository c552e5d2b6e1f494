//! Decides wishes about an environment of the instance.

use super::Circumstances;
use crate::domain::change::Draft;
use crate::domain::command::EnvironmentCommand;
use crate::domain::rejection::Rejection;

pub(super) fn carry_out(
    _draft: &mut Draft,
    wish: &EnvironmentCommand,
    _it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match *wish {}
}
