//! What constraints do with the value of a field: one file for each family of operators.

mod address;
mod date;
mod number;
mod pattern;
mod set;
mod text;
mod version;

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, Utc};

use super::context::Field;
use super::fault::{Fault, readable_by_sdks};
use crate::domain::constraint::{Constraint, Operator};

pub(super) use address::Addresses;
pub(super) use set::TextSet;

/// One condition, compiled.
#[derive(PartialEq, Debug)]
pub(super) struct CompiledConstraint {
    /// Differs for most that differ, so that equal ones are found without comparing all with all.
    pub(super) digest: u64,
    pub(super) field: Field,
    test: Test,
    inverted: bool,
}

#[derive(PartialEq, Debug)]
enum Test {
    In(TextSet),
    NotIn(TextSet),
    Text(text::TextTest),
    Number(number::NumberTest),
    Date(date::DateTest),
    Version(version::VersionTest),
    Pattern(pattern::PatternTest),
    Address(Addresses),
    Never,
}

/// How two values that have an order are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Comparison {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Comparison {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
        }
    }
}

/// The value of a field, or the moment that stands in for `currentTime`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Given<'c> {
    Text(&'c str),
    Moment(DateTime<Utc>, &'c str),
    Nothing,
}

impl<'c> Given<'c> {
    /// The value as text.
    pub(super) fn text(self) -> Option<&'c str> {
        match self {
            Self::Text(text) | Self::Moment(_, text) => Some(text),
            Self::Nothing => None,
        }
    }
}

impl CompiledConstraint {
    pub(super) fn compile(source: &Constraint) -> Result<Self, Fault> {
        let field = Field::named(&source.context_name);
        let test = Test::compile(source)?;
        // What never holds does so whatever the field, and not even inverted.
        let never = matches!(test, Test::Never);
        if let (Field::Property(name), false) = (&field, never) {
            readable_by_sdks(name)?;
        }
        let mut digest = DefaultHasher::new();
        source.hash(&mut digest);
        Ok(Self {
            digest: digest.finish(),
            field,
            test,
            inverted: source.inverted && !never,
        })
    }

    /// Whether the condition holds for the value of its field.
    pub(super) fn holds(&self, given: Given<'_>) -> bool {
        self.test.holds(given) != self.inverted
    }
}

impl Test {
    fn compile(source: &Constraint) -> Result<Self, Fault> {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
        let number = |how| number::NumberTest::compile(how, source).map(Self::Number);
        let date = |how| date::DateTest::compile(how, source).map(Self::Date);
        let version = |how| version::compile(how, source);
        let text = |place| text::TextTest::compile(place, source).map(Self::Text);
        match &source.operator {
            Operator::In => Ok(Self::In(TextSet::new(&source.values))),
            Operator::NotIn => Ok(Self::NotIn(TextSet::new(&source.values))),
            Operator::StrStartsWith => text(text::Place::Start),
            Operator::StrEndsWith => text(text::Place::End),
            Operator::StrContains => text(text::Place::Anywhere),
            Operator::NumEq => number(Equal),
            Operator::NumGt => number(Greater),
            Operator::NumGte => number(GreaterOrEqual),
            Operator::NumLt => number(Less),
            Operator::NumLte => number(LessOrEqual),
            Operator::DateAfter => date(Greater),
            Operator::DateBefore => date(Less),
            Operator::SemverEq => version(Equal),
            Operator::SemverGt => version(Greater),
            Operator::SemverGte => version(GreaterOrEqual),
            Operator::SemverLt => version(Less),
            Operator::SemverLte => version(LessOrEqual),
            Operator::Regex => Ok(Self::Pattern(pattern::PatternTest::compile(source))),
            Operator::InCidr => {
                let values = some_values(source)?;
                Ok(Self::Address(Addresses::new(
                    values.iter().map(String::as_str),
                )))
            }
            Operator::Other(name) => Err(Fault::UnknownOperator(name.clone())),
        }
    }

    fn holds(&self, given: Given<'_>) -> bool {
        if let (Self::Date(test), Given::Moment(now, _)) = (self, given) {
            return test.holds_at(now);
        }
        let Some(text) = given.text() else {
            return matches!(self, Self::NotIn(_));
        };
        match self {
            Self::In(values) => values.contains(text),
            Self::NotIn(values) => !values.contains(text),
            Self::Text(test) => test.holds(text),
            Self::Number(test) => test.holds(text),
            Self::Date(test) => test.holds(text),
            Self::Version(test) => test.holds(text),
            Self::Pattern(test) => test.holds(text),
            Self::Address(ranges) => ranges.contain(text),
            Self::Never => false,
        }
    }
}

fn some_values(source: &Constraint) -> Result<&[String], Fault> {
    if source.values.is_empty() {
        return Err(Fault::NoValues(source.operator.clone()));
    }
    Ok(&source.values)
}

/// The single value without the blanks that SDKs skip around it.
fn single_value(source: &Constraint) -> Result<&str, Fault> {
    let Some(value) = &source.value else {
        return Err(unusable(source));
    };
    Ok(value.trim_matches([' ', '\t']))
}

fn unusable(source: &Constraint) -> Fault {
    Fault::UnusableValue {
        operator: source.operator.clone(),
        value: source.value.as_deref().map(Into::into),
    }
}
