//! Taking over what another store held.

use std::sync::Arc;

use redis::Pipeline;
use uuid::Uuid;

use super::Inner;
use super::fault::{Fault, decode, encode};
use super::keys::meta;
use super::lineage::FORMAT;
use super::link::Question;
use super::log::{LOADING, number, value};
use super::report::Batch;
use crate::domain::delivery::Delivery;
use crate::domain::event::Event;
use crate::domain::names::Revision;
use crate::domain::state::Entity;
use crate::domain::usage::{Sightings, UsageQuery, UsageReport, UsageRow};
use crate::store::contents::are_in_order;
use crate::store::{EventOrder, Origin, Part, StoreError};

impl Inner {
    pub(super) async fn fill(&self, part: Part) -> Result<(), Fault> {
        let filling = self.filling().await?;
        match (part, filling) {
            (Part::Begin(origin), filling) => self.begin(&origin, filling.is_some()).await,
            (_, None) => Err(self.misfit("it has not been begun")),
            (Part::Entities(entities), _) => self.fill_entities(&entities).await,
            (Part::Events(events), Some(revision)) => self.fill_events(&events, revision).await,
            (Part::Usage(rows), _) => self.fill_usage(rows, Sightings::default()).await,
            (Part::Sightings(seen), _) => self.fill_usage(Vec::new(), seen).await,
            (Part::Deliveries(deliveries), _) => self.fill_deliveries(&deliveries).await,
            (Part::End, Some(revision)) => self.end(revision).await,
        }
    }

    /// The revision it will be at, while it is being filled.
    async fn filling(&self) -> Result<Option<Revision>, Fault> {
        let mut commands = redis::pipe();
        commands.hget(self.keys.meta(), meta::FILLING);
        let (raw,): (Option<Vec<u8>>,) = self.link.ask(Question::Commands(&commands)).await?;
        raw.map(|json| decode("the revision", &json)).transpose()
    }

    async fn begin(&self, origin: &Origin, again: bool) -> Result<(), Fault> {
        if again {
            self.clear().await?;
        } else if !self.is_empty().await? {
            return Err(Fault::Store(StoreError::NotEmpty {
                place: self.place.clone(),
            }));
        }
        let mut commands = redis::pipe();
        commands
            .hset(self.keys.meta(), meta::FORMAT, FORMAT)
            .ignore();
        commands
            .hset(self.keys.meta(), meta::FILLING, origin.revision.0)
            .ignore();
        self.tell_all(&commands).await?;
        self.known.set_incomplete(true);
        Ok(())
    }

    /// Carries out commands that answer nothing of interest.
    async fn tell_all(&self, commands: &Pipeline) -> Result<(), Fault> {
        let question = Question::Commands(commands);
        self.link
            .ask_within::<redis::Value>(question, LOADING)
            .await?;
        Ok(())
    }

    async fn is_empty(&self) -> Result<bool, Fault> {
        let mut commands = redis::pipe();
        for key in self.keys.own() {
            commands.cmd("EXISTS").arg(key);
        }
        let own: Vec<usize> = self.link.ask(Question::Commands(&commands)).await?;
        let mut commands = redis::pipe();
        for key in self.keys.of_usage() {
            commands.cmd("EXISTS").arg(key);
        }
        let usage: Vec<usize> = self.link.ask(Question::Commands(&commands)).await?;
        Ok(own.into_iter().chain(usage).all(|count| count == 0))
    }

    /// Throws away what an attempt that broke off left behind.
    async fn clear(&self) -> Result<(), Fault> {
        let mut commands = redis::pipe();
        let all = self.spots(&UsageQuery::default()).await?;
        for spot in &all {
            commands.del(self.keys.counts(spot.hour, &spot.place()));
            commands.del(self.keys.places(spot.hour));
        }
        for key in self.keys.of_usage() {
            commands.del(key);
        }
        self.tell_all(&commands).await?;
        let mut commands = redis::pipe();
        for addon in self.told_addons().await? {
            commands.del(self.keys.delivery(addon));
        }
        for key in self.keys.own() {
            commands.del(key);
        }
        self.tell_all(&commands).await
    }

    async fn fill_entities(&self, entities: &[Entity]) -> Result<(), Fault> {
        let mut commands = redis::pipe();
        for entity in entities {
            let key = entity.key().to_text();
            let json = encode(&key, entity)?;
            commands.hset(self.keys.entity(), key, json).ignore();
        }
        self.tell_all(&commands).await
    }

    async fn fill_events(&self, events: &[Arc<Event>], revision: Revision) -> Result<(), Fault> {
        let newest = self.entries(EventOrder::NewestFirst, None, 1).await?;
        let last = newest.into_iter().next().map(|entry| value(entry).0);
        let last = last.map_or(Revision::EMPTY, |id| number(&id));
        if !are_in_order(events, last, revision) {
            return Err(self.misfit("the events are not in order"));
        }
        let mut commands = redis::pipe();
        for event in events {
            commands
                .cmd("XADD")
                .arg(self.keys.event())
                .arg(format!("{}-0", event.id))
                .arg("e")
                .arg(encode("an event", event)?)
                .ignore();
        }
        self.tell_all(&commands).await
    }

    async fn fill_usage(&self, rows: Vec<UsageRow>, sightings: Sightings) -> Result<(), Fault> {
        let report = Arc::new(UsageReport { rows, sightings });
        self.send(&mut Batch::new(&report)).await
    }

    async fn fill_deliveries(&self, deliveries: &[Delivery]) -> Result<(), Fault> {
        let mut commands = redis::pipe();
        for delivery in deliveries {
            let json = encode("a delivery", delivery)?;
            let json = String::from_utf8_lossy(&json).into_owned();
            let text = format!("{} {json}", delivery.id);
            commands
                .lpush(self.keys.delivery(delivery.addon), text)
                .ignore()
                .sadd(self.keys.told_addons(), delivery.addon.0)
                .ignore();
        }
        if let Some(last) = deliveries.last() {
            commands.set(self.keys.last_delivery(), last.id).ignore();
        }
        self.tell_all(&commands).await
    }

    async fn end(&self, revision: Revision) -> Result<(), Fault> {
        let lineage = Uuid::new_v4().to_string();
        let mut commands = redis::pipe();
        commands
            .atomic()
            .cmd("HSET")
            .arg(self.keys.meta())
            .arg(meta::LINEAGE)
            .arg(&lineage)
            .arg(meta::FOREBEARS)
            .arg("[]")
            .arg(meta::REVISION)
            .arg(revision.0)
            .arg(meta::MARK)
            .arg(&lineage)
            .ignore();
        commands
            .cmd("HDEL")
            .arg(self.keys.meta())
            .arg(meta::FILLING)
            .ignore();
        if revision > Revision::EMPTY {
            commands
                .cmd("XADD")
                .arg(self.keys.feed())
                .arg(format!("{revision}-0"))
                .arg("m")
                .arg(&lineage)
                .ignore();
        }
        self.tell_all(&commands).await?;
        self.known.set_incomplete(false);
        self.known.settle(&lineage, revision);
        self.known.set_loaded(Some(lineage));
        Ok(())
    }

    fn misfit(&self, what: &'static str) -> Fault {
        Fault::Store(StoreError::Misfit {
            place: self.place.clone(),
            what,
        })
    }
}
