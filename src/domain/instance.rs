//! What belongs to the instance as a whole.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::names::{AddonId, EnvironmentName, GroupId, Revision, RoleId, SegmentId, UserId};
use super::role::FIRST_CUSTOM;
use super::sign_in::SignIn;
use super::time::Timestamp;

/// Key of the hashes of token secrets: 32 random bytes made on first start. Never shown, logged or exported.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HashKey(Vec<u8>);

impl HashKey {
    /// Wraps random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes.to_vec())
    }

    /// The bytes, for the hash function only.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashKey(…)")
    }
}

/// Made once, by the first start on an empty store.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Instance {
    /// Tells one set of flags from another: a UUID text.
    pub id: String,
    /// Key of the token hashes.
    pub hash_key: HashKey,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What operators can set at run time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// Origins browsers may call `/api/frontend` from; `*` is any.
    pub frontend_origins: Vec<String>,
    /// How people may sign in.
    #[serde(default)]
    pub sign_in: SignIn,
    /// Whether changes through the admin API are refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub maintenance: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            frontend_origins: vec!["*".into()],
            sign_in: SignIn::default(),
            maintenance: false,
        }
    }
}

/// Numbers that only grow.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Counters {
    /// The number the next segment gets.
    pub next_segment: SegmentId,
    /// The number the next addon gets.
    #[serde(default = "first_addon")]
    pub next_addon: AddonId,
    /// Newest event that concerns the clients of all environments.
    #[serde(default)]
    pub everybody: Revision,
    /// Newest event that concerns the clients of one environment.
    #[serde(default)]
    pub environments: BTreeMap<EnvironmentName, Revision>,
    /// The numbers the next user, role, group and personal token get.
    #[serde(default)]
    pub accounts: AccountCounters,
}

/// The numbers the next user, role, group and personal token get.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AccountCounters {
    /// Of users.
    pub next_user: UserId,
    /// Of roles.
    pub next_role: RoleId,
    /// Of groups.
    pub next_group: GroupId,
    /// Of personal tokens.
    pub next_personal_token: i64,
}

impl Default for AccountCounters {
    fn default() -> Self {
        Self {
            next_user: UserId(1),
            next_role: FIRST_CUSTOM,
            next_group: GroupId(1),
            next_personal_token: 1,
        }
    }
}

fn first_addon() -> AddonId {
    AddonId(1)
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            next_segment: SegmentId(1),
            next_addon: first_addon(),
            everybody: Revision::EMPTY,
            environments: BTreeMap::new(),
            accounts: AccountCounters::default(),
        }
    }
}
