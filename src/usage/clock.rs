//! Reports of clocks that cannot be right. Pure.

use crate::domain::time::Timestamp;
use crate::domain::usage::{Expiry, Retention, UsageRow};

/// How far a clock may be ahead, in milliseconds.
const AHEAD: i64 = 60 * 60 * 1000;

/// The hour to count at what was reported for `hour`: what happened in the future, or before anything that is still
/// kept, counts under the present hour. SDKs report within minutes of what happened, so a bucket of next year, or of
/// 1970, tells more about a clock than about users; under the hour it names nobody would ever see it.
pub(super) fn right(hour: Timestamp, now: Timestamp, retention: Retention) -> Timestamp {
    let is_kept = || Expiry::at(now, retention).place(hour).is_some();
    if hour <= now.plus_millis(AHEAD).hour() && is_kept() {
        hour
    } else {
        now.hour()
    }
}

/// Gives rows the right hours. Returns how many had another.
pub(super) fn clamp(rows: &mut [UsageRow], now: Timestamp, retention: Retention) -> u64 {
    let mut clamped = 0;
    for row in rows {
        let right = right(row.hour, now, retention);
        clamped += u64::from(right != row.hour);
        row.hour = right;
    }
    clamped
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::names::{EnvironmentName, FlagName};

    const HOUR: i64 = 3_600_000;
    const NOW: Timestamp = Timestamp::from_millis(20_000 * 24 * HOUR + 12 * HOUR + 1_800_000);

    fn clamped(hours: i64) -> Option<i64> {
        let hour = NOW.plus_millis(hours * HOUR).hour();
        let mut rows = [UsageRow {
            hour,
            flag: FlagName::trusted("f"),
            environment: EnvironmentName::trusted("production"),
            app_name: "app".into(),
            yes: 1,
            no: 0,
            variants: BTreeMap::new(),
        }];
        let count = clamp(&mut rows, NOW, Retention::default());
        let moved = rows[0].hour != hour;
        assert_eq!(count, u64::from(moved));
        moved.then(|| (rows[0].hour.as_millis() - NOW.hour().as_millis()) / HOUR)
    }

    #[test]
    fn what_may_be_true_stays() {
        for hours in [1, 0, -1, -47, -100, -400 * 24] {
            assert_eq!(clamped(hours), None, "{hours}");
        }
    }

    #[test]
    fn what_cannot_be_true_is_counted_now() {
        for hours in [2, 24 * 365, -402 * 24, -19_999 * 24] {
            assert_eq!(clamped(hours), Some(0), "{hours}");
        }
    }
}
