//! What a constraint must look like to be saved, and the form in which it is saved.
//!
//! Stricter than the reference where SDKs disagree about a sloppy value or switch the whole flag off because of it
//! (contract EVALUATION §5.1): such values are written in the one form all of them read alike, or refused.

use std::net::IpAddr;

use chrono::{DateTime, NaiveDate, NaiveDateTime};

use crate::domain::constraint::{Constraint, Operator};
use crate::domain::limits::Limits;
use crate::domain::rejection::Rejection;
use crate::domain::state::State;
use crate::domain::time::Timestamp;

/// Checks the constraints of one strategy and writes them in their saved form.
///
/// # Errors
/// The first broken rule, or the limit that is exceeded.
pub(super) fn check_strategy_constraints(
    given: &[Constraint],
    state: &State,
    limits: &Limits,
) -> Result<Vec<Constraint>, Rejection> {
    if given.len() > limits.constraints {
        return Err(limit("constraints".into(), limits.constraints));
    }
    for constraint in given {
        if constraint.values.len() > limits.constraint_values {
            let resource = format!("constraint values for {}", constraint.context_name);
            return Err(limit(resource, limits.constraint_values));
        }
    }
    given.iter().map(|it| check_constraint(it, state)).collect()
}

/// Checks the constraints of a segment and writes them in their saved form.
///
/// # Errors
/// The first broken rule, or the limit that is exceeded.
pub(super) fn check_segment_constraints(
    given: &[Constraint],
    state: &State,
    limits: &Limits,
) -> Result<Vec<Constraint>, Rejection> {
    let values: usize = given.iter().map(|constraint| constraint.values.len()).sum();
    if values > limits.segment_values {
        return Err(Rejection::bad_data(format!(
            "Segments may not have more than {} values",
            limits.segment_values
        )));
    }
    given.iter().map(|it| check_constraint(it, state)).collect()
}

/// Checks one constraint, its legal values included, and writes it in its saved form.
///
/// # Errors
/// The first broken rule.
pub fn check_constraint(given: &Constraint, state: &State) -> Result<Constraint, Rejection> {
    check_context_name(&given.context_name)?;
    let mut saved = given.clone();
    if given.operator.takes_list() {
        saved.values = check_list(given)?;
        saved.value = None;
    } else {
        saved.value = Some(check_single(given)?);
        saved.values = Vec::new();
    }
    check_legal_values(&saved, given, state)?;
    Ok(saved)
}

fn limit(resource: String, limit: usize) -> Rejection {
    Rejection::Limit { resource, limit }
}

fn check_context_name(name: &str) -> Result<(), Rejection> {
    if name.is_empty() {
        return Err(Rejection::empty("contextName"));
    }
    if name.contains('"') {
        return Err(Rejection::broken_rule(
            "contextName",
            "must not contain quotation marks, because some SDKs switch the whole flag off",
            &name.into(),
        ));
    }
    Ok(())
}

fn check_list(given: &Constraint) -> Result<Vec<String>, Rejection> {
    let exact = matches!(
        given.operator,
        Operator::In | Operator::NotIn | Operator::InCidr
    );
    let mut values = Vec::with_capacity(given.values.len());
    for (index, value) in given.values.iter().enumerate() {
        if value.is_empty() {
            return Err(Rejection::empty(&format!("values[{index}]")));
        }
        // Some SDKs cut spaces of these operators' values and some do not. In parts of texts they matter.
        let value = if exact { value.trim() } else { value };
        if !value.is_empty() {
            values.push(value.to_owned());
        }
    }
    if values.is_empty() {
        return Err(Rejection::invalid(
            "value",
            "\"value\" must contain at least 1 items. You provided [].",
        ));
    }
    if given.operator == Operator::InCidr && !values.iter().any(|value| is_range(value)) {
        return Err(Rejection::broken_rule(
            "values",
            "must contain at least one IP address or range in CIDR notation",
            &values.into(),
        ));
    }
    Ok(values)
}

/// Whether `text` is an address, or a range such as `10.0.0.0/8`; bits behind the prefix may be set.
fn is_range(text: &str) -> bool {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return false;
    };
    let longest = if address.is_ipv4() { 32 } else { 128 };
    prefix.is_none_or(|prefix| prefix.parse::<u8>().is_ok_and(|bits| bits <= longest))
}

fn check_single(given: &Constraint) -> Result<String, Rejection> {
    let value = given.value.as_deref().unwrap_or_default();
    match &given.operator {
        Operator::Regex => check_regex(value, given.inverted),
        Operator::Other(name) => Err(Rejection::broken_rule(
            "operator",
            "must be an operator this server knows",
            &name.as_ref().into(),
        )),
        _ if value.is_empty() => Err(Rejection::bad_data(
            "Single-value constraint operators require a non-empty value.",
        )),
        Operator::DateAfter | Operator::DateBefore => check_date(value),
        Operator::SemverEq
        | Operator::SemverGt
        | Operator::SemverGte
        | Operator::SemverLt
        | Operator::SemverLte => check_semver(value),
        _ => check_number(value),
    }
}

fn check_regex(value: &str, inverted: bool) -> Result<String, Rejection> {
    if value.is_empty() {
        return Err(Rejection::bad_data(
            "the provided value is not a valid regex string.",
        ));
    }
    if let Err(error) = regex::Regex::new(value) {
        let last = error.to_string();
        let why = last.lines().last().unwrap_or_default().trim().to_owned();
        return Err(Rejection::bad_data(format!(
            "the provided value is not a valid regex string. Error: {why}"
        )));
    }
    if inverted {
        return Err(Rejection::bad_data("REGEX operator cannot be inverted."));
    }
    Ok(value.to_owned())
}

fn check_semver(value: &str) -> Result<String, Rejection> {
    match semver::Version::parse(value) {
        Ok(_) => Ok(value.to_owned()),
        Err(_) => Err(Rejection::bad_data(format!(
            "the provided value is not a valid semver format. The value provided was: {value}"
        ))),
    }
}

/// Decimal numbers only. Forms some SDKs cannot read (`.5`, `1e3`, ` 5 `) are written plainly.
fn check_number(value: &str) -> Result<String, Rejection> {
    let text = value.trim();
    let decimal = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let Some(number) = decimal.then(|| text.parse::<f64>().ok()).flatten() else {
        return Err(Rejection::broken_rule(
            "value",
            "must be a number",
            &value.into(),
        ));
    };
    if !number.is_finite() {
        return Err(Rejection::broken_rule(
            "value",
            "must be a safe number",
            &value.into(),
        ));
    }
    Ok(if is_plain_decimal(text) {
        text.to_owned()
    } else {
        number.to_string()
    })
}

fn is_plain_decimal(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match unsigned.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(unsigned),
    }
}

/// Kept as given when every SDK reads it (RFC 3339 with none or three fraction digits), else written that way.
fn check_date(value: &str) -> Result<String, Rejection> {
    if DateTime::parse_from_rfc3339(value).is_ok() && has_plain_fraction(value) {
        return Ok(value.to_owned());
    }
    match parse_date(value.trim()) {
        Some(time) => Ok(time.to_string()),
        None => Err(Rejection::broken_rule(
            "value",
            "must be a valid date",
            &value.into(),
        )),
    }
}

fn has_plain_fraction(value: &str) -> bool {
    let Some((_, rest)) = value.split_once('.') else {
        return true;
    };
    rest.bytes().take_while(u8::is_ascii_digit).count() == 3
}

/// Dates people write: with and without time, zone and fraction, years, and milliseconds since 1970. UTC if not said.
fn parse_date(text: &str) -> Option<Timestamp> {
    if let Some(time) = Timestamp::parse(text) {
        return Some(time);
    }
    for form in [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
    ] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, form) {
            return Some(time.and_utc().into());
        }
    }
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(date.and_hms_opt(0, 0, 0)?.and_utc().into());
    }
    text.parse::<i64>().ok().map(Timestamp::from_millis)
}

/// A field with legal values takes no others.
fn check_legal_values(
    saved: &Constraint,
    given: &Constraint,
    state: &State,
) -> Result<(), Rejection> {
    let Some(field) = state.context_fields.get(saved.context_name.as_str()) else {
        return Ok(());
    };
    let legal = |value: &String| field.legal_values.iter().any(|it| it.value == *value);
    if field.legal_values.is_empty() {
        return Ok(());
    }
    if let Some(value) = &given.value
        && saved.value.is_some()
    {
        let known = legal(value) || saved.value.as_ref().is_some_and(legal);
        return if known {
            Ok(())
        } else {
            Err(Rejection::bad_data(format!(
                "{value} is not specified as a legal value on this context field"
            )))
        };
    }
    if saved.values.iter().all(legal) {
        return Ok(());
    }
    Err(Rejection::bad_data(
        "input values are not specified as a legal value on this context field",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn constraint(operator: Operator, values: &[&str], value: Option<&str>) -> Constraint {
        Constraint {
            context_name: "field".into(),
            operator,
            values: values.iter().map(|it| (*it).to_owned()).collect(),
            value: value.map(Into::into),
            inverted: false,
            case_insensitive: false,
        }
    }

    fn saved(operator: Operator, value: &str) -> Result<String, Rejection> {
        let state = State::default();
        check_constraint(&constraint(operator, &[], Some(value)), &state)
            .map(|it| it.value.unwrap_or_default())
    }

    fn listed(operator: Operator, values: &[&str]) -> Result<Vec<String>, Rejection> {
        check_constraint(&constraint(operator, values, None), &State::default()).map(|it| it.values)
    }

    #[test]
    fn numbers_are_saved_in_the_form_every_sdk_reads() {
        for (given, kept) in [
            ("5", "5"),
            ("-3.50", "-3.50"),
            (" 5 ", "5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("+5", "5"),
            ("1e3", "1000"),
        ] {
            assert_eq!(saved(Operator::NumEq, given).unwrap(), kept);
        }
        for bad in [
            "abc", "0x10", "Infinity", "NaN", "inf", "5,5", "1e400", "-", " ",
        ] {
            assert!(saved(Operator::NumEq, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn dates_are_saved_in_the_form_every_sdk_reads() {
        for (given, kept) in [
            ("2022-01-29T13:00:00.000Z", "2022-01-29T13:00:00.000Z"),
            ("2022-01-29T13:00:00Z", "2022-01-29T13:00:00Z"),
            ("2022-01-29T13:00:00+02:00", "2022-01-29T13:00:00+02:00"),
            ("2022-01-29T13:00:00.123456Z", "2022-01-29T13:00:00.123Z"),
            ("2022-01-29", "2022-01-29T00:00:00.000Z"),
            ("2022-01-29T13:00:00", "2022-01-29T13:00:00.000Z"),
            ("1643461200000", "2022-01-29T13:00:00.000Z"),
        ] {
            assert_eq!(saved(Operator::DateAfter, given).unwrap(), kept);
        }
        assert!(saved(Operator::DateAfter, "29/01/2022").is_err());
    }

    #[test]
    fn versions_are_complete_and_without_a_letter() {
        for good in ["1.2.3", "1.2.3-beta.1", "1.2.3+build"] {
            assert_eq!(saved(Operator::SemverGt, good).unwrap(), good);
        }
        for bad in ["1.2", "v1.2.3", " 1.2.3", "01.2.3", "1.2.3.4", "a.b.c"] {
            assert!(saved(Operator::SemverGt, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn patterns_must_compile_and_not_be_inverted() {
        assert!(saved(Operator::Regex, "^a.*$").is_ok());
        for bad in ["(", "(?=a)", ""] {
            assert!(saved(Operator::Regex, bad).is_err(), "{bad}");
        }
        let mut inverted = constraint(Operator::Regex, &[], Some("a"));
        inverted.inverted = true;
        assert!(check_constraint(&inverted, &State::default()).is_err());
    }

    #[test]
    fn lists_are_trimmed_where_spaces_mean_nothing() {
        assert_eq!(
            listed(Operator::In, &[" a ", "b", " "]).unwrap(),
            ["a", "b"]
        );
        assert_eq!(listed(Operator::StrContains, &[" a "]).unwrap(), [" a "]);
        assert!(listed(Operator::In, &[]).is_err());
        assert!(listed(Operator::In, &[" "]).is_err());
        assert!(listed(Operator::In, &["a", ""]).is_err());
    }

    #[test]
    fn ranges_need_one_that_can_be_read() {
        assert!(listed(Operator::InCidr, &["10.1.2.3/16", "rubbish"]).is_ok());
        assert!(listed(Operator::InCidr, &["::1"]).is_ok());
        assert!(listed(Operator::InCidr, &["10.0.0.0/33", "x"]).is_err());
    }

    #[test]
    fn names_with_quotation_marks_are_refused() {
        let mut bad = constraint(Operator::In, &["a"], None);
        bad.context_name = "a\"b".into();
        assert!(check_constraint(&bad, &State::default()).is_err());
    }
}
