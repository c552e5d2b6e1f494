//! Checked settings.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::ArgMatches;

use super::error::SettingsError;
use super::sources::{Found, Sources, misspelt, unsupported};
use crate::domain::limits::Limits;
use crate::domain::names::{EnvironmentName, ProjectId};
use crate::domain::usage::Retention;

/// Where to listen.
#[derive(Clone, Debug)]
pub struct Network {
    /// The address.
    pub host: IpAddr,
    /// The port; 0 is any free one.
    pub port: u16,
    /// Empty, or a path that begins with a slash and does not end with one.
    pub base_path: String,
    /// How people reach us, when they said so.
    pub public_url: Option<String>,
    /// Name of this host, which strategies for hosts compare with; empty when it is not known.
    pub host_name: String,
    /// Threads that answer; none is one for each core.
    pub workers: Option<usize>,
    /// How long idle connections are kept.
    pub keep_alive: Duration,
    /// How long requests may take to finish at the end.
    pub shutdown_timeout: Duration,
}

/// Where flags are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Storage {
    /// Nowhere.
    Memory,
    /// A file in this folder.
    Embedded(PathBuf),
    /// Redis, shared with other nodes.
    Redis(Redis),
}

/// How to reach Redis, and what is asked of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Redis {
    /// The address; it may hold a password.
    pub url: SecretText,
    /// What the names of all keys begin with.
    pub namespace: String,
    /// A file with the certificate to trust in place of those of the system.
    pub ca_file: Option<PathBuf>,
    /// How long an answer may take.
    pub timeout: Duration,
    /// How many connections there are at most.
    pub pool_size: usize,
    /// How many replicas have to confirm each change.
    pub wait_replicas: u32,
    /// Each change has to be on the disk of the server, and of these replicas.
    pub wait_disk: bool,
    /// Refuse to start where an acknowledged change could be lost.
    pub require_durable: bool,
    /// Folder for a copy of the configuration, to start from when Redis is away.
    pub snapshot_dir: Option<PathBuf>,
}

/// One secret. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// The secret, for those who need it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretText(…)")
    }
}

/// A list of token secrets. `Debug` says how many there are.
#[derive(Clone, Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// The secrets, for hashing.
    #[must_use]
    pub fn expose(&self) -> &[String] {
        &self.0
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

/// What a new store is filled with.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    /// Environments, at least one, in this order.
    pub environments: Vec<EnvironmentName>,
    /// Add the example flags and tokens.
    pub demo: bool,
    /// Admin tokens.
    pub admin_tokens: Secrets,
    /// Backend tokens.
    pub backend_tokens: Secrets,
    /// Frontend tokens.
    pub frontend_tokens: Secrets,
    /// Origins browsers may call from.
    pub frontend_origins: Vec<String>,
}

/// What operators set about accounts.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// Name of the first administrator.
    pub admin_name: String,
    /// Its password, at most one.
    pub admin_password: Secrets,
    /// How long a session lasts.
    pub session: Duration,
    /// How many sessions of a user there may be.
    pub most_sessions: usize,
    /// How many attempts to sign in an address has in a minute.
    pub attempts_per_minute: u32,
    /// Whether browsers may send the session cookie over HTTPS only.
    pub secure_cookies: bool,
    /// After how long a user counts as inactive.
    pub inactive_after: Duration,
}

/// A file to import at start.
#[derive(Clone, Debug)]
pub struct Import {
    /// The file.
    pub file: PathBuf,
    /// Into this project.
    pub project: ProjectId,
    /// Into this environment.
    pub environment: EnvironmentName,
}

/// Form of the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub level: String,
    /// How.
    pub format: LogFormat,
    /// Each request as well.
    pub requests: bool,
}

/// Who may scrape numbers about this node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scraping {
    /// Everybody who reaches the port.
    Open,
    /// Whoever has an admin token.
    Admin,
    /// Nobody.
    Off,
}

/// What operators set about numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prometheus {
    /// Who may scrape them.
    pub who: Scraping,
    /// Where they are.
    pub path: String,
    /// A port of their own.
    pub port: Option<u16>,
}

/// All settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen.
    pub network: Network,
    /// Where flags are kept.
    pub storage: Storage,
    /// What a new store is filled with.
    pub bootstrap: Bootstrap,
    /// What operators set about accounts.
    pub accounts: Accounts,
    /// A file to import at start.
    pub import: Option<Import>,
    /// How long browsers remember a preflight answer.
    pub cors_max_age: Duration,
    /// Largest body of a request in bytes.
    pub body_limit: usize,
    /// How often usage is written.
    pub usage_flush_interval: Duration,
    /// How long usage is kept.
    pub usage_retention: Retention,
    /// Who may scrape numbers, and where.
    pub prometheus: Prometheus,
    /// Whether addons may send to private addresses.
    pub addons_allow_private: bool,
    /// How much there may be of everything.
    pub limits: Limits,
    /// What is logged.
    pub log: LogSettings,
    /// What the operator should know about the settings: names that are not used.
    pub notices: Vec<String>,
}

impl Settings {
    /// Checks the options of the command line and the environment.
    ///
    /// # Errors
    /// [`SettingsError`] naming the option or variable, for a value that cannot be used or two that contradict.
    pub fn read(
        options: &ArgMatches,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, SettingsError> {
        let sources = Sources::read(options, environment)?;
        let bootstrap = bootstrap(&sources)?;
        Ok(Self {
            network: network(&sources)?,
            storage: storage(&sources)?,
            accounts: accounts(&sources)?,
            import: import(&sources)?,
            bootstrap,
            cors_max_age: Duration::from_secs(number(&sources, "cors-max-age")?),
            body_limit: number(&sources, "body-limit")?,
            usage_flush_interval: Duration::from_secs(
                number::<u64>(&sources, "usage-flush-interval")?.max(1),
            ),
            usage_retention: retention(&sources)?,
            prometheus: prometheus(&sources)?,
            addons_allow_private: switch(&sources, "addons-allow-private")?,
            limits: limits(&sources)?,
            log: log(&sources)?,
            notices: notices(environment),
        })
    }
}

fn retention(sources: &Sources) -> Result<Retention, SettingsError> {
    let hours: u32 = number(sources, "usage-hours")?;
    let days: u32 = number(sources, "usage-days")?;
    Ok(Retention {
        hours: hours.max(1).into(),
        days: days.max(1).into(),
    })
}

fn accounts(sources: &Sources) -> Result<Accounts, SettingsError> {
    let hours: u64 = number(sources, "session-hours")?;
    let days: u64 = number(sources, "inactive-days")?;
    let most_sessions: usize = number(sources, "max-sessions")?;
    let password = sources.get("default-admin-password").text;
    let secure = sources.get("secure-cookies");
    let secure_cookies = match secure.text.trim() {
        "auto" => sources.get("public-url").text.starts_with("https:"),
        _ => switch(sources, "secure-cookies")?,
    };
    Ok(Accounts {
        admin_name: sources.get("default-admin-username").text.trim().to_owned(),
        admin_password: Secrets(
            Some(password)
                .into_iter()
                .filter(|it| !it.is_empty())
                .collect(),
        ),
        session: Duration::from_secs(hours.max(1) * 3600),
        most_sessions: most_sessions.max(1),
        attempts_per_minute: number(sources, "login-limit")?,
        secure_cookies,
        inactive_after: Duration::from_secs(days * 24 * 3600),
    })
}

fn notices(environment: &BTreeMap<String, String>) -> Vec<String> {
    let ignored = unsupported(environment);
    let unknown = misspelt(environment);
    let mut notices = Vec::new();
    if !ignored.is_empty() {
        notices.push(format!(
            "these settings of Unleash are not used by Burgee and have no effect: {}",
            ignored.join(", ")
        ));
    }
    if !unknown.is_empty() {
        notices.push(format!("no setting is called so: {}", unknown.join(", ")));
    }
    notices
}

fn invalid(found: &Found, expected: &str) -> SettingsError {
    SettingsError::Invalid {
        name: found.name.clone(),
        given: found.text.clone(),
        expected: expected.to_owned(),
    }
}

fn number<T: FromStr>(sources: &Sources, flag: &str) -> Result<T, SettingsError> {
    let found = sources.get(flag);
    found
        .text
        .trim()
        .parse()
        .map_err(|_| invalid(&found, "a whole number that is not negative"))
}

fn switch(sources: &Sources, flag: &str) -> Result<bool, SettingsError> {
    let found = sources.get(flag);
    match found.text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" | "t" => Ok(true),
        "false" | "0" | "no" | "off" | "f" | "" => Ok(false),
        _ => Err(invalid(&found, "true or false")),
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .map(str::to_owned)
        .collect()
}

fn network(sources: &Sources) -> Result<Network, SettingsError> {
    let host = sources.get("host");
    let port = sources.get("port");
    let workers: usize = number(sources, "workers")?;
    let public_url = sources.get("public-url").text;
    Ok(Network {
        host: parse_host(&host)?,
        port: port
            .text
            .trim()
            .parse()
            .map_err(|_| invalid(&port, "a port from 0 to 65535"))?,
        base_path: base_path(&sources.get("base-path"))?,
        public_url: (!public_url.is_empty()).then(|| public_url.trim_end_matches('/').to_owned()),
        host_name: host_name(&sources.get("host-name").text),
        workers: (workers > 0).then_some(workers),
        keep_alive: Duration::from_secs(number(sources, "keep-alive")?),
        shutdown_timeout: Duration::from_millis(number(sources, "shutdown-timeout")?),
    })
}

/// What the operator says, or else the system.
fn host_name(given: &str) -> String {
    if !given.trim().is_empty() {
        return given.trim().to_owned();
    }
    let system = fs_err::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    system.trim().to_owned()
}

fn parse_host(found: &Found) -> Result<IpAddr, SettingsError> {
    match found.text.trim() {
        "localhost" => Ok(IpAddr::from([127, 0, 0, 1])),
        text => text
            .trim_matches(['[', ']'])
            .parse()
            .map_err(|_| invalid(found, "an IP address such as 0.0.0.0, 127.0.0.1 or ::")),
    }
}

fn base_path(found: &Found) -> Result<String, SettingsError> {
    let expected = "a path of letters, digits, `-`, `_`, `.` and `~`, such as /flags";
    url_path(found, expected)
}

/// Empty, or a path that begins with a slash and does not end with one.
fn url_path(found: &Found, expected: &str) -> Result<String, SettingsError> {
    let path = found.text.trim().trim_matches('/');
    if path.is_empty() {
        return Ok(String::new());
    }
    let good = path.split('/').all(crate::domain::names::is_url_friendly);
    if good {
        Ok(format!("/{path}"))
    } else {
        Err(invalid(found, expected))
    }
}

fn storage(sources: &Sources) -> Result<Storage, SettingsError> {
    let store = sources.get("store");
    let folder = sources.get("data-dir");
    let url = sources.get("redis-url");
    if store.text.trim() == "redis" || (url.given && !store.given) {
        return redis(sources, url, &folder);
    }
    if url.given {
        return Err(SettingsError::Contradiction {
            one: store.name,
            other: url.name,
            why: "flags are kept in one place".into(),
        });
    }
    match store.text.trim() {
        "embedded" => Ok(Storage::Embedded(PathBuf::from(folder.text))),
        "memory" if folder.given => Err(SettingsError::Contradiction {
            one: store.name,
            other: folder.name,
            why: "the memory store keeps no files".into(),
        }),
        "memory" => Ok(Storage::Memory),
        _ => Err(invalid(&store, "`embedded`, `redis` or `memory`")),
    }
}

fn redis(sources: &Sources, url: Found, folder: &Found) -> Result<Storage, SettingsError> {
    if url.text.trim().is_empty() {
        return Err(SettingsError::InvalidSecret {
            name: url.name,
            expected: "the address of Redis, such as redis://localhost:6379".into(),
        });
    }
    if folder.given {
        return Err(SettingsError::Contradiction {
            one: url.name,
            other: folder.name.clone(),
            why: "flags are kept in Redis; a copy for starting without it goes to --snapshot-dir"
                .into(),
        });
    }
    Ok(Storage::Redis(redis_at(&url.text, sources)?))
}

impl Redis {
    /// Redis at an address, with the other options as they are set.
    ///
    /// # Errors
    /// [`SettingsError`] naming the option or variable that cannot be used.
    pub fn at(
        url: &str,
        options: &ArgMatches,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, SettingsError> {
        redis_at(url, &Sources::read(options, environment)?)
    }
}

fn redis_at(url: &str, sources: &Sources) -> Result<Redis, SettingsError> {
    let path = |flag: &str| {
        Some(sources.get(flag).text)
            .filter(|it| !it.is_empty())
            .map(PathBuf::from)
    };
    Ok(Redis {
        url: SecretText(url.trim().to_owned()),
        namespace: sources.get("redis-namespace").text.trim().to_owned(),
        ca_file: path("redis-ca-file"),
        timeout: Duration::from_millis(number(sources, "redis-timeout")?),
        pool_size: number(sources, "redis-pool-size")?,
        wait_replicas: number(sources, "redis-wait-replicas")?,
        wait_disk: switch(sources, "redis-wait-disk")?,
        require_durable: switch(sources, "require-durable")?,
        snapshot_dir: path("snapshot-dir"),
    })
}

fn bootstrap(sources: &Sources) -> Result<Bootstrap, SettingsError> {
    let environments = sources.get("environments");
    let demo = switch(sources, "demo")?;
    if demo && environments.given {
        return Err(SettingsError::Contradiction {
            one: sources.get("demo").name,
            other: environments.name,
            why: "the demo brings its own environments".into(),
        });
    }
    let mut backend_tokens = secrets(sources, "init-backend-api-tokens")?;
    let older = secrets(sources, "init-client-api-tokens")?;
    for secret in older.0 {
        if !backend_tokens.0.contains(&secret) {
            backend_tokens.0.push(secret);
        }
    }
    Ok(Bootstrap {
        environments: environment_names(&environments)?,
        demo,
        admin_tokens: secrets(sources, "init-admin-api-tokens")?,
        backend_tokens,
        frontend_tokens: secrets(sources, "init-frontend-api-tokens")?,
        frontend_origins: list(&sources.get("frontend-api-origins").text),
    })
}

fn environment_names(found: &Found) -> Result<Vec<EnvironmentName>, SettingsError> {
    let expected = "a comma-separated list of different names such as stage,production";
    let mut names = Vec::new();
    for text in list(&found.text) {
        let name = EnvironmentName::parse(&text).map_err(|_| invalid(found, expected))?;
        if names.contains(&name) {
            return Err(invalid(found, expected));
        }
        names.push(name);
    }
    if names.is_empty() {
        return Err(invalid(found, expected));
    }
    Ok(names)
}

fn secrets(sources: &Sources, flag: &str) -> Result<Secrets, SettingsError> {
    let found = sources.get(flag);
    let secrets = list(&found.text);
    let admin = flag == "init-admin-api-tokens";
    let good = |secret: &String| match secret.split_once(':').zip(secret.split_once('.')) {
        Some(((project, _), (scope, rest))) => {
            !rest.is_empty() && !project.is_empty() && (!admin || scope == "*:*")
        }
        None => false,
    };
    if secrets.iter().all(good) {
        return Ok(Secrets(secrets));
    }
    Err(SettingsError::InvalidSecret {
        name: found.name,
        expected: if admin {
            "of the form *:*.secret"
        } else {
            "of the form project:environment.secret"
        }
        .into(),
    })
}

fn import(sources: &Sources) -> Result<Option<Import>, SettingsError> {
    let file = sources.get("import-file");
    let project = sources.get("import-project");
    let environment = sources.get("import-environment");
    if file.text.is_empty() {
        return Ok(None);
    }
    Ok(Some(Import {
        file: PathBuf::from(file.text),
        project: ProjectId::parse(&project.text)
            .map_err(|_| invalid(&project, "the id of a project"))?,
        environment: EnvironmentName::parse(&environment.text)
            .map_err(|_| invalid(&environment, "the name of an environment"))?,
    }))
}

fn prometheus(sources: &Sources) -> Result<Prometheus, SettingsError> {
    let (who, path) = (sources.get("prometheus"), sources.get("prometheus-path"));
    let port = sources.get("prometheus-port");
    let none = port.text.trim().is_empty();
    let prometheus = Prometheus {
        who: match who.text.trim() {
            "open" => Scraping::Open,
            "admin" => Scraping::Admin,
            "off" => Scraping::Off,
            _ => return Err(invalid(&who, "`open`, `admin` or `off`")),
        },
        path: url_path(&path, "a path such as /metrics")?,
        port: match port.text.trim().parse() {
            _ if none => None,
            Ok(own) if own > 0 => Some(own),
            _ => return Err(invalid(&port, "a port from 1 to 65535")),
        },
    };
    if prometheus.path.is_empty() {
        return Err(invalid(&path, "a path such as /metrics"));
    }
    Ok(prometheus)
}

fn limits(sources: &Sources) -> Result<Limits, SettingsError> {
    let limit = |flag| number(sources, flag);
    Ok(Limits {
        segment_values: limit("segment-values-limit")?,
        strategy_segments: limit("strategy-segments-limit")?,
        segments: limit("segments-limit")?,
        constraint_values: limit("constraint-values-limit")?,
        constraints: limit("constraints-limit")?,
        flag_environment_strategies: limit("feature-environment-strategies-limit")?,
        flags: limit("feature-flags-limit")?,
        projects: limit("projects-limit")?,
        environments: limit("environments-limit")?,
        api_tokens: limit("api-tokens-limit")?,
    })
}

fn log(sources: &Sources) -> Result<LogSettings, SettingsError> {
    let level = sources.get("log-level");
    let format = sources.get("log-format");
    Ok(LogSettings {
        level: match level.text.trim().to_ascii_lowercase().as_str() {
            "fatal" => "error".to_owned(),
            known @ ("error" | "warn" | "info" | "debug" | "trace") => known.to_owned(),
            _ => return Err(invalid(&level, "error, warn, info, debug or trace")),
        },
        format: match format.text.trim() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            _ => return Err(invalid(&format, "text or json")),
        },
        requests: switch(sources, "request-log")?,
    })
}
