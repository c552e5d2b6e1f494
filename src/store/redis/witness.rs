//! Who has to have a change before it is acknowledged, beyond the memory of the server that wrote it.

use std::time::Duration;

use redis::{Cmd, RedisError, Value, from_redis_value};

/// What to wait for after a write.
#[derive(Clone, Copy, Debug)]
pub(super) struct Witnesses {
    /// How many replicas.
    pub(super) replicas: u32,
    /// Whether it has to be on the disk of the server and of those replicas.
    pub(super) disk: bool,
    /// How long.
    pub(super) patience: Duration,
}

/// Who has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Seen {
    on_disk: bool,
    replicas: u32,
}

/// How long a disk may take at least: where it is written once a second, and the next second is missed.
const DISK: Duration = Duration::from_secs(4);

impl Witnesses {
    /// None when nobody has to be waited for.
    pub(super) fn new(replicas: u32, disk: bool, patience: Duration) -> Option<Self> {
        (replicas > 0 || disk).then_some(Self {
            replicas,
            disk,
            patience: if disk { patience.max(DISK) } else { patience },
        })
    }

    /// The question how many have what was written over the same connection.
    pub(super) fn command(self) -> Cmd {
        let mut command = redis::cmd(if self.disk { "WAITAOF" } else { "WAIT" });
        if self.disk {
            command.arg(1);
        }
        let millis = u64::try_from(self.patience.as_millis()).unwrap_or(u64::MAX);
        command.arg(self.replicas).arg(millis);
        command
    }

    /// The answer.
    pub(super) fn seen(self, answer: Value) -> Result<Seen, RedisError> {
        if self.disk {
            let (own, replicas): (u32, u32) = from_redis_value(answer)?;
            let on_disk = own > 0;
            return Ok(Seen { on_disk, replicas });
        }
        Ok(Seen {
            on_disk: false,
            replicas: from_redis_value(answer)?,
        })
    }

    /// What is missing, if something is.
    pub(super) fn missing(self, seen: Seen, place: &str) -> Option<String> {
        if self.disk && !seen.on_disk {
            return Some(format!(
                "the change was written, but {place} did not confirm in time that it is on its disk"
            ));
        }
        let what = if self.disk {
            "confirmed in time that it is on their disks"
        } else {
            "confirmed it in time"
        };
        (seen.replicas < self.replicas).then(|| {
            format!(
                "the change was written, but only {} of {} replicas of {place} {what}",
                seen.replicas, self.replicas
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_waited_for_unless_that_is_wanted() {
        let patience = Duration::from_millis(500);
        assert!(Witnesses::new(0, false, patience).is_none());
        let wait = Witnesses::new(2, false, patience).unwrap();
        let packed = |it: Witnesses| String::from_utf8(it.command().get_packed_command()).unwrap();
        assert_eq!(packed(wait), "*3\r\n$4\r\nWAIT\r\n$1\r\n2\r\n$3\r\n500\r\n");
        let disk = Witnesses::new(0, true, patience).unwrap();
        assert_eq!(
            packed(disk),
            "*4\r\n$7\r\nWAITAOF\r\n$1\r\n1\r\n$1\r\n0\r\n$4\r\n4000\r\n"
        );
    }

    #[test]
    fn what_is_missing_is_said() {
        let patience = Duration::from_secs(5);
        let missing = |replicas, disk, answer: Value| {
            let witnesses = Witnesses::new(replicas, disk, patience).unwrap();
            witnesses.missing(witnesses.seen(answer).unwrap(), "it")
        };
        let pair = |own, others| Value::Array(vec![Value::Int(own), Value::Int(others)]);
        assert_eq!(missing(2, false, Value::Int(2)), None);
        assert_eq!(missing(0, true, pair(1, 0)), None);
        assert_eq!(missing(1, true, pair(1, 2)), None);
        for (told, words) in [
            (
                missing(2, false, Value::Int(1)),
                "only 1 of 2 replicas of it confirmed it",
            ),
            (missing(0, true, pair(0, 0)), "on its disk"),
            (missing(1, true, pair(0, 1)), "on its disk"),
            (
                missing(2, true, pair(1, 1)),
                "only 1 of 2 replicas of it confirmed in time that it is on",
            ),
        ] {
            let told = told.unwrap();
            assert!(told.contains(words), "{told}");
        }
    }
}
