//! Counting while reports come in: each flag an application asks for has a place of its own, and a report only adds to
//! places. What they stand for is found out when they are new, not for each report. Pure.

use std::collections::{BTreeMap, HashMap};

use super::ingest::{Origin, whole_count};
use crate::domain::names::{EnvironmentName, FlagName, Revision};
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::usage::{LastSeen, UnknownFlag, UsageReport, UsageRow};
use crate::wire::plain_metrics::{PlainCounts, PlainMetrics};

/// How many counts it may hold, each variant counting as one; then it is time to settle.
const COUNTS: usize = 100_000;

/// Counts since the last settlement.
#[derive(Default, Debug)]
pub(super) struct Tally {
    groups: HashMap<(Timestamp, EnvironmentName), HashMap<Box<str>, Group>>,
    places: Vec<Place>,
    /// How many counts there are.
    counts: usize,
    /// How many reports came. Tells whether a report names a flag twice.
    reports: u64,
    /// Of the report at hand, place by place.
    found: Vec<usize>,
}

/// Flags of an application in an environment and hour: their places by name.
type Group = HashMap<Box<str>, usize>;

/// How often an application asked for a flag.
#[derive(Debug)]
struct Place {
    hour: Timestamp,
    environment: EnvironmentName,
    app_name: String,
    asked: Asked,
    /// The revision for which this was found out.
    revision: Revision,
    yes: u64,
    no: u64,
    variants: BTreeMap<String, u64>,
    /// When it was asked for first and last.
    seen: Option<(Timestamp, Timestamp)>,
    /// The same while it was on.
    on: Option<(Timestamp, Timestamp)>,
    report: u64,
}

/// What was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Asked {
    /// A flag, and whether it is switched on.
    Flag(FlagName, bool),
    /// A name nobody has.
    Unknown(String),
}

/// The report names a flag twice, and nothing of it was added.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Twice;

impl Tally {
    /// Adds the counts of a report to those of `hour`.
    pub(super) fn add(
        &mut self,
        report: &PlainMetrics<'_>,
        hour: Timestamp,
        origin: Origin<'_>,
        state: &State,
    ) -> Result<(), Twice> {
        self.find(report, hour, origin, state)?;
        let found = std::mem::take(&mut self.found);
        for (index, (name, counts)) in found.iter().zip(&report.toggles.0) {
            if counts.yes > 0 || counts.no > 0 {
                let index = self.up_to_date(*index, name, origin, state);
                if let Some(place) = self.places.get_mut(index) {
                    self.counts += place.add(counts, origin.now);
                }
            }
        }
        self.found = found;
        Ok(())
    }

    /// Whether it has grown as far as it may.
    pub(super) fn is_full(&self) -> bool {
        self.counts.max(self.places.len()) >= COUNTS
    }

    /// How many counts it holds, each variant counting as one.
    pub(super) fn counts(&self) -> usize {
        self.counts
    }

    /// Hands over what was counted, and begins anew.
    pub(super) fn settle(&mut self) -> UsageReport {
        self.groups.clear();
        self.counts = 0;
        let mut report = UsageReport::default();
        for place in self.places.drain(..) {
            place.settle(&mut report);
        }
        report
    }

    /// Finds or makes the places of all flags of a report.
    fn find(
        &mut self,
        report: &PlainMetrics<'_>,
        hour: Timestamp,
        origin: Origin<'_>,
        state: &State,
    ) -> Result<(), Twice> {
        self.reports += 1;
        self.found.clear();
        let app_name = report.app_name.0.as_ref();
        let apps = self.groups.entry((hour, origin.environment.clone()));
        let apps = apps.or_default();
        if !apps.contains_key(app_name) {
            apps.insert(app_name.into(), Group::new());
        }
        let Some(group) = apps.get_mut(app_name) else {
            return Ok(());
        };
        for (name, _) in &report.toggles.0 {
            let known = group.get(name.as_ref()).copied();
            let index = known.unwrap_or_else(|| {
                let asked = asked(name, origin.environment, state);
                let place = Place::new((hour, app_name), origin.environment, asked, state.revision);
                group.insert(name.as_ref().into(), self.places.len());
                self.places.push(place);
                self.places.len() - 1
            });
            if let Some(place) = self.places.get_mut(index)
                && std::mem::replace(&mut place.report, self.reports) == self.reports
            {
                return Err(Twice);
            }
            self.found.push(index);
        }
        Ok(())
    }

    /// The place to count at, after changes of the configuration perhaps another one.
    fn up_to_date(&mut self, index: usize, name: &str, origin: Origin<'_>, state: &State) -> usize {
        let Some(place) = self.places.get_mut(index) else {
            return index;
        };
        if place.revision == state.revision {
            return index;
        }
        let now = asked(name, origin.environment, state);
        let same = match (&now, &place.asked) {
            (Asked::Flag(..), Asked::Flag(..)) => true,
            (now, before) => now == before,
        };
        if same {
            place.asked = now;
            place.revision = state.revision;
            return index;
        }
        // What was counted before the flag was made, or deleted, stays where it is.
        let at = (place.hour, place.app_name.clone());
        let fresh = Place {
            report: place.report,
            ..Place::new((at.0, &at.1), origin.environment, now, state.revision)
        };
        let new = self.places.len();
        self.places.push(fresh);
        let apps = self.groups.get_mut(&(at.0, origin.environment.clone()));
        if let Some(group) = apps.and_then(|apps| apps.get_mut(at.1.as_str())) {
            group.insert(name.into(), new);
        }
        new
    }
}

fn asked(name: &str, environment: &EnvironmentName, state: &State) -> Asked {
    match state.flags.get_key_value(name) {
        Some((name, flag)) => {
            let there = flag.environments.get(environment);
            Asked::Flag(FlagName::clone(name), there.is_some_and(|it| it.enabled))
        }
        None => Asked::Unknown(name.to_owned()),
    }
}

impl Place {
    fn new(
        (hour, app_name): (Timestamp, &str),
        environment: &EnvironmentName,
        asked: Asked,
        revision: Revision,
    ) -> Self {
        Self {
            hour,
            environment: environment.clone(),
            app_name: app_name.to_owned(),
            asked,
            revision,
            yes: 0,
            no: 0,
            variants: BTreeMap::new(),
            seen: None,
            on: None,
            report: 0,
        }
    }

    /// Returns how many counts are new.
    fn add(&mut self, counts: &PlainCounts<'_>, now: Timestamp) -> usize {
        let before = self.variants.len();
        let new = usize::from(self.seen.is_none());
        self.yes = whole_count(self.yes.saturating_add(counts.yes));
        self.no = whole_count(self.no.saturating_add(counts.no));
        for (name, count) in counts.variants.iter().flat_map(|pairs| &pairs.0) {
            match self.variants.get_mut(name.as_ref()) {
                Some(known) => *known = whole_count(known.saturating_add(*count)),
                None => _ = self.variants.insert(name.to_string(), whole_count(*count)),
            }
        }
        extend(&mut self.seen, now);
        if matches!(self.asked, Asked::Flag(_, true)) {
            extend(&mut self.on, now);
        }
        new + self.variants.len() - before
    }

    fn settle(self, report: &mut UsageReport) {
        let Some((first, last)) = self.seen else {
            return;
        };
        let app_name = self.app_name;
        let flag = match self.asked {
            Asked::Flag(flag, _) => flag,
            Asked::Unknown(name) => {
                report.sightings.unknown_flags.push(UnknownFlag {
                    name,
                    app_name,
                    environment: self.environment,
                    last_seen: last,
                });
                return;
            }
        };
        report.sightings.last_seen.push(LastSeen {
            flag: flag.clone(),
            environment: self.environment.clone(),
            at: last,
            first: (first < last).then_some(first),
            on: self.on,
        });
        report.rows.push(UsageRow {
            hour: self.hour,
            flag,
            environment: self.environment,
            app_name,
            yes: self.yes,
            no: self.no,
            variants: self.variants,
        });
    }
}

fn extend(times: &mut Option<(Timestamp, Timestamp)>, now: Timestamp) {
    *times = Some(match times {
        Some((first, last)) => ((*first).min(now), (*last).max(now)),
        None => (now, now),
    });
}

#[cfg(test)]
#[path = "tally_tests.rs"]
mod tests;
