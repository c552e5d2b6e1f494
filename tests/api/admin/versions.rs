//! Tags on reads, and writes that are bound to one.

use std::collections::BTreeSet;
use std::thread;

use serde_json::{Value, json};

use crate::harness::{Answer, TestApp};

const FEATURES: &str = "/api/admin/projects/default/features";
const FLAG: &str = "/api/admin/projects/default/features/it";
const JSON: (&str, &str) = ("content-type", "application/json");

fn with_flag() -> TestApp {
    let app = TestApp::start();
    app.admin()
        .post(FEATURES, json!({"name": "it"}))
        .expect(201);
    app
}

fn tag(app: &TestApp, path: &str) -> String {
    let answer = app.admin().get(path).expect(200);
    answer.header("etag").expect("reads have a tag").to_owned()
}

fn bound(app: &TestApp, method: &str, path: &str, tag: &str, body: &Value) -> Answer {
    let body = (!body.is_null()).then(|| body.to_string().into_bytes());
    app.admin()
        .send(method, path, &[JSON, ("if-match", tag)], body)
}

#[test]
fn a_tag_saves_the_next_read_until_something_changes() {
    let app = with_flag();
    let first = tag(&app, FLAG);
    let again = app
        .admin()
        .send("GET", FLAG, &[("if-none-match", &first)], None)
        .expect(304);
    assert_eq!(again.header("etag"), Some(first.as_str()));
    assert!(again.body.is_empty());
    app.admin()
        .put(FLAG, json!({"description": "new"}))
        .expect(200);
    app.admin()
        .send("GET", FLAG, &[("if-none-match", &first)], None)
        .expect(200);
    assert_ne!(tag(&app, FLAG), first);
}

#[test]
fn a_write_bound_to_an_old_version_changes_nothing() {
    let app = with_flag();
    let old = tag(&app, FLAG);
    app.admin()
        .put(FLAG, json!({"description": "theirs"}))
        .expect(200);
    let events = app.admin().get("/api/admin/events").json()["totalEvents"].clone();
    let patch = json!([{"op": "replace", "path": "/description", "value": "mine"}]);
    for (method, path, body) in [
        ("PUT", FLAG.to_owned(), json!({"description": "mine"})),
        ("PATCH", FLAG.to_owned(), patch),
        ("DELETE", FLAG.to_owned(), Value::Null),
        ("POST", format!("{FLAG}/clone"), json!({"name": "copy"})),
    ] {
        let refused = bound(&app, method, &path, &old, &body).expect(412).json();
        assert_eq!(refused["name"], "PreconditionFailedError", "{method}");
        assert_eq!(refused["details"][0]["message"], refused["message"]);
    }
    let shown = app.admin().get(FLAG).expect(200).json();
    assert_eq!(shown["description"], "theirs");
    assert_eq!(
        app.admin().get("/api/admin/events").json()["totalEvents"],
        events
    );
}

#[test]
fn a_write_bound_to_the_present_version_is_carried_out() {
    let app = with_flag();
    for form in [
        |tag: String| tag,
        |tag: String| tag.trim_start_matches("W/").to_owned(),
        |tag: String| format!("\"other\", {tag}"),
        |_: String| "*".to_owned(),
    ] {
        let wanted = form(tag(&app, FLAG));
        let changed = bound(&app, "PUT", FLAG, &wanted, &json!({"description": wanted}));
        assert_eq!(changed.expect(200).json()["description"], wanted);
    }
    let wanted = tag(&app, FEATURES);
    bound(&app, "POST", FEATURES, &wanted, &json!({"name": "next"})).expect(201);
    bound(&app, "POST", FEATURES, &wanted, &json!({"name": "more"})).expect(412);
    let wanted = tag(&app, FLAG);
    bound(&app, "DELETE", FLAG, &wanted, &Value::Null).expect(202);
}

#[test]
fn a_write_below_what_can_be_read_is_bound_to_that() {
    let app = with_flag();
    let environment = format!("{FLAG}/environments/development");
    app.admin()
        .post(
            &format!("{environment}/strategies"),
            json!({"name": "default"}),
        )
        .expect(200);
    let wanted = tag(&app, &environment);
    let on = format!("{environment}/on");
    bound(&app, "POST", &on, &wanted, &Value::Null).expect(200);
    bound(&app, "POST", &on, &wanted, &Value::Null).expect(412);
}

#[test]
fn what_is_not_there_has_no_version() {
    let app = with_flag();
    let nowhere = format!("{FEATURES}/nowhere");
    for tag in ["*", "\"x\""] {
        bound(&app, "PUT", &nowhere, tag, &json!({})).expect(412);
        bound(&app, "DELETE", &nowhere, tag, &Value::Null).expect(412);
    }
    bound(&app, "PUT", &nowhere, "*", &json!({})).expect(412);
    let headers = [JSON, ("if-match", "*")];
    app.anonymous()
        .send("PUT", FLAG, &headers, Some(b"{}".to_vec()))
        .expect(401);
    app.backend()
        .send("PUT", FLAG, &headers, Some(b"{}".to_vec()))
        .expect(403);
}

#[test]
fn of_many_writes_bound_to_one_version_one_is_carried_out() {
    let app = with_flag();
    for round in 0..10 {
        let wanted = tag(&app, FLAG);
        let statuses: Vec<u16> = thread::scope(|scope| {
            let asking: Vec<_> = (0..8)
                .map(|who| {
                    let (app, wanted) = (&app, &wanted);
                    let body = json!({"description": format!("{round} by {who}")});
                    scope.spawn(move || bound(app, "PUT", FLAG, wanted, &body).status)
                })
                .collect();
            asking.into_iter().map(|it| it.join().unwrap()).collect()
        });
        let done = statuses.iter().filter(|status| **status == 200).count();
        let refused = statuses.iter().filter(|status| **status == 412).count();
        assert_eq!((done, refused), (1, 7), "{statuses:?}");
    }
}

#[test]
fn a_bound_write_waits_for_no_one_elses_corner() {
    let app = with_flag();
    let wanted = tag(&app, FLAG);
    thread::scope(|scope| {
        let app = &app;
        scope.spawn(move || {
            for number in 0..30 {
                let name = format!("other-{number}");
                app.admin()
                    .post(FEATURES, json!({"name": name}))
                    .expect(201);
            }
        });
        // Each sees what the others wrote elsewhere come in between, and none minds.
        let mut wanted = wanted;
        for number in 0..10 {
            let body = json!({"description": number.to_string()});
            bound(app, "PUT", FLAG, &wanted, &body).expect(200);
            wanted = tag(app, FLAG);
        }
    });
}

#[test]
fn concurrent_patches_of_different_fields_all_survive() {
    let app = with_flag();
    for round in 0..10 {
        let fields = [
            ("description", json!(format!("round {round}"))),
            ("type", json!(["release", "experiment"][round % 2])),
            ("impressionData", json!(round % 2 == 0)),
            ("stale", json!(round % 2 == 1)),
        ];
        thread::scope(|scope| {
            for (field, value) in &fields {
                let app = &app;
                scope.spawn(move || {
                    let steps =
                        json!([{"op": "replace", "path": format!("/{field}"), "value": value}]);
                    app.admin().patch(FLAG, steps).expect(200);
                });
            }
        });
        let shown = app.admin().get(FLAG).expect(200).json();
        for (field, value) in &fields {
            assert_eq!(&shown[field], value, "round {round}, {field}");
        }
    }
}

#[test]
fn concurrent_patches_of_one_list_all_survive() {
    let app = with_flag();
    let variants = format!("{FLAG}/environments/development/variants");
    let names: BTreeSet<String> = (0..8).map(|number| format!("v{number}")).collect();
    thread::scope(|scope| {
        for name in &names {
            let (app, variants) = (&app, &variants);
            scope.spawn(move || {
                let value = json!({"name": name, "weightType": "variable", "weight": 0, "stickiness": "default"});
                let steps = json!([{"op": "add", "path": "/-", "value": value}]);
                app.admin().patch(variants, steps).expect(200);
            });
        }
    });
    let shown = app.admin().get(&variants).expect(200).json();
    let shown = shown["variants"].as_array().unwrap().iter();
    let found: BTreeSet<String> = shown
        .map(|it| it["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(found, names);
}
