//! Giving everything away, and taking it over.

use super::{Contents, PLACE};
use crate::domain::names::Revision;
use crate::domain::usage::{Sightings, UsageQuery, UsageReport, UsageRow};
use crate::store::contents::{are_in_order, pieces};
use crate::store::{Origin, Part, StoreError};

impl Contents {
    /// Everything, as it is now. Later changes do not show in it.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part> + Send + use<> {
        let instance = self.state.instance.as_ref().map(|it| it.id.clone());
        let origin = Origin {
            instance,
            revision: self.state.revision,
        };
        let entities: Vec<_> = self.state.entities().collect();
        let usage = self.usage.rows(&UsageQuery::default());
        let sightings = self.usage.sightings();
        std::iter::once(Part::Begin(origin))
            .chain(pieces(entities).map(Part::Entities))
            .chain(pieces(self.events.clone()).map(Part::Events))
            .chain(pieces(usage).map(Part::Usage))
            .chain(Part::of_sightings(sightings))
            .chain(pieces(self.deliveries.clone()).map(Part::Deliveries))
            .chain(std::iter::once(Part::End))
    }

    /// Takes a part. With the last one all of it becomes visible at once, and the revision is said.
    pub(super) fn fill(&mut self, part: Part) -> Result<Option<Revision>, StoreError> {
        if let Part::Begin(origin) = part {
            self.begin(&origin)?;
            return Ok(None);
        }
        let Some((revision, new)) = &mut self.filling else {
            return Err(misfit("it has not been begun"));
        };
        match part {
            Part::Begin(_) => {}
            Part::Entities(entities) => {
                for entity in entities {
                    new.state.put(entity);
                }
            }
            Part::Events(events) => {
                let last = new.events.last().map_or(Revision::EMPTY, |it| it.id);
                if !are_in_order(&events, last, *revision) {
                    return Err(misfit("the events are not in order"));
                }
                new.events.extend(events);
            }
            Part::Usage(rows) => new.usage.add(&report(rows, Sightings::default())),
            Part::Sightings(seen) => new.usage.add(&report(Vec::new(), seen)),
            Part::Deliveries(deliveries) => new.deliveries.extend(deliveries),
            Part::End => return Ok(self.end()),
        }
        Ok(None)
    }

    fn begin(&mut self, origin: &Origin) -> Result<(), StoreError> {
        if self.filling.is_none() && !self.is_empty() {
            return Err(StoreError::NotEmpty {
                place: PLACE.into(),
            });
        }
        self.filling = Some((origin.revision, Box::default()));
        Ok(())
    }

    fn end(&mut self) -> Option<Revision> {
        let (revision, new) = self.filling.take()?;
        *self = *new;
        self.state.revision = revision;
        Some(revision)
    }

    fn is_empty(&self) -> bool {
        self.state == crate::domain::state::State::default()
            && self.events.is_empty()
            && self.usage.is_empty()
            && self.deliveries.is_empty()
    }
}

fn report(rows: Vec<UsageRow>, sightings: Sightings) -> UsageReport {
    UsageReport { rows, sightings }
}

fn misfit(what: &'static str) -> StoreError {
    StoreError::Misfit {
        place: PLACE.into(),
        what,
    }
}
