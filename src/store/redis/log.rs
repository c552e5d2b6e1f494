//! Entities, changes and events.

use std::sync::Arc;
use std::time::Duration;

use redis::{Pipeline, Script};
use uuid::Uuid;

use super::Inner;
use super::fault::{Fault, decode, encode};
use super::lineage::{FIELDS, FORMAT, Head, RawHead};
use super::link::Question;
use super::witness::Seen;
use crate::domain::change::Change;
use crate::domain::event::Event;
use crate::domain::names::Revision;
use crate::domain::state::State;
use crate::store::change_record::{ChangeRecord, ChangeRecordRef};
use crate::store::search::Search;
use crate::store::{
    CHANGES_KEPT, CommitError, EventOrder, EventPage, EventQuery, StoreError, check_order,
};

/// How long the answer of a commit is remembered, in seconds.
const REMEMBERED: u32 = 600;

/// How much longer a commit may take for each megabyte of it.
const PER_MEGABYTE: Duration = Duration::from_secs(1);

/// How long reading all of it may take.
pub(super) const LOADING: Duration = Duration::from_secs(60);

/// How long reading some changes may take. Over a connection that swallows everything, nothing is heard for so long.
const FOLLOWING: Duration = Duration::from_secs(4);

/// How many events are read at once.
const PAGE: usize = 1000;

/// An entry of a stream: its identifier, and one field with a value.
pub(super) type Entry = (String, Vec<(String, Vec<u8>)>);

pub(super) fn value(entry: Entry) -> (String, Vec<u8>) {
    let (id, fields) = entry;
    let value = fields.into_iter().next().map(|(_, value)| value);
    (id, value.unwrap_or_default())
}

impl Inner {
    /// What the store says about itself, if it is what this node serves.
    pub(super) async fn head(&self) -> Result<Head, Fault> {
        let before = self.known.before();
        let mut commands = redis::pipe();
        self.ask_head(commands.atomic(), &before);
        let (raw, marks) = self.link.ask(Question::Commands(&commands)).await?;
        self.observe(&before, &raw, marks)
    }

    /// Adds two questions: what the store says about itself, and which mark the revision has that was known `before`.
    pub(super) fn ask_head(&self, commands: &mut Pipeline, before: &Head) {
        let known = format!("{}-0", before.revision);
        commands.cmd("HMGET").arg(self.keys.meta()).arg(&FIELDS[..]);
        commands
            .cmd("XRANGE")
            .arg(self.keys.feed())
            .arg(&known)
            .arg(&known);
    }

    /// Judges the two answers.
    pub(super) fn observe(
        &self,
        before: &Head,
        raw: &RawHead,
        marks: Vec<Entry>,
    ) -> Result<Head, Fault> {
        let head = self.read_head(raw)?;
        let mark = marks.into_iter().next().map(|entry| value(entry).1);
        let mark = mark.as_deref().map(String::from_utf8_lossy);
        self.known.observe(before, &head, mark.as_deref())?;
        Ok(head)
    }

    /// Reads what the store says about itself, and notes whether it is whole.
    pub(super) fn read_head(&self, raw: &RawHead) -> Result<Head, Fault> {
        let head = Head::read(raw, &self.place);
        let incomplete = matches!(&head, Err(Fault::Store(StoreError::Incomplete { .. })));
        self.known.set_incomplete(incomplete);
        head
    }

    pub(super) async fn load(&self) -> Result<State, Fault> {
        let before = self.known.before();
        let (raw, marks, mut state) = self.read(&before).await?;
        let head = self.observe(&before, &raw, marks)?;
        state.revision = head.revision;
        self.known.set_loaded(head.lineage);
        Ok(state)
    }

    pub(super) async fn commit(&self, change: &Change) -> Result<Revision, CommitError> {
        // Events out of order are the caller's defect, wherever the store is.
        check_order(change, change.expected)?;
        if let Some(diverged) = self.diverged() {
            return Err(diverged.into());
        }
        let at = |fault: Fault| CommitError::Store(fault.at(&self.place));
        // Decided on what is no longer the newest; then nothing tells whether that is still there.
        let newest = self.known.revision();
        if newest > change.expected {
            return Err(CommitError::Conflict { actual: newest });
        }
        let lineage = self.known.lineage();
        let mark = self.known.mark_of(change.expected);
        let new_lineage = Uuid::new_v4().to_string();
        let new_mark = Uuid::new_v4().to_string();
        let record = encode("a change", &ChangeRecordRef::from(change)).map_err(at)?;
        // A large import takes Redis longer than a switch.
        let limit = self.link.patience() + PER_MEGABYTE * megabytes(record.len());
        let script = Script::new(include_str!("commit.lua"));
        let mut commit = script.prepare_invoke();
        commit
            .key(self.keys.meta())
            .key(self.keys.entity())
            .key(self.keys.event())
            .key(self.keys.change())
            .key(self.keys.feed())
            .key(self.keys.request(&new_mark))
            .arg(FORMAT)
            .arg(lineage.as_deref().unwrap_or_default())
            .arg(&new_lineage)
            .arg(change.expected.0)
            .arg(change.revision().0)
            .arg(REMEMBERED)
            .arg(CHANGES_KEPT)
            .arg(record)
            .arg(mark.unwrap_or_default())
            .arg(&new_mark);
        commit.arg(change.events.len());
        for event in &change.events {
            commit
                .arg(event.id.0)
                .arg(encode("an event", event).map_err(at)?);
        }
        commit.arg(change.put.len());
        for entity in &change.put {
            let key = entity.key().to_text();
            let json = encode(&key, entity).map_err(at)?;
            commit.arg(key).arg(json);
        }
        commit.arg(change.delete.len());
        for key in &change.delete {
            commit.arg(key.to_text());
        }
        let meta = self.keys.meta();
        let answer = self.link.write(&commit, &meta, self.witnesses, limit).await;
        let ((verdict, revision), seen): ((String, u64), Option<Seen>) = answer.map_err(at)?;
        let revision = Revision(revision);
        match verdict.as_str() {
            "committed" => {
                let lineage = lineage.unwrap_or(new_lineage);
                self.known.advance(&lineage, revision, &new_mark);
                self.confirm(seen)?;
                Ok(revision)
            }
            "conflict" if revision >= self.known.revision() => {
                Err(CommitError::Conflict { actual: revision })
            }
            // Either it is another history, or it went back: the head tells which, and whether that is all right.
            _ => {
                let head = self.head().await.map_err(at)?;
                Err(CommitError::Conflict {
                    actual: head.revision,
                })
            }
        }
    }

    fn diverged(&self) -> Option<StoreError> {
        match &*self.known.condition().borrow() {
            crate::store::Condition::Diverged(what) => {
                Some(StoreError::Diverged { what: what.clone() })
            }
            _ => None,
        }
    }

    /// Says so when not all have a commit who were asked for.
    fn confirm(&self, seen: Option<Seen>) -> Result<(), CommitError> {
        let missing = self.witnesses.zip(seen);
        match missing.and_then(|(wanted, seen)| wanted.missing(seen, &self.place)) {
            Some(what) => Err(StoreError::unavailable(what).into()),
            None => Ok(()),
        }
    }

    pub(super) async fn changes_after(
        &self,
        from: Revision,
        limit: usize,
    ) -> Result<Vec<Arc<Change>>, Fault> {
        let limit = limit.min(CHANGES_KEPT);
        let before = self.known.before();
        let mut commands = redis::pipe();
        self.ask_head(commands.atomic(), &before);
        commands
            .cmd("XRANGE")
            .arg(self.keys.change())
            .arg(format!("{}-0", from.plus(1)))
            .arg("+")
            .arg("COUNT")
            .arg(limit);
        let question = Question::Commands(&commands);
        let (raw, marks, found): (RawHead, Vec<Entry>, Vec<Entry>) =
            self.link.ask_within(question, FOLLOWING).await?;
        let head = self.observe(&before, &raw, marks)?;
        // An operator decided since: whatever is served here has to be loaded anew.
        if !self.known.goes_on(head.lineage.as_ref()) {
            return Ok(Vec::new());
        }
        let mut records: Vec<(Revision, ChangeRecord)> = Vec::new();
        for entry in found {
            let (id, json) = value(entry);
            records.push((number(&id), decode("a change", &json)?));
        }
        self.with_events(records).await
    }

    /// Gives changes their events, which stand in the event log.
    async fn with_events(
        &self,
        records: Vec<(Revision, ChangeRecord)>,
    ) -> Result<Vec<Arc<Change>>, Fault> {
        let (Some(first), Some(last)) = (records.first(), records.last()) else {
            return Ok(Vec::new());
        };
        let (first, last) = (first.1.expected.plus(1), last.0);
        let mut commands = redis::pipe();
        commands
            .cmd("XRANGE")
            .arg(self.keys.event())
            .arg(format!("{first}-0"))
            .arg(format!("{last}-0"));
        let question = Question::Commands(&commands);
        let (entries,): (Vec<Entry>,) = self.link.ask_within(question, FOLLOWING).await?;
        let mut events: Vec<Event> = Vec::with_capacity(entries.len());
        for entry in entries {
            events.push(decode("an event", &value(entry).1)?);
        }
        let mut events = events.into_iter().peekable();
        let mut changes = Vec::with_capacity(records.len());
        for (revision, record) in records {
            let mut own = Vec::new();
            while let Some(event) = events.next_if(|event| event.id <= revision) {
                if event.id > record.expected {
                    own.push(event);
                }
            }
            changes.push(Arc::new(record.with(own)));
        }
        Ok(changes)
    }

    pub(super) async fn events(&self, query: &EventQuery) -> Result<EventPage, Fault> {
        if query.wants_everything() {
            return self.page(query).await;
        }
        let mut search = Search::new(query);
        let mut cursor = None;
        loop {
            let entries = self.entries(query.order, cursor.as_deref(), PAGE).await?;
            let full = entries.len() == PAGE;
            for entry in entries {
                let (id, json) = value(entry);
                search.look_at(&json).map_err(|source| Fault::Value {
                    what: format!("event {id}"),
                    source,
                })?;
                cursor = Some(id);
            }
            if !full {
                return Ok(search.into_page());
            }
        }
    }

    /// A page of all events: only those before it and on it are sent.
    async fn page(&self, query: &EventQuery) -> Result<EventPage, Fault> {
        let mut commands = redis::pipe();
        commands.cmd("XLEN").arg(self.keys.event());
        let (total,): (usize,) = self.link.ask(Question::Commands(&commands)).await?;
        let mut page = EventPage {
            total,
            ..EventPage::default()
        };
        let (mut skip, mut cursor) = (query.offset, None);
        while page.events.len() < query.limit && skip < total {
            let entries = self.entries(query.order, cursor.as_deref(), PAGE).await?;
            let full = entries.len() == PAGE;
            for entry in entries {
                let (id, json) = value(entry);
                cursor = Some(id);
                if skip > 0 {
                    skip -= 1;
                } else if page.events.len() < query.limit {
                    page.events.push(Arc::new(decode("an event", &json)?));
                }
            }
            if !full {
                break;
            }
        }
        Ok(page)
    }

    /// Entries of the event log that come after `cursor` in that order.
    pub(super) async fn entries(
        &self,
        order: EventOrder,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entry>, Fault> {
        let mut commands = redis::pipe();
        let beyond = cursor.map(|id| format!("({id}"));
        match order {
            EventOrder::OldestFirst => commands
                .cmd("XRANGE")
                .arg(self.keys.event())
                .arg(beyond.as_deref().unwrap_or("-"))
                .arg("+"),
            EventOrder::NewestFirst => commands
                .cmd("XREVRANGE")
                .arg(self.keys.event())
                .arg(beyond.as_deref().unwrap_or("+"))
                .arg("-"),
        };
        commands.arg("COUNT").arg(limit);
        let question = Question::Commands(&commands);
        let (entries,): (Vec<Entry>,) = self.link.ask_within(question, LOADING).await?;
        Ok(entries)
    }
}

fn megabytes(bytes: usize) -> u32 {
    u32::try_from(bytes >> 20).unwrap_or(u32::MAX)
}

/// The number of an entry `<number>-0`.
pub(super) fn number(id: &str) -> Revision {
    let number = id.split_once('-').map_or(id, |(number, _)| number);
    Revision(number.parse().unwrap_or_default())
}
