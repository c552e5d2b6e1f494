//! A file that cannot be used is refused with a message that names it, and not a byte of it changes.

use std::fs;
use std::path::{Path, PathBuf};

use burgee::domain::state::State;
use burgee::store::{EmbeddedStore, Store, StoreError};
use redb::{Database, TableDefinition};
use tempfile::{TempDir, tempdir};

use crate::material::put;
use crate::{child, embedded};

const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");

fn data_file(directory: &TempDir) -> PathBuf {
    directory.path().join("burgee.redb")
}

/// Opens a data file with these contents, which must fail, and says how.
fn refusal(contents: &[u8]) -> StoreError {
    let directory = tempdir().unwrap();
    let path = data_file(&directory);
    fs::write(&path, contents).unwrap();
    let error = EmbeddedStore::open(directory.path()).expect_err("must be refused");
    assert!(
        fs::read(&path).unwrap() == contents,
        "the file was changed: {error}"
    );
    assert!(
        error.to_string().contains(path.to_str().unwrap()),
        "{error}"
    );
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    error
}

fn assert_foreign(error: &StoreError, hint: &str) {
    assert!(matches!(error, StoreError::Foreign { .. }), "{error:?}");
    assert!(error.to_string().contains(hint), "{error}");
    assert!(error.to_string().contains("left as it is"), "{error}");
}

fn assert_corrupt(error: &StoreError) {
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("Restore a backup"), "{error}");
}

/// A store with some flags in it, as bytes.
async fn healthy() -> Vec<u8> {
    let directory = tempdir().unwrap();
    let store = embedded(directory.path());
    let mut state = State::default();
    for number in 0..20 {
        let change = put(&state, &format!("flag-{number}"));
        state = state.apply(&change);
        store.commit(change).await.unwrap();
    }
    store.close().await.unwrap();
    fs::read(data_file(&directory)).unwrap()
}

/// A store whose table `meta` was changed.
async fn with_meta(key: &str, json: &str) -> Vec<u8> {
    let directory = tempdir().unwrap();
    let path = data_file(&directory);
    fs::write(&path, healthy().await).unwrap();
    let database = Database::open(&path).unwrap();
    let txn = database.begin_write().unwrap();
    txn.open_table(META)
        .unwrap()
        .insert(key, json.as_bytes())
        .unwrap();
    txn.commit().unwrap();
    database.close().unwrap();
    fs::read(path).unwrap()
}

#[test]
fn files_of_other_programs_are_foreign() {
    assert_foreign(&refusal(&[0xA5; 10_000]), "does not begin like");
    assert_foreign(&refusal(b"x"), "does not begin like");
    let sqlite = [b"SQLite format 3\0".as_slice(), &[0; 4000]].concat();
    assert_foreign(&refusal(&sqlite), "SQLite");
    assert_foreign(&refusal(b"{\"version\":1}"), "JSON");
}

#[test]
fn databases_of_other_programs_are_foreign() {
    let directory = tempdir().unwrap();
    let path = data_file(&directory);
    let database = Database::create(&path).unwrap();
    database.close().unwrap();
    assert_foreign(&refusal(&fs::read(&path).unwrap()), "of another kind");

    let database = Database::open(&path).unwrap();
    let txn = database.begin_write().unwrap();
    txn.open_table(TableDefinition::<u64, u64>::new("meta"))
        .unwrap();
    txn.commit().unwrap();
    database.close().unwrap();
    assert_foreign(&refusal(&fs::read(&path).unwrap()), "of another kind");
}

#[tokio::test]
async fn what_the_file_says_about_itself_is_believed() {
    let other = r#"{"product":"banner","format":1}"#;
    assert_foreign(&refusal(&with_meta("about", other).await), "banner");
    let newer = r#"{"product":"burgee","format":99}"#;
    let error = refusal(&with_meta("about", newer).await);
    assert!(
        matches!(error, StoreError::NewerFormat { found: 99, .. }),
        "{error}"
    );
    assert_corrupt(&refusal(&with_meta("about", "nonsense").await));
    assert_corrupt(&refusal(&with_meta("revision", "nonsense").await));
}

#[tokio::test]
async fn cut_off_files_are_damaged() {
    assert_corrupt(&refusal(b""));
    let whole = healthy().await;
    for len in [
        16,
        100,
        4096,
        5000,
        whole.len() / 2,
        whole.len() - 4096,
        whole.len() - 1,
    ] {
        assert_corrupt(&refusal(&whole[..len]));
    }
}

#[tokio::test]
async fn a_flipped_bit_is_repaired_or_refused_but_never_served() {
    let whole = healthy().await;
    let directory = tempdir().unwrap();
    let expected = {
        fs::write(data_file(&directory), &whole).unwrap();
        let store = embedded(directory.path());
        let state = store.load().await.unwrap();
        store.close().await.unwrap();
        state
    };
    let mut refused = 0;
    for round in 0_usize..120 {
        // The first rounds hit the header, the others anything.
        let at = if round < 40 {
            round * 8
        } else {
            round * 7919 % whole.len()
        };
        let mut broken = whole.clone();
        broken[at] ^= 1 << (round % 8);
        fs::write(data_file(&directory), &broken).unwrap();
        match EmbeddedStore::open(directory.path()) {
            Ok(store) => {
                assert_eq!(store.load().await.unwrap(), expected, "flip at {at}");
                store.close().await.unwrap();
            }
            Err(error) => {
                refused += 1;
                assert!(
                    fs::read(data_file(&directory)).unwrap() == broken,
                    "flip at {at}: {error}"
                );
            }
        }
    }
    println!("{refused} of 120 refused");
    assert!(refused > 10);
}

#[test]
fn a_directory_is_not_a_data_file() {
    let directory = tempdir().unwrap();
    fs::create_dir(data_file(&directory)).unwrap();
    let error = EmbeddedStore::open(directory.path()).unwrap_err();
    assert_foreign(&error, "not a file");
    assert!(data_file(&directory).is_dir());
}

#[test]
fn a_file_is_not_a_data_directory() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("data");
    fs::write(&path, "mine").unwrap();
    let error = EmbeddedStore::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Io { .. }), "{error:?}");
    assert!(error.to_string().contains("data"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"mine");
}

#[cfg(unix)]
#[tokio::test]
async fn missing_permissions_are_named() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    if let Some(directory) = child::directory("without_permission") {
        let error = EmbeddedStore::open(&directory).unwrap_err();
        println!("{error}: {}", std::error::Error::source(&error).unwrap());
        return;
    }
    let run = |directory: &Path| {
        let mut child = child::of(
            "damage::missing_permissions_are_named",
            "without_permission",
            directory,
        );
        // Nothing is forbidden to root, so root's child is somebody else.
        if fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)
        {
            child.uid(65534).gid(65534);
        }
        child
            .output()
            .map(|output| String::from_utf8(output.stdout).unwrap())
    };
    let directory = tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(data_file(&directory), healthy().await).unwrap();
    fs::set_permissions(data_file(&directory), fs::Permissions::from_mode(0o400)).unwrap();
    let message = match run(directory.path()) {
        Ok(message) => message,
        Err(error) => {
            return println!("not tested, this program cannot be run as another user: {error}");
        }
    };
    assert!(
        message.contains("burgee.redb: opening the data file failed: Permission denied"),
        "{message}"
    );

    let forbidden = tempdir().unwrap();
    fs::set_permissions(forbidden.path(), fs::Permissions::from_mode(0o500)).unwrap();
    let message = run(&forbidden.path().join("data")).unwrap();
    assert!(message.contains("Permission denied"), "{message}");
    fs::set_permissions(forbidden.path(), fs::Permissions::from_mode(0o700)).unwrap();
}
