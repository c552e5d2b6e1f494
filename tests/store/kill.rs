//! A process that is killed while it commits loses nothing it acknowledged.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use burgee::domain::names::Revision;
use burgee::domain::state::State;
use burgee::store::{AnyStore, EventQuery, Store};
use tempfile::tempdir;

use crate::material::{Step, change};
use crate::{child, embedded};

const TEST: &str = "kill::nothing_acknowledged_is_lost_by_killing_the_process";
const ROUNDS: u64 = 24;

#[tokio::test]
async fn nothing_acknowledged_is_lost_by_killing_the_process() {
    if let Some(directory) = child::directory("victim") {
        commit_for_ever(&directory).await;
    }
    let directory = tempdir().unwrap();
    let mut survived = Revision::EMPTY;
    let mut in_the_middle = 0;
    for round in 0..ROUNDS {
        let acknowledged = run_and_kill(directory.path(), round);
        check_integrity(directory.path());
        let store = embedded(directory.path());
        let state = store.load().await.unwrap();
        assert!(state.revision >= acknowledged.max(survived), "lost some");
        assert!(
            state.revision.0 <= acknowledged.max(survived).0 + 3,
            "invented some"
        );
        check_log(&store, &state).await;
        in_the_middle += u64::from(acknowledged > survived);
        survived = state.revision;
        store.close().await.unwrap();
    }
    println!("{ROUNDS} kills, {in_the_middle} of them between commits, {survived} events");
    assert!(in_the_middle >= 20);
}

/// Kills the child after some acknowledgements, a little later each time, and returns the last one.
fn run_and_kill(directory: &Path, round: u64) -> Revision {
    let mut victim = child::of(TEST, "victim", directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let mut last = Revision::EMPTY;
    let mut acknowledge = |line: &str| {
        let number = line
            .strip_prefix("acknowledged ")
            .and_then(|rest| rest.strip_suffix('.'))
            .map(|number| Revision(number.parse().unwrap()));
        last = number.unwrap_or(last);
        number.is_some()
    };
    // The first two are killed while they start.
    if round >= 2 {
        let mut wanted = 1 + round % 7;
        while wanted > 0 {
            let line = lines.next().expect("the child ended by itself").unwrap();
            wanted -= u64::from(acknowledge(&line));
        }
    }
    std::thread::sleep(Duration::from_micros(round * 317 % 9000));
    victim.kill().unwrap();
    victim.wait().unwrap();
    // What was on its way when the kill came; half a line has no full stop.
    for line in lines.map_while(Result::ok) {
        acknowledge(&line);
    }
    last
}

async fn commit_for_ever(directory: &Path) -> ! {
    let store = embedded(directory);
    let mut state = store.load().await.unwrap();
    loop {
        let (a, b) = (
            format!("a-{}", state.revision),
            format!("b-{}", state.revision),
        );
        let change = change(&state, &[Step::Put(&a), Step::Put(&b), Step::Delete(&a)]);
        state = state.apply(&change);
        let revision = store.commit(change).await.unwrap();
        println!("acknowledged {revision}.");
    }
}

fn check_integrity(directory: &Path) {
    let path = directory.join("burgee.redb");
    if path.exists() {
        let mut database = redb::Database::open(path).unwrap();
        assert!(database.check_integrity().unwrap());
    }
}

/// The log has no gap and leads to the state.
async fn check_log(store: &AnyStore, state: &State) {
    let changes = store
        .changes_after(Revision::EMPTY, usize::MAX)
        .await
        .unwrap();
    let mut replayed = State::default();
    for change in &changes {
        assert_eq!(change.expected, replayed.revision);
        replayed = replayed.apply(change);
    }
    assert_eq!(replayed, *state);
    let events = store.events(&EventQuery::default()).await.unwrap();
    assert_eq!(events.total as u64, state.revision.0);
}

#[tokio::test]
async fn a_first_start_that_is_killed_can_be_repeated() {
    for round in 0..16 {
        let directory = tempdir().unwrap();
        let mut victim = child::of(TEST, "victim", directory.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(2 * round));
        victim.kill().unwrap();
        victim.wait().unwrap();
        let store = embedded(directory.path());
        check_log(&store, &store.load().await.unwrap()).await;
    }
}
