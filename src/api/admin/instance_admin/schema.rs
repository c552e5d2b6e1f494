//! The shapes of statistics.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Tokens by kind.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct TokenCounts {
    /// Admin tokens.
    pub admin: usize,
    /// Frontend tokens.
    pub frontend: usize,
    /// Backend tokens.
    pub backend: usize,
}

/// Users by when they were last here.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct ActiveUsers {
    /// Within a week.
    pub last7: usize,
    /// Within 30 days.
    pub last30: usize,
    /// Within 60 days.
    pub last60: usize,
    /// Within 90 days.
    pub last90: usize,
}

/// Applications seen within a time.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClientApps {
    /// `7d`, `30d` or `allTime`.
    pub range: &'static str,
    /// How many.
    pub count: usize,
}

/// Changes of production environments.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProductionChanges {
    /// Within 30 days.
    pub last30: usize,
    /// Within 60 days.
    pub last60: usize,
    /// Within 90 days.
    pub last90: usize,
}

/// Rows of usage of the day before.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MetricsBuckets {
    /// Rows of flags.
    pub enabled_count: usize,
    /// Rows of variants.
    pub variant_count: usize,
}

/// The instance in numbers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct InstanceAdminStatsSchema {
    /// When these numbers were true.
    pub timestamp: String,
    /// Identifies the instance.
    pub instance_id: String,
    /// The version of the reference whose API this is.
    #[serde(rename = "versionOSS")]
    pub version_oss: &'static str,
    /// Always empty.
    pub version_enterprise: &'static str,
    /// Users.
    pub users: usize,
    /// Service accounts.
    pub service_accounts: usize,
    /// Tokens by kind.
    pub api_tokens: TokenCounts,
    /// Users by when they were last here.
    pub active_users: ActiveUsers,
    /// Users somebody is paid for: none.
    pub licensed_users: usize,
    /// Live flags.
    pub feature_toggles: usize,
    /// Archived flags.
    pub archived_feature_toggles: usize,
    /// Projects.
    pub projects: usize,
    /// Context fields.
    pub context_fields: usize,
    /// Roles.
    pub roles: usize,
    /// Root roles that operators made.
    pub custom_root_roles: usize,
    /// Those of them that somebody has.
    pub custom_root_roles_in_use: usize,
    /// Groups.
    pub groups: usize,
    /// Environments.
    pub environments: usize,
    /// Segments.
    pub segments: usize,
    /// Kinds of strategies.
    pub strategies: usize,
    /// Sign-on with SAML: not here.
    #[serde(rename = "SAMLenabled")]
    pub saml_enabled: bool,
    /// Sign-on with OpenID Connect: not here.
    #[serde(rename = "OIDCenabled")]
    pub oidc_enabled: bool,
    /// Sign-on with passwords.
    pub password_auth_enabled: bool,
    /// Users from elsewhere: not here.
    #[serde(rename = "SCIMenabled")]
    pub scim_enabled: bool,
    /// Applications seen.
    pub client_apps: Vec<ClientApps>,
    /// Exports so far.
    pub feature_exports: usize,
    /// Imports so far.
    pub feature_imports: usize,
    /// Changes of production environments.
    pub production_changes: ProductionChanges,
    /// Rows of usage of the day before.
    pub previous_day_metrics_buckets_count: MetricsBuckets,
    /// Most strategies of a flag in an environment.
    pub max_environment_strategies: usize,
    /// Most values of a constraint.
    pub max_constraint_values: usize,
    /// Most constraints of a strategy.
    pub max_constraints: usize,
    /// Templates of releases: none.
    pub release_templates: usize,
    /// Plans of releases: none.
    pub release_plans: usize,
    /// Reports of Unleash Edge by month: not counted.
    pub edge_instance_usage: BTreeMap<String, u64>,
    /// Users who may only look.
    pub read_only_users: usize,
    /// A digest of the numbers.
    pub sum: String,
}

/// The columns of the table: the members above, in their order.
const COLUMNS: [&str; 37] = [
    "timestamp",
    "instanceId",
    "versionOSS",
    "versionEnterprise",
    "users",
    "serviceAccounts",
    "apiTokens",
    "activeUsers",
    "licensedUsers",
    "featureToggles",
    "archivedFeatureToggles",
    "projects",
    "contextFields",
    "roles",
    "customRootRoles",
    "customRootRolesInUse",
    "groups",
    "environments",
    "segments",
    "strategies",
    "SAMLenabled",
    "OIDCenabled",
    "passwordAuthEnabled",
    "SCIMenabled",
    "clientApps",
    "featureExports",
    "featureImports",
    "productionChanges",
    "previousDayMetricsBucketsCount",
    "maxEnvironmentStrategies",
    "maxConstraintValues",
    "maxConstraints",
    "releaseTemplates",
    "releasePlans",
    "edgeInstanceUsage",
    "readOnlyUsers",
    "sum",
];

impl InstanceAdminStatsSchema {
    /// How the table is to be saved.
    pub(super) fn as_attachment(&self) -> String {
        let moment: String = self
            .timestamp
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        format!(
            "attachment; filename=\"burgee-{}-{moment}.csv\"",
            self.instance_id
        )
    }

    /// The names in a row, then the values; texts in quotation marks, structures as JSON.
    pub(super) fn as_csv(&self) -> String {
        // Numbers and texts always have a JSON form.
        let document = serde_json::to_value(self).unwrap_or_default();
        let columns = COLUMNS.iter().map(|name| {
            let value = document.get(name).unwrap_or(&Value::Null);
            (quoted(name), cell(value))
        });
        let (names, values): (Vec<String>, Vec<String>) = columns.unzip();
        format!("{}\n{}", names.join(","), values.join(","))
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(_) | Value::Object(_) => quoted(&value.to_string()),
        Value::Null => String::new(),
        plain => plain.to_string(),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
