//! Users: people who sign in, and service accounts that only have tokens. Secrets are never here, only hashes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::api_token::TokenHash;
use super::names::{FlagName, GroupId, ProjectId, RoleId, UserId};
use super::time::Timestamp;

/// A password, hashed slowly and with a salt of its own: the text form of Argon2id.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps a hash.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The hash, for comparing only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Who an account is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// A person.
    Person,
    /// A program. It has tokens and no password.
    Service,
}

/// A link that lets somebody choose a password once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PasswordReset {
    /// Keyed hash of the secret in the link.
    pub hash: TokenHash,
    /// When the link stops working.
    pub expires_at: Timestamp,
    /// Who asked for it.
    pub created_by: String,
}

/// What somebody said to a question of the admin page.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Feedback {
    /// Whether never to ask again.
    pub never_show: bool,
    /// When it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Timestamp>,
}

/// What somebody said to the admin page, so that it does not ask again in another browser.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct PageNotes {
    /// Questions that were answered.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub feedback: BTreeMap<String, Feedback>,
    /// Announcements that were seen.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub seen: BTreeSet<String>,
}

impl PageNotes {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A person or a program that may use the admin API.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct User {
    /// Its number.
    pub id: UserId,
    /// Person or program.
    pub kind: AccountKind,
    /// A name to sign in with, unique in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// An address to sign in with, in lower case and unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it may do everywhere.
    pub root_role: RoleId,
    /// None: it cannot sign in with a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<PasswordHash>,
    /// Passwords it must not choose again, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_passwords: Vec<PasswordHash>,
    /// A link that is out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<PasswordReset>,
    /// When it last signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Flags it marked.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub favorite_flags: BTreeSet<FlagName>,
    /// Projects it marked.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub favorite_projects: BTreeSet<ProjectId>,
    /// What it said to the admin page.
    #[serde(default, skip_serializing_if = "PageNotes::is_empty")]
    pub pages: PageNotes,
}

impl User {
    /// What events call it: its address, else its name to sign in with, else its number.
    #[must_use]
    pub fn label(&self) -> String {
        let name = self.email.as_ref().or(self.username.as_ref());
        name.or(self.name.as_ref())
            .map_or_else(|| self.id.to_string(), Clone::clone)
    }

    /// What people call it.
    #[must_use]
    pub fn display_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.label())
    }

    /// Whether it signs in under `name`, in any case.
    #[must_use]
    pub fn answers_to(&self, name: &str) -> bool {
        let same = |own: &Option<String>| {
            own.as_ref()
                .is_some_and(|own| own.to_lowercase() == name.to_lowercase())
        };
        same(&self.email) || same(&self.username)
    }
}

/// A token that acts as its user.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PersonalToken {
    /// Keyed hash of the secret.
    pub hash: TokenHash,
    /// Its number, unique in the instance.
    pub id: i64,
    /// Whom it acts for.
    pub user: UserId,
    /// Tells the tokens of a user apart.
    pub description: String,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A browser in which somebody signed in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Keyed hash of the secret in the cookie.
    pub hash: TokenHash,
    /// Who signed in.
    pub user: UserId,
    /// When.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// A link with which people make their own accounts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Invitation {
    /// Keyed hash of the secret in the link.
    pub hash: TokenHash,
    /// For people.
    pub name: String,
    /// Whether it works.
    pub enabled: bool,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// Who came by it, in that order.
    #[serde(default)]
    pub users: Vec<UserId>,
}

impl Invitation {
    /// Whether people can use it at `now`.
    #[must_use]
    pub fn works(&self, now: Timestamp) -> bool {
        self.enabled && now < self.expires_at
    }
}

/// Since when somebody is in a group.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Membership {
    /// Since when.
    pub joined_at: Timestamp,
    /// Who added them.
    pub created_by: String,
}

/// People who get roles together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Group {
    /// Its number.
    pub id: GroupId,
    /// Unique.
    pub name: String,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Groups of a single sign-on whose members belong to this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sso_groups: Vec<String>,
    /// What its members may do everywhere, beside what they may anyway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_role: Option<RoleId>,
    /// Its members.
    #[serde(default)]
    pub users: BTreeMap<UserId, Membership>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
}

/// Who has which roles in a project.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProjectAccess {
    /// The project.
    pub project: ProjectId,
    /// Roles of users.
    #[serde(default)]
    pub users: BTreeMap<UserId, BTreeSet<RoleId>>,
    /// Roles of groups.
    #[serde(default)]
    pub groups: BTreeMap<GroupId, BTreeSet<RoleId>>,
}

impl ProjectAccess {
    /// Nobody has a role.
    #[must_use]
    pub fn nobody(project: ProjectId) -> Self {
        Self {
            project,
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
        }
    }
}
