//! Attempts to sign in: who fails too often has to wait.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::time::Timestamp;

/// How many wrong passwords in a row lock an account.
const WRONG_UNTIL_LOCKED: u32 = 10;
/// How long it stays locked.
const LOCKED_MILLIS: i64 = 15 * 60_000;
const MINUTE_MILLIS: i64 = 60_000;
/// How many names and addresses are remembered at most; then those that say nothing any more are forgotten.
const REMEMBERED: usize = 10_000;

/// Counts attempts of one node.
#[derive(Debug, Default)]
pub struct Attempts(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    addresses: HashMap<String, Window>,
    accounts: HashMap<String, Failures>,
}

#[derive(Debug)]
struct Window {
    begun: Timestamp,
    count: u32,
}

#[derive(Debug)]
struct Failures {
    count: u32,
    last: Timestamp,
}

/// Why somebody has to wait, and how many seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wait {
    /// Seconds until another attempt makes sense.
    pub seconds: i64,
}

impl Attempts {
    /// Counts an attempt to sign in as `account` from `address`. Wrong passwords are told to [`Attempts::failed`].
    ///
    /// # Errors
    /// [`Wait`]: too many from there in the last minute, or the account is locked. The password must not be looked at.
    pub fn begin(
        &self,
        account: &str,
        address: &str,
        per_minute: u32,
        now: Timestamp,
    ) -> Result<(), Wait> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.forget(now);
        let window = counts
            .addresses
            .entry(address.to_owned())
            .or_insert(Window {
                begun: now,
                count: 0,
            });
        if millis_since(window.begun, now) >= MINUTE_MILLIS {
            *window = Window {
                begun: now,
                count: 0,
            };
        }
        window.count += 1;
        if window.count > per_minute {
            return Err(wait(window.begun.plus_millis(MINUTE_MILLIS), now));
        }
        let failures = counts.accounts.get(&account.to_lowercase());
        match failures {
            Some(it) if it.count >= WRONG_UNTIL_LOCKED && !it.is_over(now) => {
                Err(wait(it.last.plus_millis(LOCKED_MILLIS), now))
            }
            _ => Ok(()),
        }
    }

    /// The password was wrong.
    pub fn failed(&self, account: &str, now: Timestamp) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = counts
            .accounts
            .entry(account.to_lowercase())
            .or_insert(Failures {
                count: 0,
                last: now,
            });
        if failures.is_over(now) {
            failures.count = 0;
        }
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
    }

    /// The password was right, or was set anew.
    pub fn succeeded(&self, account: &str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.accounts.remove(&account.to_lowercase());
    }

    /// How many wrong passwords in a row there were.
    #[must_use]
    pub fn failures(&self, account: &str, now: Timestamp) -> u32 {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = counts.accounts.get(&account.to_lowercase());
        failures
            .filter(|it| !it.is_over(now))
            .map_or(0, |it| it.count)
    }
}

impl Failures {
    fn is_over(&self, now: Timestamp) -> bool {
        millis_since(self.last, now) >= LOCKED_MILLIS
    }
}

impl Counts {
    fn forget(&mut self, now: Timestamp) {
        if self.addresses.len() + self.accounts.len() < REMEMBERED {
            return;
        }
        self.addresses
            .retain(|_, it| millis_since(it.begun, now) < MINUTE_MILLIS);
        self.accounts.retain(|_, it| !it.is_over(now));
    }
}

fn millis_since(begun: Timestamp, now: Timestamp) -> i64 {
    now.as_millis().saturating_sub(begun.as_millis())
}

fn wait(until: Timestamp, now: Timestamp) -> Wait {
    let millis = millis_since(now, until).max(0);
    Wait {
        seconds: (millis + 999).div_euclid(1000).max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn ten_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour() {
        let attempts = Attempts::default();
        for second in 0..10 {
            assert_eq!(attempts.begin("Ann", "a", 100, at(second)), Ok(()));
            attempts.failed("ann", at(second));
        }
        assert_eq!(attempts.failures("ANN", at(10)), 10);
        assert_eq!(
            attempts.begin("ann", "b", 100, at(9)),
            Err(Wait { seconds: 900 })
        );
        assert_eq!(attempts.begin("bob", "b", 100, at(9)), Ok(()));
        assert_eq!(attempts.begin("ann", "b", 100, at(909)), Ok(()));
        assert_eq!(attempts.failures("ann", at(909)), 0);
    }

    #[test]
    fn a_right_password_forgives_wrong_ones() {
        let attempts = Attempts::default();
        (0..9).for_each(|_| attempts.failed("ann", at(0)));
        attempts.succeeded("Ann");
        attempts.failed("ann", at(0));
        assert_eq!(attempts.failures("ann", at(1)), 1);
    }

    #[test]
    fn an_address_has_so_many_attempts_a_minute() {
        let attempts = Attempts::default();
        let from = |address, now| attempts.begin("ann", address, 2, now);
        assert_eq!([from("a", at(0)), from("a", at(1))], [Ok(()), Ok(())]);
        assert_eq!(from("a", at(2)), Err(Wait { seconds: 58 }));
        assert_eq!(from("b", at(2)), Ok(()));
        assert_eq!(from("a", at(60)), Ok(()));
    }
}
