//! The official crates beside ours: their flags as our flags, their context as our context.

#![allow(
    dead_code,
    clippy::allow_attributes,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "only tests use it, and each test binary uses its part"
)]

use std::borrow::Cow;
use std::sync::Arc;

use burgee::domain::constraint::{Constraint, Operator};
use burgee::domain::flag::Dependency;
use burgee::domain::names::{FlagName, SegmentId, StrategyId};
use burgee::domain::segment::Segment;
use burgee::domain::strategy::Strategy;
use burgee::domain::time::Timestamp;
use burgee::domain::variant::{Override, Payload, Variant, WeightType};
use burgee::engine::{CompiledFlag, CompiledSegments, Context, Dice, FlagSource, Program};
use unleash_types::client_features as wire;

/// Compiles a body of `/api/client/features` with our engine.
pub(crate) fn program(features: &wire::ClientFeatures) -> Program {
    let segments = segments(features);
    let flags = features.features.iter();
    let compile = |source: &FlagSource<'_>| CompiledFlag::compile(source, &segments);
    Program::new(
        flags
            .map(|feature| Arc::new(with_source(feature, compile)))
            .collect(),
    )
}

/// The segments of a body of `/api/client/features`, compiled with our engine.
pub(crate) fn segments(features: &wire::ClientFeatures) -> CompiledSegments {
    let segments: Vec<Segment> = features.segments.iter().flatten().map(segment).collect();
    CompiledSegments::new(&segments)
}

/// Hands over a flag as our domain has it.
pub(crate) fn with_source<T>(
    feature: &wire::ClientFeature,
    then: impl FnOnce(&FlagSource<'_>) -> T,
) -> T {
    let strategies: Vec<Strategy> = feature.strategies.iter().flatten().map(strategy).collect();
    let variants: Vec<Variant> = feature.variants.iter().flatten().map(variant).collect();
    let dependencies: Vec<Dependency> = feature
        .dependencies
        .iter()
        .flatten()
        .map(dependency)
        .collect();
    then(&FlagSource {
        name: &feature.name,
        project: feature.project.as_deref().unwrap_or("default"),
        enabled: feature.enabled,
        impression_data: feature.impression_data.unwrap_or_default(),
        strategies: &strategies,
        variants: &variants,
        dependencies: &dependencies,
    })
}

fn segment(segment: &wire::Segment) -> Segment {
    Segment {
        id: SegmentId(segment.id),
        name: String::new(),
        description: None,
        constraints: segment.constraints.iter().map(constraint).collect(),
        project: None,
        created_by: String::new(),
        created_at: Timestamp::from_millis(0),
    }
}

fn strategy(strategy: &wire::Strategy) -> Strategy {
    Strategy {
        id: StrategyId::trusted(""),
        name: strategy.name.clone(),
        title: None,
        disabled: false,
        sort_order: 0,
        parameters: strategy
            .parameters
            .clone()
            .unwrap_or_default()
            .into_iter()
            .collect(),
        constraints: strategy
            .constraints
            .iter()
            .flatten()
            .map(constraint)
            .collect(),
        segments: strategy
            .segments
            .iter()
            .flatten()
            .copied()
            .map(SegmentId)
            .collect(),
        variants: strategy
            .variants
            .iter()
            .flatten()
            .map(strategy_variant)
            .collect(),
    }
}

fn constraint(constraint: &wire::Constraint) -> Constraint {
    let operator = match serde_json::to_value(&constraint.operator).unwrap() {
        serde_json::Value::String(name) => Operator::from_name(&name),
        // `{"UNKNOWN": "NAME"}`
        unknown => Operator::from_name(unknown["UNKNOWN"].as_str().unwrap()),
    };
    Constraint {
        context_name: constraint.context_name.clone(),
        operator,
        values: constraint.values.clone().unwrap_or_default(),
        value: constraint.value.clone(),
        inverted: constraint.inverted,
        case_insensitive: constraint.case_insensitive,
    }
}

fn variant(variant: &wire::Variant) -> Variant {
    let overrides = variant.overrides.iter().flatten();
    Variant {
        name: variant.name.clone(),
        weight: variant.weight.try_into().unwrap(),
        weight_type: WeightType::Variable,
        stickiness: variant.stickiness.clone(),
        payload: variant.payload.as_ref().map(payload),
        overrides: overrides
            .map(|it| Override {
                context_name: it.context_name.clone(),
                values: it.values.clone(),
            })
            .collect(),
    }
}

fn strategy_variant(variant: &wire::StrategyVariant) -> Variant {
    Variant {
        name: variant.name.clone(),
        weight: variant.weight.try_into().unwrap(),
        weight_type: WeightType::Variable,
        stickiness: variant.stickiness.clone(),
        payload: variant.payload.as_ref().map(payload),
        overrides: Vec::new(),
    }
}

fn payload(payload: &wire::Payload) -> Payload {
    Payload {
        kind: payload.payload_type.clone(),
        value: payload.value.clone(),
    }
}

fn dependency(dependency: &wire::FeatureDependency) -> Dependency {
    Dependency {
        parent: FlagName::trusted(&dependency.feature),
        enabled: dependency.enabled.unwrap_or(true),
        variants: dependency.variants.clone().unwrap_or_default(),
    }
}

/// The same context for our engine.
pub(crate) fn context(context: &wire::Context) -> Context<'_> {
    let root = |value: &'_ Option<String>| value.clone().map(Cow::Owned);
    let properties = context.properties.iter().flatten();
    Context {
        user_id: root(&context.user_id),
        session_id: root(&context.session_id),
        remote_address: root(&context.remote_address),
        environment: root(&context.environment),
        app_name: root(&context.app_name),
        current_time: root(&context.current_time),
        properties: properties
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect(),
    }
}

/// A small generator of chance (xorshift64*), the same on every run.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number from 0 to `below` - 1.
    pub(crate) fn below(&mut self, below: usize) -> usize {
        usize::try_from((self.next() >> 33) % below as u64).unwrap()
    }

    /// True once in `times`.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of the choices.
    pub(crate) fn pick<'t, T>(&mut self, choices: &'t [T]) -> &'t T {
        &choices[self.below(choices.len())]
    }
}

impl Dice for Chance {
    fn roll(&mut self, sides: u32) -> u32 {
        u32::try_from((self.next() >> 32) % u64::from(sides)).unwrap() + 1
    }
}
