//! Backup, restore and copy, as operators run them.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::process::{Server, burgee, commands_of, run, shell};

const ADMIN: &str = "*:*.test-admin";
const BACKEND: &str = "*:development.test-backend";
const TOKENS: [&str; 4] = [
    "--init-admin-api-tokens",
    ADMIN,
    "--init-backend-api-tokens",
    BACKEND,
];

pub(crate) fn start(folder: &Path) -> Server {
    Server::start(folder, &TOKENS)
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Runs a command that has to succeed and gives what it said.
pub(crate) fn good(arguments: &[&str]) -> String {
    let (status, output, error) = run(burgee(arguments));
    assert!(status.success(), "{arguments:?}: {error}");
    assert_eq!(output, "");
    error
}

/// Runs a command that has to fail and gives what it said.
pub(crate) fn bad(arguments: &[&str]) -> String {
    let (status, output, error) = run(burgee(arguments));
    assert_eq!(status.code(), Some(1), "{arguments:?}: {error}");
    assert_eq!(output, "");
    assert!(error.contains("burgee: "), "{error}");
    error
}

fn back_up(server: &Server, file: &Path) -> String {
    let url = format!("http://127.0.0.1:{}", server.port());
    good(&["backup", "--url", &url, "--token", ADMIN, text(file)])
}

pub(crate) fn add_flag(server: &Server, name: &str) {
    let body = format!("{{\"name\":\"{name}\",\"description\":\"größe 🚩\"}}");
    let made = server.ask("POST", "/api/admin/projects/default/features", ADMIN, &body);
    assert!(made.starts_with("HTTP/1.1 201"), "{made}");
}

/// The body of what is answered, whole or in chunks.
fn json(server: &Server, path: &str, token: &str) -> Value {
    let answer = server.ask("GET", path, token, "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

fn etag(server: &Server) -> String {
    let answer = server.ask("GET", "/api/client/features", BACKEND, "");
    let line = answer.lines().find(|line| line.starts_with("etag"));
    line.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn flags(server: &Server) -> BTreeSet<String> {
    let flags = json(server, "/api/admin/projects/default/features", ADMIN);
    let flags = flags.get("features").and_then(Value::as_array).unwrap();
    let names = flags.iter().map(|flag| flag.get("name").unwrap());
    names
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

/// What two servers have to tell alike.
pub(crate) fn compare(one: &Server, other: &Server) {
    for path in [
        "/api/admin/projects/default/features",
        "/api/admin/search/events?limit=1000",
        "/api/admin/user-admin",
        "/api/admin/projects",
    ] {
        assert_eq!(json(one, path, ADMIN), json(other, path, ADMIN), "{path}");
    }
    assert_eq!(etag(one), etag(other));
    let polled = |server| json(server, "/api/client/features", BACKEND);
    assert_eq!(polled(one), polled(other));
}

/// A stopped server's folder, and a backup of it.
pub(crate) fn stopped() -> (TempDir, std::path::PathBuf) {
    let folder = tempdir().unwrap();
    let data = folder.path().join("data");
    let server = start(&data);
    for number in 0..5 {
        add_flag(&server, &format!("flag-{number}"));
    }
    let file = folder.path().join("flags.backup");
    back_up(&server, &file);
    server.stop();
    (folder, file)
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn a_busy_server_is_backed_up_and_comes_back_elsewhere() {
    let folder = tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let server = start(&place("data"));
    let acknowledged = Mutex::new(BTreeSet::new());
    let enough = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for writer in 0..2 {
            let (server, acknowledged, enough) = (&server, &acknowledged, &enough);
            scope.spawn(move || {
                for number in 0..1000 {
                    if enough.load(Ordering::Relaxed) {
                        break;
                    }
                    let name = format!("flag-{writer}-{number}");
                    add_flag(server, &name);
                    acknowledged.lock().unwrap().insert(name);
                }
            });
        }
        for round in 0..3 {
            let before = acknowledged.lock().unwrap().clone();
            let file = place(&format!("{round}.backup"));
            let said = back_up(&server, &file);
            assert!(said.contains("events: "), "{said}");
            let data = place(&format!("data-{round}"));
            good(&["restore", "--data-dir", text(&data), text(&file)]);
            let again = start(&data);
            let found = flags(&again);
            assert!(found.is_superset(&before), "an acknowledged flag is gone");
            // As many flags as were told to be made: the two are of one moment.
            let told = json(
                &again,
                "/api/admin/search/events?type=IS:feature-created&limit=1",
                ADMIN,
            );
            assert_eq!(told.get("total").unwrap(), found.len());
            add_flag(&again, "one-more");
            again.stop();
        }
        enough.store(true, Ordering::Relaxed);
    });
    let file = place("last.backup");
    back_up(&server, &file);
    good(&["restore", "--data-dir", text(&place("last")), text(&file)]);
    let again = start(&place("last"));
    assert_eq!(flags(&again), acknowledged.into_inner().unwrap());
    compare(&server, &again);
    server.stop();
    again.stop();
}

#[test]
fn a_backup_is_private_and_replaces_nothing_unasked() {
    let (folder, file) = stopped();
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = fs::read(&file).unwrap();
    let data = folder.path().join("data");
    let offline = [
        "backup",
        "--offline",
        "--data-dir",
        text(&data),
        text(&file),
    ];
    assert!(bad(&offline).contains("is there already"));
    assert!(fs::read(&file).unwrap() == before);
    good(&[&offline[..], &["--overwrite"]].concat());
    assert!(fs::read(&file).unwrap() != before, "it has another time");
    let files = ["data".to_owned(), "flags.backup".to_owned()];
    assert_eq!(names(folder.path()), BTreeSet::from(files));
}

#[test]
fn an_offline_backup_needs_a_store_that_nobody_uses() {
    let folder = tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("flags.backup");
    let offline = [
        "backup",
        "--offline",
        "--data-dir",
        text(&data),
        text(&file),
    ];
    assert!(bad(&offline).contains("there is no store in"));
    assert!(!data.exists(), "none is made either");
    let server = start(&data);
    add_flag(&server, "a");
    let said = bad(&offline);
    assert!(said.contains("without --offline: "), "{said}");
    assert!(said.contains("in use by another process"), "{said}");
    assert_eq!(names(folder.path()), BTreeSet::from(["data".to_owned()]));
    server.stop();
    good(&offline);
    let said = bad(&["backup", "--offline", "--store", "memory", "x"]);
    assert!(said.contains("memory store"), "{said}");
}

#[test]
fn whoever_may_not_or_is_not_there_is_told() {
    let folder = tempdir().unwrap();
    let server = start(&folder.path().join("data"));
    let url = format!("http://127.0.0.1:{}", server.port());
    let file = folder.path().join("flags.backup");
    let ask =
        |url: &str, token: &str| bad(&["backup", "--url", url, "--token", token, text(&file)]);
    assert!(ask(&url, "*:*.planted").contains("does not know the token"));
    assert!(ask(&url, BACKEND).contains("has to be an admin token"));
    assert!(ask(&format!("{url}/elsewhere"), ADMIN).contains("with its base path?"));
    assert!(bad(&["backup", "--url", &url, text(&file)]).contains("an admin token is needed"));
    server.stop();
    let said = ask(&url, "*:*.planted");
    assert!(said.contains("does not answer"), "{said}");
    assert!(!said.contains("planted"), "{said}");
    assert_eq!(names(folder.path()), BTreeSet::from(["data".to_owned()]));
}

#[test]
fn settings_and_the_environment_name_the_server() {
    let folder = tempdir().unwrap();
    let server = start(&folder.path().join("data"));
    let token = folder.path().join("token");
    fs::write(&token, format!("{ADMIN}\n")).unwrap();
    let port = server.port().to_string();
    let file = |name: &str| text(&folder.path().join(name)).to_owned();
    good(&[
        "backup",
        "--port",
        &port,
        "--token-file",
        text(&token),
        &file("1"),
    ]);
    let mut command = burgee(&["backup", &file("2")]);
    command.env("BURGEE_URL", format!("http://127.0.0.1:{port}/"));
    command.env("BURGEE_TOKEN_FILE", &token);
    let (status, _, error) = run(command);
    assert!(status.success(), "{error}");
    let output = server.stop();
    assert!(!output.contains("test-admin"), "{output}");
}

#[test]
fn only_an_empty_store_is_filled() {
    let (folder, file) = stopped();
    let data = folder.path().join("data");
    let before = fs::read(data.join("burgee.redb")).unwrap();
    let restore = ["restore", "--data-dir", text(&data), text(&file)];
    let said = bad(&restore);
    assert!(
        said.contains("--replace") && said.contains("not empty"),
        "{said}"
    );
    let server = start(&data);
    let replace = [&restore[..], &["--replace"]].concat();
    let said = bad(&replace);
    assert!(said.contains("in use by another process"), "{said}");
    add_flag(&server, "later");
    server.stop();

    let said = good(&replace);
    let old = names(&data)
        .into_iter()
        .find(|name| name.starts_with("burgee.redb."))
        .unwrap();
    assert!(said.contains(&format!("{old} is from before")), "{said}");
    let server = start(&data);
    assert!(!flags(&server).contains("later"));
    server.stop();
    // The old file is as it was.
    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::rename(data.join(&old), other.join("burgee.redb")).unwrap();
    let server = start(&other);
    assert!(flags(&server).contains("later"));
    server.stop();
    assert!(!before.is_empty());
}

#[test]
fn a_damaged_data_file_is_replaced() {
    let (folder, file) = stopped();
    let data = folder.path().join("data");
    fs::write(data.join("burgee.redb"), "broken").unwrap();
    good(&[
        "restore",
        "--replace",
        "--data-dir",
        text(&data),
        text(&file),
    ]);
    let server = start(&data);
    assert_eq!(flags(&server).len(), 5);
    server.stop();
}

#[test]
fn a_damaged_backup_is_refused_before_anything_is_written() {
    let (folder, file) = stopped();
    let whole = fs::read(&file).unwrap();
    let data = folder.path().join("data");
    let before = fs::read(data.join("burgee.redb")).unwrap();
    let mut flipped = whole.clone();
    let middle = whole.len() / 2;
    *flipped.get_mut(middle).unwrap() ^= 0x10;
    let cut = whole.get(..whole.len() - 10).unwrap().to_vec();
    for (broken, section) in [(flipped, "`"), (cut, "`end`")] {
        fs::write(&file, broken).unwrap();
        for arguments in [&["--check"][..], &["--replace"], &[]] {
            let always = ["restore", "--data-dir", text(&data), text(&file)];
            let said = bad(&[&always[..], arguments].concat());
            assert!(said.contains(&format!("its section {section}")), "{said}");
            assert!(said.contains("use another copy"), "{said}");
            assert!(said.contains("flags.backup"), "{said}");
        }
        let new = folder.path().join("new");
        bad(&["restore", "--data-dir", text(&new), text(&file)]);
        assert!(!new.exists());
    }
    fs::write(&file, "{}").unwrap();
    assert!(bad(&["restore", "--check", text(&file)]).contains("not a backup"));
    assert!(bad(&["restore", "--check", "/missing"]).contains("No such file"));
    assert!(fs::read(data.join("burgee.redb")).unwrap() == before);
    assert_eq!(names(&data), BTreeSet::from(["burgee.redb".to_owned()]));
}

/// Runs a command that may not make files of more than so many KiB.
fn on_a_small_disk(kibibytes: u32, arguments: &[&str]) -> String {
    let script = format!(
        "trap '' XFSZ; ulimit -S -f {}; exec \"$0\" \"$@\"",
        2 * kibibytes
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_burgee")]);
    command.args(arguments);
    let (status, _, error) = run(command);
    assert_eq!(status.code(), Some(1), "{error}");
    error
}

#[test]
fn a_full_disk_leaves_neither_half_a_backup_nor_half_a_store_that_looks_whole() {
    let (folder, file) = stopped();
    let data = folder.path().join("data");
    let offline = ["backup", "--offline", "--data-dir", text(&data)];
    let small = folder.path().join("small.backup");
    on_a_small_disk(1, &[&offline[..], &[text(&small)]].concat());
    assert!(!small.exists());

    // An empty store needs less than a filled one.
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let restore = ["restore", "--data-dir", text(&empty), text(&file)];
    let room = (100..).step_by(50).find(|room| {
        let said = on_a_small_disk(*room, &restore);
        said.contains("burgee.redb") && empty.join("burgee.redb").exists()
    });
    let start = ["--port", "0", "--data-dir", text(&empty)];
    let said = bad(&start);
    assert!(said.contains("is incomplete"), "{room:?}: {said}");
    good(&restore);
    let server = Server::start(&empty, &[]);
    assert_eq!(flags(&server).len(), 5);
    server.stop();

    let before = fs::read(data.join("burgee.redb")).unwrap();
    let replace = [
        "restore",
        "--replace",
        "--data-dir",
        text(&data),
        text(&file),
    ];
    let said = on_a_small_disk(room.unwrap(), &replace);
    assert!(said.contains("from before is back in its place"), "{said}");
    assert!(fs::read(data.join("burgee.redb")).unwrap() == before);
    assert_eq!(names(&data), BTreeSet::from(["burgee.redb".to_owned()]));
}

#[test]
fn a_store_is_copied() {
    let (folder, _) = stopped();
    let place = |name: &str| text(&folder.path().join(name)).to_owned();
    let copy = |from: &str, to: &str| {
        let (from, to) = (place(from), place(to));
        burgee(&["store", "copy", "--from", &from, "--to", &to])
    };
    let refused = |from: &str, to: &str| {
        let (status, _, error) = run(copy(from, to));
        assert_eq!(status.code(), Some(1), "{error}");
        error
    };
    let (status, _, said) = run(copy("data", "moved"));
    assert!(status.success(), "{said}");
    assert!(
        said.contains("moved holds what ") && said.contains("events: "),
        "{said}"
    );
    assert!(refused("data", "data").contains("the same store"));
    assert!(refused("missing", "new").contains("there is no store"));
    assert!(refused("data", "moved").contains("not empty"));
    let one = start(&folder.path().join("data"));
    assert!(refused("data", "new").contains("in use by another process"));
    let other = start(&folder.path().join("moved"));
    compare(&one, &other);
    one.stop();
    other.stop();
}

#[test]
fn the_commands_of_the_page_work_as_written() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/backup.md")).unwrap();
    let commands = commands_of(&page);
    assert!(commands.len() >= 8, "{commands:?}");
    let (folder, _) = stopped();
    fs::rename(folder.path().join("data"), folder.path().join("old")).unwrap();
    fs::remove_file(folder.path().join("flags.backup")).unwrap();
    fs::write(folder.path().join("admin-token"), ADMIN).unwrap();
    let server = start(&folder.path().join("running"));
    let address = format!("http://127.0.0.1:{}", server.port());
    let script = commands
        .join("\n")
        .replace("http://localhost:4242", &address);
    let (status, _, error) = run(shell(&script, folder.path()));
    assert!(status.success(), "{error}");
    for made in ["flags.backup", "fetched.backup", "restored", "moved"] {
        assert!(folder.path().join(made).exists(), "{made}: {error}");
    }
    server.stop();
}
