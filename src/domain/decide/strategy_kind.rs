//! Decides wishes about a kind of strategy.

use super::Circumstances;
use crate::domain::change::Draft;
use crate::domain::command::StrategyKindCommand;
use crate::domain::rejection::Rejection;

pub(super) fn carry_out(
    _draft: &mut Draft,
    wish: &StrategyKindCommand,
    _it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match *wish {}
}
