//! Adding what SDKs report: in parts, each of them once however often it is sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use redis::{Script, ScriptInvocation};
use uuid::Uuid;

use super::Inner;
use super::counts::{fields, place};
use super::fault::Fault;
use super::link::Question;
use super::sights::Sight;
use crate::domain::usage::{
    Application, ApplicationCard, ClientInstance, LastSeen, UnknownFlag, UsageReport, UsageRow,
};

/// How many rows or things are added at once: a script that runs for longer holds up others.
const PART: usize = 500;

/// How long it is remembered that a part was added: as long as a node may try again. In seconds.
const REMEMBERED: u32 = 24 * 3600;

/// How long counts live at most: what an instance that is gone left behind goes by itself. In seconds.
pub(super) const LIFETIME: u32 = 500 * 24 * 3600;

/// How often a part is made anew because another node changed the same things meanwhile.
const ATTEMPTS: usize = 50;

/// A report on its way. Its parts have numbers; those before `done` are added.
pub(super) struct Batch {
    id: String,
    report: Arc<UsageReport>,
    done: usize,
}

impl Batch {
    pub(super) fn new(report: &Arc<UsageReport>) -> Self {
        Self {
            id: Uuid::new_v4().to_string(),
            report: Arc::clone(report),
            done: 0,
        }
    }
}

/// A piece that is added by one script.
enum Part<'r> {
    Rows(&'r [UsageRow]),
    Applications(Vec<(String, Application)>),
    Cards(Vec<(String, ApplicationCard)>),
    Instances(Vec<(String, ClientInstance)>),
    Seen(Vec<(String, LastSeen)>),
    Unknown(Vec<(String, UnknownFlag)>),
}

impl Inner {
    /// Adds a report. When nobody knows whether it arrived, it is kept and sent again before the next one: neither is
    /// it lost, nor counted twice.
    pub(super) async fn add_usage(&self, report: &Arc<UsageReport>) -> Result<(), Fault> {
        let mut unsure = self.unsure.lock().await;
        if let Some(batch) = unsure.as_mut() {
            self.send(batch).await?;
            *unsure = None;
        }
        let mut batch = Batch::new(report);
        let Err(fault) = self.send(&mut batch).await else {
            return Ok(());
        };
        if batch.done == 0 && !fault.may_have_worked() {
            return Err(fault);
        }
        *unsure = Some(batch);
        Ok(())
    }

    /// Sends again what may not have arrived.
    pub(super) async fn settle(&self) -> Result<(), Fault> {
        let mut unsure = self.unsure.lock().await;
        if let Some(batch) = unsure.as_mut() {
            self.send(batch).await?;
            *unsure = None;
        }
        Ok(())
    }

    pub(super) async fn send(&self, batch: &mut Batch) -> Result<(), Fault> {
        let report = Arc::clone(&batch.report);
        for part in parts(&report)?.iter().skip(batch.done) {
            let id = format!("{}:{}", batch.id, batch.done);
            self.add_part(&id, part).await?;
            batch.done += 1;
        }
        Ok(())
    }

    async fn add_part(&self, id: &str, part: &Part<'_>) -> Result<(), Fault> {
        match part {
            Part::Rows(rows) => self.add_rows(id, rows).await,
            Part::Applications(new) => self.add_sights(id, new).await,
            Part::Cards(new) => self.add_sights(id, new).await,
            Part::Instances(new) => self.add_sights(id, new).await,
            Part::Seen(new) => self.add_sights(id, new).await,
            Part::Unknown(new) => self.add_sights(id, new).await,
        }
    }

    async fn add_sights<T: Sight>(&self, id: &str, new: &[(String, T)]) -> Result<(), Fault> {
        for _ in 0..ATTEMPTS {
            let script = Script::new(include_str!("report.lua"));
            let mut add = self.part(&script, id);
            // The first key after those that are always there.
            add.key(self.keys.sights(T::KIND));
            add.arg(new.len());
            for (field, known, sum) in self.merged(new).await? {
                add.arg(4).arg(field).arg(known).arg(sum);
            }
            add.arg(0);
            let verdict: String = self.link.ask(Question::Script(&add)).await?;
            if verdict != "changed" {
                return Ok(());
            }
        }
        Err(Fault::Late)
    }

    async fn add_rows(&self, id: &str, rows: &[UsageRow]) -> Result<(), Fault> {
        let mut flags: BTreeMap<_, Vec<(String, u64)>> = BTreeMap::new();
        for row in rows {
            let at = (row.hour, &row.environment, &row.flag);
            flags.entry(at).or_default().extend(fields(row));
        }
        let script = Script::new(include_str!("report.lua"));
        let mut add = self.part(&script, id);
        add.arg(0).arg(flags.len());
        for (number, ((hour, environment, flag), fields)) in flags.into_iter().enumerate() {
            let place = place(environment, flag);
            add.key(self.keys.counts(hour, &place))
                .key(self.keys.places(hour));
            add.arg(4 + 2 * number)
                .arg(5 + 2 * number)
                .arg(place)
                .arg(hour.as_millis())
                .arg(environment.as_str())
                .arg(fields.len());
            for (field, count) in fields {
                add.arg(field).arg(count);
            }
        }
        let _: String = self.link.ask(Question::Script(&add)).await?;
        Ok(())
    }

    fn part<'s>(&self, script: &'s Script, id: &str) -> ScriptInvocation<'s> {
        let mut add = script.prepare_invoke();
        add.key(self.keys.report(id))
            .key(self.keys.hours())
            .key(self.keys.environments())
            .arg(REMEMBERED)
            .arg(LIFETIME);
        add
    }
}

fn parts(report: &UsageReport) -> Result<Vec<Part<'_>>, Fault> {
    let mut parts: Vec<Part<'_>> = report.rows.chunks(PART).map(Part::Rows).collect();
    let seen = &report.sightings;
    parts.extend(pieces(&seen.applications)?.map(Part::Applications));
    parts.extend(pieces(&seen.cards)?.map(Part::Cards));
    parts.extend(pieces(&seen.instances)?.map(Part::Instances));
    parts.extend(pieces(&seen.last_seen)?.map(Part::Seen));
    parts.extend(pieces(&seen.unknown_flags)?.map(Part::Unknown));
    Ok(parts)
}

/// Each thing once, in pieces that are not too large. Always the same ones for the same things.
fn pieces<T: Sight>(all: &[T]) -> Result<impl Iterator<Item = Vec<(String, T)>>, Fault> {
    let mut each: BTreeMap<String, T> = BTreeMap::new();
    for it in all {
        match each.entry(it.field()?) {
            std::collections::btree_map::Entry::Occupied(mut known) => known.get_mut().merge(it),
            std::collections::btree_map::Entry::Vacant(free) => _ = free.insert(it.clone()),
        }
    }
    let each: Vec<(String, T)> = each.into_iter().collect();
    let pieces: Vec<Vec<(String, T)>> = each.chunks(PART).map(<[_]>::to_vec).collect();
    Ok(pieces.into_iter())
}
