//! Every answer any test gets is held against the OpenAPI document: its status must be documented for the operation,
//! and its body must be of the type and the schema documented for the status.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::harness::Answer;

static DOCUMENT: LazyLock<Value> = LazyLock::new(burgee::app::openapi);

/// Checks the answer to a request. `path` is as sent, below the base path.
pub(crate) fn check(method: &str, path: &str, answer: &Answer) {
    let path = path.split(['?', '#']).next().unwrap();
    let method = if method == "HEAD" { "GET" } else { method };
    let Some((template, operation)) = operation(method, path) else {
        let refused = matches!(answer.status, 400 | 401 | 403 | 404 | 405);
        assert!(
            refused || method == "OPTIONS",
            "{method} {path} is not in the document and answers {}",
            answer.status
        );
        return;
    };
    let place = format!("{method} {template}, {}", answer.status);
    let Some(response) = operation["responses"].get(answer.status.to_string()) else {
        panic!("{place}: not documented. {}", answer.text());
    };
    if let Err(fault) = check_body(response, answer) {
        panic!("{place}: {fault}\n{}", answer.text());
    }
}

/// The operation of a path, found as the server finds it: fixed parts go before parameters, their case is free.
fn operation(method: &str, path: &str) -> Option<(&'static str, &'static Value)> {
    let given: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let fitting = paths.iter().filter_map(|(template, item)| {
        let operation = item.get(method.to_lowercase())?;
        let parts: Vec<&str> = template.split('/').filter(|it| !it.is_empty()).collect();
        let fits = parts.len() == given.len()
            && parts
                .iter()
                .zip(&given)
                .all(|(part, given)| part.starts_with('{') || part.eq_ignore_ascii_case(given));
        let fixed: Vec<bool> = parts.iter().map(|part| !part.starts_with('{')).collect();
        fits.then_some((fixed, template.as_str(), operation))
    });
    let (_, template, operation) = fitting.max_by(|one, other| one.0.cmp(&other.0))?;
    Some((template, operation))
}

fn check_body(response: &Value, answer: &Answer) -> Result<(), String> {
    let Some(content) = response.get("content").and_then(Value::as_object) else {
        return if answer.body.is_empty() {
            Ok(())
        } else {
            Err("a body where none is documented".into())
        };
    };
    // Answers to HEAD have no body; a report that makes no sense is refused without one.
    if answer.body.is_empty() {
        return Ok(());
    }
    let kind = answer.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap().trim();
    let Some(media) = content.get(kind) else {
        return Err(format!("the type \"{kind}\" is not documented"));
    };
    if kind != "application/json" || answer.header("content-encoding").is_some() {
        return Ok(());
    }
    let body: Value = serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
    let faults: Vec<String> = validator(&media["schema"])
        .iter_errors(&body)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.join("; "))
    }
}

/// The validator of a schema of the document, made on first use.
fn validator(schema: &Value) -> Arc<Validator> {
    static MADE: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let key = schema.to_string();
    let mut made = MADE.lock().unwrap();
    let validator = made.entry(key).or_insert_with(|| {
        let whole = json!({"allOf": [schema], "components": {"schemas": DOCUMENT["components"]["schemas"]}});
        let validator = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .build(&whole);
        Arc::new(validator.unwrap_or_else(|error| panic!("{schema}: {error}")))
    });
    Arc::clone(validator)
}
