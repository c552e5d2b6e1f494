//! Decides wishes about a flag in one environment: its switch, strategies and variants.

use super::Circumstances;
use crate::domain::change::Draft;
use crate::domain::command::StrategyCommand;
use crate::domain::rejection::Rejection;

pub(super) fn carry_out(
    _draft: &mut Draft,
    wish: &StrategyCommand,
    _it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match *wish {}
}
