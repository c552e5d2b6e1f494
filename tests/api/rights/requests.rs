//! A request for each operation of the OpenAPI document. Where a body is wanted, it is none that any handler takes, so
//! that nothing is changed; other requests are about things that exist, because rights depend on where they are.

use serde_json::Value;

use super::callers::World;

/// A request.
pub(super) struct Request {
    /// Method and path with names of parameters.
    pub(super) name: String,
    pub(super) method: String,
    /// With values.
    pub(super) path: String,
    pub(super) has_body: bool,
    /// Whether the state may be another one afterwards.
    pub(super) may_change: bool,
}

pub(super) fn all(world: &World) -> Vec<Request> {
    let document = burgee::app::openapi();
    let paths = document["paths"].as_object().unwrap();
    let mut all = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            all.push(request(path, &method.to_uppercase(), operation, world));
        }
    }
    all
}

fn request(path: &str, method: &str, operation: &Value, world: &World) -> Request {
    let parts = path.split('/').map(|part| {
        let parameter = part.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
        parameter.map_or(part.to_owned(), |name| value(name, world))
    });
    Request {
        name: format!("{method} {path}"),
        method: method.to_owned(),
        path: parts.collect::<Vec<_>>().join("/"),
        has_body: operation.get("requestBody").is_some(),
        // A sign-out is a change although everybody may ask for it with GET.
        may_change: method != "GET" || path == "/logout",
    }
}

/// What stands in the path for a parameter: where rights depend on it, the thing that is there.
fn value(parameter: &str, world: &World) -> String {
    match parameter {
        "projectId" | "project" => "shop".into(),
        "featureName" => "flag".into(),
        "environment" | "environmentId" => "development".into(),
        "strategyId" => world.strategy.clone(),
        _ => "4711".into(),
    }
}
