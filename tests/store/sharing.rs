//! What several processes that share a store promise one another.

use std::time::Duration;

use burgee::store::Store;
use tokio::task::JoinSet;

use crate::rig::RedisServer;
use crate::shared;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_all_who_ask_for_a_task_one_gets_it() {
    let server = RedisServer::start(Default::default());
    let lifetime = Duration::from_millis(1500);
    for task in ["addon:1:7", "addon:1:8"] {
        let mut asking = JoinSet::new();
        for _ in 0..10 {
            let store = shared(&server).await;
            asking.spawn(async move { store.claim(task, lifetime).await.unwrap() });
        }
        let answers = asking.join_all().await;
        assert_eq!(
            answers.into_iter().filter(|mine| *mine).count(),
            1,
            "{task}"
        );
    }
    let store = shared(&server).await;
    assert!(!store.claim("addon:1:8", lifetime).await.unwrap());
    tokio::time::sleep(lifetime).await;
    assert!(store.claim("addon:1:8", lifetime).await.unwrap());
}

#[tokio::test]
async fn whoever_shares_with_nobody_does_everything() {
    let store = crate::memory();
    for _ in 0..2 {
        assert!(store.claim("a", Duration::from_secs(60)).await.unwrap());
    }
}
