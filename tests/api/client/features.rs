//! Polling.

use std::io::Read;

use serde_json::json;

use crate::harness::{Answer, TestApp};

const PATH: &str = "/api/client/features";

fn poll(app: &TestApp, headers: &[(&str, &str)]) -> Answer {
    let mut all = vec![("unleash-client-spec", "5.2.0")];
    all.extend(headers);
    app.backend().send("GET", PATH, &all, None)
}

fn with_flag(name: &str) -> TestApp {
    let app = TestApp::start();
    add_flag(&app, name);
    app
}

fn add_flag(app: &TestApp, name: &str) {
    let features = "/api/admin/projects/default/features";
    app.admin()
        .post(features, json!({"name": name}))
        .expect(201);
    let on = format!("{features}/{name}/environments/development/on");
    app.admin().post(&on, json!({})).expect(200);
}

#[test]
fn a_poll_is_answered_with_a_tag_that_saves_the_next_one() {
    let app = TestApp::start();
    let first = poll(&app, &[]).expect(200);
    let json = "application/json; charset=utf-8";
    assert_eq!(first.header("content-type"), Some(json));
    assert_eq!(first.header("vary"), Some("Accept-Encoding"));
    let tag = first.header("etag").unwrap().to_owned();
    assert_eq!(first.json()["meta"]["etag"], tag);
    let same = poll(&app, &[("if-none-match", &tag)]);
    assert_eq!((same.status, same.header("etag")), (304, None));
    assert!(same.body.is_empty());
    let same = poll(&app, &[("if-none-match", &format!("W/{tag}"))]);
    assert_eq!(
        (same.status, same.header("etag")),
        (304, Some(tag.as_str()))
    );
}

#[test]
fn a_change_is_seen_by_the_next_poll() {
    let app = with_flag("one");
    let tag = poll(&app, &[]).header("etag").unwrap().to_owned();
    add_flag(&app, "two");
    let changed = poll(&app, &[("if-none-match", &tag)]).expect(200).json();
    let names: Vec<_> = changed["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names, ["one", "two"]);
    assert_eq!(changed["features"][0]["enabled"], true);
}

#[test]
fn bodies_are_compressed_as_the_client_likes_best() {
    let app = with_flag("one");
    for number in 0..20 {
        add_flag(&app, &format!("flag-{number}"));
    }
    let plain = poll(&app, &[]).expect(200);
    let gzip = poll(&app, &[("accept-encoding", "gzip, deflate")]).expect(200);
    assert_eq!(gzip.header("content-encoding"), Some("gzip"));
    assert_eq!(gzip.header("etag"), plain.header("etag"));
    let mut inflated = Vec::new();
    flate2::read::GzDecoder::new(&gzip.body[..])
        .read_to_end(&mut inflated)
        .unwrap();
    assert_eq!(inflated, plain.body);
    let zstd = poll(&app, &[("accept-encoding", "gzip;q=0.5, zstd")]).expect(200);
    assert_eq!(
        zstd::bulk::decompress(&zstd.body, 1 << 20).unwrap(),
        plain.body
    );
    let brotli = poll(&app, &[("accept-encoding", "gzip, br")]).expect(200);
    assert_eq!(brotli.header("content-encoding"), Some("br"));
    assert_eq!(
        poll(&app, &[("accept-encoding", "deflate")]).header("content-encoding"),
        None
    );
}

#[test]
fn the_official_engine_takes_what_it_is_served() {
    let app = with_flag("one");
    let body = serde_json::from_slice(&poll(&app, &[]).body).unwrap();
    let engine = unleash_yggdrasil::EngineState::default();
    let warnings = engine.take_state(unleash_yggdrasil::UpdateMessage::FullResponse(body));
    assert!(warnings.is_none());
    assert!(engine.is_enabled("one", &unleash_yggdrasil::Context::default(), &None));
}
