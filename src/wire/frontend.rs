//! What browser and mobile SDKs send and get (contract CLIENT-API §9).
//!
//! The answers are written by `engine`, piece by piece; the types here describe them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// All flags that are on for one user.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = FrontendApiFeaturesSchema)]
pub struct FrontendFeatures {
    /// By name; each name once.
    pub toggles: Vec<FrontendFeature>,
}

/// A flag that is on.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = FrontendApiFeatureSchema)]
#[serde(rename_all = "camelCase")]
pub struct FrontendFeature {
    /// Its name.
    pub name: String,
    /// Always true, but on paths that tell about all flags.
    pub enabled: bool,
    /// The variant the user gets.
    pub variant: FrontendVariant,
    /// Whether the SDK tells the application about each evaluation.
    pub impression_data: bool,
}

/// A variant, or the one called `disabled` where there is none.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = FrontendApiVariantSchema)]
pub struct FrontendVariant {
    /// Its name.
    pub name: String,
    /// Data for the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<FrontendPayload>,
    /// Whether it is a real variant.
    pub enabled: bool,
    /// Whether the flag is on.
    pub feature_enabled: bool,
    /// The same, as older SDKs spell it.
    #[serde(rename = "featureEnabled")]
    pub feature_enabled_too: bool,
}

/// Data that comes with a variant.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = FrontendApiPayloadSchema)]
pub struct FrontendPayload {
    /// `string`, `json`, `csv` or `number`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Text, whatever the kind.
    pub value: String,
}

/// A request for all flags of one user.
#[derive(Clone, Default, Debug, Deserialize, ToSchema)]
#[schema(as = FrontendApiFeaturesPostSchema)]
pub struct FrontendRequest {
    /// The user.
    #[serde(default)]
    #[schema(required = false)]
    pub context: FrontendContext,
}

/// Who asks. Fields not named here are properties.
#[derive(Clone, Default, Debug, Deserialize, ToSchema)]
#[schema(as = FrontendContextSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct FrontendContext {
    /// The application.
    #[schema(min_length = 1, required = false, value_type = String)]
    pub app_name: Option<String>,
    /// Without effect, as in the reference: flags are evaluated at the time of the server.
    #[schema(required = false, value_type = String, format = DateTime)]
    pub current_time: Option<String>,
    /// What the application calls its environment; the token decides which flags there are.
    pub environment: Option<String>,
    /// The address of the user; that of the request when missing.
    pub remote_address: Option<String>,
    /// The session.
    pub session_id: Option<String>,
    /// The user.
    pub user_id: Option<String>,
    /// All other fields.
    #[schema(required = false)]
    pub properties: BTreeMap<String, String>,
    /// Fields in the wrong place are taken for properties.
    #[serde(flatten)]
    #[schema(ignore)]
    pub others: BTreeMap<String, serde_json::Value>,
}
