//! What SDKs report: how often flags were asked for, and which applications run where. Pure data.
//!
//! Reports of the same thing add up, in any order and from any number of nodes: counts are sums, points in time are
//! the earliest or the latest, sets are unions.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::names::{EnvironmentName, FlagName};
use super::time::Timestamp;

/// How often a flag was on and off in one hour, for one application in one environment.
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

    /// Adds the counts of another row with the same key.
    pub fn add(&mut self, other: &Self) {
        self.yes = self.yes.saturating_add(other.yes);
        self.no = self.no.saturating_add(other.no);
        for (variant, count) in &other.variants {
            let sum = self.variants.entry(variant.clone()).or_default();
            *sum = sum.saturating_add(*count);
        }
    }
}

/// An application in an environment, as it registered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Application {
    /// What it calls itself.
    pub app_name: String,
    /// The environment it runs in.
    pub environment: EnvironmentName,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// SDKs it uses, such as `unleash-client-node:6.1.0`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sdk_versions: BTreeSet<String>,
    /// Kinds of strategies its SDKs know.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub strategies: BTreeSet<String>,
}

impl Application {
    /// What applications are told apart and ordered by.
    #[must_use]
    pub fn key(&self) -> (&str, &EnvironmentName) {
        (&self.app_name, &self.environment)
    }

    /// Adds what another report says about the same application.
    pub fn add(&mut self, other: &Self) {
        self.first_seen = self.first_seen.min(other.first_seen);
        self.last_seen = self.last_seen.max(other.last_seen);
        self.sdk_versions.extend(other.sdk_versions.iter().cloned());
        self.strategies.extend(other.strategies.iter().cloned());
    }
}

/// One running copy of an application.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClientInstance {
    /// The application.
    pub app_name: String,
    /// The environment it runs in.
    pub environment: EnvironmentName,
    /// What the copy calls itself.
    pub instance_id: String,
    /// The SDK it uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdk_version: Option<String>,
    /// The address it reported from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_ip: Option<String>,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
}

impl ClientInstance {
    /// What instances are told apart and ordered by.
    #[must_use]
    pub fn key(&self) -> (&str, &EnvironmentName, &str) {
        (&self.app_name, &self.environment, &self.instance_id)
    }

    /// Adds what another report says about the same instance; the later report knows best.
    pub fn add(&mut self, other: &Self) {
        let first_seen = self.first_seen.min(other.first_seen);
        // Of two reports of the same millisecond the greater text wins, so that the order does not matter.
        let rank = |it: &Self| (it.last_seen, it.sdk_version.clone(), it.client_ip.clone());
        if rank(other) > rank(self) {
            *self = other.clone();
        }
        self.first_seen = first_seen;
    }
}

/// When a flag was last asked for in an environment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LastSeen {
    /// The flag.
    pub flag: FlagName,
    /// The environment.
    pub environment: EnvironmentName,
    /// When.
    pub at: Timestamp,
}

impl LastSeen {
    /// What these are told apart and ordered by.
    #[must_use]
    pub fn key(&self) -> (&FlagName, &EnvironmentName) {
        (&self.flag, &self.environment)
    }

    /// Adds what another report says about the same flag and environment.
    pub fn add(&mut self, other: &Self) {
        self.at = self.at.max(other.at);
    }
}

/// A flag an application asked for that does not exist here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UnknownFlag {
    /// The name asked for; not necessarily a valid one.
    pub name: String,
    /// The application.
    pub app_name: String,
    /// The environment.
    pub environment: EnvironmentName,
    /// When it was last asked for.
    pub last_seen: Timestamp,
}

impl UnknownFlag {
    /// What these are told apart and ordered by.
    #[must_use]
    pub fn key(&self) -> (&str, &str, &EnvironmentName) {
        (&self.name, &self.app_name, &self.environment)
    }

    /// Adds what another report says about the same name, application and environment.
    pub fn add(&mut self, other: &Self) {
        self.last_seen = self.last_seen.max(other.last_seen);
    }
}

/// Who and what has been seen, beside the counts.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Sightings {
    /// Applications by name and environment.
    #[serde(default)]
    pub applications: Vec<Application>,
    /// Their running copies.
    #[serde(default)]
    pub instances: Vec<ClientInstance>,
    /// When flags were last asked for.
    #[serde(default)]
    pub last_seen: Vec<LastSeen>,
    /// Flags that were asked for and do not exist.
    #[serde(default)]
    pub unknown_flags: Vec<UnknownFlag>,
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
