//! Constraints: one condition on one context field.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a constraint does with the value of its context field (contract EVALUATION §5).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[expect(missing_docs, reason = "the names are the wire's and say it all")]
pub enum Operator {
    In,
    NotIn,
    StrStartsWith,
    StrEndsWith,
    StrContains,
    NumEq,
    NumGt,
    NumGte,
    NumLt,
    NumLte,
    DateAfter,
    DateBefore,
    SemverEq,
    SemverGt,
    SemverGte,
    SemverLt,
    SemverLte,
    Regex,
    InCidr,
    /// An operator this version does not know. It never holds, not even inverted, and is kept and served as given.
    Other(Box<str>),
}

impl Operator {
    /// Every operator we evaluate, in the order they are documented.
    pub const KNOWN: [Self; 19] = [
        Self::In,
        Self::NotIn,
        Self::StrStartsWith,
        Self::StrEndsWith,
        Self::StrContains,
        Self::NumEq,
        Self::NumGt,
        Self::NumGte,
        Self::NumLt,
        Self::NumLte,
        Self::DateAfter,
        Self::DateBefore,
        Self::SemverEq,
        Self::SemverGt,
        Self::SemverGte,
        Self::SemverLt,
        Self::SemverLte,
        Self::Regex,
        Self::InCidr,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::In => "IN",
            Self::NotIn => "NOT_IN",
            Self::StrStartsWith => "STR_STARTS_WITH",
            Self::StrEndsWith => "STR_ENDS_WITH",
            Self::StrContains => "STR_CONTAINS",
            Self::NumEq => "NUM_EQ",
            Self::NumGt => "NUM_GT",
            Self::NumGte => "NUM_GTE",
            Self::NumLt => "NUM_LT",
            Self::NumLte => "NUM_LTE",
            Self::DateAfter => "DATE_AFTER",
            Self::DateBefore => "DATE_BEFORE",
            Self::SemverEq => "SEMVER_EQ",
            Self::SemverGt => "SEMVER_GT",
            Self::SemverGte => "SEMVER_GTE",
            Self::SemverLt => "SEMVER_LT",
            Self::SemverLte => "SEMVER_LTE",
            Self::Regex => "REGEX",
            Self::InCidr => "IN_CIDR",
            Self::Other(name) => name,
        }
    }

    /// The operator of that name; unknown names are kept as [`Operator::Other`].
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::KNOWN
            .iter()
            .find(|known| known.as_str() == name)
            .cloned()
            .unwrap_or_else(|| Self::Other(name.into()))
    }

    /// Whether the operator compares with the list `values` (the others use the single `value`).
    #[must_use]
    pub fn takes_list(&self) -> bool {
        matches!(
            self,
            Self::In
                | Self::NotIn
                | Self::StrStartsWith
                | Self::StrEndsWith
                | Self::StrContains
                | Self::InCidr
        )
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Operator {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Operator {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Ok(Self::from_name(&name))
    }
}

/// One condition on one context field. All constraints of a strategy and of its segments must hold.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Constraint {
    /// The context field looked at.
    pub context_name: String,
    /// How the field is compared.
    pub operator: Operator,
    /// What list operators compare with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// What single-value operators compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Flip the result, also when the field is missing.
    #[serde(default)]
    pub inverted: bool,
    /// Ignore case; matters to `STR_*` and `REGEX` only.
    #[serde(default)]
    pub case_insensitive: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_operator_keeps_its_name() {
        for operator in Operator::KNOWN {
            assert_eq!(Operator::from_name(operator.as_str()), operator);
        }
        assert_eq!(Operator::from_name("in"), Operator::Other("in".into()));
    }
}
