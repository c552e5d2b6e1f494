//! The shapes of variants of strategies, and what all variants share.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub(in crate::api::admin) use super::own::{VariantSchema, VariantsSchema};
use crate::domain::rejection::Rejection;
use crate::domain::variant::{Payload, Variant, WeightType};

/// Whether a variant keeps its weight.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::api::admin) enum WeightTypeSchema {
    #[default]
    Variable,
    Fix,
}

impl From<WeightType> for WeightTypeSchema {
    fn from(kind: WeightType) -> Self {
        match kind {
            WeightType::Fix => Self::Fix,
            WeightType::Variable => Self::Variable,
        }
    }
}

impl From<WeightTypeSchema> for WeightType {
    fn from(kind: WeightTypeSchema) -> Self {
        match kind {
            WeightTypeSchema::Fix => Self::Fix,
            WeightTypeSchema::Variable => Self::Variable,
        }
    }
}

/// What kind of data a variant brings.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::api::admin) enum PayloadTypeSchema {
    Json,
    Csv,
    String,
    Number,
}

impl PayloadTypeSchema {
    fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::String => "string",
            Self::Number => "number",
        }
    }

    /// Unknown kinds, which only an older file can hold, are text.
    fn from_domain(kind: &str) -> Self {
        match kind {
            "json" => Self::Json,
            "csv" => Self::Csv,
            "number" => Self::Number,
            _ => Self::String,
        }
    }
}

/// Data for the application.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(in crate::api::admin) struct VariantPayloadSchema {
    /// What kind of data.
    pub r#type: PayloadTypeSchema,
    /// The data, always text.
    pub value: String,
    /// Anything else is refused with the reference's words.
    #[serde(flatten)]
    #[schema(ignore)]
    pub others: BTreeMap<String, Value>,
}

impl VariantPayloadSchema {
    pub(in crate::api::admin) fn from_domain(payload: &Payload) -> Self {
        Self {
            r#type: PayloadTypeSchema::from_domain(&payload.kind),
            value: payload.value.clone(),
            others: BTreeMap::new(),
        }
    }
}

/// A variant of a new strategy.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct CreateStrategyVariantSchema {
    /// Unique within its list.
    pub name: String,
    /// Share of users in thousandths; counts for fixed variants only.
    #[schema(value_type = i32, minimum = 0, maximum = 1000)]
    pub weight: u32,
    /// Whether it keeps its weight.
    pub weight_type: WeightTypeSchema,
    /// The context field that decides.
    pub stickiness: String,
    /// Data for the application.
    #[serde(default)]
    #[schema(value_type = VariantPayloadSchema, required = false)]
    pub payload: Option<VariantPayloadSchema>,
    /// Anything else is refused with the reference's words.
    #[serde(flatten)]
    #[schema(ignore)]
    pub others: BTreeMap<String, Value>,
}

/// A variant of a strategy.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api::admin) struct StrategyVariantSchema {
    /// Unique within its list.
    pub name: String,
    /// Share of users in thousandths.
    #[schema(value_type = i32, minimum = 0, maximum = 1000)]
    pub weight: u32,
    /// Whether it keeps its weight.
    pub weight_type: WeightTypeSchema,
    /// The context field that decides.
    pub stickiness: String,
    /// Data for the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = VariantPayloadSchema, required = false)]
    pub payload: Option<VariantPayloadSchema>,
}

impl StrategyVariantSchema {
    pub(in crate::api::admin) fn list(variants: &[Variant]) -> Vec<Self> {
        variants
            .iter()
            .map(|variant| Self {
                name: variant.name.clone(),
                weight: variant.weight,
                weight_type: variant.weight_type.into(),
                stickiness: stickiness(variant),
                payload: variant
                    .payload
                    .as_ref()
                    .map(VariantPayloadSchema::from_domain),
            })
            .collect()
    }
}

pub(super) fn stickiness(variant: &Variant) -> String {
    variant
        .stickiness
        .clone()
        .unwrap_or_else(|| "default".into())
}

impl From<StrategyVariantSchema> for CreateStrategyVariantSchema {
    fn from(it: StrategyVariantSchema) -> Self {
        Self {
            name: it.name,
            weight: it.weight,
            weight_type: it.weight_type,
            stickiness: it.stickiness,
            payload: it.payload,
            others: BTreeMap::new(),
        }
    }
}

/// Makes variants of what was sent, unless there is something in it that does not belong there.
pub(in crate::api::admin) fn checked(
    given: Vec<CreateStrategyVariantSchema>,
) -> Result<Vec<Variant>, Rejection> {
    given
        .into_iter()
        .enumerate()
        .map(|(index, variant)| {
            refuse_others(&format!("[{index}]"), &variant.others)?;
            Ok(Variant {
                name: variant.name,
                weight: variant.weight,
                weight_type: variant.weight_type.into(),
                stickiness: Some(variant.stickiness),
                payload: variant.payload.map(|it| payload(index, it)).transpose()?,
                overrides: Vec::new(),
            })
        })
        .collect()
}

pub(super) fn payload(index: usize, given: VariantPayloadSchema) -> Result<Payload, Rejection> {
    refuse_others(&format!("[{index}].payload"), &given.others)?;
    Ok(Payload {
        kind: given.r#type.as_str().into(),
        value: given.value,
    })
}

fn refuse_others(place: &str, others: &BTreeMap<String, Value>) -> Result<(), Rejection> {
    // Overrides belong to variants of flags. Old clients send them here, empty; they are taken and dropped.
    match others.iter().find(|(name, _)| *name != "overrides") {
        Some((name, value)) => Err(Rejection::broken_rule(
            &format!("{place}.{name}"),
            "is not allowed",
            value,
        )),
        None => Ok(()),
    }
}
