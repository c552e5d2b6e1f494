//! Shapes of reported usage.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::HOURLY;
use crate::domain::names::EnvironmentName;
use crate::domain::time::Timestamp;
use crate::domain::usage::{ClientInstance, UsageRow};

const HOUR: i64 = 3_600_000;

/// How often a flag was on and off in one hour, environment and application.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FeatureEnvironmentMetricsSchema {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feature_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_name: Option<String>,
    pub environment: String,
    pub timestamp: String,
    pub yes: u64,
    pub no: u64,
    /// Missing where nothing was reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = BTreeMap<String, u64>, required = false)]
    pub variants: Option<BTreeMap<String, u64>>,
}

/// The usage of a flag piece by piece.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FeatureMetricsSchema {
    version: u32,
    maturity: &'static str,
    data: Vec<FeatureEnvironmentMetricsSchema>,
}

/// The usage of a flag in the newest hour, and who uses it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FeatureUsageSchema {
    version: u32,
    maturity: &'static str,
    feature_name: String,
    last_hour_usage: Vec<FeatureEnvironmentMetricsSchema>,
    seen_applications: BTreeSet<String>,
}

/// A process an SDK runs in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ApplicationEnvironmentInstanceSchema {
    instance_id: String,
    client_ip: Option<String>,
    sdk_version: Option<String>,
    last_seen: String,
}

/// The processes of an application in an environment.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ApplicationEnvironmentInstancesSchema {
    pub instances: Vec<ApplicationEnvironmentInstanceSchema>,
}

impl From<ClientInstance> for ApplicationEnvironmentInstanceSchema {
    fn from(it: ClientInstance) -> Self {
        Self {
            instance_id: it.instance_id,
            client_ip: it.client_ip,
            sdk_version: it.sdk_version,
            last_seen: it.last_seen.to_string(),
        }
    }
}

/// How usage is cut into pieces.
#[derive(Clone, Copy, Debug)]
pub(super) enum Steps {
    /// By hour.
    Hours,
    /// By day.
    Days,
}

impl Steps {
    /// Far back there are only days.
    pub(super) fn of(hours_back: i64) -> Self {
        if hours_back <= HOURLY {
            Self::Hours
        } else {
            Self::Days
        }
    }

    fn length(self) -> i64 {
        match self {
            Self::Hours => HOUR,
            Self::Days => 24 * HOUR,
        }
    }

    fn begin(self, at: Timestamp) -> Timestamp {
        match self {
            Self::Hours => at.hour(),
            Self::Days => at.day(),
        }
    }

    /// The first and the last piece, the one `now` lies in.
    pub(super) fn ends(self, now: Timestamp, hours_back: i64) -> (Timestamp, Timestamp) {
        let oldest = now.plus_millis(-(hours_back - 1) * HOUR);
        (self.begin(oldest), self.begin(now))
    }
}

impl FeatureMetricsSchema {
    /// What was counted from `first` to `last`, with zeros where an application that reported was silent.
    pub(super) fn new(
        flag: &str,
        rows: Vec<UsageRow>,
        steps: Steps,
        (first, last): (Timestamp, Timestamp),
    ) -> Self {
        // As with the reference, every application is told in every environment somebody reported from.
        let applications = rows.iter().map(|row| row.app_name.clone());
        let environments = rows.iter().map(|row| row.environment.clone());
        let (applications, environments): (BTreeSet<_>, BTreeSet<_>) =
            (applications.collect(), environments.collect());
        let reporters: Vec<(&String, &EnvironmentName)> = applications
            .iter()
            .flat_map(|app| environments.iter().map(move |it| (app, it)))
            .collect();
        let mut known: BTreeMap<_, UsageRow> = BTreeMap::new();
        for row in rows {
            let begin = steps.begin(row.hour);
            known
                .entry((begin, row.app_name.clone(), row.environment.clone()))
                .and_modify(|sum| sum.add(&row))
                .or_insert(row);
        }
        let mut data = Vec::new();
        let mut hour = first;
        while hour <= last {
            for (app_name, environment) in &reporters {
                let key = (hour, (*app_name).clone(), (*environment).clone());
                let counts = known.remove(&key);
                data.push(FeatureEnvironmentMetricsSchema {
                    feature_name: Some(flag.to_owned()),
                    app_name: Some((*app_name).clone()),
                    environment: environment.to_string(),
                    timestamp: hour.to_string(),
                    yes: counts.as_ref().map_or(0, |row| row.yes),
                    no: counts.as_ref().map_or(0, |row| row.no),
                    variants: counts.map(|row| row.variants),
                });
            }
            hour = hour.plus_millis(steps.length());
        }
        Self {
            version: 1,
            maturity: "stable",
            data,
        }
    }
}

impl FeatureUsageSchema {
    /// The newest reported hour of each environment, added up over applications.
    pub(super) fn new(flag: &str, rows: &[UsageRow]) -> Self {
        let mut newest: BTreeMap<&EnvironmentName, FeatureEnvironmentMetricsSchema> =
            BTreeMap::new();
        for row in rows {
            let hour = row.hour.to_string();
            let entry =
                newest
                    .entry(&row.environment)
                    .or_insert_with(|| FeatureEnvironmentMetricsSchema {
                        feature_name: None,
                        app_name: None,
                        environment: row.environment.to_string(),
                        timestamp: hour.clone(),
                        yes: 0,
                        no: 0,
                        variants: None,
                    });
            if hour > entry.timestamp {
                (entry.timestamp, entry.yes, entry.no) = (hour.clone(), 0, 0);
            }
            if hour == entry.timestamp {
                entry.yes += row.yes;
                entry.no += row.no;
            }
        }
        Self {
            version: 1,
            maturity: "stable",
            feature_name: flag.to_owned(),
            last_hour_usage: newest.into_values().collect(),
            seen_applications: rows.iter().map(|row| row.app_name.clone()).collect(),
        }
    }
}
