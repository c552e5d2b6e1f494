//! The shape of constraints in the admin API.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::constraint::{Constraint, Operator};

/// One condition on one context field.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api::admin) struct ConstraintSchema {
    /// The context field looked at.
    pub context_name: String,
    /// How the field is compared.
    pub operator: OperatorSchema,
    /// What list operators compare with.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    pub values: Vec<String>,
    /// What the other operators compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, min_length = 1)]
    pub value: Option<String>,
    /// Flips the result.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inverted: bool,
    /// Ignores case; matters to `STR_*` and `REGEX` only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub case_insensitive: bool,
}

macro_rules! operators {
    ($($operator:ident,)*) => {
        /// How a context field is compared.
        #[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub(in crate::api::admin) enum OperatorSchema { $($operator,)* }

        impl From<OperatorSchema> for Operator {
            fn from(operator: OperatorSchema) -> Self {
                match operator { $(OperatorSchema::$operator => Self::$operator,)* }
            }
        }

        impl OperatorSchema {
            /// The operator's name here. Unknown ones, which only an older file can hold, have none.
            fn from_domain(operator: &Operator) -> Option<Self> {
                match operator { $(Operator::$operator => Some(Self::$operator),)* Operator::Other(_) => None }
            }
        }
    };
}

operators! {
    NotIn,
    In,
    StrEndsWith,
    StrStartsWith,
    StrContains,
    NumEq,
    NumGt,
    NumGte,
    NumLt,
    NumLte,
    DateAfter,
    DateBefore,
    SemverEq,
    SemverGt,
    SemverLt,
    SemverGte,
    SemverLte,
    Regex,
    InCidr,
}

impl From<ConstraintSchema> for Constraint {
    fn from(it: ConstraintSchema) -> Self {
        Self {
            context_name: it.context_name,
            operator: it.operator.into(),
            values: it.values,
            value: it.value,
            inverted: it.inverted,
            case_insensitive: it.case_insensitive,
        }
    }
}

impl ConstraintSchema {
    /// The constraint as the admin API shows it. None for an operator this version does not know.
    pub(in crate::api::admin) fn from_domain(it: &Constraint) -> Option<Self> {
        Some(Self {
            context_name: it.context_name.clone(),
            operator: OperatorSchema::from_domain(&it.operator)?,
            values: it.values.clone(),
            value: it.value.clone(),
            inverted: it.inverted,
            case_insensitive: it.case_insensitive,
        })
    }

    /// A list of constraints as the admin API shows it.
    pub(in crate::api::admin) fn list(constraints: &[Constraint]) -> Vec<Self> {
        constraints.iter().filter_map(Self::from_domain).collect()
    }
}
