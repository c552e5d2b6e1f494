//! What became of telling addons about events.

use std::time::Duration;

use redis::Script;

use super::Inner;
use super::fault::{Fault, decode, encode};
use super::link::Question;
use crate::domain::delivery::{DELIVERIES_KEPT, Delivery};
use crate::domain::names::AddonId;
use crate::store::{Claim, Turn};

impl Inner {
    pub(super) async fn claim(&self, task: &str, by: &str, claim: Claim) -> Result<Turn, Fault> {
        let (verb, lasts) = match claim {
            Claim::Do(lasts) => ("do", lasts),
            Claim::Leave => ("leave", Duration::ZERO),
            Claim::Done(lasts) => ("done", lasts),
        };
        let script = Script::new(include_str!("claim.lua"));
        let mut ask = script.prepare_invoke();
        ask.key(self.keys.claim(task))
            .arg(by)
            .arg(verb)
            .arg(u64::try_from(lasts.as_millis()).unwrap_or(u64::MAX).max(1));
        let turn: String = self.link.ask(Question::Script(&ask)).await?;
        Ok(match turn.as_str() {
            "mine" => Turn::Mine,
            "done" => Turn::Done,
            _ => Turn::Taken,
        })
    }

    pub(super) async fn add_delivery(&self, delivery: &Delivery) -> Result<(), Fault> {
        let script = Script::new(include_str!("deliver.lua"));
        let mut add = script.prepare_invoke();
        add.key(self.keys.delivery(delivery.addon))
            .key(self.keys.last_delivery())
            .key(self.keys.told_addons())
            .arg(encode("a delivery", delivery)?)
            .arg(DELIVERIES_KEPT)
            .arg(delivery.addon.0);
        let _: u64 = self.link.ask(Question::Script(&add)).await?;
        Ok(())
    }

    /// Addons that were told of something.
    pub(super) async fn told_addons(&self) -> Result<Vec<AddonId>, Fault> {
        let mut commands = redis::pipe();
        commands.smembers(self.keys.told_addons());
        let (ids,): (Vec<i32>,) = self.link.ask(Question::Commands(&commands)).await?;
        Ok(ids.into_iter().map(AddonId).collect())
    }

    pub(super) async fn deliveries(&self, addon: AddonId) -> Result<Vec<Delivery>, Fault> {
        let mut commands = redis::pipe();
        commands.lrange(self.keys.delivery(addon), 0, -1);
        let question = Question::Commands(&commands);
        let (texts,): (Vec<String>,) = self.link.ask(question).await?;
        let mut found = Vec::with_capacity(texts.len());
        for text in texts {
            let (id, json) = text.split_once(' ').unwrap_or(("", &text));
            match decode::<Delivery>("a delivery", json.as_bytes()) {
                Ok(delivery) => found.push(Delivery {
                    id: id.parse().unwrap_or_default(),
                    ..delivery
                }),
                // Somebody else wrote it. It may not keep addons from being told.
                Err(fault) => tracing::warn!(addon = addon.0, ?fault, "a delivery cannot be read"),
            }
        }
        Ok(found)
    }
}
