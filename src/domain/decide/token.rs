//! Decides wishes about an API token.

use super::Circumstances;
use crate::domain::change::Draft;
use crate::domain::command::TokenCommand;
use crate::domain::rejection::Rejection;

pub(super) fn carry_out(
    _draft: &mut Draft,
    wish: &TokenCommand,
    _it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match *wish {}
}
