//! Plays one recorded scenario: sends its steps in order and compares the answers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::compare::{Options, differences};
use super::differences::{AMENDS, Amends};
use crate::harness::{ADMIN, Answer, BACKEND, FRONTEND, TestApp};

/// Of the first administrator.
const PASSWORD: &str = "a password of the player";

/// Values an answer gave and later steps use.
type Captured = BTreeMap<String, Value>;

/// What differed, by step, counted from 1.
pub(super) type Found = BTreeMap<usize, Vec<String>>;

/// Plays a scenario against a new server. Returns the number of steps and what differed.
pub(super) fn play(file: &str, scenario: &Value) -> (usize, Found) {
    let app = TestApp::with(&[
        "--default-admin-username",
        "admin",
        "--default-admin-password",
        PASSWORD,
    ]);
    prepare(&app);
    let mut captured = Captured::new();
    if scenario.to_string().contains("{{user_token}}") {
        captured.insert("user_token".into(), json!(user_token(&app)));
    }
    let steps = scenario["steps"].as_array().unwrap();
    let mut found = Found::new();
    for (number, step) in (1..).zip(steps) {
        app.clock().advance(1);
        let answer = send(&app, &step["request"], &captured);
        let body = parsed(&answer);
        capture(step, &body, &mut captured);
        let lines = compare(step, &answer, &body, &captured);
        if !lines.is_empty() {
            found.insert(number, lines);
        }
        make_amends(&app, file, number);
    }
    (steps.len(), found)
}

/// A token of the first administrator.
fn user_token(app: &TestApp) -> String {
    let wish = json!({"description": "player", "expiresAt": "2099-01-01T00:00:00Z"});
    let admin = app.signed_in("admin", PASSWORD);
    let made = admin.post("/api/admin/user/tokens", wish).expect(201);
    made.json()["secret"].as_str().unwrap().to_owned()
}

fn make_amends(app: &TestApp, file: &str, number: usize) {
    let amends = AMENDS
        .iter()
        .filter(|amends| file.starts_with(amends.file) && amends.step == number);
    for Amends { request, .. } in amends {
        let (method, path, body) = *request;
        let body = (!body.is_empty()).then(|| body.as_bytes().to_vec());
        let answer = app
            .admin()
            .send(method, path, &[("content-type", "application/json")], body);
        assert!(answer.status < 300, "{path}: {}", answer.text());
    }
}

/// Makes the server what the recorded one was: its environments had these places.
fn prepare(app: &TestApp) {
    let places = json!({"development": 2, "production": 3});
    app.admin()
        .put("/api/admin/environments/sort-order", places)
        .expect(200);
}

fn send(app: &TestApp, request: &Value, captured: &Captured) -> Answer {
    let method = request["method"].as_str().unwrap();
    let path = expanded_path(request["path"].as_str().unwrap(), captured);
    let body = request.get("body").map(|body| expanded(body, captured));
    let mut headers: BTreeMap<String, Option<String>> = BTreeMap::new();
    headers.insert("authorization".into(), Some(ADMIN.into()));
    if body.is_some() {
        headers.insert("content-type".into(), Some("application/json".into()));
    }
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        let value = expanded(value, captured);
        headers.insert(name.to_lowercase(), value.as_str().map(own_token));
    }
    let bytes = body.map(|body| match body.get("$raw").and_then(Value::as_str) {
        Some(raw) => raw.as_bytes().to_vec(),
        None => body.to_string().into_bytes(),
    });
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.as_deref()?)))
        .collect();
    app.anonymous().send(method, &path, &headers, bytes)
}

/// The recorded server's tokens under the names the test server gives them.
fn own_token(text: &str) -> String {
    text.replace("*:*.unleash-admin-token", ADMIN)
        .replace("*:development.backend-all-dev", BACKEND)
        .replace("default:development.frontend-dev", FRONTEND)
}

fn parsed(answer: &Answer) -> Value {
    if answer.body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| answer.text().into())
}

fn capture(step: &Value, body: &Value, captured: &mut Captured) {
    for (name, place) in step["capture"].as_object().into_iter().flatten() {
        if let Some(value) = dig(body, place.as_str().unwrap()) {
            captured.insert(name.clone(), value.clone());
        }
    }
}

/// `environments.name=development.strategies.0.id`, or `list[0]`.
fn dig<'v>(body: &'v Value, path: &str) -> Option<&'v Value> {
    path.split(['.', '[', ']'])
        .filter(|part| !part.is_empty())
        .try_fold(body, |value, part| match (value, part.split_once('=')) {
            (Value::Array(items), Some((key, wanted))) => items.iter().find(|item| {
                let value = &item[key];
                value.as_str().map_or_else(|| value.to_string(), Into::into) == wanted
            }),
            (Value::Array(items), None) => items.get(part.parse::<usize>().ok()?),
            (value, _) => value.get(part),
        })
}

fn compare(step: &Value, answer: &Answer, body: &Value, captured: &Captured) -> Vec<String> {
    let expected = &step["response"];
    let mut lines = Vec::new();
    if expected["status"] != answer.status {
        let status = answer.status;
        lines.push(format!(
            "status: expected {}, got {status}",
            expected["status"]
        ));
    }
    for (name, value) in expected["headers"].as_object().into_iter().flatten() {
        lines.extend(compare_header(name, &expanded(value, captured), answer));
    }
    let flag = |name: &str| step[name].as_bool().unwrap_or_default();
    let partial = step["partial"].as_array().into_iter().flatten();
    let options = Options {
        ordered: flag("ordered"),
        unordered: flag("unordered"),
        partial: partial.filter_map(Value::as_str).map(Into::into).collect(),
    };
    let expected = expanded(&expected["body"], captured);
    lines.extend(differences(&expected, Some(body), &options));
    lines
}

fn compare_header(name: &str, expected: &Value, answer: &Answer) -> Vec<String> {
    let media_type = |text: &str| text.split(';').next().unwrap_or_default().trim().to_owned();
    let actual = answer.header(name).map(Value::from);
    if name != "content-type" {
        let options = Options::default();
        let lines = differences(expected, actual.as_ref(), &options);
        return lines
            .into_iter()
            .map(|line| format!("header {name}{line}"))
            .collect();
    }
    let expected = media_type(expected.as_str().unwrap_or_default());
    let actual = media_type(answer.header(name).unwrap_or_default());
    // What type nothing is of is nobody's business.
    if expected == actual || answer.body.is_empty() {
        return Vec::new();
    }
    vec![format!("header {name}: expected {expected}, got {actual}")]
}

/// Puts captured values into a value. A text that is nothing but a variable becomes the value with its type.
fn expanded(value: &Value, captured: &Captured) -> Value {
    match value {
        Value::String(text) => {
            let whole = text
                .strip_prefix("{{")
                .and_then(|text| text.strip_suffix("}}"));
            match whole.and_then(|name| captured.get(name)) {
                Some(value) => value.clone(),
                None => expanded_text(text, captured, ToOwned::to_owned).into(),
            }
        }
        Value::Array(items) => items.iter().map(|item| expanded(item, captured)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let name = expanded_text(name, captured, ToOwned::to_owned);
                (name, expanded(value, captured))
            })
            .collect(),
        other => other.clone(),
    }
}

fn expanded_text(text: &str, captured: &Captured, escape: impl Fn(&str) -> String) -> String {
    let mut expanded = text.to_owned();
    for (name, value) in captured {
        let value = value.as_str().map_or_else(|| value.to_string(), Into::into);
        expanded = expanded.replace(&format!("{{{{{name}}}}}"), &escape(&value));
    }
    expanded
}

fn expanded_path(path: &str, captured: &Captured) -> String {
    expanded_text(path, captured, |value| {
        value
            .bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect()
    })
}
