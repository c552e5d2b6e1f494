//! `SEMVER_*`: the order of versions of Semantic Versioning 2.0. Build metadata does not count.

use std::cmp::Ordering;

use super::{Comparison, Test, single_value, unusable};
use crate::domain::constraint::Constraint;
use crate::engine::fault::Fault;

#[derive(PartialEq, Debug)]
pub(super) struct VersionTest {
    how: Comparison,
    release: [u64; 3],
    pre_release: Box<str>,
}

/// A version that starts with `v` never holds; any other text that is no version is a fault.
pub(super) fn compile(how: Comparison, source: &Constraint) -> Result<Test, Fault> {
    if source
        .value
        .as_deref()
        .is_some_and(|it| it.starts_with('v'))
    {
        return Ok(Test::Never);
    }
    let version = semver::Version::parse(single_value(source)?).map_err(|_| unusable(source))?;
    Ok(Test::Version(VersionTest {
        how,
        release: [version.major, version.minor, version.patch],
        pre_release: version.pre.as_str().into(),
    }))
}

impl VersionTest {
    pub(super) fn holds(&self, text: &str) -> bool {
        let Some(version) = Version::parse(text) else {
            return false;
        };
        let order = version
            .release
            .cmp(&self.release)
            .then_with(|| compare_pre_releases(version.pre_release, &self.pre_release));
        self.how.holds(order)
    }
}

/// A version read in place: the `semver` crate would copy long pre-releases.
struct Version<'t> {
    release: [u64; 3],
    pre_release: &'t str,
}

impl<'t> Version<'t> {
    fn parse(text: &'t str) -> Option<Self> {
        let (text, build) = match text.split_once('+') {
            Some((text, build)) => (text, Some(build)),
            None => (text, None),
        };
        let (release, pre_release) = match text.split_once('-') {
            Some((release, pre)) => (release, Some(pre)),
            None => (text, None),
        };
        if !build.is_none_or(|it| are_identifiers(it, true))
            || !pre_release.is_none_or(|it| are_identifiers(it, false))
        {
            return None;
        }
        let mut numbers = release.split('.').map(number);
        let mut next = || numbers.next().flatten();
        let release = [next()?, next()?, next()?];
        numbers.next().is_none().then_some(Self {
            release,
            pre_release: pre_release.unwrap_or_default(),
        })
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit())
}

fn number(text: &str) -> Option<u64> {
    let plain = is_number(text) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

fn are_identifiers(text: &str, leading_zeros: bool) -> bool {
    text.split('.').all(|part| {
        let padded = part.len() > 1 && part.starts_with('0') && is_number(part);
        !part.is_empty()
            && part
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || it == b'-')
            && (leading_zeros || !padded)
    })
}

/// A release comes after its pre-releases; numbers come before words; more parts come later.
fn compare_pre_releases(left: &str, right: &str) -> Ordering {
    match (left.is_empty(), right.is_empty()) {
        (false, false) => left
            .split('.')
            .map(Part)
            .cmp_by_parts(right.split('.').map(Part)),
        (left, right) => left.cmp(&right),
    }
}

struct Part<'t>(&'t str);

impl Part<'_> {
    fn compare(&self, other: &Self) -> Ordering {
        match (is_number(self.0), is_number(other.0)) {
            // Without leading zeros the longer number is the greater one.
            (true, true) => (self.0.len().cmp(&other.0.len())).then_with(|| self.0.cmp(other.0)),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.0.cmp(other.0),
        }
    }
}

trait Parts<'t>: Iterator<Item = Part<'t>> + Sized {
    fn cmp_by_parts(mut self, mut other: impl Iterator<Item = Part<'t>>) -> Ordering {
        loop {
            let order = match (self.next(), other.next()) {
                (None, None) => return Ordering::Equal,
                (None, Some(_)) => Ordering::Less,
                (Some(_), None) => Ordering::Greater,
                (Some(left), Some(right)) => left.compare(&right),
            };
            if order.is_ne() {
                return order;
            }
        }
    }
}

impl<'t, I: Iterator<Item = Part<'t>>> Parts<'t> for I {}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: &[&str] = &[
        "0.0.0",
        "1.2.3",
        "1.2.4",
        "1.10.0",
        "2.0.0",
        "1.2.3-0",
        "1.2.3-1",
        "1.2.3-10",
        "1.2.3-9",
        "1.2.3-alpha",
        "1.2.3-alpha.1",
        "1.2.3-alpha.beta",
        "1.2.3-alpha-beta",
        "1.2.3--",
        "1.2.3-a.b.c.d.e.f",
        "1.2.3-a-very-long-pre-release.123456789012345678901234567890",
        "1.2.3+build",
        "1.2.3-rc.1+build.007",
        "1.2.3+-",
        "18446744073709551615.0.0",
        "1.2.3-00a",
        "1.2.3-0a.0",
        // Not versions:
        "",
        "1",
        "1.2",
        "1.2.3.4",
        "v1.2.3",
        "=1.2.3",
        " 1.2.3",
        "1.2.3 ",
        "01.2.3",
        "1.02.3",
        "1.2.3-",
        "1.2.3+",
        "1.2.3-+b",
        "1.2.3-a..b",
        "1.2.3-01",
        "1.2.3-ø",
        "1.2.3+ø",
        "1.2.3+a+b",
        "18446744073709551616.0.0",
        "1.2.-3",
        "-1.2.3",
        "+1.2.3",
        "1.+2.3",
        "1.2.3-a+",
        "1..3",
    ];

    #[test]
    fn versions_are_read_and_ordered_as_the_semver_crate_does() {
        for left in TEXTS {
            let expected = semver::Version::parse(left).ok();
            let version = Version::parse(left);
            assert_eq!(version.is_some(), expected.is_some(), "{left}");
            let Some((version, expected)) = version.zip(expected) else {
                continue;
            };
            for right in TEXTS
                .iter()
                .filter_map(|it| semver::Version::parse(it).ok())
            {
                let order = version
                    .release
                    .cmp(&[right.major, right.minor, right.patch])
                    .then_with(|| compare_pre_releases(version.pre_release, right.pre.as_str()));
                assert_eq!(order, expected.cmp_precedence(&right), "{left} {right}");
            }
        }
    }
}
