//! Names and numbers that identify things. A value of one of these types has been checked once, at the edge;
//! inside, nobody checks it again.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::rejection::Rejection;

/// Longest name of a flag, project, environment or context field, in characters.
pub const MAX_NAME_LENGTH: usize = 100;

/// Whether `text` can stand in a URL path without escaping, but is not `.` or `..`: letters, digits and
/// `- _ . ! ~ * ' ( )`.
#[must_use]
pub fn is_url_friendly(text: &str) -> bool {
    !text.is_empty()
        && text != "."
        && text != ".."
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&b))
}

/// Checks a name given by a user: URL-friendly and not too long.
///
/// # Errors
/// [`Rejection::Invalid`] naming the field and the rule that failed.
pub fn check_url_friendly(field: &str, text: &str, longest: usize) -> Result<(), Rejection> {
    if text.is_empty() {
        return Err(Rejection::empty(field));
    }
    if !is_url_friendly(text) {
        return Err(Rejection::broken_rule(
            field,
            "must be URL friendly",
            &text.into(),
        ));
    }
    check_length(field, text, longest)
}

/// Checks that a text given by a user is not too long.
///
/// # Errors
/// [`Rejection::Invalid`] naming the field.
pub fn check_length(field: &str, text: &str, longest: usize) -> Result<(), Rejection> {
    if text.chars().count() <= longest {
        return Ok(());
    }
    let rule = format!("length must be less than or equal to {longest} characters long");
    Err(Rejection::broken_rule(field, &rule, &text.into()))
}

macro_rules! text_name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Cloning copies a pointer. Stored as plain text.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes a name that is known to be valid: from the store, or written in this program.
            #[must_use]
            pub fn trusted(text: &str) -> Self {
                Self(Arc::from(text))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        // Maps keyed by a name are asked with a plain `&str`: no allocation for a lookup.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                &*self.0 == other
            }
        }
    };
}

macro_rules! url_friendly_name {
    ($name:ident, $field:literal) => {
        impl $name {
            /// Checks a name given by a user: 1–100 URL-friendly characters, not `.` or `..`.
            ///
            /// # Errors
            /// [`Rejection::Invalid`] naming the field and the rule that failed.
            pub fn parse(text: &str) -> Result<Self, Rejection> {
                check_url_friendly($field, text, MAX_NAME_LENGTH)?;
                Ok(Self::trusted(text))
            }
        }
    };
}

text_name!(
    /// Name of a flag, unique in the whole instance, archived flags included.
    FlagName
);
text_name!(
    /// Identifier of a project.
    ProjectId
);
text_name!(
    /// Name of an environment such as `stage` or `production`.
    EnvironmentName
);
text_name!(
    /// Name of a context field such as `userId`.
    ContextFieldName
);
text_name!(
    /// Identifier of a strategy of a flag in an environment: a UUID text.
    StrategyId
);
text_name!(
    /// Name of a kind of strategy, such as `flexibleRollout`.
    StrategyKindName
);
text_name!(
    /// Identifier of a kind of flag, such as `release`.
    FlagKindId
);
text_name!(
    /// Name of a kind of tag, such as `simple`.
    TagKindName
);

url_friendly_name!(FlagName, "name");
url_friendly_name!(ProjectId, "id");
url_friendly_name!(EnvironmentName, "name");
url_friendly_name!(ContextFieldName, "name");
url_friendly_name!(StrategyKindName, "name");
url_friendly_name!(TagKindName, "name");

impl ProjectId {
    /// The project that always exists.
    pub const DEFAULT: &'static str = "default";
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $of:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $of);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(
    /// Number of a segment, unique in the instance and never used twice. SDKs read it as a signed 32-bit number.
    SegmentId,
    i32
);

number!(
    /// Number of an addon, unique in the instance and never used twice.
    AddonId,
    i32
);

number!(
    /// Number of a user or a service account, unique in the instance and never used twice.
    UserId,
    i64
);

number!(
    /// Number of a role. The smallest ones are built in.
    RoleId,
    i64
);

number!(
    /// Number of a group of users, unique in the instance and never used twice.
    GroupId,
    i64
);

/// Number of the newest event a state contains. Grows with each committed change; 0 is the empty state.
#[derive(
    Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl Revision {
    /// The state of a store nobody has written to.
    pub const EMPTY: Self = Self(0);

    /// The revision `events` events later.
    #[must_use]
    pub fn plus(self, events: usize) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(events).unwrap_or(u64::MAX)),
        )
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_url_friendly_rule() {
        for good in [
            "a",
            "my-flag",
            "My_Flag.v2~x",
            "123",
            "...",
            "a!b*c'd(e)",
            &"x".repeat(100),
        ] {
            assert!(FlagName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a b", "a/b", "ø", "a%", &"x".repeat(101)] {
            assert!(FlagName::parse(bad).is_err(), "{bad}");
        }
    }
}
