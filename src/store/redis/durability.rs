//! What an acknowledged change survives, asked of the server itself and said aloud.

use std::collections::BTreeMap;

use super::Inner;
use super::fault::Fault;
use super::link::Question;

/// The oldest Redis that has all commands.
const OLDEST: (u32, u32) = (6, 2);

/// What the server promises.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Durability {
    /// What was found, for people, in one line.
    pub summary: String,
    /// Where acknowledged changes, or flags, could be lost, and what to do about it.
    pub warnings: Vec<String>,
    /// Whether an acknowledged change can be lost neither by a crash, nor by a failover, nor for want of memory.
    pub durable: bool,
}

/// What is known of a server.
#[derive(Default)]
struct Facts {
    info: BTreeMap<String, String>,
    /// None when the server does not tell its configuration.
    config: Option<BTreeMap<String, String>>,
}

impl Inner {
    /// Asks the server. One that does not tell (managed services, restricted users) is said to promise nothing.
    pub(super) async fn durability(&self) -> Result<Durability, Fault> {
        let mut commands = redis::pipe();
        for section in ["server", "replication"] {
            commands.cmd("INFO").arg(section);
        }
        let question = Question::Commands(&commands);
        let info = match self.link.ask::<Vec<redis::Value>>(question).await {
            Ok(values) => values.iter().flat_map(lines).collect(),
            Err(fault) if fault.may_pass() => return Err(fault),
            Err(_) => BTreeMap::new(),
        };
        let mut config = BTreeMap::new();
        for name in ["appendonly", "appendfsync", "maxmemory-policy"] {
            let mut commands = redis::pipe();
            commands.cmd("CONFIG").arg("GET").arg(name);
            let question = Question::Commands(&commands);
            match self.link.ask::<(Vec<String>,)>(question).await {
                Ok((pair,)) => {
                    let mut pair = pair.into_iter();
                    config.extend(pair.next().zip(pair.next()));
                }
                Err(fault) if fault.may_pass() => return Err(fault),
                Err(_) => break,
            }
        }
        let config = (!config.is_empty()).then_some(config);
        let witnesses = self.witnesses.map_or(0, |it| it.replicas);
        Ok(judge(&Facts { info, config }, witnesses))
    }
}

fn lines(value: &redis::Value) -> Vec<(String, String)> {
    let text: String = redis::from_redis_value(value.clone()).unwrap_or_default();
    let pairs = text.lines().filter_map(|line| line.trim().split_once(':'));
    pairs.map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

fn judge(facts: &Facts, witnesses: u32) -> Durability {
    let mut warnings = Vec::new();
    let version = facts
        .info
        .get("redis_version")
        .map_or("unknown", String::as_str);
    check_version(version, &mut warnings);
    let Some(config) = &facts.config else {
        warnings.push(
            "it does not tell its configuration (CONFIG GET), so nobody knows whether acknowledged changes survive a \
             crash: see to it that appendonly is yes, and maxmemory-policy noeviction"
                .into(),
        );
        return Durability {
            summary: format!("version {version}, durability unknown"),
            warnings,
            durable: false,
        };
    };
    let set = |name: &str| config.get(name).map_or("", String::as_str);
    let policy = set("maxmemory-policy");
    let evicts = policy.starts_with("allkeys-");
    if evicts {
        warnings.push(format!(
            "maxmemory-policy is {policy}: when memory is short, flags are thrown away. Set it to noeviction"
        ));
    }
    let (kept, durable) = match (set("appendonly"), set("appendfsync")) {
        ("yes", "always") => ("every acknowledged change is on disk", true),
        ("yes", "everysec") => (
            "acknowledged changes are on disk within a second or two",
            false,
        ),
        ("yes", _) => (
            "the operating system decides when acknowledged changes are on disk",
            false,
        ),
        _ => ("acknowledged changes are in memory only", false),
    };
    if !durable {
        warnings.push(format!(
            "{kept}: what came last is lost when the machine fails. Set appendonly yes and appendfsync always to keep \
             every acknowledged change"
        ));
    }
    let replicas: u32 = facts
        .info
        .get("connected_slaves")
        .and_then(|it| it.parse().ok())
        .unwrap_or_default();
    let may_be_behind = replicas > 0 && witnesses == 0;
    if may_be_behind {
        warnings.push(
            "it has replicas, and changes are acknowledged before they have them: a failover may lose the newest. Wait \
             for replicas with --redis-wait-replicas"
                .into(),
        );
    }
    Durability {
        summary: format!("version {version}, {kept}, {replicas} replicas, {policy}"),
        durable: durable && !evicts && !may_be_behind,
        warnings,
    }
}

fn check_version(version: &str, warnings: &mut Vec<String>) {
    let mut numbers = version.split('.').map(str::parse::<u32>);
    if let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next())
        && (major, minor) < OLDEST
    {
        warnings.push(format!(
            "version {version} is too old: {}.{} is needed",
            OLDEST.0, OLDEST.1
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(version: &str, replicas: &str, config: &[(&str, &str)]) -> Facts {
        let own = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            let pairs = pairs.iter();
            pairs.map(|(a, b)| ((*a).into(), (*b).into())).collect()
        };
        Facts {
            info: own(&[("redis_version", version), ("connected_slaves", replicas)]),
            config: (!config.is_empty()).then(|| own(config)),
        }
    }

    const ALWAYS: &[(&str, &str)] = &[
        ("appendonly", "yes"),
        ("appendfsync", "always"),
        ("maxmemory-policy", "noeviction"),
    ];

    #[test]
    fn a_durable_server_gets_no_warning() {
        let found = judge(&facts("7.0.15", "0", ALWAYS), 0);
        assert_eq!((found.durable, found.warnings), (true, Vec::new()));
    }

    #[test]
    fn each_way_to_lose_something_is_said() {
        let said = |facts: &Facts, witnesses| {
            let found = judge(facts, witnesses);
            (found.durable, found.warnings.join("; "))
        };
        let second = &[("appendonly", "yes"), ("appendfsync", "everysec")];
        let none = &[("appendonly", "no"), ("maxmemory-policy", "allkeys-lru")];
        for (facts, witnesses, word) in [
            (facts("7.0.15", "0", second), 0, "within a second or two"),
            (facts("7.0.15", "0", none), 0, "in memory only"),
            (facts("7.0.15", "0", none), 0, "allkeys-lru"),
            (facts("7.0.15", "0", &[]), 0, "CONFIG GET"),
            (facts("5.0.7", "0", ALWAYS), 0, "too old"),
            (facts("7.0.15", "2", ALWAYS), 0, "failover"),
        ] {
            let (_, text) = said(&facts, witnesses);
            assert!(text.contains(word), "{word}: {text}");
        }
        assert!(!said(&facts("7.0.15", "0", second), 0).0);
        let replicated = facts("7.0.15", "2", ALWAYS);
        assert!(!said(&replicated, 0).0);
        let evicting = [
            ("appendonly", "yes"),
            ("appendfsync", "always"),
            ("maxmemory-policy", "allkeys-lru"),
        ];
        assert!(!said(&facts("7.0.15", "0", &evicting), 0).0);
        assert_eq!(said(&replicated, 1), (true, String::new()));
    }
}
