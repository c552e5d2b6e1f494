//! A report of counts as SDKs write it, read in place: texts point into the body.
//!
//! All SDKs of today write such reports. Whatever else the schema of [`ClientMetrics`] allows, or refuses, is not read
//! here, so that it takes the longer way and is answered as the contract says.
//!
//! [`ClientMetrics`]: super::client_metrics::ClientMetrics

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::domain::time::Timestamp;

/// The longest names of what wraps an SDK, in characters.
const LONGEST_FLAVOR: usize = 256;

/// The longest names of applications, flags and variants, in bytes. Longer ones are cut off elsewhere.
const LONGEST: usize = 255;

/// A report of one running copy of an application (contract CLIENT-API §5).
#[derive(Debug)]
pub struct PlainMetrics<'b> {
    /// What the application calls itself.
    pub app_name: Text<'b>,
    /// What the copy calls itself.
    pub instance_id: Option<Text<'b>>,
    /// The SDK.
    pub sdk_version: Option<Text<'b>>,
    /// When counting ended.
    pub stop: Timestamp,
    /// Counts by name of flag.
    pub toggles: Pairs<'b, PlainCounts<'b>>,
}

/// How often a flag was on and off.
#[derive(Debug, Deserialize)]
pub struct PlainCounts<'b> {
    /// How often it was on.
    #[serde(default)]
    pub yes: u64,
    /// How often it was off.
    #[serde(default)]
    pub no: u64,
    /// How often each variant was given.
    #[serde(default, borrow)]
    pub variants: Option<Pairs<'b, u64>>,
}

impl<'b> PlainMetrics<'b> {
    /// Reads a body. None when it is to be read as [`ClientMetrics`].
    ///
    /// [`ClientMetrics`]: super::client_metrics::ClientMetrics
    #[must_use]
    pub fn read(body: &'b [u8]) -> Option<Self> {
        let read: Body<'b> = serde_json::from_slice(body).ok()?;
        let short = |text: &Option<Text<'_>>| {
            let text = text.as_ref();
            text.is_none_or(|text| text.0.chars().count() <= LONGEST_FLAVOR)
        };
        let simple = !read.app_name.0.is_empty()
            && read.app_name.0.len() <= LONGEST
            && read.bucket.toggles.0.iter().all(is_plain)
            && read.impact_metrics.is_none_or(|list| list.is_empty())
            && short(&read.sdk_flavor)
            && short(&read.sdk_flavor_version);
        Timestamp::parse(&read.bucket.start.0)?;
        let stop = Timestamp::parse(&read.bucket.stop.0)?;
        simple.then_some(Self {
            app_name: read.app_name,
            instance_id: read.instance_id,
            sdk_version: read.sdk_version,
            stop,
            toggles: read.bucket.toggles,
        })
    }
}

/// Whether no name is long, and no variant stands there twice.
fn is_plain((name, counts): &(Cow<'_, str>, PlainCounts<'_>)) -> bool {
    let variants = counts.variants.as_ref().map(|pairs| pairs.0.as_slice());
    let variants = variants.unwrap_or_default();
    let mut names: Vec<&str> = variants.iter().map(|(name, _)| name.as_ref()).collect();
    names.sort_unstable();
    let once = names.windows(2).all(|pair| pair.first() != pair.last());
    once && name.len() <= LONGEST && names.iter().all(|name| name.len() <= LONGEST)
}

impl Text<'_> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text, copied only when it contains an escape.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Text<'b>(#[serde(borrow)] pub Cow<'b, str>);

/// An object as a list; a name may stand there twice.
#[derive(Debug)]
pub struct Pairs<'b, T>(pub Vec<(Cow<'b, str>, T)>);

/// The fields that are not of interest have to be what the schema says all the same.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "read to be checked")]
struct Body<'b> {
    #[serde(borrow)]
    app_name: Text<'b>,
    instance_id: Option<Text<'b>>,
    environment: Option<Text<'b>>,
    sdk_version: Option<Text<'b>>,
    connection_id: Option<Text<'b>>,
    platform_name: Option<Text<'b>>,
    platform_version: Option<Text<'b>>,
    yggdrasil_version: Option<Text<'b>>,
    spec_version: Option<Text<'b>>,
    sdk_flavor: Option<Text<'b>>,
    sdk_flavor_version: Option<Text<'b>>,
    impact_metrics: Option<Vec<IgnoredAny>>,
    bucket: Bucket<'b>,
}

#[derive(Deserialize)]
struct Bucket<'b> {
    #[serde(borrow)]
    start: Text<'b>,
    #[serde(borrow)]
    stop: Text<'b>,
    #[serde(borrow)]
    toggles: Pairs<'b, PlainCounts<'b>>,
}

impl<'de: 'b, 'b, T: Deserialize<'de>> Deserialize<'de> for Pairs<'b, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

struct Entries<'b, T>(PhantomData<(&'b str, T)>);

impl<'de: 'b, 'b, T: Deserialize<'de>> Visitor<'de> for Entries<'b, T> {
    type Value = Pairs<'b, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some((name, value)) = map.next_entry::<Text<'b>, T>()? {
            pairs.push((name.0, value));
        }
        Ok(Pairs(pairs))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_sdks_write_is_read_in_place() {
        let body = json!({
            "appName": "shop", "instanceId": "one", "connectionId": "c", "platformName": "node",
            "yggdrasilVersion": null, "specVersion": "5.2.2", "sdkVersion": "unleash-node-sdk:6.12.1",
            "bucket": {"start": "2026-01-31T10:00:00.000Z", "stop": "2026-01-31T10:01:00.000Z",
                "toggles": {"a": {"yes": 1, "no": 2, "variants": {"blue": 1}}, "b \"c\"": {"yes": 3}}},
            "impactMetrics": [], "extra": [1, 2],
        })
        .to_string();
        let read = PlainMetrics::read(body.as_bytes()).unwrap();
        assert!(matches!(read.app_name.0, Cow::Borrowed("shop")));
        assert_eq!(read.stop, Timestamp::parse("2026-01-31T10:01:00Z").unwrap());
        let [(a, one), (b, other)] = read.toggles.0.as_slice() else {
            panic!("{read:?}");
        };
        assert!(matches!(a, Cow::Borrowed("a")));
        assert_eq!(b, "b \"c\"");
        assert_eq!((one.yes, one.no, other.yes, other.no), (1, 2, 3, 0));
        assert_eq!(one.variants.as_ref().unwrap().0, [(Cow::from("blue"), 1)]);
    }

    #[test]
    fn everything_else_takes_the_longer_way() {
        let bucket =
            json!({"start": "2026-01-31T10:00:00Z", "stop": "2026-01-31T10:01:00Z", "toggles": {}});
        let plain = json!({"appName": "a", "bucket": bucket});
        assert!(PlainMetrics::read(plain.to_string().as_bytes()).is_some());
        for (field, value) in [
            ("/appName", json!("")),
            ("/appName", json!(5)),
            ("/bucket", json!(null)),
            ("/bucket/stop", json!("yesterday")),
            ("/bucket/start", json!(1)),
            ("/bucket/toggles", json!({"f": {"yes": 0.5}})),
            ("/bucket/toggles", json!({"f": {"yes": -1}})),
            ("/bucket/toggles", json!({"f": {"variants": {"v": "1"}}})),
            ("/bucket/toggles", json!({"f".repeat(256): {"yes": 1}})),
        ] {
            let mut other = plain.clone();
            *other.pointer_mut(field).unwrap() = value;
            assert!(
                PlainMetrics::read(other.to_string().as_bytes()).is_none(),
                "{other}"
            );
        }
        for (field, value) in [
            ("impactMetrics", json!([{}])),
            ("platformName", json!(5)),
            ("sdkFlavor", json!("x".repeat(257))),
        ] {
            let mut other = plain.clone();
            other[field] = value;
            assert!(
                PlainMetrics::read(other.to_string().as_bytes()).is_none(),
                "{other}"
            );
        }
        let twice = plain.to_string().replace(
            "\"toggles\":{}",
            "\"toggles\":{\"f\":{\"variants\":{\"v\":1,\"v\":2}}}",
        );
        assert!(PlainMetrics::read(twice.as_bytes()).is_none(), "{twice}");
    }
}
