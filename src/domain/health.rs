//! How many flags of a project have outlived their purpose. Pure.

use super::flag::Flag;
use super::state::State;
use super::time::Timestamp;

const DAY: i64 = 24 * 3_600_000;

/// Live flags by how fresh they are.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Health {
    /// Neither of the others.
    pub active: usize,
    /// Nobody marked them, and they are older than flags of their kind are expected to become.
    pub potentially_stale: usize,
    /// Somebody marked them.
    pub stale: usize,
}

impl Health {
    /// The health of a project's flags. One without flags is in the best of health.
    #[must_use]
    pub fn of(state: &State, project: &str, now: Timestamp) -> Self {
        let mut health = Self::default();
        for flag in live_flags(state, project) {
            *if flag.stale {
                &mut health.stale
            } else if is_potentially_stale(state, flag, now) {
                &mut health.potentially_stale
            } else {
                &mut health.active
            } += 1;
        }
        health
    }

    /// How many live flags there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.active + self.potentially_stale + self.stale
    }

    /// The share of active flags in hundredths, rounded.
    #[must_use]
    pub fn rating(&self) -> usize {
        let total = self.total();
        (self.active * 200 + total)
            .checked_div(2 * total)
            .unwrap_or(100)
    }

    /// The rest: the share of flags that somebody should look after.
    #[must_use]
    pub fn technical_debt(&self) -> usize {
        100 - self.rating()
    }
}

/// The flags of a project that are not archived.
pub fn live_flags<'s>(state: &'s State, project: &str) -> impl Iterator<Item = &'s Flag> {
    let flags = state.flags.values().map(AsRef::as_ref);
    flags.filter(move |flag| !flag.is_archived() && flag.project == *project)
}

/// Whether a flag is older than flags of its kind are expected to become, and nobody marked it as stale.
#[must_use]
pub fn is_potentially_stale(state: &State, flag: &Flag, now: Timestamp) -> bool {
    let kind = state.flag_kinds.get(&flag.kind);
    let Some(days) = kind.and_then(|kind| kind.lifetime_days) else {
        return false;
    };
    !flag.stale && flag.created_at.plus_millis(i64::from(days) * DAY) < now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_and_add_up() {
        let health = |active, potentially_stale, stale| Health {
            active,
            potentially_stale,
            stale,
        };
        for (health, rating) in [
            (health(0, 0, 0), 100),
            (health(2, 0, 1), 67),
            (health(1, 1, 1), 33),
            (health(5, 0, 1), 83),
            (health(0, 2, 0), 0),
            (health(1, 1, 0), 50),
        ] {
            assert_eq!(health.rating(), rating, "{health:?}");
            assert_eq!(health.rating() + health.technical_debt(), 100);
        }
    }
}
