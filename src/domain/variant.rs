//! Variants: named alternatives of a flag that is on.

use serde::{Deserialize, Serialize};

/// The weights of the variants of one list add up to this.
pub const TOTAL_WEIGHT: u32 = 1000;

/// Whether a variant keeps its weight or shares what the fixed ones leave.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightType {
    /// The weight is what the operator wrote.
    Fix,
    /// The weight is an equal share of the rest.
    #[default]
    Variable,
}

/// Extra data handed to the application with a variant. The value is text whatever the kind.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Payload {
    /// `string`, `json`, `csv` or `number`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The data.
    pub value: String,
}

/// Forces a variant for some values of a context field. Only variants of a flag have them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Override {
    /// The context field looked at.
    pub context_name: String,
    /// The values that force the variant.
    pub values: Vec<String>,
}

/// One alternative (contract EVALUATION §6).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Variant {
    /// Unique within its list.
    pub name: String,
    /// Share of users in thousandths.
    pub weight: u32,
    /// Fixed or variable.
    #[serde(default)]
    pub weight_type: WeightType,
    /// The context field that decides, `default` or `random`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stickiness: Option<String>,
    /// Data for the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Payload>,
    /// Forced users; empty for variants of a strategy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
}
