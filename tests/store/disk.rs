//! What the store on disk promises beyond the laws of all stores.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use burgee::domain::names::Revision;
use burgee::domain::state::State;
use burgee::domain::usage::{UsageQuery, UsageReport};
use burgee::store::{EmbeddedStore, EventQuery, Store, StoreError};
use tempfile::tempdir;

use crate::material::{Step, change, put};
use crate::{child, embedded, filling};

#[tokio::test]
async fn reopening_keeps_everything() {
    let directory = tempdir().unwrap();
    let mut state = State::default();
    let mut before = None;
    for round in 0..5 {
        let store = embedded(directory.path());
        assert_eq!(store.load().await.unwrap(), state);
        assert_eq!(*store.feed().borrow(), state.revision);
        let events = store.events(&EventQuery::default()).await.unwrap();
        let changes = store.changes_after(Revision(0), 99).await.unwrap();
        let usage = store.usage(&UsageQuery::default()).await.unwrap();
        let seen = store.sightings().await.unwrap();
        if let Some(before) = &before {
            assert_eq!(*before, (events, changes, usage, seen));
        }
        let change = put(&state, &format!("flag-{round}"));
        state = state.apply(&change);
        store.commit(change).await.unwrap();
        let report: UsageReport = crate::load::report("flag-0", "sdk:1", round, 3);
        store.add_usage(report.into()).await.unwrap();
        before = Some((
            store.events(&EventQuery::default()).await.unwrap(),
            store.changes_after(Revision(0), 99).await.unwrap(),
            store.usage(&UsageQuery::default()).await.unwrap(),
            store.sightings().await.unwrap(),
        ));
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_store_that_is_dropped_without_closing_keeps_everything() {
    let directory = tempdir().unwrap();
    let store = embedded(directory.path());
    store.commit(put(&State::default(), "a")).await.unwrap();
    drop(store);
    let store = reopen(directory.path());
    assert_eq!(store.load().await.unwrap().flags.len(), 1);
}

#[tokio::test]
async fn a_file_that_is_not_filled_to_the_end_is_not_taken_for_an_empty_one() {
    let directory = tempdir().unwrap();
    let source = filling::well_filled().await;
    let parts = filling::parts(&source).await;
    for stop in [1, parts.len() - 1] {
        let store = embedded(directory.path());
        for part in &parts[..stop] {
            store.fill(part.clone()).await.unwrap();
        }
        store.close().await.unwrap();
        let store = embedded(directory.path());
        filling::assert_incomplete(&store).await;
        let error = store.load().await.unwrap_err().to_string();
        assert!(error.contains("burgee.redb is incomplete"), "{error}");
        store.close().await.unwrap();
    }
    let store = embedded(directory.path());
    for part in parts {
        store.fill(part).await.unwrap();
    }
    store.close().await.unwrap();
    let store = embedded(directory.path());
    assert_eq!(
        filling::holdings(&store).await,
        filling::holdings(&source).await
    );
}

/// The thread that closes the file needs a moment.
fn reopen(directory: &Path) -> EmbeddedStore {
    for _ in 0..500 {
        match EmbeddedStore::open(directory) {
            Err(StoreError::Locked { .. }) => {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            result => return result.unwrap(),
        }
    }
    panic!("the file stayed locked");
}

#[test]
fn the_data_file_is_owned_by_one_store() {
    let directory = tempdir().unwrap();
    let _owner = embedded(directory.path());
    assert_locked(
        &EmbeddedStore::open(directory.path())
            .unwrap_err()
            .to_string(),
    );
}

#[test]
fn another_process_is_told_that_the_data_file_is_in_use() {
    if let Some(directory) = child::directory("another_process") {
        println!("{}", EmbeddedStore::open(&directory).unwrap_err());
        return;
    }
    let directory = tempdir().unwrap();
    let _owner = embedded(directory.path());
    let output = child::of(
        "disk::another_process_is_told_that_the_data_file_is_in_use",
        "another_process",
        directory.path(),
    )
    .output()
    .unwrap();
    assert!(output.status.success());
    assert_locked(&String::from_utf8(output.stdout).unwrap());
}

fn assert_locked(message: &str) {
    assert!(message.contains("burgee.redb"), "{message}");
    assert!(message.contains("in use by another process"), "{message}");
}

#[test]
fn many_first_starts_at_once_make_one_store() {
    let directory = tempdir().unwrap();
    let stores: Vec<_> = std::thread::scope(|scope| {
        let open = || EmbeddedStore::open(directory.path());
        let starts: Vec<_> = (0..20).map(|_| scope.spawn(open)).collect();
        starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect()
    });
    let (opened, refused): (Vec<_>, Vec<_>) = stores.into_iter().partition(Result::is_ok);
    assert_eq!(opened.len(), 1);
    for error in refused {
        assert_locked(&error.unwrap_err().to_string());
    }
    let files = fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(files, 1, "nothing else is left behind");
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_look_inside() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempdir().unwrap();
    let directory = parent.path().join("a/b");
    let _store = embedded(&directory);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    assert_eq!(mode(&directory.join("burgee.redb")), 0o600);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_loses_nothing_and_is_forgiven() {
    use std::process::Command;
    if let Some(directory) = child::directory("full_disk") {
        return fill_the_disk(&directory).await;
    }
    let directory = tempdir().unwrap();
    let test = child::of(
        "disk::a_full_disk_loses_nothing_and_is_forgiven",
        "full_disk",
        directory.path(),
    );
    // Writing beyond the limit (in units of 512 bytes) fails as it does on a full disk; by default it would kill.
    let status = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -S -f 2000; exec \"$0\" \"$@\""])
        .arg(test.get_program())
        .args(test.get_args())
        .envs(
            test.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .status()
        .unwrap();
    assert!(status.success());
}

#[cfg(target_os = "linux")]
async fn fill_the_disk(directory: &Path) {
    let store = embedded(directory);
    let names: Vec<String> = (0..100).map(|number| format!("flag-{number}")).collect();
    let steps: Vec<Step<'_>> = names.iter().map(|name| Step::Put(name)).collect();
    let mut state = State::default();
    for attempt in 0.. {
        assert!(attempt < 100, "the disk is never full");
        let change = change(&state, &steps);
        let Err(error) = store.commit(Arc::clone(&change)).await else {
            state = state.apply(&change);
            continue;
        };
        assert!(error.to_string().contains("burgee.redb"), "{error}");
        break;
    }
    let next = put(&state, "one-more");
    assert_eq!(store.load().await.unwrap(), state);
    assert_eq!(*store.feed().borrow(), state.revision);

    let me = std::process::id().to_string();
    let freed = std::process::Command::new("prlimit")
        .args(["--pid", &me, "--fsize=unlimited:"])
        .status()
        .unwrap();
    assert!(freed.success());
    store.commit(Arc::clone(&next)).await.unwrap();
    store.close().await.unwrap();
    let store = embedded(directory);
    assert_eq!(store.load().await.unwrap(), state.apply(&next));
}
