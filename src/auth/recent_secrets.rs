//! Hashes of the secrets that came last, so that a polling SDK is not hashed anew each time.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use super::tokens::hash;
use crate::domain::api_token::{ApiToken, TokenHash};
use crate::domain::instance::HashKey;
use crate::domain::time::Timestamp;
use crate::snapshot::Snapshot;
use crate::telemetry::Lookups;

/// How many secrets are remembered. A node serves few different ones at a time.
const REMEMBERED: usize = 16;

/// Remembers secrets of tokens that exist, one list for each thread. Whether a token exists, and still does, is looked
/// up for each request all the same; only the hashing is saved. `Debug` shows nothing.
#[derive(Default)]
pub struct RecentSecrets {
    recent: RefCell<VecDeque<Recent>>,
    lookups: Arc<Lookups>,
}

struct Recent {
    key: HashKey,
    secret: Box<str>,
    hash: TokenHash,
}

impl RecentSecrets {
    /// Remembers nothing yet, and counts how often that is of use.
    #[must_use]
    pub fn counted_in(lookups: Arc<Lookups>) -> Self {
        Self {
            recent: RefCell::default(),
            lookups,
        }
    }

    /// The token with this secret or second secret, if it is known and has not expired `now`: the rule of the SDK
    /// APIs. Allocates nothing for a secret that came before.
    #[must_use]
    pub fn find_for_sdk<'s>(
        &self,
        snapshot: &'s Snapshot,
        secret: &str,
        now: impl FnOnce() -> Timestamp,
    ) -> Option<&'s Arc<ApiToken>> {
        let key = &snapshot.state().instance.as_ref()?.hash_key;
        let recalled = self.recall(key, secret);
        self.lookups.count(recalled.is_some());
        let hash = recalled.unwrap_or_else(|| hash(key, secret));
        let token = snapshot
            .token(&hash)
            .or_else(|| snapshot.token_by_alias(&hash))?;
        if recalled.is_none() {
            self.remember(key, secret, hash);
        }
        // Most tokens live for ever, and need no look at the clock.
        let expired = token.expires_at.is_some() && token.is_expired(now());
        (!expired).then_some(token)
    }

    fn recall(&self, key: &HashKey, secret: &str) -> Option<TokenHash> {
        let recent = self.recent.try_borrow().ok()?;
        let found = recent
            .iter()
            .find(|it| same(&it.secret, secret) && it.key == *key);
        found.map(|it| it.hash)
    }

    fn remember(&self, key: &HashKey, secret: &str, hash: TokenHash) {
        let Ok(mut recent) = self.recent.try_borrow_mut() else {
            return;
        };
        recent.truncate(REMEMBERED - 1);
        recent.push_front(Recent {
            key: key.clone(),
            secret: secret.into(),
            hash,
        });
    }
}

/// Compares all bytes whatever the first difference, so that the time says nothing about how much of a guess is right.
fn same(known: &str, given: &str) -> bool {
    known.len() == given.len()
        && known
            .bytes()
            .zip(given.bytes())
            .fold(0, |different, (a, b)| different | (a ^ b))
            == 0
}

impl fmt::Debug for RecentSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecentSecrets(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::api_token::{TokenKind, TokenProjects};
    use crate::domain::change::Draft;
    use crate::domain::instance::Instance;
    use crate::domain::state::{Entity, State};

    const NOW: Timestamp = Timestamp::from_millis(1000);

    fn snapshot(key: u8, secrets: &[&str]) -> Snapshot {
        let key = HashKey::new([key; 32]);
        let mut draft = Draft::new(&State::default());
        draft.put(Entity::Instance(Arc::new(Instance {
            id: "test".into(),
            hash_key: key.clone(),
            created_at: NOW,
        })));
        for secret in secrets {
            draft.put(Entity::Token(Arc::new(ApiToken {
                hash: hash(&key, secret),
                name: (*secret).into(),
                kind: TokenKind::Backend,
                projects: TokenProjects::All,
                environment: None,
                visible_prefix: String::new(),
                alias_hash: None,
                expires_at: Some(Timestamp::from_millis(2000)),
                created_at: NOW,
                created_by: "test".into(),
            })));
        }
        Snapshot::build(draft.state().clone())
    }

    #[test]
    fn a_remembered_secret_is_still_looked_up() {
        let recent = RecentSecrets::default();
        let with = snapshot(1, &["one", "two"]);
        for _ in 0..2 {
            assert_eq!(
                recent.find_for_sdk(&with, "one", || NOW).unwrap().name,
                "one"
            );
            assert_eq!(
                recent.find_for_sdk(&with, "two", || NOW).unwrap().name,
                "two"
            );
            assert!(recent.find_for_sdk(&with, "six", || NOW).is_none());
        }
        let late = Timestamp::from_millis(2000);
        assert!(recent.find_for_sdk(&with, "one", || late).is_none());
        assert!(
            recent
                .find_for_sdk(&snapshot(1, &["two"]), "one", || NOW)
                .is_none()
        );
        assert!(
            recent
                .find_for_sdk(&snapshot(2, &["one"]), "one", || NOW)
                .is_some()
        );
    }

    #[test]
    fn only_secrets_of_tokens_are_remembered_and_not_many() {
        let recent = RecentSecrets::default();
        let secrets: Vec<String> = (0..40).map(|number| format!("s{number}")).collect();
        let names: Vec<&str> = secrets.iter().map(String::as_str).collect();
        let snapshot = snapshot(1, &names);
        for name in &names {
            assert!(recent.find_for_sdk(&snapshot, name, || NOW).is_some());
            assert!(recent.find_for_sdk(&snapshot, "guess", || NOW).is_none());
        }
        assert_eq!(recent.recent.borrow().len(), REMEMBERED);
        assert!(
            recent
                .recent
                .borrow()
                .iter()
                .all(|it| &*it.secret != "guess")
        );
    }
}
