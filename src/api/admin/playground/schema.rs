//! What the playground answers.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::request::{AdvancedPlaygroundRequestSchema, Fields, PlaygroundRequestSchema};
use crate::api::admin::constraints::schema::OperatorSchema;
use crate::api::admin::feature_strategies::schema::ParametersSchema;
use crate::api::admin::variants::schema::{StrategyVariantSchema, VariantPayloadSchema};
use crate::engine::Conclusion;

/// Flags for one context.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlaygroundResponseSchema {
    /// What was asked.
    pub input: PlaygroundRequestSchema,
    /// The flags.
    pub features: Vec<PlaygroundFeatureSchema>,
}

/// Flags for many contexts in several environments.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AdvancedPlaygroundResponseSchema {
    /// What was asked.
    pub input: AdvancedPlaygroundRequestSchema,
    /// The flags.
    pub features: Vec<AdvancedPlaygroundFeatureSchema>,
    /// What was not understood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warnings: Option<PlaygroundWarnings>,
}

/// What was not understood.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlaygroundWarnings {
    /// Fields of the context that are no text.
    pub invalid_context_properties: Vec<String>,
}

/// A flag in several environments.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AdvancedPlaygroundFeatureSchema {
    /// Its name.
    pub name: String,
    /// Its project.
    pub project_id: String,
    /// By environment, one for each combination of context values.
    pub environments: BTreeMap<String, Vec<AdvancedPlaygroundEnvironmentFeatureSchema>>,
}

/// A flag for one context in one of several environments.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AdvancedPlaygroundEnvironmentFeatureSchema {
    /// The flag.
    #[serde(flatten)]
    pub feature: PlaygroundFeatureSchema,
    /// The environment.
    pub environment: String,
    /// The context, in one level.
    #[schema(value_type = BTreeMap<String, String>)]
    pub context: Fields,
}

/// A flag for one context.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlaygroundFeatureSchema {
    /// Its name.
    pub name: String,
    /// Its project.
    pub project_id: String,
    /// Its strategies.
    pub strategies: PlaygroundStrategies,
    /// Whether a flag it depends on is not what it must be.
    pub has_unsatisfied_dependency: bool,
    /// The switch of the environment.
    pub is_enabled_in_current_environment: bool,
    /// Whether it is on.
    pub is_enabled: bool,
    /// The variant the user gets.
    pub variant: PlaygroundVariant,
    /// The variants chosen from.
    pub variants: Vec<StrategyVariantSchema>,
}

/// Strategies and what they say together.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlaygroundStrategies {
    /// What they say together.
    pub result: TruthSchema,
    /// One by one.
    pub data: Vec<PlaygroundStrategySchema>,
}

/// True, false or `unknown`.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum TruthSchema {
    Known(bool),
    Unknown(UnknownSchema),
}

/// Only an SDK can say.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum UnknownSchema {
    Unknown,
}

impl From<Conclusion> for TruthSchema {
    fn from(conclusion: Conclusion) -> Self {
        match conclusion {
            Conclusion::Holds => Self::Known(true),
            Conclusion::Fails => Self::Known(false),
            Conclusion::Unknown => Self::Unknown(UnknownSchema::Unknown),
        }
    }
}

/// The variant a user gets, or the one called `disabled`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct PlaygroundVariant {
    /// Its name.
    pub name: String,
    /// Whether it is a real variant.
    pub enabled: bool,
    /// Data for the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<VariantPayloadSchema>,
    /// Whether the flag is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feature_enabled: Option<bool>,
    /// The same, as older programs spell it.
    #[serde(rename = "featureEnabled", skip_serializing_if = "Option::is_none")]
    pub feature_enabled_too: Option<bool>,
}

/// A strategy and why it holds or not.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlaygroundStrategySchema {
    /// The kind.
    pub name: String,
    /// A label for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Identifies the strategy for ever.
    pub id: String,
    /// What it comes to.
    pub result: StrategyResultSchema,
    /// Whether it is kept but not served.
    pub disabled: bool,
    /// Its segments.
    pub segments: Vec<PlaygroundSegmentSchema>,
    /// Its constraints.
    pub constraints: Vec<PlaygroundConstraintSchema>,
    /// Its parameters.
    pub parameters: ParametersSchema,
    /// Where it can be changed.
    pub links: PlaygroundLinks,
}

/// Where something can be changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlaygroundLinks {
    /// A path of the web application.
    pub edit: String,
}

/// How far a strategy could be evaluated.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum EvaluationStatus {
    Complete,
    Incomplete,
    Unevaluated,
}

/// What a strategy comes to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct StrategyResultSchema {
    /// Whether it holds.
    pub enabled: TruthSchema,
    /// How far it could be evaluated.
    pub evaluation_status: EvaluationStatus,
    /// The variant of its own that the user would get.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<PlaygroundVariant>,
    /// Its variants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variants: Option<Vec<StrategyVariantSchema>>,
}

/// A segment and why it holds or not.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlaygroundSegmentSchema {
    /// Its number.
    pub id: i32,
    /// Its name.
    pub name: String,
    /// Whether the context is in it.
    pub result: bool,
    /// Its constraints.
    pub constraints: Vec<PlaygroundConstraintSchema>,
}

/// A constraint and whether it holds.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlaygroundConstraintSchema {
    /// The context field looked at.
    pub context_name: String,
    /// How the field is compared.
    pub operator: OperatorSchema,
    /// Whether case is ignored.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub case_insensitive: bool,
    /// Whether the result is flipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inverted: Option<bool>,
    /// What list operators compare with.
    pub values: Vec<String>,
    /// What the other operators compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Whether it holds.
    pub result: bool,
}
