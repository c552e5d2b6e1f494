//! What backend SDKs poll (contract CLIENT-API §2). Key order is the reference's.
//!
//! The types borrow from the domain: a body is written once for each change, not for each request. Their shape alone
//! keeps out what makes an SDK refuse a whole body (SDK-QUIRKS §2): text where text is due, no nulls, whole weights.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::constraint::{Constraint, Operator};
use crate::domain::flag::{Dependency, Flag, FlagEnvironment};
use crate::domain::names::SegmentId;
use crate::domain::segment::Segment;
use crate::domain::strategy::Strategy;
use crate::domain::variant::{Override, Payload, Variant, WeightType};

/// Where the constraints of a segment are found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SegmentMode {
    /// In a list of their own; strategies name them by number.
    Global,
    /// Among the constraints of each strategy, for SDKs that know no segments.
    Inlined,
}

/// A flag as an SDK sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientFeatureSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientFeature<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its kind, such as `release`.
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// The switch of the environment.
    pub enabled: bool,
    /// The project it belongs to.
    pub project: &'a str,
    /// Marked for removal.
    pub stale: bool,
    /// On when one of these holds.
    pub strategies: Vec<ClientStrategy<'a>>,
    /// Variants of the flag itself.
    pub variants: Vec<ClientVariant<'a>>,
    /// For people.
    pub description: Option<&'a str>,
    /// Whether the SDK tells the application about each evaluation.
    pub impression_data: bool,
    /// Flags that must be on or off for this one to be on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<ClientDependency<'a>>,
}

/// A strategy as an SDK sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientFeatureStrategySchema)]
pub struct ClientStrategy<'a> {
    /// Its kind, such as `flexibleRollout`.
    pub name: &'a str,
    /// All must hold.
    pub constraints: Vec<ClientConstraint<'a>>,
    /// Parameters of the kind.
    pub parameters: &'a BTreeMap<String, String>,
    /// Variants that replace the flag's.
    pub variants: Vec<ClientVariant<'a>>,
    /// Segments that must hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<i32>>)]
    pub segments: Option<&'a [SegmentId]>,
}

/// A constraint as an SDK sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientConstraintSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientConstraint<'a> {
    /// What single-value operators compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<&'a str>,
    /// What list operators compare with.
    pub values: &'a [String],
    /// Flip the result.
    pub inverted: bool,
    /// How the field is compared.
    pub operator: &'a str,
    /// The context field looked at.
    pub context_name: &'a str,
    /// Ignore case.
    pub case_insensitive: bool,
}

/// A variant as an SDK sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientVariantSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientVariant<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its share.
    pub weight: u32,
    /// Data for the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<ClientPayload<'a>>,
    /// Users who get it whatever its share; only variants of a flag have them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overrides: Option<Vec<ClientOverride<'a>>>,
    /// The context field that decides.
    pub stickiness: &'a str,
    /// `fix` or `variable`.
    pub weight_type: &'static str,
}

/// Data that comes with a variant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientVariantPayloadSchema)]
pub struct ClientPayload<'a> {
    /// `string`, `json`, `csv` or `number`.
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// Text, whatever the kind.
    pub value: &'a str,
}

/// Users who get a variant whatever its share.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientVariantOverrideSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientOverride<'a> {
    /// The context field looked at.
    pub context_name: &'a str,
    /// Its values.
    pub values: &'a [String],
}

/// A flag another one depends on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DependentFeatureSchema)]
pub struct ClientDependency<'a> {
    /// Its name.
    pub feature: &'a str,
    /// Whether it must be on.
    pub enabled: bool,
    /// Variants it may resolve to. Never sent for a flag that must be off, where SDKs disagree on their meaning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variants: Option<&'a [String]>,
}

/// A segment as an SDK sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientSegmentSchema)]
pub struct ClientSegment<'a> {
    /// Its number.
    #[schema(value_type = i32)]
    pub id: SegmentId,
    /// Its name.
    pub name: &'a str,
    /// All must hold.
    pub constraints: Vec<ClientConstraint<'a>>,
}

/// What was asked for, as it was understood.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = ClientFeaturesQuerySchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientFeaturesQuery<'a> {
    /// Beginning of names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_prefix: Option<&'a str>,
    /// Projects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<Vec<&'a str>>,
    /// Tags, each a kind and a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<Vec<[&'a str; 2]>>,
    /// The environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<&'a str>,
    /// Whether constraints of segments stand among those of strategies.
    pub inline_segment_constraints: bool,
}

/// Identifies a body.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientFeaturesMetaSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientFeaturesMeta<'a> {
    /// The newest event that concerns the environment.
    pub revision_id: u64,
    /// The `ETag` header of the answer.
    pub etag: &'a str,
    /// Eight hexadecimal digits.
    pub query_hash: &'a str,
}

/// A whole answer. It is joined from written parts (see `snapshot`); the type is its description.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientFeaturesSchema)]
pub struct ClientFeatures<'a> {
    /// Always 2.
    pub version: u32,
    /// The flags, by name.
    pub features: Vec<ClientFeature<'a>>,
    /// What was asked for.
    pub query: ClientFeaturesQuery<'a>,
    /// Segments that strategies name by number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segments: Option<Vec<ClientSegment<'a>>>,
    /// Identifies this body.
    pub meta: ClientFeaturesMeta<'a>,
}

/// What a strategy gets in place of the constraints of a segment that is not there: it never holds. Leaving it out
/// would turn the strategy on for everybody.
const NEVER: ClientConstraint<'static> = ClientConstraint {
    value: None,
    values: &[],
    inverted: false,
    operator: "IN",
    context_name: "userId",
    case_insensitive: false,
};

/// Looks a segment up.
pub type SegmentLookup<'a> = &'a dyn Fn(SegmentId) -> Option<&'a Segment>;

impl<'a> ClientFeature<'a> {
    /// `flag` as SDKs see it where it is configured as in `there`; not configured means off and without strategies.
    #[must_use]
    pub fn new(
        flag: &'a Flag,
        there: Option<&'a FlagEnvironment>,
        mode: SegmentMode,
        segments: SegmentLookup<'a>,
    ) -> Self {
        Self {
            name: flag.name.as_str(),
            kind: flag.kind.as_str(),
            enabled: there.is_some_and(|it| it.enabled),
            project: flag.project.as_str(),
            stale: flag.stale,
            strategies: there.map_or_else(Vec::new, |it| {
                it.active_strategies()
                    .map(|strategy| ClientStrategy::new(strategy, mode, segments))
                    .collect()
            }),
            variants: there.map_or_else(Vec::new, |it| variants(&it.variants, true)),
            description: flag.description.as_deref(),
            impression_data: flag.impression_data,
            dependencies: flag.dependencies.iter().map(Into::into).collect(),
        }
    }
}

impl<'a> ClientStrategy<'a> {
    fn new(strategy: &'a Strategy, mode: SegmentMode, segments: SegmentLookup<'a>) -> Self {
        let mut constraints: Vec<_> = strategy.constraints.iter().map(Into::into).collect();
        if mode == SegmentMode::Inlined {
            for id in &strategy.segments {
                match segments(*id) {
                    Some(segment) => {
                        constraints.extend(segment.constraints.iter().map(ClientConstraint::from));
                    }
                    None => constraints.push(NEVER),
                }
            }
        }
        Self {
            name: &strategy.name,
            constraints,
            parameters: &strategy.parameters,
            variants: variants(&strategy.variants, false),
            segments: (mode == SegmentMode::Global && !strategy.segments.is_empty())
                .then_some(&strategy.segments),
        }
    }
}

/// A list whose weights add up to nothing makes SDKs crash or answer nothing, so it is not served.
fn variants(list: &[Variant], with_overrides: bool) -> Vec<ClientVariant<'_>> {
    if list.iter().all(|variant| variant.weight == 0) {
        return Vec::new();
    }
    list.iter()
        .map(|variant| ClientVariant::new(variant, with_overrides))
        .collect()
}

impl<'a> ClientVariant<'a> {
    fn new(variant: &'a Variant, with_overrides: bool) -> Self {
        Self {
            name: &variant.name,
            weight: variant.weight,
            payload: variant.payload.as_ref().map(Into::into),
            overrides: with_overrides.then(|| variant.overrides.iter().map(Into::into).collect()),
            stickiness: variant.stickiness.as_deref().unwrap_or("default"),
            weight_type: match variant.weight_type {
                WeightType::Fix => "fix",
                WeightType::Variable => "variable",
            },
        }
    }
}

impl<'a> From<&'a Constraint> for ClientConstraint<'a> {
    fn from(constraint: &'a Constraint) -> Self {
        Self {
            value: constraint
                .value
                .as_deref()
                .filter(|_| !constraint.operator.takes_list()),
            values: &constraint.values,
            inverted: constraint.inverted,
            operator: Operator::as_str(&constraint.operator),
            context_name: &constraint.context_name,
            case_insensitive: constraint.case_insensitive,
        }
    }
}

impl<'a> From<&'a Payload> for ClientPayload<'a> {
    fn from(payload: &'a Payload) -> Self {
        Self {
            kind: &payload.kind,
            value: &payload.value,
        }
    }
}

impl<'a> From<&'a Override> for ClientOverride<'a> {
    fn from(it: &'a Override) -> Self {
        Self {
            context_name: &it.context_name,
            values: &it.values,
        }
    }
}

impl<'a> From<&'a Dependency> for ClientDependency<'a> {
    fn from(dependency: &'a Dependency) -> Self {
        Self {
            feature: dependency.parent.as_str(),
            enabled: dependency.enabled,
            variants: dependency.enabled.then_some(&dependency.variants),
        }
    }
}

impl<'a> From<&'a Segment> for ClientSegment<'a> {
    fn from(segment: &'a Segment) -> Self {
        Self {
            id: segment.id,
            name: &segment.name,
            constraints: segment.constraints.iter().map(Into::into).collect(),
        }
    }
}
