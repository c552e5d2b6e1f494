//! What became of telling addons about events.

use std::time::Duration;

use redis::Script;
use uuid::Uuid;

use super::Inner;
use super::fault::{Fault, decode, encode};
use super::link::Question;
use crate::domain::delivery::{DELIVERIES_KEPT, Delivery};
use crate::domain::names::AddonId;

impl Inner {
    /// Asking twice for the same gets the same answer, so a lost one can be asked for again.
    pub(super) async fn claim(&self, task: &str, lifetime: Duration) -> Result<bool, Fault> {
        let key = self.keys.claim(task);
        let mine = Uuid::new_v4().to_string();
        let millis = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
        let mut commands = redis::pipe();
        commands
            .cmd("SET")
            .arg(&key)
            .arg(&mine)
            .arg("NX")
            .arg("PX")
            .arg(millis)
            .ignore();
        commands.cmd("GET").arg(&key);
        let (owner,): (Option<String>,) = self.link.ask(Question::Commands(&commands)).await?;
        Ok(owner == Some(mine))
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
            let delivery: Delivery = decode("a delivery", json.as_bytes())?;
            found.push(Delivery {
                id: id.parse().unwrap_or_default(),
                ..delivery
            });
        }
        Ok(found)
    }
}
