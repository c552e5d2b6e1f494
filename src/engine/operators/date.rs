//! `DATE_AFTER`, `DATE_BEFORE`.

use chrono::{DateTime, Utc};

use super::{Comparison, single_value, unusable};
use crate::domain::constraint::Constraint;
use crate::engine::fault::Fault;

#[derive(PartialEq, Debug)]
pub(super) struct DateTest {
    how: Comparison,
    than: DateTime<Utc>,
}

impl DateTest {
    pub(super) fn compile(how: Comparison, source: &Constraint) -> Result<Self, Fault> {
        let value = single_value(source)?;
        let than = is_date_of_the_wire(value)
            .then(|| value.parse().ok())
            .flatten()
            .ok_or_else(|| unusable(source))?;
        Ok(Self { how, than })
    }

    pub(super) fn holds(&self, text: &str) -> bool {
        text.parse().is_ok_and(|moment| self.holds_at(moment))
    }

    pub(super) fn holds_at(&self, moment: DateTime<Utc>) -> bool {
        self.how.holds(moment.cmp(&self.than))
    }
}

/// `2022-01-29T13:00:00`, then perhaps `.000`, then `Z` or `+01:00`: the only form all SDKs can read.
fn is_date_of_the_wire(text: &str) -> bool {
    let Some(rest) = after("dddd-dd-ddTdd:dd:dd", text) else {
        return false;
    };
    let zone = after(".ddd", rest).unwrap_or(rest);
    zone == "Z" || after("+dd:dd", zone) == Some("") || after("-dd:dd", zone) == Some("")
}

/// What follows the form, in which `d` stands for a digit and all else for itself.
fn after<'t>(form: &str, text: &'t str) -> Option<&'t str> {
    let (head, tail) = text.split_at_checked(form.len())?;
    head.bytes()
        .zip(form.bytes())
        .all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            other => byte == other,
        })
        .then_some(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_the_wire_are_told_from_others() {
        for good in [
            "2022-01-29T13:00:00Z",
            "2022-01-29T13:00:00.123Z",
            "2022-01-29T13:00:00+01:30",
            "2022-01-29T13:00:00.000-00:00",
        ] {
            assert!(is_date_of_the_wire(good), "{good}");
        }
        for bad in [
            "",
            "2022-01-29",
            "2022-01-29T13:00Z",
            "2022-01-29T13:00:00",
            "2022-01-29T13:00:00.12Z",
            "2022-01-29T13:00:00.123456Z",
            "2022-01-29t13:00:00z",
            "2022-01-29T13:00:00+0130",
            "2022-01-29T13:00:00ZZ",
            "２022-01-29T13:00:00Z",
        ] {
            assert!(!is_date_of_the_wire(bad), "{bad}");
        }
    }
}
