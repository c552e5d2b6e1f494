//! What several processes that share a store promise one another.

use std::time::Duration;

use burgee::store::{Claim, Store, Turn};
use tokio::task::JoinSet;

use crate::rig::RedisServer;
use crate::shared;

const LONG: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_all_who_ask_for_a_task_one_gets_it() {
    let server = RedisServer::start(Default::default());
    let wish = Claim::Do(Duration::from_millis(1500));
    for task in ["addon:1:7", "addon:1:8"] {
        let mut asking = JoinSet::new();
        for number in 0..10 {
            let store = shared(&server).await;
            let name = format!("node-{number}");
            asking.spawn(async move { store.claim(task, &name, wish).await.unwrap() });
        }
        let answers = asking.join_all().await.into_iter();
        assert_eq!(answers.filter(|it| *it == Turn::Mine).count(), 1, "{task}");
    }
    let store = shared(&server).await;
    let ask = async || store.claim("addon:1:8", "late", wish).await.unwrap();
    assert_eq!(ask().await, Turn::Taken);
    tokio::time::sleep(Duration::from_millis(1600)).await;
    assert_eq!(ask().await, Turn::Mine);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_is_gone_on_with_left_or_done() {
    let server = RedisServer::start(Default::default());
    let store = shared(&server).await;
    let ask = async |by: &str, claim| store.claim("a", by, claim).await.unwrap();
    let short = Claim::Do(Duration::from_millis(300));
    assert_eq!(ask("one", short).await, Turn::Mine);
    assert_eq!(ask("one", Claim::Do(LONG)).await, Turn::Mine);
    tokio::time::sleep(Duration::from_millis(400)).await;
    for claim in [short, Claim::Leave, Claim::Done(LONG)] {
        assert_eq!(ask("other", claim).await, Turn::Taken);
    }
    assert_eq!(ask("one", Claim::Leave).await, Turn::Mine);
    assert_eq!(ask("other", Claim::Do(LONG)).await, Turn::Mine);
    assert_eq!(ask("other", Claim::Done(LONG)).await, Turn::Mine);
    for by in ["one", "other"] {
        assert_eq!(ask(by, Claim::Do(LONG)).await, Turn::Done);
        assert_eq!(ask(by, Claim::Leave).await, Turn::Done);
    }
}

#[tokio::test]
async fn whoever_shares_with_nobody_does_everything() {
    let store = crate::memory();
    for claim in [Claim::Do(LONG), Claim::Done(LONG), Claim::Do(LONG)] {
        assert_eq!(store.claim("a", "me", claim).await.unwrap(), Turn::Mine);
    }
}
