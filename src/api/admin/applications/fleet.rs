//! The applications that use this server, put together from what they and people said.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::names::{EnvironmentName, FlagName};
use crate::domain::sdk::is_outdated;
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::usage::{
    Application, ApplicationCard, ClientInstance, SdkKind, Sightings, UsageRow,
};

/// What is known about applications.
#[derive(Clone, Copy)]
pub(super) struct Fleet<'f> {
    pub(super) state: &'f State,
    pub(super) seen: &'f Sightings,
}

/// What is known about one application.
pub(super) struct Member<'f> {
    pub(super) name: &'f str,
    /// As it registered, by environment.
    pub(super) registered: Vec<&'f Application>,
    /// What people said about it.
    pub(super) card: Option<&'f ApplicationCard>,
}

impl<'f> Fleet<'f> {
    /// All applications, by name.
    pub(super) fn members(self) -> Vec<Member<'f>> {
        let registered = self.seen.applications.iter().map(|it| it.app_name.as_str());
        let described = self.seen.cards.iter().map(|it| it.app_name.as_str());
        let names: BTreeSet<&str> = registered.chain(described).collect();
        names.into_iter().map(|name| self.gather(name)).collect()
    }

    /// One of them.
    pub(super) fn member(self, name: &'f str) -> Option<Member<'f>> {
        let member = self.gather(name);
        let known = member.card.is_some() || !member.registered.is_empty();
        known.then_some(member)
    }

    fn gather(self, name: &'f str) -> Member<'f> {
        let registered = self.seen.applications.iter();
        Member {
            name,
            registered: registered.filter(|it| it.app_name == name).collect(),
            card: self.seen.cards.iter().find(|it| it.app_name == name),
        }
    }

    /// The running copies of an application.
    pub(super) fn instances(self, name: &str) -> impl Iterator<Item = &'f ClientInstance> {
        let all = self.seen.instances.iter();
        all.filter(move |it| it.app_name == name)
    }

    /// Flags that do not exist and that an application asks for in an environment.
    pub(super) fn missing(self, name: &str, environment: &EnvironmentName) -> Vec<String> {
        let unknown = self.seen.unknown_flags.iter();
        let own = unknown.filter(|it| it.app_name == name && it.environment == *environment);
        own.map(|it| &it.name)
            .filter(|flag| !self.state.flags.contains_key(flag.as_str()))
            .cloned()
            .collect()
    }

    /// Versions of SDKs that are too old, with the applications for which `counts` holds.
    pub(super) fn outdated(
        self,
        counts: impl Fn(&ClientInstance) -> bool,
    ) -> BTreeMap<&'f str, BTreeSet<&'f str>> {
        let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for it in self.seen.instances.iter().filter(|it| counts(it)) {
            let old = it.sdk_version.as_deref().filter(|sdk| is_outdated(sdk));
            if let Some(sdk) = old {
                found.entry(sdk).or_default().insert(&it.app_name);
            }
        }
        found
    }
}

impl Member<'_> {
    /// When it was first and last heard of.
    pub(super) fn times(&self) -> (Timestamp, Timestamp) {
        let first = self.registered.iter().map(|it| it.first_seen);
        let first = first.chain(self.card.map(|card| card.created_at)).min();
        let last = self.registered.iter().map(|it| it.last_seen);
        let last = last.chain(self.card.map(|card| card.changed_at)).max();
        let never = Timestamp::from_millis(0);
        (first.unwrap_or(never), last.unwrap_or(never))
    }

    /// Kinds of strategies it knows: what people said goes before what it says itself.
    pub(super) fn strategies(&self) -> Vec<String> {
        if let Some(said) = self.card.and_then(|card| card.strategies.clone()) {
            return said;
        }
        let all = self.registered.iter().flat_map(|it| &it.strategies);
        let all: BTreeSet<&String> = all.collect();
        all.into_iter().cloned().collect()
    }

    /// The environments in which its tokens see each project. Nobody knows where one runs that people told of.
    pub(super) fn places(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut places: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for it in &self.registered {
            for project in &it.projects {
                let environments = places.entry(project).or_default();
                environments.insert(it.environment.as_str());
            }
        }
        if places.is_empty() {
            let everywhere = self.registered.iter().map(|it| it.environment.as_str());
            let mut everywhere: BTreeSet<&str> = everywhere.collect();
            if everywhere.is_empty() {
                everywhere.insert("*");
            }
            places.insert("*", everywhere);
        }
        places
    }
}

/// The SDKs of running copies: all, or those of one kind.
pub(super) fn sdks(instances: &[&ClientInstance], kind: Option<SdkKind>) -> Vec<String> {
    let wanted = instances
        .iter()
        .filter(|it| kind.is_none() || it.sdk_kind == kind);
    let sdks: BTreeSet<&String> = wanted.filter_map(|it| it.sdk_version.as_ref()).collect();
    sdks.into_iter().cloned().collect()
}

/// The flags that were asked for.
pub(super) fn flags_of(rows: &[UsageRow]) -> BTreeSet<&FlagName> {
    rows.iter().map(|row| &row.flag).collect()
}
