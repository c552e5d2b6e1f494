//! Strategies of flags, and the kinds of strategies that exist.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::constraint::Constraint;
use super::names::{SegmentId, StrategyId, StrategyKindName};
use super::variant::Variant;

/// One way in which a flag is on in an environment: a rule, constraints and segments that all must hold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Strategy {
    /// Identifies the strategy for ever.
    pub id: StrategyId,
    /// The kind, such as `flexibleRollout`; custom kinds are evaluated by SDKs only.
    pub name: String,
    /// A label for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// A disabled strategy is kept but not served.
    #[serde(default)]
    pub disabled: bool,
    /// Smaller comes first; ties are broken by id.
    #[serde(default)]
    pub sort_order: i32,
    /// Parameters of the kind, all text.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// All must hold.
    #[serde(default)]
    pub constraints: Vec<Constraint>,
    /// Segments whose constraints all must hold, ascending.
    #[serde(default)]
    pub segments: Vec<SegmentId>,
    /// Variants that replace the flag's when this strategy is the one that holds.
    #[serde(default)]
    pub variants: Vec<Variant>,
}

/// A parameter of a kind of strategy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StrategyParameter {
    /// Key in [`Strategy::parameters`].
    pub name: String,
    /// `string`, `percentage`, `list`, `number` or `boolean`: how a form asks for it.
    #[serde(rename = "type")]
    pub kind: String,
    /// A label for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether a form insists on it; not, if nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
}

/// A kind of strategy that operators may use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StrategyKind {
    /// Its name, as SDKs know it.
    pub name: StrategyKindName,
    /// A title for people, of built-in kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// A title for people, of other kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Built-in kinds cannot be changed.
    pub editable: bool,
    /// Deprecated kinds are evaluated but not offered.
    #[serde(default)]
    pub deprecated: bool,
    /// Its parameters.
    #[serde(default)]
    pub parameters: Vec<StrategyParameter>,
}
