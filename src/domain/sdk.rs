//! Names and versions of SDKs, as they report them: `unleash-client-node:6.1.0`.

/// The oldest versions that are not told to be outdated, by SDK: those of the reference.
const OLDEST: &[(&str, Version)] = &[
    ("unleash-client-dotnet", (4, 1, 3)),
    ("unleash-client-go", (4, 1, 0)),
    ("unleash-client-java", (9, 2, 0)),
    ("unleash-client-nextjs", (1, 6, 2)),
    ("unleash-client-node", (5, 3, 2)),
    ("unleash-client-php", (2, 3, 0)),
    ("unleash-client-python", (5, 11, 0)),
    ("unleash-client-ruby", (5, 0, 0)),
    ("unleash-dotnet-sdk", (5, 3, 0)),
    ("unleash-go-sdk", (5, 0, 3)),
    ("unleash-java-sdk", (11, 0, 2)),
    ("unleash-node-sdk", (6, 6, 0)),
    ("unleash-php-sdk", (2, 9, 1)),
    ("unleash-python-sdk", (6, 3, 0)),
    ("unleash-ruby-sdk", (6, 3, 1)),
];

type Version = (u64, u64, u64);

/// The name and the version of what an SDK says of itself; none when it says something else.
#[must_use]
pub fn parts(sdk: &str) -> Option<(&str, &str)> {
    let mut parts = sdk.split(':');
    let (name, version) = (parts.next()?, parts.next()?);
    (!name.is_empty() && !version.is_empty()).then_some((name, version))
}

/// Whether there is a much newer version of this SDK. What is not known is not outdated.
#[must_use]
pub fn is_outdated(sdk: &str) -> bool {
    let found = parts(sdk).and_then(|(name, text)| {
        let (_, oldest) = OLDEST.iter().find(|(known, _)| *known == name)?;
        let (version, is_early) = version(text)?;
        Some(version < *oldest || (version == *oldest && is_early))
    });
    found.unwrap_or_default()
}

/// A version of three numbers, and whether it is an early one of it (`6.0.0-beta.1`).
fn version(text: &str) -> Option<(Version, bool)> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let mut numbers = numbers.split('.').map(|number| number.parse().ok());
    let version = (numbers.next()??, numbers.next()??, numbers.next()??);
    if numbers.next().is_some() {
        return None;
    }
    Some((version, rest.starts_with('-')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        for old in [
            "unleash-client-node:3.0.0",
            "unleash-client-node:v3.0.0",
            "unleash-client-node:5.3.1",
            "unleash-client-node:5.3.2-beta.1",
            "unleash-client-node:3.0.0:1",
            "unleash-client-python:5.9.0",
        ] {
            assert!(is_outdated(old), "{old}");
        }
        for good in [
            "unleash-client-node:5.3.2",
            "unleash-client-node:9.0.0-beta.1",
            "unleash-client-python:5.11.0",
            "unleash-client-rust:0.1.0",
            "UNLEASH-client-node:3.0.0",
            "unleash-client-node:3.0",
            "unleash-client-node:3.0.0.0",
            "unleash-client-node:abc",
            "unleash-client-node:",
            "unleash-client-node",
            ":3.0.0",
            "",
        ] {
            assert!(!is_outdated(good), "{good}");
        }
    }
}
