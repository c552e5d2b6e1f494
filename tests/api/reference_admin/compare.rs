//! Compares an answer with a recorded one.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// What stands for what in recorded answers, also within longer texts.
const WILDCARDS: [(&str, &str); 4] = [
    (
        "<uuid>",
        "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
    ),
    (
        "<timestamp>",
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)",
    ),
    ("<number>", r"-?\d+(?:\.\d+)?"),
    ("<random>", "(?s:.+)"),
];

/// Members that identify an element of a list.
const NAMES: [&str; 11] = [
    "name",
    "type",
    "value",
    "id",
    "feature",
    "featureName",
    "environment",
    "tokenName",
    "projectId",
    "secret",
    "username",
];

static WILDCARD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("<(?:uuid|timestamp|number|random)>").unwrap());

/// Members the reference documents and its free edition never sends: the source address of events.
const ADDED: [&str; 1] = ["ip"];

/// How the lists of one step are compared.
#[derive(Debug, Default)]
pub(super) struct Options {
    /// All by position.
    pub(super) ordered: bool,
    /// All as sets.
    pub(super) unordered: bool,
    /// Lists that may hold more than what was recorded.
    pub(super) partial: Vec<String>,
}

/// What differs, line by line. `actual` is none when the member is absent.
pub(super) fn differences(
    expected: &Value,
    actual: Option<&Value>,
    options: &Options,
) -> Vec<String> {
    let mut comparison = Comparison {
        options,
        found: Vec::new(),
    };
    comparison.value(expected, actual, "");
    comparison.found
}

struct Comparison<'o> {
    options: &'o Options,
    found: Vec<String>,
}

impl Comparison<'_> {
    fn value(&mut self, expected: &Value, actual: Option<&Value>, path: &str) {
        if expected == "<any>" {
            return;
        }
        match (expected, actual) {
            (Value::String(text), _) if WILDCARD.is_match(text) => {
                if !fits(text, actual) {
                    self.differ(expected, actual, path);
                }
            }
            (Value::Object(expected), Some(Value::Object(actual))) => {
                for (name, value) in expected {
                    self.value(value, actual.get(name), &format!("{path}.{name}"));
                }
                let known =
                    |name: &&String| expected.contains_key(*name) || ADDED.contains(&name.as_str());
                for name in actual.keys().filter(|name| !known(name)) {
                    self.found.push(format!("{path}.{name}: unexpected"));
                }
            }
            (Value::Array(expected), Some(Value::Array(actual))) => {
                self.list(expected, actual, path);
            }
            (Value::Number(one), Some(Value::Number(other))) if one.as_f64() == other.as_f64() => {}
            _ if Some(expected) == actual => {}
            _ => self.differ(expected, actual, path),
        }
    }

    fn differ(&mut self, expected: &Value, actual: Option<&Value>, path: &str) {
        let actual = actual.map_or("nothing".to_owned(), Value::to_string);
        self.found
            .push(format!("{path}: expected {expected}, got {actual}"));
    }

    fn list(&mut self, expected: &[Value], actual: &[Value], path: &str) {
        let plain = Regex::new(r"\[[^\]]*\]").unwrap();
        let plain = plain.replace_all(path, "");
        let partial = self
            .options
            .partial
            .iter()
            .any(|name| *name == plain.trim_start_matches('.'));
        if !self.options.ordered {
            let names: Vec<Name> = expected.iter().map(name).collect();
            let distinct = names.iter().enumerate().all(|(index, name)| {
                !name.is_empty() && names.iter().take(index).all(|other| other != name)
            });
            if distinct && !names.is_empty() {
                return self.named(expected, &names, actual, path, partial);
            }
            if partial || self.options.unordered {
                return self.set(expected, actual, path, partial);
            }
        }
        if expected.len() != actual.len() {
            let (one, other) = (expected.len(), actual.len());
            let line =
                format!("{path}: expected {one} elements, got {other}: {expected:?} / {actual:?}");
            self.found.push(line);
            return;
        }
        for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
            self.value(expected, Some(actual), &format!("{path}[{index}]"));
        }
    }

    fn named(
        &mut self,
        expected: &[Value],
        names: &[Name],
        actual: &[Value],
        path: &str,
        partial: bool,
    ) {
        let mut left: Vec<&Value> = actual.iter().collect();
        for (name, expected) in names.iter().zip(expected) {
            let has = |element: &&Value, name: &[(&str, Value)]| {
                name.iter()
                    .all(|(key, value)| element.get(key) == Some(value))
            };
            let first = name.get(..1).unwrap();
            let place = left
                .iter()
                .position(|element| has(element, name))
                .or_else(|| left.iter().position(|element| has(element, first)));
            let label = format!("{path}[{}]", first.first().unwrap().1);
            match place {
                Some(place) => self.value(expected, Some(left.remove(place)), &label),
                None => self.found.push(format!("{label}: missing")),
            }
        }
        if !partial {
            for element in left {
                self.found
                    .push(format!("{path}: unexpected element {element}"));
            }
        }
    }

    fn set(&mut self, expected: &[Value], actual: &[Value], path: &str, partial: bool) {
        let mut left: Vec<&Value> = actual.iter().collect();
        for expected in expected {
            let place = left
                .iter()
                .position(|actual| differences(expected, Some(actual), self.options).is_empty());
            match place {
                Some(place) => drop(left.remove(place)),
                None => self
                    .found
                    .push(format!("{path}: missing element {expected}")),
            }
        }
        if !left.is_empty() && !partial {
            self.found
                .push(format!("{path}: unexpected elements {left:?}"));
        }
    }
}

type Name = Vec<(&'static str, Value)>;

/// The members that tell an element from others; none of them a wildcard.
fn name(element: &Value) -> Name {
    let named = NAMES.iter().filter_map(|key| {
        let value = element.get(key)?;
        let good = match value {
            Value::String(text) => text != "<any>" && !WILDCARD.is_match(text),
            Value::Number(_) => true,
            _ => false,
        };
        good.then(|| (*key, value.clone()))
    });
    named.collect()
}

fn fits(pattern: &str, actual: Option<&Value>) -> bool {
    if pattern == "<number>" {
        return actual.is_some_and(Value::is_number);
    }
    let Some(Value::String(actual)) = actual else {
        return false;
    };
    let mut expression = String::from("^(?s)");
    let mut end = 0;
    for found in WILDCARD.find_iter(pattern) {
        expression.push_str(&regex::escape(&pattern[end..found.start()]));
        let known = WILDCARDS.iter().find(|(name, _)| *name == found.as_str());
        expression.push_str(known.unwrap().1);
        end = found.end();
    }
    expression.push_str(&regex::escape(&pattern[end..]));
    expression.push('$');
    Regex::new(&expression).unwrap().is_match(actual)
}
