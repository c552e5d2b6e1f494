//! Who asks, as browsers and devices say it (contract CLIENT-API §9.2, §9.3).

use std::borrow::Cow;

use serde_json::Value;

use crate::api::query::{brackets, pairs};
use crate::engine::{Context, Properties};
use crate::wire::frontend::FrontendContext;

/// Time is the server's: what a client says about it is not looked at, as in the reference.
const CURRENT_TIME: &str = "currentTime";

/// A parameter of a query string.
struct Given<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, str>,
    /// Written as `properties[name]`.
    nested: bool,
}

/// The context in a query string. Nothing is copied that need not be decoded.
pub(super) fn from_query(query: &str) -> Context<'_> {
    let mut given: Vec<Given<'_>> = Vec::with_capacity(8);
    for (name, value) in pairs(query) {
        let (name, nested) = match brackets(&name) {
            ("properties", Some(inner)) => (Cow::Owned(inner.to_owned()), true),
            // Text in place of properties says nothing.
            ("properties", None) => continue,
            _ => (name, false),
        };
        let known = given
            .iter_mut()
            .find(|it| it.nested == nested && it.name == name);
        match known {
            // A parameter given twice is a list, and the text of a list has commas: it equals none of its items.
            Some(known) => known.value = Cow::Owned(format!("{},{value}", known.value)),
            None => given.push(Given {
                name,
                value,
                nested,
            }),
        }
    }
    // Where both forms are given, the one in brackets counts.
    given.sort_by_key(|it| it.nested);
    into_context(given)
}

fn into_context(given: Vec<Given<'_>>) -> Context<'_> {
    let mut context = Context::default();
    for it in given {
        if it.value.is_empty() || it.name == CURRENT_TIME {
            continue;
        }
        match root(&mut context, &it.name) {
            Some(field) if !it.nested => *field = Some(it.value),
            _ => context.properties.insert(it.name, it.value),
        }
    }
    context
}

/// The context in a body.
pub(super) fn from_body(body: FrontendContext) -> Context<'static> {
    let own = |field: Option<String>| field.map(Cow::Owned);
    let mut properties = Properties::new();
    for (name, value) in body.others {
        if let Some(value) = text(&value).filter(|_| name != CURRENT_TIME) {
            properties.insert(name, value);
        }
    }
    for (name, value) in body.properties {
        if name != CURRENT_TIME {
            properties.insert(name, value);
        }
    }
    Context {
        user_id: own(body.user_id),
        session_id: own(body.session_id),
        remote_address: own(body.remote_address),
        environment: own(body.environment),
        app_name: own(body.app_name),
        current_time: None,
        properties,
    }
}

fn root<'c, 'a>(context: &'c mut Context<'a>, name: &str) -> Option<&'c mut Option<Cow<'a, str>>> {
    match name {
        "userId" => Some(&mut context.user_id),
        "sessionId" => Some(&mut context.session_id),
        "remoteAddress" => Some(&mut context.remote_address),
        "environment" => Some(&mut context.environment),
        "appName" => Some(&mut context.app_name),
        _ => None,
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let texts: Vec<String> = items.iter().filter_map(text).collect();
            Some(texts.join(","))
        }
        other @ (Value::Bool(_) | Value::Number(_) | Value::Object(_)) => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn properties<'c>(context: &'c Context<'_>) -> Vec<(&'c str, &'c str)> {
        context.properties.iter().collect()
    }

    #[test]
    fn every_form_of_a_query_is_understood() {
        let context = from_query(
            "userId=u+1&sessionId=&appName=web&properties%5Bcountry%5D=no&country=dk&age=18\
             &properties.x=1&properties=%7B%7D&currentTime=2021-01-01T00:00:00Z&properties[currentTime]=x",
        );
        assert_eq!(context.user_id.as_deref(), Some("u 1"));
        assert_eq!(context.session_id, None);
        assert_eq!(context.app_name.as_deref(), Some("web"));
        assert_eq!(context.current_time, None);
        let expected = [("age", "18"), ("country", "no"), ("properties.x", "1")];
        assert_eq!(properties(&context), expected);
    }

    #[test]
    fn a_parameter_given_twice_equals_neither_value() {
        let context = from_query("userId=u1&userId=u2&userId=u1&x=1&x=2&y=1&properties[y]=2");
        assert_eq!(context.user_id.as_deref(), Some("u1,u2,u1"));
        assert_eq!(properties(&context), [("x", "1,2"), ("y", "2")]);
    }

    #[test]
    fn plain_values_are_borrowed() {
        let context = from_query("userId=u1");
        assert!(matches!(context.user_id, Some(Cow::Borrowed("u1"))));
    }

    #[test]
    fn unknown_fields_of_a_body_are_properties() {
        let body = json!({
            "userId": "u", "country": "dk", "age": 18, "gone": null, "list": [1, "b"],
            "properties": {"country": "no"}, "currentTime": "2021-01-01T00:00:00Z",
        });
        let context = from_body(serde_json::from_value(body).unwrap());
        assert_eq!(context.user_id.as_deref(), Some("u"));
        let expected = [("age", "18"), ("country", "no"), ("list", "1,b")];
        assert_eq!(properties(&context), expected);
    }
}
