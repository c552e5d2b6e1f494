//! API tokens: who may ask for which flags (contract TOKENS). Secrets are never here, only their keyed hashes.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::names::{EnvironmentName, ProjectId};
use super::time::Timestamp;

/// Keyed hash of a token's secret. Says nothing about the secret without the instance's key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// Lower-case hexadecimal digits.
    #[must_use]
    pub fn to_hex(self) -> String {
        use fmt::Write;
        self.0
            .iter()
            .fold(String::with_capacity(64), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            })
    }

    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

impl Serialize for TokenHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_hex())
    }
}

impl<'de> Deserialize<'de> for TokenHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::from_hex(&text)
            .ok_or_else(|| serde::de::Error::custom("a token hash is 64 hexadecimal digits"))
    }
}

/// What a token is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// Server-side SDKs: `/api/client`.
    Backend,
    /// Browser and mobile SDKs: `/api/frontend`.
    Frontend,
    /// Operators and their tools: `/api/admin`.
    Admin,
}

/// The projects a token sees.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenProjects {
    /// Every project, also future ones.
    All,
    /// These. Never empty: a token whose last project is deleted is deleted with it.
    Only(BTreeSet<ProjectId>),
}

impl TokenProjects {
    /// Whether flags of `project` are visible.
    #[must_use]
    pub fn contains(&self, project: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(projects) => projects.contains(project),
        }
    }
}

/// An API token without its secret.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ApiToken {
    /// Finds the token when its secret is presented.
    pub hash: TokenHash,
    /// A name for people; several tokens may share it.
    pub name: String,
    /// What it is for.
    pub kind: TokenKind,
    /// What it sees.
    pub projects: TokenProjects,
    /// The environment it is bound to. None for admin tokens and for very old backend tokens, which may ask for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentName>,
    /// The part of the secret that says nothing: everything before the last dot, or empty.
    #[serde(default)]
    pub visible_prefix: String,
    /// Keyed hash of a second secret, from the days of the proxy. Accepted on SDK APIs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias_hash: Option<TokenHash>,
    /// When it stops working.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
}

impl ApiToken {
    /// Whether the token has expired at `now`.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_survive_their_text_form() {
        let hash = TokenHash(std::array::from_fn(|i| u8::try_from(i * 7).unwrap_or(255)));
        assert_eq!(TokenHash::from_hex(&hash.to_hex()), Some(hash));
        assert_eq!(TokenHash::from_hex("00"), None);
        assert_eq!(format!("{hash:?}"), "TokenHash(…)");
    }
}
