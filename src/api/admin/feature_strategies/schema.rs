//! The shapes of strategies of flags.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::constraints::schema::ConstraintSchema;
use super::super::variants::schema::{CreateStrategyVariantSchema, StrategyVariantSchema, checked};
use crate::domain::command::{NewStrategy, StrategyChange};
use crate::domain::constraint::Constraint;
use crate::domain::names::SegmentId;
use crate::domain::rejection::Rejection;
use crate::domain::strategy::Strategy;
use crate::domain::variant::Variant;

/// Parameters of a strategy, all text.
pub(in crate::api::admin) type ParametersSchema = BTreeMap<String, String>;

/// A strategy to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct CreateFeatureStrategySchema {
    /// The kind.
    pub name: String,
    /// A label for people.
    #[serde(default)]
    pub title: Option<String>,
    /// Kept, but not served.
    #[serde(default)]
    pub disabled: Option<bool>,
    /// Its place; the last one when left out.
    #[serde(default)]
    #[schema(value_type = f64, required = false)]
    pub sort_order: Option<f64>,
    /// All must hold.
    #[serde(default)]
    pub constraints: Vec<ConstraintSchema>,
    /// Variants.
    #[serde(default)]
    pub variants: Vec<CreateStrategyVariantSchema>,
    /// Parameters of the kind.
    #[serde(default)]
    #[schema(inline)]
    pub parameters: ParametersSchema,
    /// Segments that all must hold.
    #[serde(default)]
    pub segments: Vec<f64>,
}

impl CreateFeatureStrategySchema {
    pub(in crate::api::admin) fn into_wish(self) -> Result<NewStrategy, Rejection> {
        Ok(NewStrategy {
            name: self.name,
            title: self.title,
            disabled: self.disabled.unwrap_or_default(),
            sort_order: self
                .sort_order
                .map(|number| whole("sortOrder", number))
                .transpose()?,
            parameters: self.parameters,
            constraints: constraints(self.constraints),
            segments: segments(&self.segments)?,
            variants: checked(self.variants)?,
        })
    }
}

/// What a strategy is to be like. Parameters, constraints and variants that are left out are emptied; the others are
/// kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api::admin) struct UpdateFeatureStrategySchema {
    /// The kind.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub name: Option<String>,
    /// A label for people.
    #[serde(default)]
    pub title: Option<String>,
    /// Kept, but not served.
    #[serde(default)]
    pub disabled: Option<bool>,
    /// All must hold.
    #[serde(default)]
    pub constraints: Vec<ConstraintSchema>,
    /// Variants.
    #[serde(default)]
    pub variants: Vec<StrategyVariantSchema>,
    /// Parameters of the kind.
    #[serde(default)]
    #[schema(inline)]
    pub parameters: ParametersSchema,
    /// Segments that all must hold.
    #[serde(default)]
    #[schema(value_type = Vec<f64>, required = false)]
    pub segments: Option<Vec<f64>>,
}

impl UpdateFeatureStrategySchema {
    pub(super) fn into_change(self) -> Result<StrategyChange, Rejection> {
        Ok(StrategyChange {
            title: self.title.map(Some),
            disabled: self.disabled,
            parameters: Some(self.parameters),
            fill_parameters: self.name.is_some(),
            constraints: Some(constraints(self.constraints)),
            segments: self.segments.as_deref().map(segments).transpose()?,
            variants: Some(variants(self.variants)?),
            name: self.name,
        })
    }
}

/// A strategy of a flag.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api::admin) struct FeatureStrategySchema {
    /// Identifies the strategy for ever.
    pub id: String,
    /// The kind.
    pub name: String,
    /// The flag, where the answer is not about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub feature_name: Option<String>,
    /// All must hold.
    #[serde(default)]
    pub constraints: Vec<ConstraintSchema>,
    /// Parameters of the kind.
    #[serde(default)]
    #[schema(inline)]
    pub parameters: ParametersSchema,
    /// Variants.
    #[serde(default)]
    pub variants: Vec<StrategyVariantSchema>,
    /// Segments that all must hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<f64>, required = false)]
    pub segments: Option<Vec<i32>>,
    /// A label for people.
    #[serde(default)]
    pub title: Option<String>,
    /// Kept, but not served.
    #[serde(default)]
    pub disabled: Option<bool>,
    /// Its place.
    #[serde(default)]
    #[schema(value_type = f64, required = false)]
    pub sort_order: i32,
    /// A milestone of a release plan; there are none here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, required = false)]
    pub milestone_id: Option<Option<String>>,
}

impl FeatureStrategySchema {
    /// The strategy by itself.
    pub(in crate::api::admin) fn plain(strategy: &Strategy) -> Self {
        let segments = strategy.segments.iter().map(|id| id.0);
        Self {
            id: strategy.id.to_string(),
            name: strategy.name.clone(),
            feature_name: None,
            constraints: ConstraintSchema::list(&strategy.constraints),
            parameters: strategy.parameters.clone(),
            variants: StrategyVariantSchema::list(&strategy.variants),
            segments: Some(segments.collect()),
            title: strategy.title.clone(),
            disabled: Some(strategy.disabled),
            sort_order: strategy.sort_order,
            milestone_id: None,
        }
    }

    /// The strategy as the list of an environment shows it.
    pub(super) fn listed(strategy: &Strategy) -> Self {
        Self {
            milestone_id: Some(None),
            ..Self::plain(strategy)
        }
    }

    /// The strategy as a flag's environment shows it.
    pub(in crate::api::admin) fn of_flag(strategy: &Strategy, flag: &str) -> Self {
        Self {
            feature_name: Some(flag.to_owned()),
            segments: None,
            ..Self::plain(strategy)
        }
    }

    /// The change that makes a strategy this where it differs from `before`.
    pub(super) fn into_difference(self, before: &Strategy) -> Result<StrategyChange, Rejection> {
        let constraints = constraints(self.constraints);
        let variants = variants(self.variants)?;
        let segments = ascending(self.segments.unwrap_or_default());
        let disabled = self.disabled.unwrap_or_default();
        Ok(StrategyChange {
            name: (self.name != before.name).then_some(self.name),
            title: (self.title != before.title).then_some(self.title),
            disabled: (disabled != before.disabled).then_some(disabled),
            parameters: (self.parameters != before.parameters).then_some(self.parameters),
            fill_parameters: true,
            constraints: (constraints != before.constraints).then_some(constraints),
            segments: (segments != before.segments).then_some(segments),
            variants: (variants != before.variants).then_some(variants),
        })
    }
}

fn constraints(given: Vec<ConstraintSchema>) -> Vec<Constraint> {
    given.into_iter().map(Into::into).collect()
}

fn variants(given: Vec<StrategyVariantSchema>) -> Result<Vec<Variant>, Rejection> {
    checked(given.into_iter().map(Into::into).collect())
}

/// Numbers of JSON are fractions; places and identifiers are not.
pub(in crate::api::admin) fn whole(field: &str, number: f64) -> Result<i32, Rejection> {
    if number.fract() == 0.0 && number.abs() <= f64::from(i32::MAX) {
        // The text of a whole number in range is always that of an i32.
        if let Ok(whole) = format!("{number:.0}").parse() {
            return Ok(whole);
        }
    }
    Err(Rejection::broken_rule(
        field,
        "must be a whole number",
        &number.into(),
    ))
}

fn segments(given: &[f64]) -> Result<Vec<SegmentId>, Rejection> {
    let numbers = given.iter().map(|number| whole("segments", *number));
    Ok(ascending(numbers.collect::<Result<_, _>>()?))
}

fn ascending(numbers: Vec<i32>) -> Vec<SegmentId> {
    let mut segments: Vec<SegmentId> = numbers.into_iter().map(SegmentId).collect();
    segments.sort_unstable();
    segments.dedup();
    segments
}

/// A strategy and its place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::api::admin) struct StrategySortOrderSchema {
    /// The strategy.
    pub id: String,
    /// Its place.
    pub sort_order: f64,
}

/// Strategies and their places.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::api::admin) struct SetStrategySortOrderSchema(pub Vec<StrategySortOrderSchema>);
