//! Ending a divergence: an operator said which configuration is right.

use redis::Script;
use uuid::Uuid;

use super::Inner;
use super::fault::{Fault, decode, encode};
use super::lineage::{FIELDS, FORMAT, Head, RawHead};
use super::link::Question;
use super::log::LOADING;
use crate::domain::change::Change;
use crate::domain::state::State;
use crate::store::change_record::ChangeRecordRef;
use crate::store::{Held, StoreError};

impl Inner {
    /// What is there, whether or not it is what this node serves.
    pub(super) async fn held(&self) -> Result<Held, Fault> {
        let (head, state) = self.read().await?;
        Ok(Held {
            lineage: head.lineage,
            state,
        })
    }

    /// Head and configuration as of one moment.
    pub(super) async fn read(&self) -> Result<(Head, State), Fault> {
        let mut commands = redis::pipe();
        commands
            .atomic()
            .cmd("HMGET")
            .arg(self.keys.meta())
            .arg(&FIELDS[..])
            .hgetall(self.keys.entity());
        let question = Question::Commands(&commands);
        let (raw, entities): (RawHead, Vec<(String, Vec<u8>)>) =
            self.link.ask_within(question, LOADING).await?;
        let head = self.read_head(&raw)?;
        let mut state = State::default();
        for (key, json) in entities {
            state.put(decode(&key, &json)?);
        }
        state.revision = head.revision;
        Ok((head, state))
    }

    /// Writes `after`, to which `change` led, in place of what was `found`.
    pub(super) async fn take_over(
        &self,
        found: &Held,
        change: &Change,
        after: &State,
    ) -> Result<(), Fault> {
        let mine = self.known.lineage();
        let Some(event) = change.events.first() else {
            return Err(Fault::Store(StoreError::unavailable(
                "a change without an event",
            )));
        };
        let (head, _) = self.read().await?;
        // Nodes that follow any of these may go on with what is written now.
        let mut forebears = head.forebears;
        forebears.extend(found.lineage.clone());
        forebears.extend(mine.clone());
        forebears.sort();
        forebears.dedup();
        let is_mine = found.lineage.is_none() || found.lineage == mine;
        let lineage = Uuid::new_v4().to_string();
        let script = Script::new(include_str!("take_over.lua"));
        let mut write = script.prepare_invoke();
        write
            .key(self.keys.meta())
            .key(self.keys.entity())
            .key(self.keys.event())
            .key(self.keys.change())
            .key(self.keys.feed())
            .arg(found.lineage.as_deref().unwrap_or_default())
            .arg(found.state.revision.0)
            .arg(FORMAT)
            .arg(&lineage)
            .arg(encode("the lineages", &forebears)?)
            .arg(after.revision.0)
            .arg(if is_mine { "keep" } else { "drop" })
            .arg(encode("a change", &ChangeRecordRef::from(change))?)
            .arg(encode("an event", event)?);
        let entities: Vec<_> = after.entities().collect();
        write.arg(entities.len());
        for entity in &entities {
            let key = entity.key().to_text();
            let json = encode(&key, entity)?;
            write.arg(key).arg(json);
        }
        let verdict: String = self
            .link
            .ask_within(Question::Script(&write), LOADING)
            .await?;
        // An answer that was lost may be followed by `changed`: then it is there all the same.
        let taken = verdict == "taken" || self.read().await?.0.lineage.as_ref() == Some(&lineage);
        if !taken {
            return Err(Fault::Store(StoreError::unavailable(
                "what the store holds changed meanwhile; look at it again",
            )));
        }
        self.known.settle(lineage, after.revision);
        Ok(())
    }
}
