//! Writing exports.

use std::collections::{BTreeMap, BTreeSet};

use super::schema::{
    ExportQuerySchema, ExportResultSchema, ExportedDependenciesSchema, ExportedDependencySchema,
    ExportedEnvironmentSchema, ExportedFieldSchema, ExportedFlagSchema, ExportedLinkSchema,
    ExportedLinksSchema, ExportedSegmentSchema, ExportedStrategySchema, ExportedTagSchema,
};
use crate::api::admin::constraints::schema::ConstraintSchema;
use crate::api::admin::tags::schema::TagTypeSchema;
use crate::api::admin::variants::schema::{StrategyVariantSchema, VariantsSchema};
use crate::domain::flag::{Flag, FlagEnvironment};
use crate::domain::names::SegmentId;
use crate::domain::state::State;
use crate::domain::strategy::Strategy;

impl ExportQuerySchema {
    /// The flags meant, by name.
    fn choose<'s>(&self, state: &'s State) -> Vec<&'s Flag> {
        let all = state.flags.values().map(AsRef::as_ref);
        if let Some(tag) = &self.tag {
            return all.filter(|flag| has_tag(flag, tag)).collect();
        }
        match (&self.features, &self.project) {
            (Some(names), _) if !names.is_empty() => {
                let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
                all.filter(|flag| names.contains(flag.name.as_str()))
                    .collect()
            }
            (Some(_), _) | (None, None) => all.filter(|flag| !flag.is_archived()).collect(),
            (None, Some(project)) => all
                .filter(|flag| flag.project == **project && !flag.is_archived())
                .collect(),
        }
    }
}

fn has_tag(flag: &Flag, wanted: &str) -> bool {
    flag.tags.iter().any(|tag| {
        tag.value == wanted
            || wanted
                .split_once(':')
                .is_some_and(|(kind, value)| tag.kind == *kind && tag.value == value)
    })
}

/// Writes what a query asks for.
pub(super) fn write(state: &State, query: &ExportQuerySchema) -> ExportResultSchema {
    let flags = query.choose(state);
    let environment = query.environment.as_str();
    let strategies: Vec<(&Flag, &Strategy)> = flags
        .iter()
        .flat_map(|flag| strategies(flag, environment).map(|strategy| (*flag, strategy)))
        .collect();
    let segments: BTreeSet<SegmentId> = strategies
        .iter()
        .flat_map(|(_, strategy)| strategy.segments.iter().copied())
        .collect();
    let known = state.environments.contains_key(environment);
    ExportResultSchema {
        features: flags.iter().map(|flag| flag_of(flag)).collect(),
        feature_strategies: strategies
            .iter()
            .map(|(flag, strategy)| strategy_of(flag, strategy))
            .collect(),
        feature_environments: flags
            .iter()
            .filter(|_| known)
            .map(|flag| environment_of(flag, environment))
            .collect(),
        context_fields: fields(state, &strategies),
        feature_tags: Some(flags.iter().flat_map(|flag| tags(flag)).collect()),
        segments: segments
            .iter()
            .filter_map(|id| state.segments.get(id))
            .map(|segment| ExportedSegmentSchema {
                id: segment.id.0,
                name: segment.name.clone(),
                constraints: None,
            })
            .collect(),
        tag_types: kinds(state, &flags),
        dependencies: flags.iter().filter_map(|flag| dependencies(flag)).collect(),
        links: flags.iter().filter_map(|flag| links(flag)).collect(),
    }
}

fn strategies<'f>(flag: &'f Flag, environment: &str) -> impl Iterator<Item = &'f Strategy> {
    let settings = flag.environments.get(environment);
    settings
        .into_iter()
        .flat_map(|settings| &settings.strategies)
}

fn flag_of(flag: &Flag) -> ExportedFlagSchema {
    ExportedFlagSchema {
        name: flag.name.to_string(),
        description: flag.description.clone(),
        kind: Some(flag.kind.to_string()),
        project: Some(flag.project.to_string()),
        stale: flag.stale,
        impression_data: flag.impression_data,
        archived: flag.is_archived(),
        ..ExportedFlagSchema::default()
    }
}

fn strategy_of(flag: &Flag, strategy: &Strategy) -> ExportedStrategySchema {
    ExportedStrategySchema {
        name: strategy.name.clone(),
        id: Some(strategy.id.to_string()),
        feature_name: Some(flag.name.to_string()),
        title: strategy.title.clone(),
        parameters: strategy.parameters.clone(),
        constraints: ConstraintSchema::list(&strategy.constraints),
        variants: StrategyVariantSchema::list(&strategy.variants),
        disabled: Some(strategy.disabled),
        sort_order: None,
        segments: strategy.segments.iter().map(|id| id.0).collect(),
    }
}

fn environment_of(flag: &Flag, environment: &str) -> ExportedEnvironmentSchema {
    let none = FlagEnvironment::default();
    let settings = flag.environments.get(environment).unwrap_or(&none);
    ExportedEnvironmentSchema {
        enabled: settings.enabled,
        feature_name: Some(flag.name.to_string()),
        environment: Some(environment.to_owned()),
        variants: VariantsSchema::from_domain(&settings.variants).0,
        name: flag.name.to_string(),
    }
}

/// Fields that the strategies look at: in constraints, and to decide who stays in a rollout.
fn fields(state: &State, strategies: &[(&Flag, &Strategy)]) -> Vec<ExportedFieldSchema> {
    let constraints = strategies.iter().flat_map(|(_, it)| &it.constraints);
    let sticky = strategies
        .iter()
        .filter_map(|(_, it)| it.parameters.get("stickiness"));
    let names: BTreeSet<&str> = constraints
        .map(|constraint| constraint.context_name.as_str())
        .chain(sticky.map(String::as_str))
        .collect();
    let fields = names
        .into_iter()
        .filter_map(|name| state.context_fields.get(name));
    fields
        .map(|field| ExportedFieldSchema {
            name: field.name.to_string(),
            description: field.description.clone(),
            stickiness: field.stickiness,
            sort_order: field.sort_order,
            legal_values: field.legal_values.iter().map(Into::into).collect(),
        })
        .collect()
}

fn tags(flag: &Flag) -> impl Iterator<Item = ExportedTagSchema> {
    flag.tags.iter().map(|tag| ExportedTagSchema {
        feature_name: flag.name.to_string(),
        tag_type: Some(tag.kind.to_string()),
        tag_value: tag.value.clone(),
    })
}

fn kinds(state: &State, flags: &[&Flag]) -> Vec<TagTypeSchema> {
    let tags = flags.iter().flat_map(|flag| &flag.tags);
    let kinds: BTreeMap<_, _> = tags
        .filter_map(|tag| state.tag_kinds.get(&tag.kind))
        .map(|kind| (&kind.name, kind))
        .collect();
    kinds
        .into_values()
        .map(|kind| kind.as_ref().into())
        .collect()
}

fn dependencies(flag: &Flag) -> Option<ExportedDependenciesSchema> {
    let list = flag.dependencies.iter().map(|it| ExportedDependencySchema {
        feature: it.parent.to_string(),
        enabled: it.enabled,
        variants: Some(it.variants.clone()),
    });
    (!flag.dependencies.is_empty()).then(|| ExportedDependenciesSchema {
        feature: flag.name.to_string(),
        dependencies: list.collect(),
    })
}

fn links(flag: &Flag) -> Option<ExportedLinksSchema> {
    let list = flag.links.iter().map(|it| ExportedLinkSchema {
        id: Some(it.id.clone()),
        url: it.url.clone(),
        title: it.title.clone(),
    });
    (!flag.links.is_empty()).then(|| ExportedLinksSchema {
        feature: flag.name.to_string(),
        links: list.collect(),
    })
}
