//! Why a flag cannot be evaluated.

use std::fmt;

use crate::domain::constraint::Operator;
use crate::domain::names::SegmentId;

/// What keeps a flag from being evaluated. Such a flag is off as a whole, here and in the SDKs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// A strategy names a segment that is not there.
    MissingSegment(SegmentId),
    /// An operator this version does not know.
    UnknownOperator(Box<str>),
    /// The operator cannot compare with that value, or there is none.
    UnusableValue {
        /// The operator.
        operator: Operator,
        /// The value as given.
        value: Option<Box<str>>,
    },
    /// The operator needs at least one value.
    NoValues(Operator),
    /// A share above 100 %.
    ShareTooLarge(Box<str>),
    /// A quotation mark where the SDKs cannot read one: in the name of a field or in a parameter.
    QuotationMark(Box<str>),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingSegment(id) => write!(f, "segment {id} does not exist"),
            Self::UnknownOperator(name) => write!(f, "operator {name} is not known"),
            Self::UnusableValue {
                operator,
                value: Some(value),
            } => write!(f, "{operator} cannot compare with \"{value}\""),
            Self::UnusableValue {
                operator,
                value: None,
            } => write!(f, "{operator} has no value to compare with"),
            Self::NoValues(operator) => write!(f, "{operator} has an empty list of values"),
            Self::ShareTooLarge(share) => write!(f, "{share} is more than 100 %"),
            Self::QuotationMark(text) => {
                write!(f, "SDKs cannot read the quotation mark in '{text}'")
            }
        }
    }
}

/// Text that SDKs put between quotation marks as it is: a `"` in it must follow a backslash, or the flag is off.
pub(super) fn readable_by_sdks(text: &str) -> Result<&str, Fault> {
    let mut previous = None;
    for byte in text.bytes() {
        if byte == b'"' && previous != Some(b'\\') {
            return Err(Fault::QuotationMark(text.into()));
        }
        previous = Some(byte);
    }
    Ok(text)
}
