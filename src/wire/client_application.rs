//! An application that says it is there (contract CLIENT-API §4, §9.7).

use serde::Deserialize;
use utoipa::ToSchema;

use super::date::WireDate;

/// The registration of one running copy of an application.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = ClientApplicationSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientApplication {
    /// What the application calls itself.
    #[schema(min_length = 1)]
    pub app_name: String,
    /// How often it asks; seconds or milliseconds, SDKs do not agree.
    #[schema(minimum = 0)]
    pub interval: f64,
    /// When it was started.
    pub started: WireDate,
    /// Kinds of strategies its SDK knows.
    pub strategies: Vec<String>,
    /// What the copy calls itself.
    #[serde(default)]
    pub instance_id: Option<String>,
    /// The SDK, such as `unleash-node-sdk:6.12.1`. May be left out, but not be empty.
    #[serde(default)]
    #[schema(required = false)]
    pub sdk_version: Option<String>,
    /// Ignored: the token decides.
    #[serde(default)]
    pub environment: Option<String>,
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
}

/// The registration of a browser or a mobile device.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = FrontendApiClientSchema)]
#[serde(rename_all = "camelCase")]
pub struct FrontendClient {
    /// What the application calls itself.
    pub app_name: String,
    /// How often it asks.
    pub interval: f64,
    /// When it was started.
    pub started: WireDate,
    /// Kinds of strategies its SDK knows.
    pub strategies: Vec<String>,
    /// What the copy calls itself.
    #[serde(default)]
    pub instance_id: Option<String>,
    /// The SDK.
    #[serde(default)]
    pub sdk_version: Option<String>,
    /// Ignored: the token decides.
    #[serde(default)]
    pub environment: Option<String>,
}
