//! From what is known about applications to their shapes.

use std::collections::{BTreeMap, BTreeSet};

use super::fleet::{Fleet, Member, sdks};
use super::schema::{
    ApplicationDetailsSchema, ApplicationEnvironmentIssuesSchema, ApplicationInstanceSchema,
    ApplicationLinksSchema, ApplicationOverviewEnvironmentSchema, ApplicationOverviewIssuesSchema,
    ApplicationOverviewSchema, ApplicationSchema, ApplicationStrategySchema,
    ApplicationUsageSchema, OutdatedSdkSchema, OutdatedSdksSchema, ProjectApplicationSchema,
    ProjectApplicationSdkSchema, UnknownStrategySchema,
};
use crate::api::admin::features::answer::FeatureSchema;
use crate::domain::flag::Flag;
use crate::domain::names::{EnvironmentName, FlagName};
use crate::domain::sdk;
use crate::domain::state::State;
use crate::domain::usage::{ClientInstance, SdkKind};

/// Who tells of applications that nobody told of: the program.
const ITSELF: &str = "burgee-system";

impl From<&Member<'_>> for ApplicationSchema {
    fn from(it: &Member<'_>) -> Self {
        let (created_at, updated_at) = it.times();
        let usage: Vec<ApplicationUsageSchema> = it
            .places()
            .into_iter()
            .map(|(project, environments)| ApplicationUsageSchema {
                project: project.to_owned(),
                environments: owned(environments),
            })
            .collect();
        let first = usage.first();
        let environment = first.and_then(|it| it.environments.first());
        Self {
            app_name: it.name.to_owned(),
            created_at: created_at.to_string(),
            updated_at: updated_at.to_string(),
            description: it.card.and_then(|card| card.description.clone()),
            strategies: it.strategies(),
            created_by: (!it.registered.is_empty()).then_some(ITSELF),
            url: it.card.and_then(|card| card.url.clone()),
            color: it.card.and_then(|card| card.color.clone()),
            icon: it.card.and_then(|card| card.icon.clone()),
            environment: environment.cloned().unwrap_or_default(),
            project: first.map(|it| it.project.clone()).unwrap_or_default(),
            usage,
        }
    }
}

fn owned(names: BTreeSet<&str>) -> Vec<String> {
    names.into_iter().map(ToOwned::to_owned).collect()
}

impl From<&ClientInstance> for ApplicationInstanceSchema {
    fn from(it: &ClientInstance) -> Self {
        Self {
            app_name: it.app_name.clone(),
            instance_id: it.instance_id.clone(),
            sdk_version: it.sdk_version.clone(),
            sdk_type: it.sdk_kind.map(SdkKind::as_str),
            client_ip: it.client_ip.clone(),
            last_seen: it.last_seen.to_string(),
            created_at: it.first_seen.to_string(),
            environment: it.environment.to_string(),
        }
    }
}

/// An application with what belongs to it.
pub(super) fn details(
    fleet: Fleet<'_>,
    member: &Member<'_>,
    flags: &BTreeSet<FlagName>,
) -> ApplicationDetailsSchema {
    let strategy = |name: String| match fleet.state.strategy_kinds.get(name.as_str()) {
        Some(kind) => ApplicationStrategySchema::Known((&**kind).into()),
        None => ApplicationStrategySchema::Unknown(UnknownStrategySchema {
            name,
            not_found: true,
        }),
    };
    let (created_at, _) = member.times();
    let card = member.card;
    ApplicationDetailsSchema {
        app_name: member.name.to_owned(),
        created_at: created_at.to_string(),
        description: card.and_then(|card| card.description.clone()),
        url: card.and_then(|card| card.url.clone()),
        color: card.and_then(|card| card.color.clone()),
        icon: card.and_then(|card| card.icon.clone()),
        strategies: member.strategies().into_iter().map(strategy).collect(),
        instances: fleet.instances(member.name).map(Into::into).collect(),
        seen_toggles: live(fleet.state, flags).map(FeatureSchema::short).collect(),
        links: ApplicationLinksSchema {
            own: format!("/api/applications/{}", member.name),
        },
    }
}

fn live<'s>(state: &'s State, flags: &BTreeSet<FlagName>) -> impl Iterator<Item = &'s Flag> {
    let known = flags.iter().filter_map(|name| state.flags.get(name));
    known.map(AsRef::as_ref).filter(|flag| !flag.is_archived())
}

/// An application at a glance. Of one nobody knows there is nothing to see.
pub(super) fn overview(
    fleet: Fleet<'_>,
    name: &str,
    flags: &BTreeSet<FlagName>,
) -> ApplicationOverviewSchema {
    let mut by_environment: BTreeMap<&EnvironmentName, Vec<&ClientInstance>> = BTreeMap::new();
    for it in fleet.instances(name) {
        by_environment.entry(&it.environment).or_default().push(it);
    }
    let used: Vec<&Flag> = live(fleet.state, flags).collect();
    let projects: BTreeSet<&str> = used.iter().map(|flag| flag.project.as_str()).collect();
    let strategies = fleet.member(name).map(|member| member.strategies());
    let known = &fleet.state.strategy_kinds;
    let missing = strategies.into_iter().flatten();
    ApplicationOverviewSchema {
        projects: owned(projects),
        feature_count: used.len(),
        environments: by_environment
            .into_iter()
            .map(|(environment, instances)| at_work(fleet, name, environment, &instances))
            .collect(),
        issues: ApplicationOverviewIssuesSchema {
            missing_strategies: missing
                .filter(|name| !known.contains_key(name.as_str()))
                .collect(),
        },
    }
}

fn at_work(
    fleet: Fleet<'_>,
    name: &str,
    environment: &EnvironmentName,
    instances: &[&ClientInstance],
) -> ApplicationOverviewEnvironmentSchema {
    let all = sdks(instances, None);
    let outdated = all.iter().filter(|it| sdk::is_outdated(it)).cloned();
    let last_seen = instances.iter().map(|it| it.last_seen).max();
    ApplicationOverviewEnvironmentSchema {
        name: environment.to_string(),
        instance_count: instances.len(),
        frontend_sdks: sdks(instances, Some(SdkKind::Frontend)),
        backend_sdks: sdks(instances, Some(SdkKind::Backend)),
        last_seen: last_seen.map(|at| at.to_string()),
        issues: ApplicationEnvironmentIssuesSchema {
            missing_features: fleet.missing(name, environment),
            outdated_sdks: outdated.collect(),
        },
        sdks: all,
    }
}

/// An application that asks for flags of a project.
pub(super) fn of_project(fleet: Fleet<'_>, name: &str) -> ProjectApplicationSchema {
    let instances: Vec<&ClientInstance> = fleet.instances(name).collect();
    let environments = instances.iter().map(|it| it.environment.as_str());
    let ids = instances.iter().map(|it| it.instance_id.as_str());
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for it in &instances {
        if let Some((sdk, version)) = it.sdk_version.as_deref().and_then(sdk::parts) {
            versions.entry(sdk).or_default().insert(version);
        }
    }
    ProjectApplicationSchema {
        name: name.to_owned(),
        environments: owned(environments.collect()),
        instances: owned(ids.collect()),
        sdks: versions
            .into_iter()
            .map(|(name, versions)| ProjectApplicationSdkSchema {
                name: name.to_owned(),
                versions: owned(versions),
            })
            .collect(),
    }
}

impl ProjectApplicationSchema {
    /// Whether a search for this text finds it: by its name, its environments or its SDKs.
    pub(super) fn is_found_by(&self, text: &str) -> bool {
        let sdks = self.sdks.iter().flat_map(|sdk| {
            let versions = sdk.versions.iter();
            versions.map(|version| format!("{}:{version}", sdk.name))
        });
        let words = self.environments.iter().cloned().chain(sdks);
        let mut words = words.chain([self.name.clone()]);
        words.any(|word| word.to_lowercase().contains(text))
    }
}

/// Versions of SDKs that are too old.
pub(super) fn outdated(found: BTreeMap<&str, BTreeSet<&str>>) -> OutdatedSdksSchema {
    let sdks = found.into_iter();
    OutdatedSdksSchema {
        sdks: sdks
            .map(|(sdk, applications)| OutdatedSdkSchema {
                sdk_version: sdk.to_owned(),
                applications: owned(applications),
            })
            .collect(),
    }
}
