//! Who and what has been seen: applications, their running copies, flags.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::names::{EnvironmentName, FlagName};
use crate::domain::time::Timestamp;

/// How many names are kept in one set: of kinds of strategies, of projects. The first ones in order stay, so that it
/// does not matter in which order reports come.
const MOST_NAMES: usize = 200;

fn join(names: &mut BTreeSet<String>, others: &BTreeSet<String>) {
    names.extend(others.iter().cloned());
    while names.len() > MOST_NAMES {
        names.pop_last();
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
    /// Projects its tokens see; `*` is all of them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub projects: BTreeSet<String>,
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
        join(&mut self.sdk_versions, &other.sdk_versions);
        join(&mut self.strategies, &other.strategies);
        join(&mut self.projects, &other.projects);
    }
}

/// What people said about an application.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct ApplicationCard {
    /// What it calls itself.
    pub app_name: String,
    /// When somebody last said something about it.
    pub changed_at: Timestamp,
    /// When somebody first said something about it.
    pub created_at: Timestamp,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Kinds of strategies it knows, in place of what it says itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategies: Option<Vec<String>>,
    /// A page about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A colour for lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// A picture for lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
}

impl ApplicationCard {
    /// What these are told apart and ordered by.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.app_name
    }

    /// Adds what somebody else said about the same application; who spoke last is right.
    pub fn add(&mut self, other: &Self) {
        let created_at = self.created_at.min(other.created_at);
        // Of two of the same millisecond the greater one wins, so that the order does not matter.
        let blank = |it: &Self| Self {
            created_at: Timestamp::from_millis(0),
            ..it.clone()
        };
        if blank(other) > blank(self) {
            *self = other.clone();
        }
        self.created_at = created_at;
    }
}

/// Where an SDK runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SdkKind {
    /// In a browser or on a device.
    Frontend,
    /// On a server.
    Backend,
}

impl SdkKind {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Frontend => "frontend",
            Self::Backend => "backend",
        }
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
    /// When it last told which: not every report does. [`Self::last_seen`] where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdk_told: Option<Timestamp>,
    /// Where its SDK runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdk_kind: Option<SdkKind>,
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

    /// The SDK, and when it was told.
    fn sdk(&self) -> Option<(Timestamp, &str)> {
        let version = self.sdk_version.as_deref()?;
        Some((self.sdk_told.unwrap_or(self.last_seen), version))
    }

    /// Adds what another report says about the same instance; the later report knows best.
    pub fn add(&mut self, other: &Self) {
        let first_seen = self.first_seen.min(other.first_seen);
        let sdk = self.sdk().max(other.sdk());
        let sdk = sdk.map(|(at, version)| (at, version.to_owned()));
        // Of two reports of the same millisecond the greater one wins, so that the order does not matter.
        let rank = |it: &Self| (it.last_seen, it.client_ip.clone(), it.sdk_kind);
        if rank(other) > rank(self) {
            *self = other.clone();
        }
        self.sdk_told = sdk.as_ref().map(|(at, _)| *at);
        self.sdk_version = sdk.map(|(_, version)| version);
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
    /// When it was first asked for; [`Self::at`] in records of older versions and in reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Timestamp>,
    /// When it was first and last asked for while it was switched on there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<(Timestamp, Timestamp)>,
}

impl LastSeen {
    /// What these are told apart and ordered by.
    #[must_use]
    pub fn key(&self) -> (&FlagName, &EnvironmentName) {
        (&self.flag, &self.environment)
    }

    /// Adds what another report says about the same flag and environment.
    pub fn add(&mut self, other: &Self) {
        let first = |it: &Self| it.first.unwrap_or(it.at);
        self.first = Some(first(self).min(first(other)));
        self.on = match (self.on, other.on) {
            (Some(one), Some(another)) => Some((one.0.min(another.0), one.1.max(another.1))),
            (one, another) => one.or(another),
        };
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
    /// What people said about applications.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<ApplicationCard>,
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

impl Sightings {
    /// Orders each list by key.
    pub fn sort(&mut self) {
        self.applications.sort_by(|a, b| a.key().cmp(&b.key()));
        self.cards.sort_by(|a, b| a.key().cmp(b.key()));
        self.instances.sort_by(|a, b| a.key().cmp(&b.key()));
        self.last_seen.sort_by(|a, b| a.key().cmp(&b.key()));
        self.unknown_flags.sort_by(|a, b| a.key().cmp(&b.key()));
    }
}
