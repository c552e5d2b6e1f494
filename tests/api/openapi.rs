//! The OpenAPI document is served, complete, and names things as the reference does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::harness::TestApp;

/// Method and path with nameless parameters, and the operation.
type Operations<'d> = BTreeMap<(String, String), (&'d str, &'d Value)>;

fn nameless(path: &str) -> String {
    let parts = path
        .split('/')
        .map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn operations(document: &Value) -> Operations<'_> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().iter();
            methods.map(move |(method, operation)| {
                let key = (method.to_uppercase(), nameless(path));
                (key, (path.as_str(), operation))
            })
        })
        .collect()
}

#[test]
fn the_document_is_served_without_a_token_and_knows_the_base_path() {
    let app = TestApp::with(&["--base-path", "/flags"]);
    let answer = app.anonymous().get("/flags/docs/openapi.json").expect(200);
    assert_eq!(
        answer.header("content-type"),
        Some("application/json; charset=utf-8")
    );
    let document = answer.json();
    assert_eq!(document["info"]["title"], "Burgee");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["servers"][0]["url"], "/flags");
    let key = &document["components"]["securitySchemes"]["apiKey"];
    assert_eq!(
        (&key["in"], &key["name"]),
        (&"header".into(), &"Authorization".into())
    );
}

#[test]
fn the_page_loads_nothing_from_elsewhere() {
    let app = TestApp::start();
    let page = app.anonymous().get("/docs/openapi").expect(200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; connect-src 'self';"),
        "{policy}"
    );
    let text = page.text();
    assert!(text.contains("fetch(\"openapi.json\")"));
    assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("//cdn"));
}

#[test]
fn operations_have_the_references_names_and_one_each() {
    let document = burgee::app::openapi();
    let ours = operations(&document);
    let listed = include_str!("../../fixtures/reference/operations.tsv");
    let mut known = 0;
    for line in listed.lines() {
        let [method, path, id] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        if let Some((_, operation)) = ours.get(&(method.into(), nameless(path))) {
            assert_eq!(operation["operationId"], id, "{method} {path}");
            known += 1;
        }
    }
    assert!(known > 130, "only {known} operations of the reference");
    let ids: BTreeSet<&str> = ours
        .values()
        .map(|(_, operation)| operation["operationId"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), ours.len(), "an operation's name is used twice");
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_referred_to() {
    fn collect<'v>(value: &'v Value, found: &mut BTreeSet<&'v str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|it| collect(it, found));
            }
            Value::Array(items) => items.iter().for_each(|it| collect(it, found)),
            _ => {}
        }
    }
    let document = burgee::app::openapi();
    let mut found = BTreeSet::new();
    collect(&document, &mut found);
    for target in &found {
        let pointer = target.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
    for name in document["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
    {
        assert!(name.ends_with("Schema"), "{name}");
        let target = format!("#/components/schemas/{name}");
        assert!(found.contains(target.as_str()), "nothing refers to {name}");
    }
}

#[test]
fn statuses_follow_from_what_an_operation_does() {
    let document = burgee::app::openapi();
    for ((method, _), (path, operation)) in operations(&document) {
        let has = |status: &str| operation["responses"].get(status).is_some();
        let place = format!("{method} {path}");
        if path.starts_with("/api/") {
            assert!(has("401") && has("403"), "{place}");
        }
        if operation.get("requestBody").is_some() {
            assert!(has("400") && has("413") && has("415"), "{place}");
        }
        if path.starts_with("/api/admin/") && method != "GET" {
            assert!(has("412") && has("503"), "{place}");
        }
        let described = operation["parameters"].as_array().into_iter().flatten();
        let described: BTreeSet<&str> = described
            .filter(|it| it["in"] == "path")
            .filter_map(|it| it["name"].as_str())
            .collect();
        let named: BTreeSet<&str> = path.split(['{', '}']).skip(1).step_by(2).collect();
        assert_eq!(described, named, "{place}");
    }
}
