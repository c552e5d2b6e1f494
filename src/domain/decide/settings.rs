//! Decides wishes about the run-time settings.

use super::Circumstances;
use crate::domain::change::Draft;
use crate::domain::command::SettingsCommand;
use crate::domain::rejection::Rejection;

pub(super) fn carry_out(
    _draft: &mut Draft,
    wish: &SettingsCommand,
    _it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match *wish {}
}
