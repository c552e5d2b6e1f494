//! Polling.

use crate::harness::TestApp;

#[test]
fn a_poll_is_answered_with_a_tag_that_saves_the_next_one() {
    let app = TestApp::start();
    let first = app.backend().get("/api/client/features").expect(200);
    assert_eq!(
        first.header("content-type"),
        Some("application/json; charset=utf-8")
    );
    assert_eq!(first.header("vary"), Some("Accept-Encoding"));
    let tag = first.header("etag").unwrap().to_owned();
    assert_eq!(first.json()["meta"]["etag"], tag);
    let same = app.backend().send(
        "GET",
        "/api/client/features",
        &[("if-none-match", &tag)],
        None,
    );
    assert_eq!((same.status, same.header("etag")), (304, None));
    assert!(same.body.is_empty());
    let weak = format!("W/{tag}");
    let headers = [("if-none-match", weak.as_str())];
    let same = app
        .backend()
        .send("GET", "/api/client/features", &headers, None);
    assert_eq!(
        (same.status, same.header("etag")),
        (304, Some(tag.as_str()))
    );
}
