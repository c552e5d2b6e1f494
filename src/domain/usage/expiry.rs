//! What is forgotten, and when.

use super::super::time::Timestamp;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// How long counts are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retention {
    /// Hours for which they are kept by hour.
    pub hours: i64,
    /// Days for which they are kept by day.
    pub days: i64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            hours: 48,
            days: 400,
        }
    }
}

/// Until when things are remembered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Expiry {
    /// Counts of days that begin before this are added up by day. The beginning of a day.
    pub by_day_before: Timestamp,
    /// Counts before this are forgotten.
    pub counts_before: Timestamp,
    /// Applications last seen before this are forgotten.
    pub applications_before: Timestamp,
    /// Their running copies last seen before this are forgotten.
    pub instances_before: Timestamp,
    /// Unknown flags last asked for before this are forgotten.
    pub unknown_before: Timestamp,
    /// Of applications, running copies and unknown flags no more than this are remembered, of each: the newest.
    pub most: usize,
}

impl Expiry {
    /// What is old at `now`: counts as `retention` says, applications after 30 days, their running copies and unknown
    /// flags after one, as with the reference.
    #[must_use]
    pub fn at(now: Timestamp, retention: Retention) -> Self {
        let ago = |millis: i64| now.plus_millis(-millis);
        Self {
            by_day_before: ago(retention.hours.saturating_mul(HOUR)).day(),
            counts_before: ago(retention.days.saturating_mul(DAY)).day(),
            applications_before: ago(30 * DAY),
            instances_before: ago(DAY),
            unknown_before: ago(DAY),
            most: 50_000,
        }
    }

    /// The hour under which counts of an hour are kept; none when they are forgotten.
    #[must_use]
    pub fn place(&self, hour: Timestamp) -> Option<Timestamp> {
        if hour < self.counts_before {
            return None;
        }
        Some(if hour < self.by_day_before {
            hour.day()
        } else {
            hour
        })
    }
}

/// How many of these are forgotten because they were last seen before `before` or because more than `most` are newer;
/// the rest stays in `seen`. `at` tells when one was last seen.
pub fn kept<T>(
    seen: &mut Vec<T>,
    before: Timestamp,
    most: usize,
    at: impl Fn(&T) -> Timestamp,
) -> usize {
    let all = seen.len();
    seen.retain(|it| at(it) >= before);
    if seen.len() > most {
        seen.sort_by_key(|it| std::cmp::Reverse(at(it)));
        seen.truncate(most);
    }
    all - seen.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_769_860_800_000);

    #[test]
    fn counts_are_kept_by_hour_then_by_day_then_not_at_all() {
        let expiry = Expiry::at(NOON, Retention::default());
        let hours_ago = |hours: i64| NOON.plus_millis(-hours * HOUR);
        for hours in [0, 1, 48, 60] {
            let hour = hours_ago(hours);
            assert_eq!(expiry.place(hour), Some(hour), "{hours}");
        }
        assert_eq!(expiry.place(hours_ago(61)), Some(hours_ago(84)));
        assert_eq!(expiry.place(hours_ago(84)), Some(hours_ago(84)));
        assert_eq!(
            expiry.place(hours_ago(400 * 24 + 12)),
            Some(hours_ago(400 * 24 + 12))
        );
        assert_eq!(expiry.place(hours_ago(400 * 24 + 13)), None);
    }

    #[test]
    fn the_newest_are_kept() {
        let at = |it: &i64| Timestamp::from_millis(*it);
        let mut seen = vec![3, 9, 1, 7, 5];
        let forgotten = kept(&mut seen, Timestamp::from_millis(2), 3, at);
        assert_eq!((forgotten, seen), (2, vec![9, 7, 5]));
    }
}
