//! Token secrets: made, hashed, parsed (contract TOKENS §1).

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::api_token::{ApiToken, TokenHash};
use crate::domain::instance::HashKey;
use crate::domain::time::Timestamp;
use crate::snapshot::Snapshot;

/// The secret of a token. Shown once, when it is made; `Debug` never shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret given by a caller or an operator.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one answer or line that may show it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Random bytes of the operating system, for keys and secrets.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(
        clippy::expect_used,
        reason = "a machine without randomness cannot keep secrets; stop at once"
    )]
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A new secret: the scope, a dot and 56 hexadecimal digits (contract TOKENS §1, v1).
#[must_use]
pub fn generate(scope: &str) -> Secret {
    use fmt::Write;
    let mut text = format!("{scope}.");
    for byte in random_bytes::<28>() {
        let _ = write!(text, "{byte:02x}");
    }
    Secret(text)
}

/// Keyed hash of a secret: HMAC-SHA-256. Allocates nothing.
#[must_use]
pub fn hash(key: &HashKey, secret: &str) -> TokenHash {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("a key");
    mac.update(secret.as_bytes());
    TokenHash(mac.finalize().into_bytes().into())
}

/// The token with this secret, if it is known and has not expired at `now`. Allocates nothing.
#[must_use]
pub fn find<'s>(snapshot: &'s Snapshot, secret: &str, now: Timestamp) -> Option<&'s Arc<ApiToken>> {
    let instance = snapshot.state().instance.as_ref()?;
    let token = snapshot.token(&hash(&instance.hash_key, secret))?;
    (!token.is_expired(now)).then_some(token)
}

/// The part of a secret that tells its scope and nothing more: `project:environment.`, or empty.
#[must_use]
pub fn visible_prefix(secret: &str) -> &str {
    match (secret.find(':'), secret.rfind('.')) {
        (Some(colon), Some(dot)) if colon < dot => secret.get(..=dot).unwrap_or(""),
        _ => "",
    }
}

/// Takes the secret out of an `Authorization` header: raw, or after `Bearer` in any case; spaces do not matter.
#[must_use]
pub fn from_header(value: &str) -> &str {
    let value = value.trim();
    match value.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("bearer ") => {
            value.get(7..).unwrap_or("").trim()
        }
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_depends_on_key_and_secret() {
        let (one, two) = (HashKey::new([1; 32]), HashKey::new([2; 32]));
        assert_eq!(hash(&one, "a"), hash(&one, "a"));
        assert_ne!(hash(&one, "a"), hash(&one, "b"));
        assert_ne!(hash(&one, "a"), hash(&two, "a"));
    }

    #[test]
    fn the_header_may_say_bearer() {
        for value in [
            "*:dev.x",
            " *:dev.x ",
            "Bearer *:dev.x",
            "bEaReR   *:dev.x ",
        ] {
            assert_eq!(from_header(value), "*:dev.x");
        }
        assert_eq!(from_header("Basic abc"), "Basic abc");
    }

    #[test]
    fn new_secrets_have_the_reference_form_and_differ() {
        let (one, two) = (generate("*:dev"), generate("*:dev"));
        assert_ne!(one, two);
        assert_eq!(one.expose().len(), "*:dev.".len() + 56);
        assert_eq!(visible_prefix(one.expose()), "*:dev.");
        assert_eq!(format!("{one:?}"), "Secret(…)");
    }

    #[test]
    fn only_the_scope_of_a_secret_is_visible() {
        assert_eq!(
            visible_prefix("default:development.abc"),
            "default:development."
        );
        assert_eq!(visible_prefix("*:*.abc"), "*:*.");
        assert_eq!(visible_prefix("0123456789abcdef"), "");
    }
}
