//! Health, readiness, and what is not there.

use serde_json::json;

use crate::harness::TestApp;

#[test]
fn health_and_readiness_are_good() {
    let app = TestApp::start();
    for path in ["/health", "/ready"] {
        let answer = app.anonymous().get(path).expect(200);
        assert_eq!(answer.json(), json!({"health": "GOOD"}));
    }
}

#[test]
fn the_base_path_stands_before_everything() {
    let app = TestApp::with(&["--base-path", "/flags"]);
    app.anonymous().get("/flags/health").expect(200);
    app.anonymous().get("/health").expect(404);
}

#[test]
fn unknown_paths_are_not_found() {
    let app = TestApp::start();
    let answer = app.anonymous().get("/nope").expect(404).json();
    assert_eq!(answer["name"], "NotFoundError");
    assert_eq!(
        answer["message"],
        "The path you were looking for (/nope) is not available."
    );
}
