//! Dates as SDKs send them.

use std::borrow::Cow;

use serde::Deserialize;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::time::Timestamp;

/// A date: a text such as `2026-01-31T12:00:00Z`, or milliseconds since 1970.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(untagged)]
pub enum WireDate {
    /// Text with any fraction of a second and any offset.
    Text(String),
    /// Milliseconds since 1970.
    Millis(f64),
}

impl PartialSchema for WireDate {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
        let millis = ObjectBuilder::new().schema_type(Type::Number);
        OneOfBuilder::new().item(text).item(millis).into()
    }
}

impl ToSchema for WireDate {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("DateSchema")
    }
}

impl WireDate {
    /// The instant meant; none if it cannot be told.
    #[must_use]
    pub fn instant(&self) -> Option<Timestamp> {
        match self {
            Self::Text(text) => Timestamp::parse(text),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "fractions of milliseconds are dropped; the cast saturates"
            )]
            Self::Millis(millis) => millis
                .is_finite()
                .then_some(Timestamp::from_millis(*millis as i64)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let noon = Timestamp::parse("2026-01-31T12:00:00Z");
        for text in [
            "\"2026-01-31T12:00:00Z\"",
            "\"2026-01-31T13:00:00.000000000+01:00\"",
            "1769860800000",
        ] {
            let date: WireDate = serde_json::from_str(text).unwrap();
            assert_eq!(date.instant(), noon, "{text}");
        }
    }
}
