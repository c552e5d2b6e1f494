//! Everything a store holds, in parts: what backups and copies are made of.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{AnyStore, Store, StoreError};
use crate::domain::delivery::Delivery;
use crate::domain::event::Event;
use crate::domain::names::Revision;
use crate::domain::state::Entity;
use crate::domain::usage::{Sightings, UsageRow};

/// How many things a part holds at most.
pub const PART_LENGTH: usize = 500;

/// What a store holds, and as of when.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Origin {
    /// The instance that lives there; none before its first start.
    pub instance: Option<String>,
    /// The revision of the configuration.
    pub revision: Revision,
}

/// A part of what a store holds.
///
/// The parts of a whole come in the order of this list: one `Begin`, then any number of each of the others, then one
/// `End`. Together they are one moment: the entities are those of the revision, and no event is newer than it.
#[derive(Clone, PartialEq, Debug)]
pub enum Part {
    /// What follows.
    Begin(Origin),
    /// Configuration.
    Entities(Vec<Entity>),
    /// A piece of the event log, the oldest first.
    Events(Vec<Arc<Event>>),
    /// Counts.
    Usage(Vec<UsageRow>),
    /// Some of those who were seen.
    Sightings(Sightings),
    /// Deliveries with their numbers, the oldest first.
    Deliveries(Vec<Delivery>),
    /// That was all.
    End,
}

impl Part {
    /// Cuts what was seen into parts.
    pub(super) fn of_sightings(seen: Sightings) -> impl Iterator<Item = Self> {
        let Sightings {
            applications,
            cards,
            instances,
            last_seen,
            unknown_flags,
        } = seen;
        let pieces = pieces(applications)
            .map(|applications| Sightings {
                applications,
                ..Sightings::default()
            })
            .chain(pieces(cards).map(|cards| Sightings {
                cards,
                ..Sightings::default()
            }))
            .chain(pieces(instances).map(|instances| Sightings {
                instances,
                ..Sightings::default()
            }))
            .chain(pieces(last_seen).map(|last_seen| Sightings {
                last_seen,
                ..Sightings::default()
            }))
            .chain(pieces(unknown_flags).map(|unknown_flags| Sightings {
                unknown_flags,
                ..Sightings::default()
            }));
        pieces.map(Self::Sightings)
    }
}

/// Cuts a long list into parts.
pub(super) fn pieces<T>(list: impl IntoIterator<Item = T>) -> impl Iterator<Item = Vec<T>> {
    let mut rest = list.into_iter();
    std::iter::from_fn(move || {
        let piece: Vec<T> = rest.by_ref().take(PART_LENGTH).collect();
        (!piece.is_empty()).then_some(piece)
    })
}

/// Whether events of a part may follow one numbered `last` in a store that will be at `revision`.
pub(super) fn are_in_order(events: &[Arc<Event>], mut last: Revision, revision: Revision) -> bool {
    events.iter().all(|event| {
        let before = std::mem::replace(&mut last, event.id);
        before < event.id && event.id <= revision
    })
}

/// How many parts are on their way at a time.
const UNDER_WAY: usize = 4;

/// Fills `to`, which has to be empty, with everything `from` holds. `told` hears of each part.
///
/// # Errors
/// What either store says. After an error `to` is incomplete, unless it was not empty.
pub async fn copy(
    from: &AnyStore,
    to: &AnyStore,
    mut told: impl FnMut(&Part),
) -> Result<(), StoreError> {
    let (sender, mut parts) = mpsc::channel(UNDER_WAY);
    let filling = async move {
        while let Some(part) = parts.recv().await {
            told(&part);
            to.fill(part).await?;
        }
        Ok(())
    };
    let (read, filled) = tokio::join!(from.read_out(sender), filling);
    // When filling fails, reading ends without an error.
    filled.and(read)
}
