//! How many of whom and what there are, counted from all that was seen. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::time::Timestamp;
use crate::domain::usage::Sightings;

const DAY: i64 = 24 * 3_600_000;

/// How many SDKs, by environment and version, are told apart; the rest is counted together.
const MOST_SDKS: usize = 200;

/// What stands for the rest, and for an SDK that did not say what it is.
const OTHER: &str = "other";
const UNKNOWN: &str = "unknown";

/// An environment, an SDK, its version.
type Sdk = (String, String, String);

/// Numbers of applications, their running copies and unknown flags.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Census {
    /// Applications by when they were last seen.
    pub applications: [(&'static str, usize); 3],
    /// Copies seen within a day, by environment, SDK and its version.
    pub instances: BTreeMap<Sdk, usize>,
    /// Flags somebody asked for within a day that do not exist, by application and environment.
    pub unknown_flags: usize,
    /// The same, each name once.
    pub unknown_names: usize,
}

impl Census {
    pub(super) fn of(seen: &Sightings, now: Timestamp) -> Self {
        let yesterday = now.plus_millis(-DAY);
        let unknown = seen.unknown_flags.iter();
        let unknown = unknown.filter(|it| it.last_seen >= yesterday);
        Self {
            applications: [
                ("allTime", applications(seen, None)),
                ("30d", applications(seen, Some(now.plus_millis(-30 * DAY)))),
                ("7d", applications(seen, Some(now.plus_millis(-7 * DAY)))),
            ],
            instances: bounded(instances(seen, yesterday)),
            unknown_flags: unknown.clone().count(),
            unknown_names: unknown.map(|it| &it.name).collect::<BTreeSet<_>>().len(),
        }
    }
}

fn applications(seen: &Sightings, since: Option<Timestamp>) -> usize {
    let all = seen.applications.iter();
    let recent = all.filter(|it| since.is_none_or(|since| it.last_seen >= since));
    recent.map(|it| &it.app_name).collect::<BTreeSet<_>>().len()
}

fn instances(seen: &Sightings, since: Timestamp) -> BTreeMap<Sdk, usize> {
    let mut counts = BTreeMap::new();
    for it in seen.instances.iter().filter(|it| it.last_seen >= since) {
        let sdk = it.sdk_version.as_deref().unwrap_or(UNKNOWN);
        let (name, version) = sdk.split_once(':').unwrap_or((sdk, UNKNOWN));
        let sdk = (it.environment.to_string(), name.into(), version.into());
        *counts.entry(sdk).or_default() += 1;
    }
    counts
}

/// Those with most copies stay by themselves.
fn bounded(counts: BTreeMap<Sdk, usize>) -> BTreeMap<Sdk, usize> {
    let mut all: Vec<(Sdk, usize)> = counts.into_iter().collect();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let rest = all.split_off(all.len().min(MOST_SDKS));
    let mut kept: BTreeMap<Sdk, usize> = all.into_iter().collect();
    for ((environment, _, _), count) in rest {
        let other = (environment, OTHER.to_owned(), OTHER.to_owned());
        *kept.entry(other).or_default() += count;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::names::EnvironmentName;
    use crate::domain::usage::{Application, ClientInstance, UnknownFlag};

    const NOW: Timestamp = Timestamp::from_millis(100 * DAY);

    fn seen(days_ago: i64, name: &str, sdk: Option<&str>) -> Sightings {
        let at = NOW.plus_millis(-days_ago * DAY);
        let environment = EnvironmentName::trusted("production");
        let mut seen = Sightings::default();
        seen.applications.push(Application {
            app_name: name.into(),
            environment: environment.clone(),
            first_seen: at,
            last_seen: at,
            sdk_versions: BTreeSet::new(),
            strategies: BTreeSet::new(),
            projects: BTreeSet::new(),
        });
        seen.instances.push(ClientInstance {
            app_name: name.into(),
            environment: environment.clone(),
            instance_id: "i".into(),
            sdk_version: sdk.map(Into::into),
            sdk_told: None,
            sdk_kind: None,
            client_ip: None,
            first_seen: at,
            last_seen: at,
        });
        seen.unknown_flags.push(UnknownFlag {
            name: "gone".into(),
            app_name: name.into(),
            environment,
            last_seen: at,
        });
        seen
    }

    fn all(parts: impl IntoIterator<Item = Sightings>) -> Sightings {
        parts.into_iter().fold(Sightings::default(), |mut all, it| {
            all.applications.extend(it.applications);
            all.instances.extend(it.instances);
            all.unknown_flags.extend(it.unknown_flags);
            all
        })
    }

    #[test]
    fn everybody_is_counted_by_when_they_were_seen() {
        let seen = all([
            seen(0, "a", Some("sdk:1")),
            seen(0, "b", None),
            seen(3, "c", Some("sdk:1")),
            seen(10, "d", Some("sdk:1")),
            seen(50, "e", Some("sdk:1")),
        ]);
        let census = Census::of(&seen, NOW);
        assert_eq!(census.applications, [("allTime", 5), ("30d", 4), ("7d", 3)]);
        assert_eq!((census.unknown_flags, census.unknown_names), (2, 1));
        let sdk = |name: &str, version: &str| ("production".into(), name.into(), version.into());
        let expected = [(sdk("sdk", "1"), 1), (sdk("unknown", "unknown"), 1)];
        assert_eq!(census.instances, expected.into());
    }

    #[test]
    fn sdks_are_bounded_and_nobody_is_left_out() {
        let versions = (0..500).map(|number| seen(0, "a", Some(&format!("sdk:{number}"))));
        let heavy = (0..5).map(|_| seen(0, "a", Some("sdk:common")));
        let census = Census::of(&all(versions.chain(heavy)), NOW);
        assert_eq!(census.instances.len(), MOST_SDKS + 1);
        assert_eq!(census.instances.values().sum::<usize>(), 505);
        let common = ("production".into(), "sdk".into(), "common".into());
        assert_eq!(census.instances.get(&common), Some(&5));
    }
}
