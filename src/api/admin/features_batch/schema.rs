//! The shapes of exports and imports.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::rights::title;
use crate::api::admin::answer::present;
use crate::api::admin::constraints::schema::ConstraintSchema;
use crate::api::admin::context::schema::LegalValueSchema;
use crate::api::admin::feature_strategies::schema::ParametersSchema;
use crate::api::admin::tags::schema::TagTypeSchema;
use crate::api::admin::variants::schema::{StrategyVariantSchema, VariantSchema};
use crate::domain::decide::import_check::{Finding, Findings};

/// What is to be exported. A tag wins over names, names win over a project.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExportQuerySchema {
    /// The environment whose strategies and switches are wanted.
    pub environment: String,
    /// The flags; an empty list is all of them.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    pub features: Option<Vec<String>>,
    /// A tag's value, or its kind and value: `blue` or `simple:blue`.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub tag: Option<String>,
    /// A project.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub project: Option<String>,
    /// Makes no difference.
    #[serde(default, rename = "downloadFile")]
    _download_file: bool,
}

/// A file to be imported and where it goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportTogglesSchema {
    /// The project.
    pub project: String,
    /// The environment.
    pub environment: String,
    /// The file.
    pub data: ExportResultSchema,
}

/// An export.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ExportResultSchema {
    /// The flags.
    pub features: Vec<ExportedFlagSchema>,
    /// Their strategies in the environment.
    pub feature_strategies: Vec<ExportedStrategySchema>,
    /// Their switches and variants in the environment.
    #[serde(default)]
    #[schema(required = false)]
    pub feature_environments: Vec<ExportedEnvironmentSchema>,
    /// Context fields that constraints look at.
    #[serde(default)]
    #[schema(required = false)]
    pub context_fields: Vec<ExportedFieldSchema>,
    /// The tags of the flags.
    #[serde(default)]
    #[schema(value_type = Vec<ExportedTagSchema>, required = false)]
    pub feature_tags: Option<Vec<ExportedTagSchema>>,
    /// Segments that strategies use.
    #[serde(default)]
    #[schema(required = false)]
    pub segments: Vec<ExportedSegmentSchema>,
    /// Kinds of the tags.
    pub tag_types: Vec<TagTypeSchema>,
    /// What the flags depend on.
    #[serde(default)]
    #[schema(required = false)]
    pub dependencies: Vec<ExportedDependenciesSchema>,
    /// Links of the flags.
    #[serde(default)]
    #[schema(required = false)]
    pub links: Vec<ExportedLinksSchema>,
}

/// A flag in an export. The members with an underscore stand in full descriptions of flags; an import reads over them.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ExportedFlagSchema {
    /// Its name.
    pub name: String,
    /// For people.
    #[serde(default)]
    pub description: Option<String>,
    /// The kind.
    #[serde(default, rename = "type")]
    #[schema(value_type = String, required = false)]
    pub kind: Option<String>,
    /// The project it was in.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub project: Option<String>,
    /// Marked for removal.
    #[serde(default)]
    pub stale: bool,
    /// Whether SDKs tell the application about each evaluation.
    #[serde(default)]
    pub impression_data: bool,
    /// Whether it is archived.
    #[serde(default)]
    pub archived: bool,
    #[serde(default, skip_serializing_if = "always", rename = "enabled")]
    #[schema(value_type = Value, required = false)]
    pub _enabled: Option<ReadOver>,
    #[serde(default, skip_serializing_if = "always", rename = "favorite")]
    #[schema(value_type = Value, required = false)]
    pub _favorite: Option<ReadOver>,
    #[serde(default, skip_serializing_if = "always", rename = "createdAt")]
    #[schema(value_type = Value, required = false)]
    pub _created_at: Option<ReadOver>,
    #[serde(default, skip_serializing_if = "always", rename = "createdBy")]
    #[schema(value_type = Value, required = false)]
    pub _created_by: Option<ReadOver>,
    #[serde(default, skip_serializing_if = "always", rename = "archivedAt")]
    #[schema(value_type = Value, required = false)]
    pub _archived_at: Option<ReadOver>,
    #[serde(default, skip_serializing_if = "always", rename = "environments")]
    #[schema(value_type = Value, required = false)]
    pub _environments: Option<ReadOver>,
    #[serde(default, skip_serializing_if = "always", rename = "tags")]
    #[schema(value_type = Value, required = false)]
    pub _tags: Option<ReadOver>,
    #[serde(default, skip_serializing_if = "always", rename = "children")]
    #[schema(value_type = Value, required = false)]
    pub _children: Option<ReadOver>,
    #[serde(default, skip_serializing_if = "always", rename = "lifecycle")]
    #[schema(value_type = Value, required = false)]
    pub _lifecycle: Option<ReadOver>,
    #[serde(default, skip_serializing_if = "always", rename = "dependencies")]
    #[schema(value_type = Value, required = false)]
    pub _dependencies: Option<ReadOver>,
    #[serde(default, skip_serializing_if = "always", rename = "collaborators")]
    #[schema(value_type = Value, required = false)]
    pub _collaborators: Option<ReadOver>,
    #[serde(default, skip_serializing_if = "always", rename = "links")]
    #[schema(value_type = Value, required = false)]
    pub _links: Option<ReadOver>,
}

/// Something an import reads over.
#[derive(Debug, Serialize)]
pub(super) struct ReadOver;

impl<'de> Deserialize<'de> for ReadOver {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

/// A strategy in an export.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ExportedStrategySchema {
    /// The kind.
    pub name: String,
    /// Its identifier; an import makes a new one.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub id: Option<String>,
    /// The flag.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub feature_name: Option<String>,
    /// A label for people.
    #[serde(default)]
    pub title: Option<String>,
    /// Parameters of the kind.
    #[serde(default)]
    #[schema(required = false)]
    #[schema(inline)]
    pub parameters: ParametersSchema,
    /// All must hold.
    #[serde(default)]
    #[schema(required = false)]
    pub constraints: Vec<ConstraintSchema>,
    /// Variants.
    #[serde(default)]
    #[schema(required = false)]
    pub variants: Vec<StrategyVariantSchema>,
    /// Kept, but not served.
    #[serde(default)]
    pub disabled: Option<bool>,
    /// Its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = f64, required = false)]
    pub sort_order: Option<f64>,
    /// Segments by their numbers in the export.
    #[serde(default)]
    #[schema(required = false)]
    pub segments: Vec<i32>,
}

/// A switch in an export.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExportedEnvironmentSchema {
    /// The switch.
    pub enabled: bool,
    /// The flag.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub feature_name: Option<String>,
    /// The environment; an import goes to the one of the request.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub environment: Option<String>,
    /// Variants of the flag itself.
    #[serde(default)]
    #[schema(required = false)]
    pub variants: Vec<VariantSchema>,
    /// The flag once more.
    pub name: String,
}

/// A context field in an export.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExportedFieldSchema {
    /// Its name.
    pub name: String,
    /// For people.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether rollouts may stick to it.
    #[serde(default)]
    pub stickiness: bool,
    /// Smaller comes first.
    #[serde(default)]
    pub sort_order: i32,
    /// Values offered.
    #[serde(default)]
    #[schema(required = false)]
    pub legal_values: Vec<LegalValueSchema>,
}

/// A tag on a flag in an export.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExportedTagSchema {
    /// The flag.
    pub feature_name: String,
    /// The kind; `simple` when left out.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub tag_type: Option<String>,
    /// The value.
    pub tag_value: String,
}

/// A segment in an export.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportedSegmentSchema {
    /// Its number in the export.
    pub id: i32,
    /// Its name, by which an import finds it.
    pub name: String,
    /// When given, an import makes the segment if there is none of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<ConstraintSchema>, required = false)]
    pub constraints: Option<Vec<ConstraintSchema>>,
}

/// What a flag in an export depends on.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportedDependenciesSchema {
    /// The flag.
    pub feature: String,
    /// What it depends on.
    pub dependencies: Vec<ExportedDependencySchema>,
}

/// A dependency in an export.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportedDependencySchema {
    /// The flag depended on.
    pub feature: String,
    /// Whether it must be on or off; on when left out.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// The variants one of which it must resolve to.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Vec<String>, required = false)]
    pub variants: Option<Vec<String>>,
}

/// For members that are read over and never written.
fn always(_: &Option<ReadOver>) -> bool {
    true
}

fn yes() -> bool {
    true
}

/// The links of a flag in an export.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportedLinksSchema {
    /// The flag.
    pub feature: String,
    /// Its links.
    pub links: Vec<ExportedLinkSchema>,
}

/// A link in an export.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct ExportedLinkSchema {
    /// Its identifier; an import makes a new one.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub id: Option<String>,
    /// Where it leads.
    pub url: String,
    /// What it is called.
    #[serde(default)]
    pub title: Option<String>,
}

/// What stands in the way of an import, and what its caller should know.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportTogglesValidateSchema {
    /// Reasons to refuse it.
    pub errors: Vec<ImportTogglesValidateItemSchema>,
    /// What it will do that one might not expect.
    pub warnings: Vec<ImportTogglesValidateItemSchema>,
    /// Rights that are missing.
    pub permissions: Vec<ImportTogglesValidateItemSchema>,
}

/// A sentence and the things it is about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImportTogglesValidateItemSchema {
    /// The sentence.
    pub message: String,
    /// The things.
    pub affected_items: Vec<String>,
}

impl ImportTogglesValidateSchema {
    /// What was found, and the names of the rights the caller lacks.
    pub(super) fn new(found: Findings, missing: &[&str]) -> Self {
        let items = |list: Vec<Finding>| list.into_iter().map(Into::into).collect();
        Self {
            errors: items(found.errors),
            warnings: items(found.warnings),
            permissions: lacking(missing),
        }
    }
}

fn lacking(missing: &[&str]) -> Vec<ImportTogglesValidateItemSchema> {
    if missing.is_empty() {
        return Vec::new();
    }
    vec![ImportTogglesValidateItemSchema {
        message: "We detected you are missing the following permissions:".into(),
        affected_items: missing.iter().map(|right| title(right)).collect(),
    }]
}

impl From<Finding> for ImportTogglesValidateItemSchema {
    fn from(it: Finding) -> Self {
        Self {
            message: it.message,
            affected_items: it.items,
        }
    }
}
