//! Everything the instance remembers, as one file.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use burgee::store::dump::{DumpError, DumpReader};
use burgee::store::{AnyStore, EmbeddedStore, Store};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::harness::{Answer, TestApp};

const BACKUP: &str = "/api/admin/store/backup";

fn populate(app: &TestApp) {
    let admin = app.admin();
    for number in 0..30 {
        let flag = json!({ "name": format!("flag-{number}"), "description": "größe 🚩" });
        admin
            .post("/api/admin/projects/default/features", flag)
            .expect(201);
    }
    let tag = json!({ "type": "simple", "value": "blue" });
    admin
        .post("/api/admin/features/flag-1/tags", tag)
        .expect(201);
    admin
        .delete("/api/admin/projects/default/features/flag-2")
        .expect(202);
}

/// Fills a new data folder.
fn restore(file: &[u8], folder: &Path) -> Result<(), DumpError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = AnyStore::Embedded(EmbeddedStore::open(folder).unwrap());
        let mut reader = DumpReader::open(file)?;
        while let Some(part) = reader.read()? {
            store.fill(part).await.unwrap();
        }
        store.close().await.unwrap();
        Ok(())
    })
}

fn backup(app: &TestApp) -> Answer {
    app.admin().get(BACKUP).expect(200)
}

fn shown(app: &TestApp, path: &str) -> Value {
    app.admin().get(path).expect(200).json()
}

#[test]
fn a_backup_brings_the_instance_back() {
    let app = TestApp::start();
    populate(&app);
    let answer = backup(&app);
    assert_eq!(answer.header("content-type"), Some("application/zstd"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-encoding"), None);
    let name = answer.header("content-disposition").unwrap();
    assert!(name.starts_with("attachment; filename=\"burgee-"), "{name}");

    let folder = tempdir().unwrap();
    restore(&answer.body, folder.path()).unwrap();
    let again = TestApp::with(&["--data-dir", folder.path().to_str().unwrap()]);
    for path in [
        "/api/admin/projects/default/features",
        "/api/admin/search/features?archived=IS:true",
        "/api/admin/search/events?limit=1000",
        "/api/admin/user-admin",
        "/api/admin/api-tokens",
        "/api/admin/features/flag-1/tags",
    ] {
        let mut expected = shown(&app, path);
        let mut found = shown(&again, path);
        // When tokens were last used is known to the process that saw them.
        for list in [&mut expected, &mut found] {
            for token in list["tokens"].as_array_mut().into_iter().flatten() {
                token["seenAt"] = Value::Null;
            }
        }
        assert_eq!(found, expected, "{path}");
    }
    let flags = |app: &TestApp| {
        let answer = app.backend().get("/api/client/features").expect(200);
        (answer.header("etag").map(str::to_owned), answer.json())
    };
    assert_eq!(flags(&again), flags(&app), "the revision is the same, too");
}

#[test]
fn only_administrators_get_it() {
    let app = TestApp::start();
    app.anonymous().get(BACKUP).expect(401);
    app.backend().get(BACKUP).expect(403);
    let editor = json!({ "username": "editor", "rootRole": 2, "password": "Abc.12345678" });
    app.admin()
        .post("/api/admin/user-admin", editor)
        .expect(201);
    let editor = app.signed_in("editor", "Abc.12345678");
    let refused = editor.get(BACKUP).expect(403);
    assert!(refused.text().contains("ADMIN"), "{}", refused.text());
}

#[test]
fn backups_are_of_one_moment_while_others_write() {
    let app = TestApp::start();
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| populate(&app));
        loop {
            let last = writing.is_finished();
            let answer = backup(&app);
            let text = zstd::decode_all(&answer.body[..]).unwrap();
            let text = String::from_utf8(text).unwrap();
            let lines: Vec<Value> = text
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            let revision = lines[0]["revision"].as_u64().unwrap();
            let events = lines.iter().filter(|line| line.get("by").is_some());
            assert_eq!(events.count() as u64, revision);
            let made = lines
                .iter()
                .filter(|line| line["type"] == "feature-created");
            let flags = lines.iter().filter(|line| line.get("flag").is_some());
            let flags = flags.filter(|line| line["flag"].is_object());
            assert_eq!(flags.count(), made.count());
            if last {
                break;
            }
        }
        writing.join().unwrap();
    });
}

#[test]
fn who_goes_away_in_the_middle_harms_nobody() {
    let app = TestApp::start();
    populate(&app);
    for _ in 0..20 {
        let url = app.url(BACKUP);
        let address = url.strip_prefix("http://").unwrap();
        let (address, path) = address.split_once('/').unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET /{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {}\r\n\r\n",
            crate::harness::ADMIN
        )
        .unwrap();
        stream.read_exact(&mut [0; 12]).unwrap();
    }
    let folder = tempdir().unwrap();
    restore(&backup(&app).body, folder.path()).unwrap();
}
