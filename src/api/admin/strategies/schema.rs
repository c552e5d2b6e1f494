//! The shapes of kinds of strategies.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::command::StrategyKindWish;
use crate::domain::strategy::{StrategyKind, StrategyParameter};

/// How a form asks for a parameter.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ParameterTypeSchema {
    /// Any text.
    String,
    /// A number from 0 to 100.
    Percentage,
    /// Texts separated by commas.
    List,
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
}

impl ParameterTypeSchema {
    fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Percentage => "percentage",
            Self::List => "list",
            Self::Number => "number",
            Self::Boolean => "boolean",
        }
    }
}

/// A parameter of a kind of strategy to be made or changed.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewParameterSchema {
    /// Its key.
    pub name: String,
    /// How a form asks for it.
    #[serde(rename = "type")]
    pub kind: ParameterTypeSchema,
    /// A label for people.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub description: Option<String>,
    /// Whether a form insists on it.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    pub required: Option<bool>,
}

impl From<NewParameterSchema> for StrategyParameter {
    fn from(it: NewParameterSchema) -> Self {
        Self {
            name: it.name,
            kind: it.kind.as_str().into(),
            description: it.description,
            required: it.required,
        }
    }
}

/// A kind of strategy to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct CreateStrategySchema {
    /// Its name.
    pub name: String,
    /// For people.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub title: Option<String>,
    /// What it does.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub description: Option<String>,
    /// Its parameters.
    pub parameters: Vec<NewParameterSchema>,
}

/// A kind of strategy to be changed.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct UpdateStrategySchema {
    /// Another one to be changed in its place, as with the reference.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub name: Option<String>,
    /// For people. Left out: as it is.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub title: Option<String>,
    /// What it does. Left out: as it is.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub description: Option<String>,
    /// Its parameters.
    pub parameters: Vec<NewParameterSchema>,
}

impl From<CreateStrategySchema> for StrategyKindWish {
    fn from(it: CreateStrategySchema) -> Self {
        Self {
            title: it.title,
            description: it.description,
            parameters: it.parameters.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<UpdateStrategySchema> for StrategyKindWish {
    fn from(it: UpdateStrategySchema) -> Self {
        Self {
            title: it.title,
            description: it.description,
            parameters: it.parameters.into_iter().map(Into::into).collect(),
        }
    }
}

/// A parameter of a kind of strategy.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api::admin) struct ParameterSchema {
    /// Its key.
    pub name: String,
    /// How a form asks for it.
    #[serde(rename = "type")]
    pub kind: String,
    /// A label for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether a form insists on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
}

/// A kind of strategy.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct StrategySchema {
    /// A title for people, of built-in kinds.
    pub display_name: Option<String>,
    /// Its name.
    pub name: String,
    /// Whether it can be changed.
    pub editable: bool,
    /// What it does.
    pub description: Option<String>,
    /// Its parameters.
    pub parameters: Vec<ParameterSchema>,
    /// Whether it is no longer offered.
    pub deprecated: bool,
    /// A title for people, of other kinds.
    pub title: Option<String>,
}

impl From<&StrategyKind> for StrategySchema {
    fn from(it: &StrategyKind) -> Self {
        let parameters = it.parameters.iter().map(|parameter| ParameterSchema {
            name: parameter.name.clone(),
            kind: parameter.kind.clone(),
            description: parameter.description.clone(),
            required: parameter.required,
        });
        Self {
            display_name: it.display_name.clone(),
            name: it.name.to_string(),
            editable: it.editable,
            description: it.description.clone(),
            parameters: parameters.collect(),
            deprecated: it.deprecated,
            title: it.title.clone(),
        }
    }
}

/// Kinds of strategies.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StrategiesSchema {
    /// Version of this shape.
    pub version: u32,
    /// The kinds.
    pub strategies: Vec<StrategySchema>,
}
