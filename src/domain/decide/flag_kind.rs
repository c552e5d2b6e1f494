//! Decides wishes about a kind of flag.

use std::sync::Arc;

use super::Circumstances;
use crate::domain::change::Draft;
use crate::domain::command::FlagKindCommand;
use crate::domain::document;
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::flag::FlagKind;
use crate::domain::rejection::Rejection;
use crate::domain::state::Entity;

pub(super) fn carry_out(
    draft: &mut Draft,
    wish: &FlagKindCommand,
    _it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let FlagKindCommand::SetLifetime { id, days } = wish;
    let Some(before) = draft.state().flag_kinds.get(id.as_str()).map(Arc::clone) else {
        return Err(Rejection::NotFound(format!(
            "The feature type you tried to update (\"{id}\") does not exist."
        )));
    };
    let after = FlagKind {
        lifetime_days: days.filter(|days| *days > 0),
        ..(*before).clone()
    };
    if after == *before {
        return Ok(());
    }
    let mut event = NewEvent::new(EventKind::FeatureTypeUpdated);
    event.pre_data = Some(document::flag_kind(&before));
    event.data = Some(document::flag_kind(&after));
    draft.put(Entity::FlagKind(Arc::new(after)));
    draft.tell(event);
    Ok(())
}
