//! What every operation may answer beside what its handler says, and who may call it.

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::wire::problem::{Message, Problem, ProblemName};

/// The schemas of error bodies.
pub(super) fn schemas() -> Map<String, Value> {
    let mut schemas = Vec::new();
    Problem::schemas(&mut schemas);
    schemas.push((
        Problem::name().into(),
        <Problem as utoipa::PartialSchema>::schema(),
    ));
    schemas.push((
        Message::name().into(),
        <Message as utoipa::PartialSchema>::schema(),
    ));
    schemas.push((
        ProblemName::name().into(),
        <ProblemName as utoipa::PartialSchema>::schema(),
    ));
    schemas
        .into_iter()
        .filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?)))
        .collect()
}

/// Adds to every operation what holds for its kind.
pub(super) fn complete(paths: &mut Map<String, Value>) {
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if let Some(operation) = operation.as_object_mut() {
                complete_operation(path, method, operation);
            }
        }
    }
}

fn complete_operation(path: &str, method: &str, operation: &mut Map<String, Value>) {
    name_operation(path, operation);
    add_parameters(path, operation);
    let traits = Traits::of(path, method, operation);
    if traits.room == Room::Open && !operation.contains_key("security") {
        operation.insert("security".into(), json!([]));
    }
    let Some(responses) = operation
        .entry("responses")
        .or_insert_with(|| json!({}))
        .as_object_mut()
    else {
        return;
    };
    for status in traits.statuses() {
        responses
            .entry(status.to_string())
            .or_insert_with(|| json!({}));
    }
    for (status, response) in responses {
        let status = status.parse().unwrap_or_default();
        if let Some(response) = response.as_object_mut() {
            complete_response(status, &traits, response);
        }
    }
}

/// The frontend API can be reached under an older path too; names of operations are given once.
fn name_operation(path: &str, operation: &mut Map<String, Value>) {
    if path.starts_with("/api/proxy")
        && let Some(Value::String(name)) = operation.get_mut("operationId")
    {
        name.push_str("OnOldPath");
    }
}

/// Adds the parameters of the path that the handler does not describe.
fn add_parameters(path: &str, operation: &mut Map<String, Value>) {
    let names = path.split(['{', '}']).skip(1).step_by(2);
    let mut missing: Vec<Value> = Vec::new();
    for name in names {
        let described = operation.get("parameters").and_then(Value::as_array);
        let is_it = |it: &Value| it["in"] == "path" && it["name"] == name;
        if !described.is_some_and(|all| all.iter().any(is_it)) {
            missing.push(
                json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}),
            );
        }
    }
    if !missing.is_empty()
        && let Some(all) = operation
            .entry("parameters")
            .or_insert_with(|| json!([]))
            .as_array_mut()
    {
        all.append(&mut missing);
    }
}

/// Whose a path is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    Admin,
    Sdk,
    Open,
}

/// What decides about the answers of an operation.
struct Traits {
    room: Room,
    reads: bool,
    takes_body: bool,
    takes_parameters: bool,
    names_something: bool,
}

impl Traits {
    fn of(path: &str, method: &str, operation: &Map<String, Value>) -> Self {
        Self {
            room: match path {
                _ if path.starts_with("/api/admin/") => Room::Admin,
                _ if path.starts_with("/api/") => Room::Sdk,
                _ => Room::Open,
            },
            reads: method == "get",
            takes_body: operation.contains_key("requestBody"),
            takes_parameters: operation.contains_key("parameters"),
            names_something: path.contains('{'),
        }
    }

    /// The statuses that follow from them.
    fn statuses(&self) -> Vec<u16> {
        let writes = self.room == Room::Admin && !self.reads;
        let rules = [
            (304, self.room != Room::Open && self.reads),
            (400, writes || self.takes_body || self.takes_parameters),
            (401, self.room != Room::Open),
            (403, self.room != Room::Open),
            (404, self.names_something || (writes && self.takes_body)),
            (409, writes),
            (412, writes),
            (413, self.takes_body),
            (415, self.takes_body),
            (503, writes),
        ];
        let holding = rules.into_iter().filter(|(_, holds)| *holds);
        holding.map(|(status, _)| status).collect()
    }
}

/// Gives an answer the words its status has where the handler has none of its own, and errors the body they all have, unless
/// the handler has its own.
fn complete_response(status: u16, traits: &Traits, response: &mut Map<String, Value>) {
    let said = response
        .get("description")
        .and_then(Value::as_str)
        .is_some_and(|words| !words.is_empty());
    if !said {
        response.insert("description".into(), words(status).into());
    }
    if status >= 400 && !response.contains_key("content") {
        let content = json!({"application/json": {"schema": error_body(status)}});
        response.insert("content".into(), content);
    }
    if status < 400 && traits.reads && traits.room != Room::Open {
        let tag =
            json!({"schema": {"type": "string"}, "description": "The version of what is shown."});
        response.insert("headers".into(), json!({ "ETag": tag }));
    }
}

/// Layers below the handlers write a message alone, handlers a problem.
fn error_body(status: u16) -> Value {
    let problem = json!({"$ref": "#/components/schemas/Problem"});
    let message = json!({"$ref": "#/components/schemas/Message"});
    match status {
        413 => message,
        400 | 401 | 403 | 415 | 503 => json!({"anyOf": [problem, message]}),
        _ => problem,
    }
}

fn words(status: u16) -> &'static str {
    match status {
        304 => "The caller has this version already.",
        400 => "The request breaks a rule; the details say which.",
        401 => "A token is needed, or the one given is not known.",
        403 => "The caller may not do this, or it cannot be done to this.",
        404 => "Something that the request names does not exist.",
        409 => "It exists already, or something else needs it.",
        412 => "It has changed since it was read; `If-Match` names another version.",
        413 => "The body is too large.",
        415 => "The body is of a type or in an encoding that is not read.",
        503 => "The store cannot be reached, or maintenance lasts; nothing was changed.",
        _ => "Done",
    }
}
