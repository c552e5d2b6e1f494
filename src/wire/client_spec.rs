//! The header in which an SDK says which specification it follows (contract CLIENT-API §2.3).

use semver::Version;
use thiserror::Error;

use super::client_features::SegmentMode;

/// What is wrong with the header.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum BadSpec {
    /// It does not begin with a digit.
    #[error("Invalid prefix in the Unleash-Client-Spec header: \"{0}\".")]
    Prefix(String),
    /// It is not a version of three numbers.
    #[error("Invalid SemVer in the Unleash-Client-Spec header: \"{0}\".")]
    Version(String),
}

/// The first version of the specification with segments of their own.
const WITH_SEGMENTS: Version = Version::new(4, 2, 0);

/// Where an SDK that sent `header` looks for the constraints of segments.
///
/// # Errors
/// [`BadSpec`], worded as the reference does.
pub fn segment_mode(header: Option<&str>) -> Result<SegmentMode, BadSpec> {
    let Some(text) = header.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(SegmentMode::Inlined);
    };
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(BadSpec::Prefix(text.into()));
    }
    let version = Version::parse(text).map_err(|_| BadSpec::Version(text.into()))?;
    Ok(if version < WITH_SEGMENTS {
        SegmentMode::Inlined
    } else {
        SegmentMode::Global
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_stand_alone_from_4_2_0() {
        for old in [
            None,
            Some(""),
            Some("4.1.9"),
            Some("4.2.0-beta.1"),
            Some("0.0.1"),
        ] {
            assert_eq!(segment_mode(old), Ok(SegmentMode::Inlined), "{old:?}");
        }
        for new in ["4.2.0", " 5.2.0 ", "6.0.0-rc.1", "5.2.0+build"] {
            assert_eq!(segment_mode(Some(new)), Ok(SegmentMode::Global), "{new}");
        }
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in ["v5.2.0", "latest", "=5.2.0", "-1.0.0"] {
            assert_eq!(segment_mode(Some(text)), Err(BadSpec::Prefix(text.into())));
        }
        for text in ["5", "5.2", "05.2.0", "5.2.0-", "99999999999999999999.0.0"] {
            assert_eq!(segment_mode(Some(text)), Err(BadSpec::Version(text.into())));
        }
    }
}
