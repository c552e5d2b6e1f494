//! What SDKs report: how often flags were asked for, and which applications run where. Pure data.
//!
//! Reports of the same thing add up, in any order and from any number of nodes: counts are sums, points in time are
//! the earliest or the latest, sets are unions.

mod expiry;
mod impact;
mod sightings;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::names::{EnvironmentName, FlagName};
use super::time::Timestamp;

pub use expiry::{Expiry, Retention, kept};
pub use impact::{ImpactKind, ImpactMetric, ImpactSample, ImpactValue};
pub use sightings::{
    Application, ApplicationCard, ClientInstance, LastSeen, SdkKind, Sightings, UnknownFlag,
};

/// The highest count. Stores that several nodes share add up signed numbers of 64 bits.
pub const MOST_COUNTED: u64 = i64::MAX.cast_unsigned();

/// How often a flag was on and off in one hour, for one application in one environment. Rows of days long past are
/// added up: then the hour is the first of the day, and the counts are those of all of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UsageRow {
    /// The start of the hour.
    pub hour: Timestamp,
    /// The flag.
    pub flag: FlagName,
    /// The environment the application runs in.
    pub environment: EnvironmentName,
    /// The application.
    pub app_name: String,
    /// How often it was on.
    pub yes: u64,
    /// How often it was off.
    pub no: u64,
    /// How often each variant was given.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variants: BTreeMap<String, u64>,
}

impl UsageRow {
    /// What rows are told apart and ordered by.
    #[must_use]
    pub fn key(&self) -> (&FlagName, Timestamp, &EnvironmentName, &str) {
        (&self.flag, self.hour, &self.environment, &self.app_name)
    }

    /// Adds the counts of another row with the same key, up to [`MOST_COUNTED`].
    pub fn add(&mut self, other: &Self) {
        let sum = |a: u64, b: u64| a.saturating_add(b).min(MOST_COUNTED);
        self.yes = sum(self.yes, other.yes);
        self.no = sum(self.no, other.no);
        for (variant, count) in &other.variants {
            let known = self.variants.entry(variant.clone()).or_default();
            *known = sum(*known, *count);
        }
    }
}

/// Something to be added to what is known already.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct UsageReport {
    /// Counts.
    #[serde(default)]
    pub rows: Vec<UsageRow>,
    /// Who and what was seen.
    #[serde(default)]
    pub sightings: Sightings,
}

impl UsageReport {
    /// Whether there is nothing to add.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Which rows are wanted. Fields left empty do not restrict.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct UsageQuery {
    /// Of this flag. Without it all rows are looked at.
    pub flag: Option<FlagName>,
    /// In this environment.
    pub environment: Option<EnvironmentName>,
    /// Of this application.
    pub app_name: Option<String>,
    /// Of hours that start at or after this instant.
    pub from: Option<Timestamp>,
    /// Of hours that start before this instant.
    pub to: Option<Timestamp>,
}

impl UsageQuery {
    /// Whether the query asks for `row`.
    #[must_use]
    pub fn matches(&self, row: &UsageRow) -> bool {
        self.flag.as_ref().is_none_or(|it| *it == row.flag)
            && self
                .environment
                .as_ref()
                .is_none_or(|it| *it == row.environment)
            && self.app_name.as_ref().is_none_or(|it| *it == row.app_name)
            && self.from.is_none_or(|from| row.hour >= from)
            && self.to.is_none_or(|to| row.hour < to)
    }
}
