//! From an engine's explanation to the answer.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::combinations;
use super::request::{
    AdvancedPlaygroundRequestSchema, Fields, PlaygroundRequestSchema, ProjectsChoice, includes,
};
use super::schema::{
    AdvancedPlaygroundEnvironmentFeatureSchema, AdvancedPlaygroundFeatureSchema,
    AdvancedPlaygroundResponseSchema, EvaluationStatus, PlaygroundConstraintSchema,
    PlaygroundFeatureSchema, PlaygroundLinks, PlaygroundResponseSchema, PlaygroundSegmentSchema,
    PlaygroundStrategies, PlaygroundStrategySchema, PlaygroundVariant, PlaygroundWarnings,
    StrategyResultSchema, TruthSchema,
};
use crate::api::admin::constraints::schema::ConstraintSchema;
use crate::api::admin::variants::schema::{StrategyVariantSchema, VariantPayloadSchema};
use crate::auth::tokens::random_bytes;
use crate::domain::constraint::Constraint;
use crate::domain::state::State;
use crate::domain::strategy::Strategy;
use crate::domain::time::Timestamp;
use crate::domain::variant::Variant;
use crate::engine::{
    Conclusion, Context, Dice, Explanation, FlagSource, ListOwner, Scratch, SegmentExplanation,
    StrategyExplanation,
};
use crate::snapshot::Snapshot;

/// Evaluates flags of one snapshot at one moment.
pub(super) struct Evaluator {
    snapshot: Arc<Snapshot>,
    now: DateTime<Utc>,
    /// The same for the whole request, so that all parts of the answer agree where chance decides.
    chance: SameThrow,
}

/// Dice that always fall the same.
#[derive(Clone, Copy)]
struct SameThrow(u32);

impl Dice for SameThrow {
    fn roll(&mut self, sides: u32) -> u32 {
        let scaled = u64::from(self.0) * u64::from(sides);
        u32::try_from(scaled >> 32).map_or(1, |below| below + 1)
    }
}

impl Evaluator {
    pub(super) fn new(snapshot: Arc<Snapshot>, now: Timestamp) -> Self {
        Self {
            snapshot,
            now: DateTime::from_timestamp_millis(now.as_millis()).unwrap_or_default(),
            chance: SameThrow(u32::from_le_bytes(random_bytes())),
        }
    }

    pub(super) fn simple(&self, input: PlaygroundRequestSchema) -> PlaygroundResponseSchema {
        let fields = input.context.fields();
        let features = self.flags(&input.environment, input.projects.as_ref(), &fields);
        PlaygroundResponseSchema { input, features }
    }

    pub(super) fn advanced(
        &self,
        input: AdvancedPlaygroundRequestSchema,
    ) -> AdvancedPlaygroundResponseSchema {
        let mut features: BTreeMap<String, AdvancedPlaygroundFeatureSchema> = BTreeMap::new();
        let contexts = combinations::all(&input.context.pairs());
        for environment in &input.environments {
            for context in &contexts {
                for feature in self.flags(&environment.0, input.projects.as_ref(), context) {
                    add(&mut features, feature, &environment.0, context);
                }
            }
        }
        let unusable = input.context.unusable();
        AdvancedPlaygroundResponseSchema {
            input,
            features: features.into_values().collect(),
            warnings: (!unusable.is_empty()).then_some(PlaygroundWarnings {
                invalid_context_properties: unusable,
            }),
        }
    }

    fn flags(
        &self,
        environment: &str,
        projects: Option<&ProjectsChoice>,
        fields: &Fields,
    ) -> Vec<PlaygroundFeatureSchema> {
        let served = self.snapshot.environment(environment);
        let program = served.program();
        let context = context(fields);
        let (mut dice, mut scratch) = (self.chance, Scratch::default());
        let mut session = program.session(&context, self.now, "", &mut dice, &mut scratch);
        let flags = served.flags().iter();
        flags
            .filter(|it| includes(projects, &it.flag().project))
            .map(|it| {
                let source = it.source();
                let index = program.find(source.name);
                let segments = &*self.snapshot.state().segments;
                let explanation = session.explain(index, &source, segments);
                feature(self.snapshot.state(), environment, &source, &explanation)
            })
            .collect()
    }
}

fn add(
    features: &mut BTreeMap<String, AdvancedPlaygroundFeatureSchema>,
    feature: PlaygroundFeatureSchema,
    environment: &str,
    context: &Fields,
) {
    let entry =
        features
            .entry(feature.name.clone())
            .or_insert_with(|| AdvancedPlaygroundFeatureSchema {
                name: feature.name.clone(),
                project_id: feature.project_id.clone(),
                environments: BTreeMap::new(),
            });
    let there = entry.environments.entry(environment.into()).or_default();
    there.push(AdvancedPlaygroundEnvironmentFeatureSchema {
        feature,
        environment: environment.into(),
        context: context.clone(),
    });
}

fn context(fields: &Fields) -> Context<'_> {
    let mut context = Context::default();
    for (name, value) in fields {
        let value = Cow::Borrowed(value.as_str());
        let root = match name.as_str() {
            "userId" => &mut context.user_id,
            "sessionId" => &mut context.session_id,
            "remoteAddress" => &mut context.remote_address,
            "environment" => &mut context.environment,
            "appName" => &mut context.app_name,
            "currentTime" => &mut context.current_time,
            _ => {
                context.properties.insert(name.as_str(), value);
                continue;
            }
        };
        *root = Some(value);
    }
    context
}

fn feature(
    state: &State,
    environment: &str,
    source: &FlagSource<'_>,
    explanation: &Explanation,
) -> PlaygroundFeatureSchema {
    let strategies = source.strategies.iter().zip(&explanation.strategies);
    let data = strategies.map(|(strategy, explained)| {
        let edit = format!(
            "/projects/{}/features/{}/strategies/edit?environmentId={environment}&strategyId={}",
            source.project, source.name, strategy.id
        );
        explained_strategy(state, strategy, explained, edit)
    });
    let list = match explanation.variant {
        Some((ListOwner::Strategy(at), _)) => source
            .strategies
            .get(at)
            .map(|strategy| strategy.variants.as_slice())
            .unwrap_or_default(),
        Some((ListOwner::Flag, _)) | None => source.variants,
    };
    let chosen = explanation.variant.and_then(|(_, at)| list.get(at));
    PlaygroundFeatureSchema {
        name: source.name.into(),
        project_id: source.project.into(),
        strategies: PlaygroundStrategies {
            result: explanation.conclusion.into(),
            data: data.collect(),
        },
        has_unsatisfied_dependency: !explanation.dependencies_hold,
        is_enabled_in_current_environment: source.enabled,
        is_enabled: explanation.enabled,
        variant: flag_variant(explanation.enabled, chosen),
        variants: StrategyVariantSchema::list(list),
    }
}

/// The older spelling of whether the flag is on comes with flags that are on and have no variant, as in the reference.
fn flag_variant(enabled: bool, chosen: Option<&Variant>) -> PlaygroundVariant {
    PlaygroundVariant {
        feature_enabled: Some(enabled),
        feature_enabled_too: (enabled && chosen.is_none()).then_some(true),
        ..chosen.map_or_else(no_variant, variant)
    }
}

fn no_variant() -> PlaygroundVariant {
    PlaygroundVariant {
        name: "disabled".into(),
        enabled: false,
        payload: None,
        feature_enabled: None,
        feature_enabled_too: None,
    }
}

fn variant(chosen: &Variant) -> PlaygroundVariant {
    PlaygroundVariant {
        name: chosen.name.clone(),
        enabled: true,
        payload: chosen
            .payload
            .as_ref()
            .map(VariantPayloadSchema::from_domain),
        ..no_variant()
    }
}

fn explained_strategy(
    state: &State,
    strategy: &Strategy,
    explained: &StrategyExplanation,
    edit: String,
) -> PlaygroundStrategySchema {
    let segments = strategy.segments.iter().zip(&explained.segments);
    PlaygroundStrategySchema {
        name: strategy.name.clone(),
        title: strategy.title.clone(),
        id: strategy.id.to_string(),
        result: strategy_result(strategy, explained),
        disabled: strategy.disabled,
        segments: segments
            .filter_map(|(id, it)| segment(state, id.0, it))
            .collect(),
        constraints: constraints(&strategy.constraints, &explained.constraints, true),
        parameters: strategy.parameters.clone(),
        links: PlaygroundLinks { edit },
    }
}

fn strategy_result(strategy: &Strategy, explained: &StrategyExplanation) -> StrategyResultSchema {
    let (status, enabled) = match (strategy.disabled, explained.foreign) {
        (true, _) => (EvaluationStatus::Unevaluated, Conclusion::Unknown),
        (false, true) => (EvaluationStatus::Incomplete, explained.conclusion),
        (false, false) => (EvaluationStatus::Complete, explained.conclusion),
    };
    let shown = matches!(status, EvaluationStatus::Complete) && !strategy.variants.is_empty();
    let chosen = explained.variant.and_then(|at| strategy.variants.get(at));
    StrategyResultSchema {
        enabled: TruthSchema::from(enabled),
        evaluation_status: status,
        variant: shown.then(|| chosen.map_or_else(no_variant, variant)),
        variants: shown.then(|| StrategyVariantSchema::list(&strategy.variants)),
    }
}

fn segment(
    state: &State,
    id: i32,
    explained: &SegmentExplanation,
) -> Option<PlaygroundSegmentSchema> {
    let segment = state.segments.get(&crate::domain::names::SegmentId(id))?;
    Some(PlaygroundSegmentSchema {
        id,
        name: segment.name.clone(),
        result: explained.holds,
        constraints: constraints(&segment.constraints, &explained.constraints, false),
    })
}

/// Constraints with their results. Strategies always say whether a result is flipped, segments only when it is.
fn constraints(
    list: &[Constraint],
    results: &[bool],
    of_strategy: bool,
) -> Vec<PlaygroundConstraintSchema> {
    // A segment that cannot be evaluated has no results: nothing in it holds.
    let results = results.iter().copied().chain(std::iter::repeat(false));
    let pairs = list.iter().zip(results);
    pairs
        .filter_map(|(constraint, result)| {
            let shown = ConstraintSchema::from_domain(constraint)?;
            Some(PlaygroundConstraintSchema {
                context_name: shown.context_name,
                operator: shown.operator,
                case_insensitive: shown.case_insensitive,
                inverted: (of_strategy || shown.inverted).then_some(shown.inverted),
                values: shown.values,
                value: shown.value,
                result,
            })
        })
        .collect()
}
