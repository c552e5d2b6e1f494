//! What an acknowledged change survives, asked of the server itself and said aloud.

use std::collections::BTreeMap;

use super::Inner;
use super::fault::Fault;
use super::link::Question;
use super::witness::Witnesses;

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
    /// Why it cannot confirm that changes are on a disk, where it has to.
    pub no_disk: Option<String>,
}

/// What is known of a server.
#[derive(Default)]
struct Facts {
    info: BTreeMap<String, String>,
    /// What it answers when it is asked to confirm that a change is on its disk, if that is an error.
    refusal: Option<String>,
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
        let facts = Facts {
            refusal: self.refusal().await?,
            info,
            config,
        };
        Ok(judge(&facts, self.witnesses))
    }

    /// Asks whether it can confirm that a change is on its disk, if that will be asked. Nothing was written over the
    /// connection before, so there is nothing to wait for.
    async fn refusal(&self) -> Result<Option<String>, Fault> {
        let Some(witnesses) = self.witnesses.filter(|it| it.disk) else {
            return Ok(None);
        };
        let alone = Witnesses {
            replicas: 0,
            ..witnesses
        };
        let (meta, command) = (self.keys.meta(), alone.command());
        let question = Question::Holder(&meta, &command);
        match self.link.ask::<redis::Value>(question).await {
            Ok(_) => Ok(None),
            Err(fault) if fault.may_pass() => Err(fault),
            Err(Fault::Redis(error)) => Ok(Some(error.to_string())),
            Err(fault) => Err(fault),
        }
    }
}

/// Why it cannot confirm that changes are on a disk.
fn no_disk(facts: &Facts) -> Option<String> {
    let fsync = facts.config.as_ref().and_then(|it| it.get("appendfsync"));
    let Some(refusal) = &facts.refusal else {
        return fsync.filter(|it| *it == "no").map(|_| {
            "appendfsync is no, so it never knows when something is on the disk: set everysec or always".into()
        });
    };
    let refusal = refusal.to_lowercase();
    Some(if refusal.contains("unknown command") {
        "it does not know the command WAITAOF: Redis 7.2 or later, or Valkey, is needed".into()
    } else if refusal.contains("appendonly") {
        "it keeps nothing on a disk: set appendonly yes".into()
    } else {
        format!("it refuses WAITAOF: {refusal}")
    })
}

fn lines(value: &redis::Value) -> Vec<(String, String)> {
    let text: String = redis::from_redis_value(value.clone()).unwrap_or_default();
    let pairs = text.lines().filter_map(|line| line.trim().split_once(':'));
    pairs.map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

fn judge(facts: &Facts, witnesses: Option<Witnesses>) -> Durability {
    let waits_for_disk = witnesses.is_some_and(|it| it.disk);
    let no_disk = no_disk(facts).filter(|_| waits_for_disk);
    let waits_for_disk = waits_for_disk && no_disk.is_none();
    let mut warnings = Vec::new();
    let version = facts
        .info
        .get("redis_version")
        .map_or("unknown", String::as_str);
    check_version(version, &mut warnings);
    let Some(config) = &facts.config else {
        let (unknown, set) = if waits_for_disk {
            ("flags are thrown away when memory is short", "")
        } else {
            (
                "acknowledged changes survive a crash",
                "appendonly is yes, and ",
            )
        };
        warnings.push(format!(
            "it does not tell its configuration (CONFIG GET), so nobody knows whether {unknown}: see to it that \
             {set}maxmemory-policy is noeviction"
        ));
        return Durability {
            summary: format!("version {version}, durability unknown"),
            warnings,
            durable: false,
            no_disk,
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
        _ if waits_for_disk => (
            "every acknowledged change is on disk, which is waited for",
            true,
        ),
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
             every acknowledged change, or wait for the disk with --redis-wait-disk"
        ));
    }
    let replicas: u32 = facts
        .info
        .get("connected_slaves")
        .and_then(|it| it.parse().ok())
        .unwrap_or_default();
    let may_be_behind = replicas > 0 && witnesses.is_none_or(|it| it.replicas == 0);
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
        no_disk,
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
            refusal: None,
        }
    }

    fn waiting(replicas: u32, disk: bool) -> Option<Witnesses> {
        Witnesses::new(replicas, disk, std::time::Duration::from_secs(1))
    }

    const ALWAYS: &[(&str, &str)] = &[
        ("appendonly", "yes"),
        ("appendfsync", "always"),
        ("maxmemory-policy", "noeviction"),
    ];

    #[test]
    fn a_durable_server_gets_no_warning() {
        let found = judge(&facts("7.0.15", "0", ALWAYS), None);
        assert_eq!((found.durable, found.warnings), (true, Vec::new()));
    }

    #[test]
    fn each_way_to_lose_something_is_said() {
        let said = |facts: &Facts, witnesses| {
            let found = judge(facts, waiting(witnesses, false));
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
    #[test]
    fn a_disk_that_is_waited_for_is_as_good_as_one_that_is_always_written() {
        let everysec = &[("appendonly", "yes"), ("appendfsync", "everysec")];
        let found = judge(&facts("7.2.4", "0", everysec), waiting(0, true));
        assert_eq!((found.durable, found.no_disk), (true, None));
        assert_eq!(found.warnings, [""; 0]);
        let found = judge(&facts("7.2.4", "2", everysec), waiting(0, true));
        assert!(!found.durable, "the replicas are not waited for");
        assert!(judge(&facts("7.2.4", "2", everysec), waiting(1, true)).durable);
    }

    #[test]
    fn who_cannot_confirm_that_it_is_on_disk_is_not_durable() {
        let never = &[("appendonly", "yes"), ("appendfsync", "no")];
        let found = judge(&facts("7.2.4", "0", never), waiting(0, true));
        assert!(!found.durable);
        assert!(found.no_disk.unwrap().contains("appendfsync is no"));
        assert_eq!(judge(&facts("7.2.4", "0", never), None).no_disk, None);
        for (refusal, told) in [
            ("unknown command 'WAITAOF', with args", "Redis 7.2"),
            (
                "numlocal is set but appendonly is disabled",
                "appendonly yes",
            ),
            ("NOPERM this user has no permissions", "noperm"),
        ] {
            let facts = Facts {
                refusal: Some(refusal.into()),
                ..facts("7.0.15", "0", &ALWAYS[..2])
            };
            let found = judge(&facts, waiting(0, true));
            let why = found.no_disk.unwrap();
            assert!(why.contains(told), "{why}");
        }
    }
}
