//! `NUM_*`: 64-bit floating point.

use super::{Comparison, single_value, unusable};
use crate::domain::constraint::Constraint;
use crate::engine::fault::Fault;

#[derive(PartialEq, Debug)]
pub(super) struct NumberTest {
    how: Comparison,
    than: f64,
}

impl NumberTest {
    pub(super) fn compile(how: Comparison, source: &Constraint) -> Result<Self, Fault> {
        let value = single_value(source)?;
        let than = is_plain_number(value)
            .then(|| value.parse().ok())
            .flatten()
            .ok_or_else(|| unusable(source))?;
        Ok(Self { how, than })
    }

    pub(super) fn holds(&self, text: &str) -> bool {
        let Ok(number) = text.parse::<f64>() else {
            return false;
        };
        match self.how {
            // SDKs call numbers equal that differ by less than one rounding step at 1.
            Comparison::Equal => (number - self.than).abs() < f64::EPSILON,
            Comparison::Greater => number > self.than,
            Comparison::GreaterOrEqual => number >= self.than,
            Comparison::Less => number < self.than,
            Comparison::LessOrEqual => number <= self.than,
        }
    }
}

/// Digits, then perhaps a point and digits, then perhaps an exponent: `12`, `-1.5`, `5.`, `+1e-3`; not `.5`, `inf`.
fn is_plain_number(text: &str) -> bool {
    let Some(rest) = after_whole_number(text) else {
        return false;
    };
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    match rest.strip_prefix(['e', 'E']) {
        Some(exponent) => after_whole_number(exponent) == Some(""),
        None => rest.is_empty(),
    }
}

fn after_whole_number(text: &str) -> Option<&str> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < digits.len()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_numbers_are_told_from_others() {
        for good in [
            "0", "12", "-1.5", "+5", "5.", "1e3", "1E-3", "5.e+3", "007", "1e999",
        ] {
            assert!(is_plain_number(good), "{good}");
            assert!(good.parse::<f64>().is_ok(), "{good}");
        }
        for bad in [
            "", ".5", "+", "1e", "e5", "inf", "NaN", "1,0", "1 2", "0x10", "1.2.3", "--1", "٣",
        ] {
            assert!(!is_plain_number(bad), "{bad}");
        }
    }
}
