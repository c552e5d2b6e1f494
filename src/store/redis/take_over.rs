//! Ending a divergence: an operator said which configuration is right.

use redis::Script;
use uuid::Uuid;

use super::Inner;
use super::fault::{Fault, decode, encode};
use super::lineage::{FORMAT, Head, RawHead};
use super::link::Question;
use super::log::{Entry, LOADING};
use crate::domain::change::Change;
use crate::domain::state::State;
use crate::store::change_record::ChangeRecordRef;
use crate::store::{Held, StoreError};

/// All of a hash.
type Fields = Vec<(String, Vec<u8>)>;

impl Inner {
    /// What is there, whether or not it is what this node serves.
    pub(super) async fn held(&self) -> Result<Held, Fault> {
        let before = self.known.before();
        let (raw, marks, mut state) = self.read(&before).await?;
        // For what it says about the condition: another node may have ended the divergence.
        let _ = self.observe(&before, &raw, marks);
        let head = self.read_head(&raw)?;
        state.revision = head.revision;
        Ok(Held {
            lineage: head.lineage,
            state,
        })
    }

    /// What is there says about itself, whether or not it is what this node serves.
    async fn held_head(&self) -> Result<Head, Fault> {
        let mut commands = redis::pipe();
        self.ask_head(commands.atomic(), &self.known.before());
        let question = Question::Commands(&commands);
        let (raw, _): (RawHead, Vec<Entry>) = self.link.ask(question).await?;
        self.read_head(&raw)
    }

    /// Head, marks as [`Self::ask_head`] asks for them, and configuration as of one moment. The state has no revision
    /// yet.
    pub(super) async fn read(&self, before: &Head) -> Result<(RawHead, Vec<Entry>, State), Fault> {
        let mut commands = redis::pipe();
        self.ask_head(commands.atomic(), before);
        commands.hgetall(self.keys.entity());
        let question = Question::Commands(&commands);
        let (raw, marks, entities): (RawHead, Vec<Entry>, Fields) =
            self.link.ask_within(question, LOADING).await?;
        let mut state = State::default();
        for (key, json) in entities {
            state.put(decode(&key, &json)?);
        }
        Ok((raw, marks, state))
    }

    /// Writes `after`, to which `change` led, in place of what was `found`. An event log of another history goes, unless
    /// it is the one to go on from.
    pub(super) async fn take_over(
        &self,
        found: &Held,
        change: &Change,
        after: &State,
        goes_on: bool,
    ) -> Result<(), Fault> {
        let mine = self.known.lineage();
        let Some(event) = change.events.first() else {
            return Err(Fault::Store(StoreError::unavailable(
                "a change without an event",
            )));
        };
        let head = self.held_head().await?;
        let mut known = head.forebears.iter().chain(&found.lineage);
        let is_mine = found.lineage.is_none() || known.any(|it| mine.as_ref() == Some(it));
        // Nodes that follow any of these may go on with what is written now.
        let mut forebears = head.forebears;
        forebears.extend(found.lineage.clone());
        forebears.extend(mine.clone());
        forebears.sort();
        forebears.dedup();
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
            .arg(if goes_on || is_mine { "keep" } else { "drop" })
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
        let taken =
            verdict == "taken" || self.held_head().await?.lineage.as_ref() == Some(&lineage);
        if !taken {
            return Err(Fault::Store(StoreError::unavailable(
                "what the store holds changed meanwhile; look at it again",
            )));
        }
        self.known.settle(&lineage, after.revision);
        Ok(())
    }
}
