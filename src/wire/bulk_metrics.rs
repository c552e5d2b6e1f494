//! What Unleash Edge collected from its own clients (contract CLIENT-API §6).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::date::WireDate;

/// Registrations and counts of many applications.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = BulkMetricsSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulkMetrics {
    /// Who registered.
    pub applications: Vec<BulkApplication>,
    /// What was counted.
    pub metrics: Vec<BulkCount>,
    /// Metrics the applications define themselves. Items that make no sense are ignored.
    #[serde(default)]
    #[schema(value_type = Vec<Object>, required = false)]
    pub impact_metrics: Vec<Value>,
    /// Tokens that were used.
    #[serde(default)]
    #[schema(required = false)]
    pub seen_tokens: Vec<String>,
}

/// A registration as Edge passes it on.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = BulkRegistrationSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulkApplication {
    /// What the application calls itself.
    pub app_name: String,
    /// What the copy calls itself.
    pub instance_id: String,
    /// The environment it runs in.
    pub environment: String,
    /// The SDK.
    #[serde(default)]
    pub sdk_version: Option<String>,
    /// `frontend` or `backend`.
    #[serde(default)]
    pub sdk_type: Option<SdkKind>,
    /// Identifies the connection.
    #[serde(default)]
    pub connection_id: Option<String>,
    /// Projects it sees.
    #[serde(default)]
    #[schema(required = false)]
    pub projects: Vec<String>,
    /// Kinds of strategies its SDK knows.
    #[serde(default)]
    #[schema(required = false)]
    pub strategies: Vec<String>,
    /// When it was started.
    #[serde(default)]
    #[schema(required = false, value_type = WireDate)]
    pub started: Option<WireDate>,
    /// How often it asks.
    #[serde(default)]
    #[schema(required = false, value_type = f64)]
    pub interval: Option<f64>,
    /// What it is connected through.
    #[serde(default)]
    #[schema(required = false)]
    pub connect_via: Vec<ConnectVia>,
    /// What the application runs on.
    #[serde(default)]
    pub platform_name: Option<String>,
    /// Its version.
    #[serde(default)]
    pub platform_version: Option<String>,
    /// Version of the engine inside the SDK.
    #[serde(default)]
    pub yggdrasil_version: Option<String>,
    /// Version of the specification the SDK follows.
    #[serde(default)]
    pub spec_version: Option<String>,
    /// What wraps the SDK.
    #[serde(default)]
    #[schema(max_length = 256)]
    pub sdk_flavor: Option<String>,
    /// Its version.
    #[serde(default)]
    #[schema(max_length = 256)]
    pub sdk_flavor_version: Option<String>,
}

/// Where an SDK runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, ToSchema)]
#[schema(as = BulkSdkTypeSchema)]
#[serde(rename_all = "lowercase")]
pub enum SdkKind {
    /// In a browser or on a device.
    Frontend,
    /// On a server.
    Backend,
}

/// A step between an application and us.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = BulkConnectViaSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectVia {
    /// What it calls itself.
    pub app_name: String,
    /// What the copy calls itself.
    pub instance_id: String,
}

/// How often an application asked for one flag in one hour.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = ClientMetricsEnvSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulkCount {
    /// The flag.
    pub feature_name: String,
    /// The application.
    pub app_name: String,
    /// The environment it runs in.
    pub environment: String,
    /// The hour, or an instant in it; now when missing.
    #[serde(default)]
    #[schema(required = false, value_type = WireDate)]
    pub timestamp: Option<WireDate>,
    /// How often it was on.
    #[serde(default)]
    #[schema(minimum = 0, required = false, value_type = u64)]
    pub yes: f64,
    /// How often it was off.
    #[serde(default)]
    #[schema(minimum = 0, required = false, value_type = u64)]
    pub no: f64,
    /// How often each variant was given.
    #[serde(default)]
    #[schema(required = false, value_type = BTreeMap<String, u64>)]
    pub variants: BTreeMap<String, f64>,
}
