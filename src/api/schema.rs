//! Checks of request bodies against the schema the OpenAPI document shows for them.
//!
//! One description serves both: what the document promises is what is checked. Messages, coercions (`"5"` for a
//! number, `null` for an absent text) and the habit of naming the first fault only are the reference server's
//! (contract CLIENT-API §1.5, §4–§6).

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use serde_json::{Number, Value};
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayItems, Object, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{KnownFormat, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::time::Timestamp;
use crate::wire::problem::Detail;

/// Checks `value` against the schema of `T`; coerces what the reference coerces. Empty when all is well.
pub(super) fn check<T: ToSchema + 'static>(value: &mut Value) -> Vec<Detail> {
    let checker = checker::<T>();
    let mut details = Vec::new();
    checker.check(&checker.root, value, &mut "/body".to_owned(), &mut details);
    details
}

/// Checks a document that did not come as a body, such as a patched one; faults are placed from its root.
pub(super) fn check_document<T: ToSchema + 'static>(value: &mut Value) -> Vec<Detail> {
    let checker = checker::<T>();
    let mut details = Vec::new();
    checker.check(&checker.root, value, &mut String::new(), &mut details);
    details
}

/// A schema made ready for checking, with the schemas it refers to.
struct Checker {
    root: Node,
    named: HashMap<String, Node>,
}

/// The checker of `T`, made on first use. A schema is a constant of its type, so this is a cache and not a state.
fn checker<T: ToSchema + 'static>() -> Arc<Checker> {
    static CHECKERS: OnceLock<RwLock<HashMap<TypeId, Arc<Checker>>>> = OnceLock::new();
    let checkers = CHECKERS.get_or_init(RwLock::default);
    let key = TypeId::of::<T>();
    if let Some(found) = checkers
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&key)
    {
        return Arc::clone(found);
    }
    let mut named = Vec::new();
    T::schemas(&mut named);
    let made = Arc::new(Checker {
        root: Node::from_ref(&<T as PartialSchema>::schema()),
        named: named
            .iter()
            .map(|(name, schema)| (name.clone(), Node::from_ref(schema)))
            .collect(),
    });
    checkers
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(key, Arc::clone(&made));
    made
}

enum Node {
    Any,
    Named(String),
    Nullable(Box<Node>),
    OneOf(Vec<Node>),
    AnyOf(Vec<Node>),
    AllOf(Vec<Node>),
    Array {
        items: Box<Node>,
        min: Option<usize>,
        max: Option<usize>,
    },
    Value(Box<Rules>),
}

/// Rules for one value.
struct Rules {
    types: Vec<Type>,
    date_time: bool,
    minimum: Option<f64>,
    maximum: Option<f64>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    pattern: Option<regex::Regex>,
    allowed: Option<Vec<Value>>,
    required: Vec<String>,
    properties: Vec<(String, Node)>,
    others: Option<Node>,
    /// No properties but those named.
    closed: bool,
}

impl Node {
    fn from_ref(schema: &RefOr<Schema>) -> Self {
        match schema {
            RefOr::Ref(target) => Self::Named(
                target
                    .ref_location
                    .rsplit('/')
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            ),
            RefOr::T(schema) => Self::from_schema(schema),
        }
    }

    fn from_schema(schema: &Schema) -> Self {
        match schema {
            Schema::Object(object) => Self::from_object(object),
            Schema::Array(array) => Self::Array {
                items: Box::new(match &array.items {
                    ArrayItems::RefOrSchema(items) => Self::from_ref(items),
                    ArrayItems::False => Self::Any,
                }),
                min: array.min_items,
                max: array.max_items,
            }
            .or_null(&array.schema_type),
            Schema::OneOf(one) => Self::alternatives(&one.items, Self::OneOf),
            Schema::AnyOf(any) => Self::alternatives(&any.items, Self::AnyOf),
            Schema::AllOf(all) => Self::AllOf(all.items.iter().map(Self::from_ref).collect()),
            _ => Self::Any,
        }
    }

    /// An optional value of a named type is written as "null or that": a plain nullable value to callers.
    fn alternatives(items: &[RefOr<Schema>], several: fn(Vec<Self>) -> Self) -> Self {
        let is_null = |item: &&RefOr<Schema>| matches!(item, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null));
        let mut rest: Vec<Self> = items
            .iter()
            .filter(|item| !is_null(item))
            .map(Self::from_ref)
            .collect();
        let nullable = rest.len() < items.len();
        let node = match rest.len() {
            1 => rest.pop().unwrap_or(Self::Any),
            _ => several(rest),
        };
        if nullable {
            Self::Nullable(Box::new(node))
        } else {
            node
        }
    }

    fn or_null(self, types: &SchemaType) -> Self {
        match types {
            SchemaType::Array(types) if types.contains(&Type::Null) => {
                Self::Nullable(Box::new(self))
            }
            _ => self,
        }
    }

    fn from_object(object: &Object) -> Self {
        let types = match &object.schema_type {
            SchemaType::AnyValue => return Self::Any,
            SchemaType::Type(one) => vec![one.clone()],
            SchemaType::Array(several) => several.clone(),
        };
        Self::Value(Box::new(Rules {
            types,
            date_time: matches!(
                &object.format,
                Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))
            ),
            minimum: object.minimum.as_ref().map(number),
            maximum: object.maximum.as_ref().map(number),
            min_length: object.min_length,
            max_length: object.max_length,
            pattern: object
                .pattern
                .as_deref()
                .and_then(|pattern| regex::Regex::new(pattern).ok()),
            allowed: object.enum_values.clone(),
            required: object.required.clone(),
            properties: object
                .properties
                .iter()
                .map(|(name, schema)| (name.clone(), Self::from_ref(schema)))
                .collect(),
            others: match object.additional_properties.as_deref() {
                Some(AdditionalProperties::RefOr(schema)) => Some(Self::from_ref(schema)),
                _ => None,
            },
            closed: matches!(
                object.additional_properties.as_deref(),
                Some(AdditionalProperties::FreeForm(false))
            ),
        }))
    }
}

#[expect(clippy::cast_precision_loss, reason = "bounds in schemas are small")]
fn number(number: &utoipa::Number) -> f64 {
    match number {
        utoipa::Number::Int(it) => *it as f64,
        utoipa::Number::UInt(it) => *it as f64,
        utoipa::Number::Float(it) => *it,
    }
}

impl Checker {
    /// Stops at the first fault, as the reference does.
    fn check(
        &self,
        node: &Node,
        value: &mut Value,
        path: &mut String,
        faults: &mut Vec<Detail>,
    ) -> bool {
        match node {
            Node::Any => true,
            Node::Named(name) => match self.named.get(name) {
                Some(node) => self.check(node, value, path, faults),
                None => true,
            },
            Node::Nullable(node) => value.is_null() || self.check(node, value, path, faults),
            Node::AllOf(nodes) => nodes
                .iter()
                .all(|node| self.check(node, value, path, faults)),
            Node::AnyOf(nodes) => self.check_alternatives(nodes, false, value, path, faults),
            Node::OneOf(nodes) => self.check_alternatives(nodes, true, value, path, faults),
            Node::Array { items, min, max } => {
                self.check_array(items, (*min, *max), value, path, faults)
            }
            Node::Value(rules) => self.check_value(rules, value, path, faults),
        }
    }

    fn check_alternatives(
        &self,
        nodes: &[Node],
        exactly_one: bool,
        value: &mut Value,
        path: &mut String,
        faults: &mut Vec<Detail>,
    ) -> bool {
        let before = faults.len();
        let mut holding = Vec::new();
        for node in nodes {
            let mut copy = value.clone();
            if self.check(node, &mut copy, path, faults) {
                holding.push(copy);
            }
        }
        let found = holding.len();
        if let Some(copy) = holding.into_iter().next()
            && (found == 1 || !exactly_one)
        {
            *value = copy;
            faults.truncate(before);
            return true;
        }
        faults.push(Detail::at(
            path.as_str(),
            if exactly_one {
                format!(
                    "The \"{path}\" property must match exactly one schema in oneOf. The data you provided matches more \
                     than one option in the schema. These options are mutually exclusive. Please refer back to the \
                     schema and remove any excess properties."
                )
            } else {
                format!("The \"{path}\" property must match a schema in anyOf.")
            },
        ));
        false
    }

    fn check_array(
        &self,
        items: &Node,
        (min, max): (Option<usize>, Option<usize>),
        value: &mut Value,
        path: &mut String,
        faults: &mut Vec<Detail>,
    ) -> bool {
        let Value::Array(array) = value else {
            return fault(faults, path, "must be array", value);
        };
        if let Some(min) = min.filter(|min| array.len() < *min) {
            return fault(
                faults,
                path,
                &format!("must NOT have fewer than {min} items"),
                value,
            );
        }
        if let Some(max) = max.filter(|max| array.len() > *max) {
            return fault(
                faults,
                path,
                &format!("must NOT have more than {max} items"),
                value,
            );
        }
        let length = path.len();
        array.iter_mut().enumerate().all(|(index, item)| {
            let _ = write!(path, "/{index}");
            let good = self.check(items, item, path, faults);
            path.truncate(length);
            good
        })
    }

    fn check_value(
        &self,
        rules: &Rules,
        value: &mut Value,
        path: &mut String,
        faults: &mut Vec<Detail>,
    ) -> bool {
        let sent = rules.allowed.is_some().then(|| value.clone());
        if !coerce(&rules.types, value) {
            let names: Vec<&str> = rules
                .types
                .iter()
                .filter(|kind| **kind != Type::Null)
                .map(type_name)
                .collect();
            return fault(faults, path, &format!("must be {}", names.join(",")), value);
        }
        if let Some(allowed) = &rules.allowed
            && !allowed.contains(value)
        {
            return not_allowed(faults, path, allowed, &sent.unwrap_or_default());
        }
        let complaint = match &*value {
            Value::String(text) => rules.complaint_about_text(text),
            Value::Number(number) => rules.complaint_about_number(number),
            _ => None,
        };
        if let Some(complaint) = complaint {
            return fault(faults, path, &complaint, value);
        }
        match value {
            Value::Object(_) => self.check_object(rules, value, path, faults),
            _ => true,
        }
    }

    fn check_object(
        &self,
        rules: &Rules,
        value: &mut Value,
        path: &mut String,
        faults: &mut Vec<Detail>,
    ) -> bool {
        let Value::Object(object) = value else {
            return true;
        };
        if let Some(missing) = rules
            .required
            .iter()
            .find(|name| !object.contains_key(*name))
        {
            let place = format!("{path}/{missing}");
            let message = format!(
                "The `{place}` property is required. It was not present on the data you sent."
            );
            faults.push(Detail::at(place, message));
            return false;
        }
        let length = path.len();
        for (name, member) in object.iter_mut() {
            let known = rules
                .properties
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, node)| node);
            let Some(node) = known.or(rules.others.as_ref()) else {
                if rules.closed {
                    return additional(faults, path, name);
                }
                continue;
            };
            path.push('/');
            path.push_str(&name.replace('~', "~0").replace('/', "~1"));
            let good = self.check(node, member, path, faults);
            path.truncate(length);
            if !good {
                return false;
            }
        }
        true
    }
}

impl Rules {
    fn complaint_about_text(&self, text: &str) -> Option<String> {
        let length = text.chars().count();
        if let Some(max) = self.max_length.filter(|max| length > *max) {
            return Some(format!("must NOT have more than {max} characters"));
        }
        if let Some(min) = self.min_length.filter(|min| length < *min) {
            return Some(format!("must NOT have fewer than {min} characters"));
        }
        if let Some(pattern) = self
            .pattern
            .as_ref()
            .filter(|pattern| !pattern.is_match(text))
        {
            return Some(format!("must match pattern \"{pattern}\""));
        }
        (self.date_time && Timestamp::parse(text).is_none())
            .then(|| "must match format \"date-time\"".to_owned())
    }

    fn complaint_about_number(&self, number: &Number) -> Option<String> {
        let number = number.as_f64()?;
        if let Some(minimum) = self.minimum.filter(|minimum| number < *minimum) {
            return Some(format!("must be >= {minimum}"));
        }
        self.maximum
            .filter(|maximum| number > *maximum)
            .map(|maximum| format!("must be <= {maximum}"))
    }
}

fn fault(faults: &mut Vec<Detail>, path: &str, complaint: &str, sent: &Value) -> bool {
    let message = format!("The `{path}` property {complaint}. You sent {sent}.");
    faults.push(Detail::at(path, message));
    false
}

fn not_allowed(faults: &mut Vec<Detail>, path: &str, allowed: &[Value], sent: &Value) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let allowed: Vec<String> = allowed.iter().map(Value::to_string).collect();
    let sent = sent
        .as_str()
        .map_or_else(|| sent.to_string(), ToOwned::to_owned);
    // The two dots at the end are the reference's.
    let message = format!(
        "The `{name}` property must be equal to one of the allowed values: {}. You provided \"{sent}\", which is not \
         valid. Please use one of the allowed values instead..",
        allowed.join(", ")
    );
    faults.push(Detail::at(name, message));
    false
}

fn additional(faults: &mut Vec<Detail>, path: &str, name: &str) -> bool {
    let (owner, place) = if path.is_empty() {
        ("root object".to_owned(), name.to_owned())
    } else {
        (format!("`{path}` object"), format!("{path}/{name}"))
    };
    let message = format!(
        "The {owner} of the request body does not allow additional properties. Your request included the `{place}` \
         property."
    );
    faults.push(Detail::at(place, message));
    false
}

fn type_name(kind: &Type) -> &'static str {
    match kind {
        Type::Object => "object",
        Type::String => "string",
        Type::Integer => "integer",
        Type::Number => "number",
        Type::Boolean => "boolean",
        Type::Array => "array",
        Type::Null => "null",
    }
}

/// Makes the value one of the types if it is not one already; says whether it is one now.
fn coerce(types: &[Type], value: &mut Value) -> bool {
    if types.iter().any(|kind| is(kind, value)) {
        return true;
    }
    match types.iter().find_map(|kind| coerced(kind, value)) {
        Some(better) => {
            *value = better;
            true
        }
        None => false,
    }
}

fn is(kind: &Type, value: &Value) -> bool {
    match kind {
        Type::Object => value.is_object(),
        Type::String => value.is_string(),
        Type::Integer => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        Type::Number => value.is_number(),
        Type::Boolean => value.is_boolean(),
        Type::Array => value.is_array(),
        Type::Null => value.is_null(),
    }
}

fn coerced(kind: &Type, value: &Value) -> Option<Value> {
    match (kind, value) {
        (Type::String, Value::Number(number)) => Some(number.to_string().into()),
        (Type::String, Value::Bool(truth)) => Some(truth.to_string().into()),
        (Type::String, Value::Null) => Some("".into()),
        (Type::Number | Type::Integer, Value::Bool(truth)) => Some(i64::from(*truth).into()),
        (Type::Number | Type::Integer, Value::Null) => Some(0.into()),
        (Type::Number | Type::Integer, Value::String(text)) => {
            let number: Number = serde_json::from_str(text.trim()).ok()?;
            let value = Value::Number(number);
            is(kind, &value).then_some(value)
        }
        (Type::Boolean, Value::String(text)) => text.parse::<bool>().ok().map(Value::Bool),
        (Type::Boolean, Value::Null) => Some(false.into()),
        (Type::Boolean, Value::Number(number)) => match number.as_i64() {
            Some(0) => Some(false.into()),
            Some(1) => Some(true.into()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use utoipa::ToSchema;

    use super::*;

    #[derive(ToSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Inner {
        #[schema(minimum = 0)]
        no: Option<i64>,
        variants: Option<HashMap<String, i64>>,
    }

    #[derive(ToSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    #[schema(rename_all = "camelCase")]
    struct Body {
        #[schema(min_length = 1, max_length = 5)]
        app_name: String,
        interval: f64,
        strategies: Vec<String>,
        inner: Option<Inner>,
        toggles: Option<HashMap<String, Inner>>,
    }

    fn messages(mut value: Value) -> Vec<String> {
        check::<Body>(&mut value)
            .into_iter()
            .map(|detail| detail.message)
            .collect()
    }

    fn body(extra: &str, value: Value) -> Value {
        let mut body = json!({"appName": "a", "interval": 1, "strategies": []});
        body[extra] = value;
        body
    }

    #[test]
    fn the_first_missing_property_is_named() {
        assert_eq!(
            messages(json!({})),
            ["The `/body/appName` property is required. It was not present on the data you sent."]
        );
    }

    #[test]
    fn faults_are_worded_as_the_reference_words_them() {
        for (value, message) in [
            (
                body("appName", json!("")),
                "The `/body/appName` property must NOT have fewer than 1 characters. You sent \"\".",
            ),
            (
                body("appName", json!("abcdef")),
                "The `/body/appName` property must NOT have more than 5 characters. You sent \"abcdef\".",
            ),
            (
                body("strategies", json!([{"name": "x"}])),
                "The `/body/strategies/0` property must be string. You sent {\"name\":\"x\"}.",
            ),
            (
                body("strategies", json!(null)),
                "The `/body/strategies` property must be array. You sent null.",
            ),
            (
                body("toggles", json!([])),
                "The `/body/toggles` property must be object. You sent [].",
            ),
            (
                body("toggles", json!({"f": {"no": -1}})),
                "The `/body/toggles/f/no` property must be >= 0. You sent -1.",
            ),
            (
                body("toggles", json!({"a/b": {"no": 0.5}})),
                "The `/body/toggles/a~1b/no` property must be integer. You sent 0.5.",
            ),
        ] {
            let found = messages(value);
            // Optional members are of two types here; the reference names one of them.
            assert_eq!(
                found[0]
                    .replace("integer,null", "integer")
                    .replace("object,null", "object"),
                message
            );
            assert_eq!(found.len(), 1);
        }
    }

    #[derive(serde::Deserialize, ToSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    #[serde(deny_unknown_fields)]
    struct Closed {
        kind: Kind,
    }

    #[derive(serde::Deserialize, ToSchema)]
    #[serde(rename_all = "kebab-case")]
    enum Kind {
        Release,
        KillSwitch,
    }

    #[test]
    fn closed_objects_and_enumerations_are_worded_as_the_reference_words_them() {
        for (mut value, place, message) in [
            (
                json!({"kind": "release", "foo": 1}),
                "/body/foo",
                "The `/body` object of the request body does not allow additional properties. Your request included \
                 the `/body/foo` property.",
            ),
            (
                json!({"kind": null}),
                "kind",
                "The `kind` property must be equal to one of the allowed values: \"release\", \"kill-switch\". You \
                 provided \"null\", which is not valid. Please use one of the allowed values instead..",
            ),
        ] {
            let found = check::<Closed>(&mut value);
            assert_eq!(found, [Detail::at(place, message)]);
        }
        let mut patched = json!({"kind": "release", "foo": 1});
        let found = check_document::<Closed>(&mut patched);
        assert_eq!(found.first().unwrap().path.as_deref(), Some("foo"));
    }

    #[test]
    fn coercions_are_the_references() {
        let mut value = json!({"appName": 7, "interval": "60", "strategies": [], "inner": null, "toggles": {"f": {"variants": null}}});
        assert!(check::<Body>(&mut value).is_empty());
        assert_eq!(value["appName"], "7");
        assert_eq!(value["interval"], 60);
        assert_eq!(
            messages(body("interval", Value::Null)),
            Vec::<String>::new()
        );
        assert_eq!(messages(body("interval", json!("x"))).len(), 1);
    }
}
