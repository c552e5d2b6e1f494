//! From what SDKs write to what we add up. Pure: the time and the state are handed in.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::domain::names::{EnvironmentName, FlagName, ProjectId};
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::usage::{
    Application, ClientInstance, LastSeen, MOST_COUNTED, SdkKind, UnknownFlag, UsageReport,
    UsageRow,
};
use crate::wire::bulk_metrics::{BulkApplication, BulkCount, BulkMetrics, SdkKind as WireSdkKind};
use crate::wire::client_application::ClientApplication;
use crate::wire::client_metrics::{ClientMetrics, ToggleCounts};

/// A report that its schema allows and that makes no sense all the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum Nonsense {
    /// `sdkVersion` is there but empty.
    #[error("\"sdkVersion\" is not allowed to be empty")]
    EmptySdkVersion,
    /// A registration says neither when the application started nor how often it asks.
    #[error("a registration without \"started\" and \"interval\"")]
    NoTimes,
    /// An instant that is none.
    #[error("a date that cannot be read")]
    Date,
}

/// What is known about a report besides its body.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The environment of the token.
    pub environment: &'a EnvironmentName,
    /// The projects of the token; none is all of them.
    pub projects: Option<&'a BTreeSet<ProjectId>>,
    /// Where the SDKs run that use this API.
    pub sdk_kind: SdkKind,
    /// Where it came from.
    pub client_ip: Option<&'a str>,
    /// When it came.
    pub now: Timestamp,
}

/// The longest name of an application, instance or SDK that is kept; the rest is cut off.
const LONGEST: usize = 255;

/// What stands for all projects.
const ALL: &str = "*";

/// What copies that do not say who they are are called.
const UNNAMED: &str = "default";

impl Origin<'_> {
    /// An application and a running copy of it, just seen.
    pub(super) fn sighting(
        &self,
        app_name: &str,
        instance: Option<&str>,
        sdk: Option<&str>,
    ) -> UsageReport {
        let app_name = clip(app_name);
        let sdk = sdk.filter(|text| !text.is_empty()).map(clip);
        let instance = instance.filter(|text| !text.is_empty());
        let mut report = UsageReport::default();
        report.sightings.applications.push(Application {
            app_name: app_name.clone(),
            environment: self.environment.clone(),
            first_seen: self.now,
            last_seen: self.now,
            sdk_versions: sdk.iter().cloned().collect(),
            strategies: BTreeSet::new(),
            projects: self.project_names(),
        });
        report.sightings.instances.push(ClientInstance {
            app_name,
            environment: self.environment.clone(),
            instance_id: clip(instance.unwrap_or(UNNAMED)),
            sdk_version: sdk,
            sdk_told: None,
            sdk_kind: Some(self.sdk_kind),
            client_ip: self.client_ip.map(clip),
            first_seen: self.now,
            last_seen: self.now,
        });
        report
    }

    fn project_names(&self) -> BTreeSet<String> {
        match self.projects {
            None => [ALL.to_owned()].into(),
            Some(projects) => projects.iter().map(ToString::to_string).collect(),
        }
    }
}

/// A registration (contract CLIENT-API §4).
///
/// # Errors
/// [`Nonsense::EmptySdkVersion`].
pub fn registration(body: &ClientApplication, origin: Origin<'_>) -> Result<UsageReport, Nonsense> {
    if body.sdk_version.as_deref() == Some("") {
        return Err(Nonsense::EmptySdkVersion);
    }
    let sdk = body.sdk_version.as_deref();
    let mut report = origin.sighting(&body.app_name, body.instance_id.as_deref(), sdk);
    add_strategies(&mut report, &body.strategies);
    Ok(report)
}

/// The counts of one copy of an application (contract CLIENT-API §5). `seen_as` is the SDK when the copy itself is to
/// be noted.
///
/// # Errors
/// [`Nonsense::Date`].
pub fn metrics(
    body: &ClientMetrics,
    origin: Origin<'_>,
    state: &State,
    instance: Instance<'_>,
) -> Result<UsageReport, Nonsense> {
    let mut report = match instance {
        Instance::Unseen => UsageReport::default(),
        Instance::Seen { sdk } => origin.sighting(&body.app_name, body.instance_id.as_deref(), sdk),
    };
    let Some(bucket) = &body.bucket else {
        return Ok(report);
    };
    let stop = bucket.stop.instant().ok_or(Nonsense::Date)?;
    bucket.start.instant().ok_or(Nonsense::Date)?;
    for (flag, counts) in &bucket.toggles {
        let counts = Counts::from(counts);
        add_counts(
            &mut report,
            origin,
            state,
            (flag, &body.app_name, stop),
            counts,
        );
    }
    Ok(report)
}

/// Whether a report of counts also says that a copy of an application is running.
#[derive(Clone, Copy, Debug)]
pub enum Instance<'a> {
    /// It does not.
    Unseen,
    /// It does, with this SDK.
    Seen {
        /// The SDK.
        sdk: Option<&'a str>,
    },
}

/// What Edge collected (contract CLIENT-API §6). Counts of other environments than the token's are left out.
///
/// # Errors
/// See [`Nonsense`].
pub fn bulk(
    body: &BulkMetrics,
    origin: Origin<'_>,
    state: &State,
) -> Result<UsageReport, Nonsense> {
    let mut report = UsageReport::default();
    for application in &body.applications {
        add_application(&mut report, application, origin, state)?;
    }
    let own = |count: &&BulkCount| count.environment == origin.environment.as_str();
    for count in body.metrics.iter().filter(own) {
        let at = match &count.timestamp {
            Some(date) => date.instant().ok_or(Nonsense::Date)?,
            None => origin.now,
        };
        let counts = Counts {
            yes: whole(count.yes),
            no: whole(count.no),
            variants: variants(&count.variants),
        };
        let place = (count.feature_name.as_str(), count.app_name.as_str(), at);
        add_counts(&mut report, origin, state, place, counts);
    }
    Ok(report)
}

fn add_application(
    report: &mut UsageReport,
    application: &BulkApplication,
    origin: Origin<'_>,
    state: &State,
) -> Result<(), Nonsense> {
    if application.sdk_version.as_deref() == Some("") {
        return Err(Nonsense::EmptySdkVersion);
    }
    if application.started.is_none() && application.interval.is_none() {
        return Err(Nonsense::NoTimes);
    }
    let environment = state
        .environments
        .get_key_value(application.environment.as_str());
    let (false, Some((environment, _))) = (application.app_name.is_empty(), environment) else {
        return Ok(());
    };
    let there = Origin {
        environment,
        sdk_kind: match application.sdk_type {
            Some(WireSdkKind::Frontend) => SdkKind::Frontend,
            Some(WireSdkKind::Backend) | None => SdkKind::Backend,
        },
        ..origin
    };
    let sdk = application.sdk_version.as_deref();
    let instance = Some(application.instance_id.as_str());
    let mut seen = there.sighting(&application.app_name, instance, sdk);
    add_strategies(&mut seen, &application.strategies);
    if !application.projects.is_empty() {
        let projects = application.projects.iter();
        let projects: BTreeSet<String> = projects.map(|name| clip(name)).collect();
        for it in &mut seen.sightings.applications {
            it.projects.clone_from(&projects);
        }
    }
    report
        .sightings
        .applications
        .append(&mut seen.sightings.applications);
    report
        .sightings
        .instances
        .append(&mut seen.sightings.instances);
    Ok(())
}

fn add_strategies(report: &mut UsageReport, strategies: &[String]) {
    for application in &mut report.sightings.applications {
        application
            .strategies
            .extend(strategies.iter().map(|name| clip(name)));
    }
}

/// How often a flag was on and off.
struct Counts {
    yes: u64,
    no: u64,
    variants: BTreeMap<String, u64>,
}

impl From<&ToggleCounts> for Counts {
    fn from(counts: &ToggleCounts) -> Self {
        Self {
            yes: whole(counts.yes),
            no: whole(counts.no),
            variants: counts.variants.as_ref().map(variants).unwrap_or_default(),
        }
    }
}

/// Nothing is noted for a flag that was not asked for, whatever is said about its variants.
fn add_counts(
    report: &mut UsageReport,
    origin: Origin<'_>,
    state: &State,
    (flag, app_name, at): (&str, &str, Timestamp),
    counts: Counts,
) {
    if counts.yes == 0 && counts.no == 0 {
        return;
    }
    let Some((flag, known)) = state.flags.get_key_value(flag) else {
        report.sightings.unknown_flags.push(UnknownFlag {
            name: clip(flag),
            app_name: clip(app_name),
            environment: origin.environment.clone(),
            last_seen: origin.now,
        });
        return;
    };
    let there = known.environments.get(origin.environment);
    let is_on = there.is_some_and(|it| it.enabled);
    report.sightings.last_seen.push(LastSeen {
        flag: FlagName::clone(flag),
        environment: origin.environment.clone(),
        at: origin.now,
        first: None,
        on: is_on.then_some((origin.now, origin.now)),
    });
    report.rows.push(UsageRow {
        hour: at.hour(),
        flag: FlagName::clone(flag),
        environment: origin.environment.clone(),
        app_name: clip(app_name),
        yes: counts.yes,
        no: counts.no,
        variants: counts.variants,
    });
}

fn variants(counts: &BTreeMap<String, f64>) -> BTreeMap<String, u64> {
    counts
        .iter()
        .map(|(name, count)| (clip(name), whole(*count)))
        .collect()
}

/// Fractions are dropped, as are negative numbers, which the schema refuses anyway.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates"
)]
fn whole(count: f64) -> u64 {
    whole_count(count as u64)
}

/// No more than that is counted.
pub(super) fn whole_count(count: u64) -> u64 {
    count.min(MOST_COUNTED)
}

pub(super) fn clip(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
#[path = "ingest_tests.rs"]
pub(super) mod tests;
