//! Paths as SDKs write them.

use crate::harness::TestApp;

#[test]
fn case_slashes_and_head_do_not_matter() {
    let app = TestApp::with(&["--base-path", "/Base"]);
    let paths = [
        "/Base/api/client/features",
        "/base/API/Client/Features",
        "//Base//api/client//features/",
    ];
    for path in paths {
        let get = app.backend().get(path).expect(200);
        let head = app.backend().send("HEAD", path, &[], None).expect(200);
        assert!(head.body.is_empty());
        assert_eq!(head.header("etag"), get.header("etag"));
        let length = get.body.len().to_string();
        assert_eq!(head.header("content-length"), Some(length.as_str()));
    }
    app.anonymous()
        .send("HEAD", "/Base/Health", &[], None)
        .expect(200);
}

#[test]
fn names_in_paths_keep_their_case() {
    let app = TestApp::start();
    let flag = serde_json::json!({"name": "MyFlag"});
    let features = "/API/Admin/Projects/default/Features/";
    app.admin().post(features, flag).expect(201);
    app.backend().get("/api/client/Features/MyFlag").expect(200);
    app.backend().get("/api/client/features/myflag").expect(404);
}
