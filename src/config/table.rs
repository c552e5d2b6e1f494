//! Every setting, once. The parser, `--help`, the settings page and the start-up notices are made from this table.

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Name of the command-line option, without the dashes.
    pub flag: &'static str,
    /// Environment variables, ours first; the first one that is set counts.
    pub names: &'static [&'static str],
    /// What stands for the value in help; empty for a switch.
    pub value: &'static str,
    /// The value when nothing is given, as text.
    pub default: &'static str,
    /// Whether the value is secret: then each name is also read as `<NAME>_FILE`, a file that holds it.
    pub secret: bool,
    /// Which part of the page it stands in.
    pub section: &'static str,
    /// What it does.
    pub help: &'static str,
}

const fn plain(
    section: &'static str,
    flag: &'static str,
    names: &'static [&'static str],
    value: &'static str,
    default: &'static str,
    help: &'static str,
) -> Setting {
    Setting {
        flag,
        names,
        value,
        default,
        secret: false,
        section,
        help,
    }
}

const fn secret(
    section: &'static str,
    flag: &'static str,
    names: &'static [&'static str],
    value: &'static str,
    help: &'static str,
) -> Setting {
    Setting {
        flag,
        names,
        value,
        default: "",
        secret: true,
        section,
        help,
    }
}

const NETWORK: &str = "Network";
const STORAGE: &str = "Storage";
const FIRST: &str = "First start";
const API: &str = "API";
const ACCOUNTS: &str = "Accounts";
const LIMITS: &str = "Limits";
const LOG: &str = "Log";

/// The table.
pub const SETTINGS: &[Setting] = &[
    plain(
        NETWORK,
        "host",
        &["BURGEE_HOST", "HTTP_HOST"],
        "ADDRESS",
        "0.0.0.0",
        "Address to listen on.",
    ),
    plain(
        NETWORK,
        "port",
        &["BURGEE_PORT", "HTTP_PORT", "PORT"],
        "PORT",
        "4242",
        "Port to listen on. HTTP_PORT wins over PORT.",
    ),
    plain(
        NETWORK,
        "base-path",
        &["BURGEE_BASE_PATH", "BASE_URI_PATH"],
        "PATH",
        "",
        "Path that stands before all others, such as /flags.",
    ),
    plain(
        NETWORK,
        "public-url",
        &["BURGEE_PUBLIC_URL", "UNLEASH_URL"],
        "URL",
        "",
        "Address under which people reach the server. Default: made from host, port and base path.",
    ),
    plain(
        NETWORK,
        "host-name",
        &["BURGEE_HOST_NAME", "HOSTNAME"],
        "NAME",
        "",
        "Name that applicationHostname strategies compare with on the frontend API. Default: the system's.",
    ),
    plain(
        NETWORK,
        "workers",
        &["BURGEE_WORKERS"],
        "N",
        "0",
        "Threads that answer requests; 0 is one for each core.",
    ),
    plain(
        NETWORK,
        "keep-alive",
        &["BURGEE_KEEP_ALIVE", "SERVER_KEEPALIVE_TIMEOUT"],
        "SECONDS",
        "15",
        "How long an idle connection is kept.",
    ),
    plain(
        NETWORK,
        "shutdown-timeout",
        &["BURGEE_SHUTDOWN_TIMEOUT", "GRACEFUL_SHUTDOWN_TIMEOUT"],
        "MILLISECONDS",
        "10000",
        "How long requests may take to finish after SIGTERM.",
    ),
    plain(
        STORAGE,
        "store",
        &["BURGEE_STORE"],
        "KIND",
        "embedded",
        "Where flags are kept: `embedded` (a file in the data directory) or `memory` (forgotten at exit).",
    ),
    plain(
        STORAGE,
        "data-dir",
        &["BURGEE_DATA_DIR"],
        "FOLDER",
        "./burgee-data",
        "Folder of the embedded store. Made when it is missing.",
    ),
    plain(
        FIRST,
        "environments",
        &["BURGEE_ENVIRONMENTS"],
        "LIST",
        "development,production",
        "Environments of a new store, comma separated. More can be made at any time over the admin API.",
    ),
    plain(
        FIRST,
        "demo",
        &["BURGEE_DEMO"],
        "",
        "false",
        "Fill a new store with a dozen example flags and known tokens.",
    ),
    secret(
        FIRST,
        "init-admin-api-tokens",
        &["BURGEE_INIT_ADMIN_API_TOKENS", "INIT_ADMIN_API_TOKENS"],
        "LIST",
        "Admin tokens of a new store, `*:*.secret`, comma separated. Without any, one is made and printed once.",
    ),
    secret(
        FIRST,
        "init-backend-api-tokens",
        &["BURGEE_INIT_BACKEND_API_TOKENS", "INIT_BACKEND_API_TOKENS"],
        "LIST",
        "Backend tokens of a new store, `project:environment.secret`, comma separated.",
    ),
    secret(
        FIRST,
        "init-client-api-tokens",
        &["BURGEE_INIT_CLIENT_API_TOKENS", "INIT_CLIENT_API_TOKENS"],
        "LIST",
        "The older name of the backend tokens; both lists are used.",
    ),
    secret(
        FIRST,
        "init-frontend-api-tokens",
        &[
            "BURGEE_INIT_FRONTEND_API_TOKENS",
            "INIT_FRONTEND_API_TOKENS",
        ],
        "LIST",
        "Frontend tokens of a new store, `project:environment.secret`, comma separated.",
    ),
    plain(
        FIRST,
        "import-file",
        &["BURGEE_IMPORT_FILE", "IMPORT_FILE"],
        "FILE",
        "",
        "An export to import at each start: a features-batch export in JSON.",
    ),
    plain(
        FIRST,
        "import-project",
        &["BURGEE_IMPORT_PROJECT", "IMPORT_PROJECT"],
        "PROJECT",
        "default",
        "The project the file is imported into.",
    ),
    plain(
        FIRST,
        "import-environment",
        &["BURGEE_IMPORT_ENVIRONMENT", "IMPORT_ENVIRONMENT"],
        "ENVIRONMENT",
        "development",
        "The environment the file is imported into.",
    ),
    plain(
        API,
        "frontend-api-origins",
        &[
            "BURGEE_FRONTEND_API_ORIGINS",
            "UNLEASH_FRONTEND_API_ORIGINS",
        ],
        "LIST",
        "*",
        "Origins whose pages may call the frontend API of a new store, comma separated. Can be changed over the admin API.",
    ),
    plain(
        API,
        "cors-max-age",
        &["BURGEE_CORS_MAX_AGE", "ACCESS_CONTROL_MAX_AGE"],
        "SECONDS",
        "86400",
        "How long browsers remember a preflight answer.",
    ),
    plain(
        API,
        "body-limit",
        &["BURGEE_BODY_LIMIT"],
        "BYTES",
        "10485760",
        "Largest body of a request, after inflation. Imports may be 64 MiB.",
    ),
    plain(
        API,
        "usage-flush-interval",
        &["BURGEE_USAGE_FLUSH_INTERVAL"],
        "SECONDS",
        "5",
        "How often reported usage is written to the store.",
    ),
    plain(
        API,
        "usage-hours",
        &["BURGEE_USAGE_HOURS"],
        "HOURS",
        "48",
        "For how long usage is kept hour by hour. The rest of the day it ends in is kept too.",
    ),
    plain(
        API,
        "usage-days",
        &["BURGEE_USAGE_DAYS"],
        "DAYS",
        "400",
        "For how long usage is kept day by day.",
    ),
    plain(
        API,
        "addons-allow-private",
        &[
            "BURGEE_ADDONS_ALLOW_PRIVATE",
            "UNLEASH_ALLOW_PRIVATE_URL_IN_INTEGRATION",
        ],
        "",
        "false",
        "Let addons send to private, loopback and link-local addresses.",
    ),
    plain(
        ACCOUNTS,
        "default-admin-username",
        &[
            "BURGEE_DEFAULT_ADMIN_USERNAME",
            "UNLEASH_DEFAULT_ADMIN_USERNAME",
        ],
        "NAME",
        "admin",
        "Name of the administrator that a new store gets.",
    ),
    secret(
        ACCOUNTS,
        "default-admin-password",
        &[
            "BURGEE_DEFAULT_ADMIN_PASSWORD",
            "UNLEASH_DEFAULT_ADMIN_PASSWORD",
        ],
        "PASSWORD",
        "Password of the administrator that a new store gets. Without one, one is made and printed once.",
    ),
    plain(
        ACCOUNTS,
        "session-hours",
        &["BURGEE_SESSION_HOURS", "SESSION_TTL_HOURS"],
        "HOURS",
        "48",
        "How long somebody who signed in stays signed in.",
    ),
    plain(
        ACCOUNTS,
        "max-sessions",
        &["BURGEE_MAX_SESSIONS", "MAX_PARALLEL_SESSIONS"],
        "NUMBER",
        "5",
        "In how many browsers a user can be signed in. The oldest sessions end.",
    ),
    plain(
        ACCOUNTS,
        "login-limit",
        &["BURGEE_LOGIN_LIMIT", "SIMPLE_LOGIN_LIMIT_PER_MINUTE"],
        "NUMBER",
        "10",
        "How often one address can try to sign in within a minute. Ten wrong passwords in a row lock an account for \
         a quarter of an hour.",
    ),
    plain(
        ACCOUNTS,
        "secure-cookies",
        &["BURGEE_SECURE_COOKIES", "SECURE_HEADERS"],
        "WHEN",
        "auto",
        "Whether browsers send the session cookie over HTTPS only: true, false, or auto, which is true when the public \
         URL begins with https.",
    ),
    plain(
        ACCOUNTS,
        "inactive-days",
        &["BURGEE_INACTIVE_DAYS", "USER_INACTIVITY_THRESHOLD_IN_DAYS"],
        "DAYS",
        "180",
        "After how many days without signing in a user counts as inactive.",
    ),
    plain(
        LIMITS,
        "segment-values-limit",
        &[
            "BURGEE_SEGMENT_VALUES_LIMIT",
            "UNLEASH_SEGMENT_VALUES_LIMIT",
        ],
        "N",
        "1000",
        "Values in one segment.",
    ),
    plain(
        LIMITS,
        "strategy-segments-limit",
        &[
            "BURGEE_STRATEGY_SEGMENTS_LIMIT",
            "UNLEASH_STRATEGY_SEGMENTS_LIMIT",
        ],
        "N",
        "5",
        "Segments on one strategy.",
    ),
    plain(
        LIMITS,
        "segments-limit",
        &["BURGEE_SEGMENTS_LIMIT", "UNLEASH_SEGMENTS_LIMIT"],
        "N",
        "300",
        "Segments.",
    ),
    plain(
        LIMITS,
        "constraint-values-limit",
        &[
            "BURGEE_CONSTRAINT_VALUES_LIMIT",
            "UNLEASH_CONSTRAINT_VALUES_LIMIT",
        ],
        "N",
        "250",
        "Values in one constraint of a strategy.",
    ),
    plain(
        LIMITS,
        "constraints-limit",
        &["BURGEE_CONSTRAINTS_LIMIT", "UNLEASH_CONSTRAINTS_LIMIT"],
        "N",
        "30",
        "Constraints on one strategy.",
    ),
    plain(
        LIMITS,
        "feature-environment-strategies-limit",
        &[
            "BURGEE_FEATURE_ENVIRONMENT_STRATEGIES_LIMIT",
            "UNLEASH_FEATURE_ENVIRONMENT_STRATEGIES_LIMIT",
        ],
        "N",
        "30",
        "Strategies of one flag in one environment.",
    ),
    plain(
        LIMITS,
        "feature-flags-limit",
        &["BURGEE_FEATURE_FLAGS_LIMIT", "UNLEASH_FEATURE_FLAGS_LIMIT"],
        "N",
        "5000",
        "Flags that are not archived.",
    ),
    plain(
        LIMITS,
        "projects-limit",
        &["BURGEE_PROJECTS_LIMIT", "UNLEASH_PROJECTS_LIMIT"],
        "N",
        "500",
        "Projects.",
    ),
    plain(
        LIMITS,
        "environments-limit",
        &["BURGEE_ENVIRONMENTS_LIMIT", "UNLEASH_ENVIRONMENTS_LIMIT"],
        "N",
        "50",
        "Environments.",
    ),
    plain(
        LIMITS,
        "api-tokens-limit",
        &["BURGEE_API_TOKENS_LIMIT", "UNLEASH_API_TOKENS_LIMIT"],
        "N",
        "2000",
        "API tokens.",
    ),
    plain(
        LOG,
        "log-level",
        &["BURGEE_LOG_LEVEL", "LOG_LEVEL"],
        "LEVEL",
        "info",
        "`error`, `warn`, `info`, `debug` or `trace`; `fatal` counts as `error`.",
    ),
    plain(
        LOG,
        "log-format",
        &["BURGEE_LOG_FORMAT"],
        "FORMAT",
        "text",
        "`text` or `json`, one event a line, on stderr.",
    ),
    plain(
        LOG,
        "request-log",
        &["BURGEE_REQUEST_LOG", "REQUEST_LOGGER_ENABLE"],
        "",
        "false",
        "Log each request.",
    ),
];

/// Names the reference server reads and this version does not. They are reported once, and never fatal: a container
/// whose image was changed keeps its environment.
pub const UNSUPPORTED: &[&str] = &[
    "ACCESS_CONTROL_MAX_AGE_EXTERNAL",
    "AUTH_DEMO_ALLOW_ADMIN_LOGIN",
    "AUTH_ENABLE_API_TOKEN",
    "AUTH_TYPE",
    "CDN_PREFIX",
    "CHECK_DB_ON_READY",
    "CHECK_VERSION",
    "CLIENT_FEATURE_CACHING_ENABLED",
    "CLIENT_FEATURE_CACHING_MAXAGE",
    "CLIENT_METRICS_RATE_LIMIT_PER_MINUTE",
    "CREATE_USER_RATE_LIMIT_PER_MINUTE",
    "DAILY_METRICS_STORAGE_DAYS",
    "EDGE_CLIENT_SECRET",
    "EDGE_MASTER_KEY",
    "EDGE_URL",
    "ENABLED_ENVIRONMENTS",
    "ENABLE_OAS",
    "FRONTEND_API_REFRESH_INTERVAL_MS",
    "GRACEFUL_SHUTDOWN_ENABLE",
    "PASSWORD_RESET_LIMIT_PER_MINUTE",
    "PROMETHEUS_API",
    "PROMETHEUS_IMPACT_METRICS_API",
    "REGISTER_CLIENT_RATE_LIMIT_PER_MINUTE",
    "SEND_TELEMETRY",
    "SERVER_DISABLE_COMPRESSION",
    "SESSION_CLEAR_SITE_DATA_ON_LOGOUT",
    "SIGNAL_ENDPOINT_RATE_LIMIT_PER_SECOND",
    "TOKEN_EXPIRY_NOTIFICATION_DAYS",
    "UNLEASH_ALLOW_LIST_INTEGRATION",
    "UNLEASH_DISABLE_CUSTOM_STRATEGY_CREATION",
    "UNLEASH_DISABLE_CUSTOM_STRATEGY_EDITING",
    "UNLEASH_RELEASE_TEMPLATES_LIMIT",
    "UNLEASH_SECRET",
    "UNLEASH_SIGNAL_ENDPOINTS_LIMIT",
    "UNLEASH_VERSION_URL",
];

/// Beginnings of whole families of such names.
pub const UNSUPPORTED_FAMILIES: &[&str] = &[
    "CSP_ALLOWED_",
    "DATABASE_",
    "EMAIL_",
    "EXTERNAL_PROMETHEUS",
    "OIDC_",
    "UNLEASH_ACTION_",
    "UNLEASH_EXPERIMENTAL_",
];
