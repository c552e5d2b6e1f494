//! What it takes for an answer to be the same.

use std::io::Read;

use serde_json::Value;

use super::Pair;
use super::differences::RANDOM_FLAGS;

use crate::harness::Answer;

/// In what an answer differs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Aspect {
    Status,
    Header(&'static str),
    /// A flag is on here and off there.
    Toggle(String),
    Body,
}

/// Headers that mean something to a client.
const HEADERS: [&str; 11] = [
    "content-type",
    "content-encoding",
    "cache-control",
    "vary",
    "location",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "access-control-max-age",
];

/// Everything in which the answer is another than the recorded one.
pub(super) fn differences(number: u16, pair: &Pair, answer: &Answer) -> Vec<(Aspect, String)> {
    let mut found = Vec::new();
    let recorded = &pair.response;
    if recorded.status != answer.status {
        let text = format!(
            "{} instead of {}: {}",
            answer.status,
            recorded.status,
            answer.text()
        );
        return vec![(Aspect::Status, text)];
    }
    for name in HEADERS {
        let theirs = recorded.headers.get(name).map(String::as_str);
        if theirs != answer.header(name) {
            let text = format!("{:?} instead of {theirs:?}", answer.header(name));
            found.push((Aspect::Header(name), text));
        }
    }
    // The texts of these are our own; whether there is one matters.
    for name in ["etag", "x-unleash-version"] {
        let matters = name != "etag" || (recorded.status < 400 && polled(pair));
        let theirs = recorded.headers.contains_key(name);
        if matters && theirs != answer.header(name).is_some() {
            found.push((Aspect::Header(name), format!("{:?}", answer.header(name))));
        }
    }
    let (mut left, mut right) = (body(answer), recorded.body.clone());
    arrange(number, &mut left);
    arrange(number, &mut right);
    found.extend(take_toggles(&mut left, &mut right));
    found.extend(differ("", &left, &right).map(|text| (Aspect::Body, text)));
    found
}

/// Flags that are on for one side only, taken out of both.
fn take_toggles(ours: &mut Value, theirs: &mut Value) -> Vec<(Aspect, String)> {
    let names = |body: &Value| -> Vec<String> {
        let toggles = body.get("toggles").and_then(Value::as_array);
        let name = |toggle: &Value| toggle["name"].as_str().unwrap_or_default().to_owned();
        toggles
            .map(|list| list.iter().map(name).collect())
            .unwrap_or_default()
    };
    let (left, right) = (names(ours), names(theirs));
    let mut found = Vec::new();
    for (body, others, text) in [
        (ours, right, "on here only"),
        (theirs, left, "on there only"),
    ] {
        let Some(toggles) = body.get_mut("toggles").and_then(Value::as_array_mut) else {
            continue;
        };
        toggles.retain(|toggle| {
            let name = toggle["name"].as_str().unwrap_or_default();
            let known = others.iter().any(|other| other == name);
            if !known {
                found.push((Aspect::Toggle(name.to_owned()), text.to_owned()));
            }
            known
        });
    }
    found
}

/// Whether SDKs keep the tag of the answer.
fn polled(pair: &Pair) -> bool {
    let path = &pair.request.path;
    let secret = pair.request.headers.get("authorization");
    // The tag of one case was taken out with the secret it was asked with.
    if secret.is_some_and(|secret| secret == "<created secret>") {
        return false;
    }
    pair.request.method != "POST" && (path.contains("/features") || path.contains("/frontend"))
}

fn body(answer: &Answer) -> Value {
    let mut bytes = answer.body.clone();
    if answer.header("content-encoding") == Some("gzip") {
        bytes.clear();
        let mut decoder = flate2::read::GzDecoder::new(&answer.body[..]);
        decoder.read_to_end(&mut bytes).unwrap();
    }
    if bytes.is_empty() {
        return Value::Null;
    }
    let text = || Value::from(String::from_utf8_lossy(&bytes).into_owned());
    serde_json::from_slice(&bytes).unwrap_or_else(|_| text())
}

/// Lists whose order means nothing are sorted; what depends on chance is taken out.
fn arrange(number: u16, body: &mut Value) {
    if let Some(toggles) = body.get_mut("toggles").and_then(Value::as_array_mut) {
        let random = RANDOM_FLAGS.iter().find(|(case, _)| *case == number);
        let random = random.map_or(&[][..], |(_, flags)| *flags);
        toggles.retain(|toggle| !random.iter().any(|name| toggle["name"] == *name));
    }
    for list in ["features", "toggles", "segments", "tokens", "environments"] {
        if let Some(items) = body.get_mut(list).and_then(Value::as_array_mut) {
            items.sort_by_key(|item| {
                let name = item.get("name").or_else(|| item.get("token"));
                name.map(ToString::to_string).unwrap_or_default()
            });
        }
    }
    // All constraints must hold, in whatever order they are told.
    sort_constraints(body);
    if let Some(meta) = body.get_mut("meta").and_then(Value::as_object_mut) {
        for (key, value) in meta {
            assert!(value.is_string() || value.is_u64(), "{key}");
            *value = Value::Null;
        }
    }
}

fn sort_constraints(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if let Some(Value::Array(constraints)) = object.get_mut("constraints") {
                constraints.sort_by_key(ToString::to_string);
            }
            object.values_mut().for_each(sort_constraints);
        }
        Value::Array(items) => items.iter_mut().for_each(sort_constraints),
        _ => {}
    }
}

/// The first place in which two values differ.
fn differ(place: &str, ours: &Value, theirs: &Value) -> Option<String> {
    match (ours, theirs) {
        (_, Value::String(theirs)) if is_placeholder(theirs) => None,
        (Value::String(ours), Value::String(theirs)) if theirs.ends_with("<random>") => {
            let start = theirs.trim_end_matches("<random>");
            (!ours.starts_with(start)).then(|| format!("{place} is {ours:?} instead of {theirs:?}"))
        }
        (Value::String(ours), Value::String(theirs)) if theirs.contains('…') => {
            let start = theirs.split('…').next().unwrap_or_default();
            (!ours.starts_with(start)).then(|| format!("{place} is {ours:?} instead of {theirs:?}"))
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            let keys = |map: &serde_json::Map<String, Value>| {
                let mut keys: Vec<String> = map.keys().cloned().collect();
                keys.sort();
                keys
            };
            if keys(ours) != keys(theirs) {
                return Some(format!(
                    "{place} has {:?} instead of {:?}",
                    keys(ours),
                    keys(theirs)
                ));
            }
            ours.iter()
                .find_map(|(key, value)| differ(&format!("{place}/{key}"), value, &theirs[key]))
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            let mut both = ours.iter().zip(theirs).enumerate();
            both.find_map(|(index, (ours, theirs))| {
                differ(&format!("{place}/{index}"), ours, theirs)
            })
        }
        _ if ours == theirs => None,
        _ => Some(format!(
            "{place} is {} instead of {}",
            short(ours),
            short(theirs)
        )),
    }
}

fn is_placeholder(text: &str) -> bool {
    matches!(
        text,
        "<uuid>" | "<random>" | "<timestamp>" | "<number>" | "<created secret>"
    )
}

fn short(value: &Value) -> String {
    let names = |items: &Vec<Value>| {
        let name = |item: &Value| {
            item.get("name")
                .map_or_else(|| item.to_string(), ToString::to_string)
        };
        items.iter().map(name).collect::<Vec<_>>().join(",")
    };
    let text = value.as_array().map_or_else(|| value.to_string(), names);
    text.chars().take(1500).collect()
}
