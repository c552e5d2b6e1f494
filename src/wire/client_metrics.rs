//! How often an application asked for flags (contract CLIENT-API §5, §9.6).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::date::WireDate;

/// A report of one running copy of an application.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = ClientMetricsSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientMetrics {
    /// What the application calls itself.
    #[schema(min_length = 1)]
    pub app_name: String,
    /// What the copy calls itself.
    #[serde(default)]
    pub instance_id: Option<String>,
    /// Ignored: the token decides.
    #[serde(default)]
    pub environment: Option<String>,
    /// The SDK, such as `unleash-node-sdk:6.12.1`.
    #[serde(default)]
    pub sdk_version: Option<String>,
    /// Identifies the connection.
    #[serde(default)]
    pub connection_id: Option<String>,
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
    /// The counts; none in a report of impact metrics only.
    #[serde(default)]
    pub bucket: Option<ClientMetricsBucket>,
    /// Metrics the application defines itself. Items that make no sense are ignored.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Object>>)]
    pub impact_metrics: Option<Value>,
}

/// Counts of a time.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = ClientMetricsBucketSchema)]
pub struct ClientMetricsBucket {
    /// When counting began.
    pub start: WireDate,
    /// When it ended.
    pub stop: WireDate,
    /// Counts by name of flag.
    pub toggles: BTreeMap<String, ToggleCounts>,
}

/// How often a flag was on and off.
#[derive(Clone, Default, Debug, Deserialize, ToSchema)]
#[schema(as = ClientMetricsToggleSchema)]
pub struct ToggleCounts {
    /// How often it was on.
    #[serde(default)]
    #[schema(minimum = 0, required = false)]
    pub yes: f64,
    /// How often it was off.
    #[serde(default)]
    #[schema(minimum = 0, required = false, value_type = u64)]
    pub no: f64,
    /// How often each variant was given.
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, u64>>)]
    pub variants: Option<BTreeMap<String, f64>>,
}
