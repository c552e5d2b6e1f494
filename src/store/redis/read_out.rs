//! Giving everything away.

use std::sync::Arc;

use tokio::sync::mpsc::Sender;

use super::Inner;
use super::fault::{Fault, decode};
use super::log::{number, value};
use crate::domain::names::Revision;
use crate::domain::usage::UsageQuery;
use crate::store::contents::pieces;
use crate::store::{EventOrder, Origin, PART_LENGTH, Part};

impl Inner {
    pub(super) async fn read_out(&self, parts: &Sender<Part>) -> Result<(), Fault> {
        match self.send_all(parts).await {
            Err(Fault::Unheard) => Ok(()),
            done => done,
        }
    }

    /// The configuration is of one moment, and the log goes up to it. What SDKs reported and deliveries are added up to
    /// while this goes on; what came since may be in it.
    async fn send_all(&self, parts: &Sender<Part>) -> Result<(), Fault> {
        let state = self.load().await?;
        let origin = Origin {
            instance: state.instance.as_ref().map(|it| it.id.clone()),
            revision: state.revision,
        };
        let revision = origin.revision;
        send(parts, Part::Begin(origin)).await?;
        for piece in pieces(state.entities()) {
            send(parts, Part::Entities(piece)).await?;
        }
        drop(state);
        self.send_events(parts, revision).await?;
        for spots in self
            .spots(&UsageQuery::default())
            .await?
            .chunks(PART_LENGTH)
        {
            for piece in pieces(self.rows_at(spots).await?) {
                send(parts, Part::Usage(piece)).await?;
            }
        }
        for part in Part::of_sightings(self.sightings().await?) {
            send(parts, part).await?;
        }
        let mut deliveries = Vec::new();
        for addon in self.told_addons().await? {
            deliveries.extend(self.deliveries(addon).await?);
        }
        deliveries.sort_by_key(|it| it.id);
        for piece in pieces(deliveries) {
            send(parts, Part::Deliveries(piece)).await?;
        }
        send(parts, Part::End).await
    }

    async fn send_events(&self, parts: &Sender<Part>, revision: Revision) -> Result<(), Fault> {
        let mut cursor = None;
        loop {
            let order = EventOrder::OldestFirst;
            let entries = self.entries(order, cursor.as_deref(), PART_LENGTH).await?;
            let full = entries.len() == PART_LENGTH;
            let mut events = Vec::with_capacity(entries.len());
            for entry in entries {
                let (id, json) = value(entry);
                if number(&id) <= revision {
                    events.push(Arc::new(decode("an event", &json)?));
                }
                cursor = Some(id);
            }
            let past = !full || events.len() < PART_LENGTH;
            if !events.is_empty() {
                send(parts, Part::Events(events)).await?;
            }
            if past {
                return Ok(());
            }
        }
    }
}

async fn send(parts: &Sender<Part>, part: Part) -> Result<(), Fault> {
    parts.send(part).await.map_err(|_| Fault::Unheard)
}
