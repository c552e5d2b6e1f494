//! The shapes of variants of flags themselves.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::schema::{VariantPayloadSchema, WeightTypeSchema, payload, stickiness};
use crate::domain::rejection::Rejection;
use crate::domain::variant::{Override, Variant};

/// Forces a variant for some values of a context field.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api::admin) struct OverrideSchema {
    /// The context field looked at.
    pub context_name: String,
    /// The values that force the variant.
    pub values: Vec<String>,
}

/// A variant of a flag.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api::admin) struct VariantSchema {
    /// Unique within its list.
    pub name: String,
    /// Share of users in thousandths; counts for fixed variants only.
    #[schema(value_type = f64, minimum = 0, maximum = 1000)]
    pub weight: u32,
    /// Whether it keeps its weight.
    #[serde(default)]
    #[schema(required = false)]
    pub weight_type: WeightTypeSchema,
    /// The context field that decides.
    #[serde(default = "by_default")]
    #[schema(required = false)]
    pub stickiness: String,
    /// Data for the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = VariantPayloadSchema, required = false)]
    pub payload: Option<VariantPayloadSchema>,
    /// Forced users.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<OverrideSchema>,
}

fn by_default() -> String {
    "default".into()
}

impl VariantSchema {
    fn from_domain(variant: &Variant) -> Self {
        Self {
            name: variant.name.clone(),
            weight: variant.weight,
            weight_type: variant.weight_type.into(),
            stickiness: stickiness(variant),
            payload: variant
                .payload
                .as_ref()
                .map(VariantPayloadSchema::from_domain),
            overrides: variant
                .overrides
                .iter()
                .map(|it| OverrideSchema {
                    context_name: it.context_name.clone(),
                    values: it.values.clone(),
                })
                .collect(),
        }
    }

    fn into_domain(self, index: usize) -> Result<Variant, Rejection> {
        Ok(Variant {
            name: self.name,
            weight: self.weight,
            weight_type: self.weight_type.into(),
            stickiness: Some(self.stickiness),
            payload: self.payload.map(|it| payload(index, it)).transpose()?,
            overrides: self
                .overrides
                .into_iter()
                .map(|it| Override {
                    context_name: it.context_name,
                    values: it.values,
                })
                .collect(),
        })
    }
}

/// A list of variants.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub(in crate::api::admin) struct VariantsSchema(pub Vec<VariantSchema>);

impl VariantsSchema {
    pub(in crate::api::admin) fn from_domain(variants: &[Variant]) -> Self {
        Self(variants.iter().map(VariantSchema::from_domain).collect())
    }

    pub(in crate::api::admin) fn into_domain(self) -> Result<Vec<Variant>, Rejection> {
        let given = self.0.into_iter().enumerate();
        given
            .map(|(index, variant)| variant.into_domain(index))
            .collect()
    }
}

/// Variants for several environments.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::api::admin) struct PushVariantsSchema {
    /// The variants.
    #[serde(default)]
    pub variants: Vec<VariantSchema>,
    /// The environments.
    #[serde(default)]
    pub environments: Vec<String>,
}

/// The variants of a flag.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api::admin) struct FeatureVariantsSchema {
    /// Number of the shape.
    pub version: u32,
    /// The variants.
    pub variants: VariantsSchema,
}

impl FeatureVariantsSchema {
    pub(super) fn new(variants: &[Variant]) -> Self {
        Self {
            version: 1,
            variants: VariantsSchema::from_domain(variants),
        }
    }
}
