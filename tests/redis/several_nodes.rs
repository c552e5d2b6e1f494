//! Several nodes on one Redis: one truth.

use std::sync::Arc;
use std::time::Duration;

use burgee::store::RedisOptions;
use tokio::task::JoinSet;

use crate::audit::{Ledger, check};
use crate::node::{Node, options};
use crate::rig::{Cluster, Options, Proxy, RedisServer, Weather};

/// Writers of each node at the same time.
const WRITERS: usize = 10;
/// Writes of each of them.
const WRITES: usize = 8;

async fn many_writers(options: &RedisOptions, count: usize) {
    let mut nodes = Vec::new();
    for _ in 0..count {
        nodes.push(Arc::new(Node::open(options).await));
    }
    let ledger = Arc::new(Ledger::default());
    let mut tasks = JoinSet::new();
    for (place, node) in nodes.iter().enumerate() {
        for writer in 0..WRITERS {
            let (node, ledger) = (Arc::clone(node), Arc::clone(&ledger));
            tasks.spawn(async move {
                for number in 0..WRITES {
                    let name = format!("of-{place}-{writer}-{number}");
                    let revision = node.write(&name).await;
                    ledger.note(&name, revision.unwrap_or_else(|error| panic!("{error:?}")));
                }
            });
        }
    }
    tasks.join_all().await;
    assert_eq!(ledger.count(), count * WRITERS * WRITES);
    let nodes: Vec<Node> = nodes.into_iter().filter_map(Arc::into_inner).collect();
    assert_eq!(nodes.len(), count);
    let late = Node::open(options).await;
    assert_eq!(late.revision().0 as usize, ledger.count());
    check(&late.store, &nodes, &ledger).await;
    for node in nodes {
        node.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_with_ten_writers_each_lose_nothing() {
    let server = RedisServer::start(Options::every_second());
    many_writers(&options(server.url()), 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_with_ten_writers_each_lose_nothing() {
    let server = RedisServer::start(Options::every_second());
    many_writers(&options(server.url()), 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_of_a_cluster_lose_nothing() {
    let cluster = Cluster::start(Options::every_second());
    many_writers(&options(cluster.url()), 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_again_after_a_lost_answer_is_done_once() {
    const ROUNDS: usize = 40;
    let server = RedisServer::start(Options::volatile());
    let proxy = Proxy::before(server.port());
    let node = Node::open(&options(server.url_at(proxy.port()))).await;
    let ledger = Ledger::default();
    for round in 0..ROUNDS {
        proxy.set(Weather::LosesAnswerTo("EVALSHA"));
        let name = format!("name-{round}");
        let revision = node.write(&name).await;
        ledger.note(&name, revision.unwrap_or_else(|error| panic!("{error:?}")));
    }
    assert_eq!(proxy.lost(), ROUNDS, "answers were lost");
    assert_eq!(node.revision().0 as usize, ROUNDS);
    let direct = Node::open(&options(server.url())).await;
    check(&direct.store, &[node], &ledger).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_was_asleep_for_long_catches_up() {
    let server = RedisServer::start(Options::volatile());
    let proxy = Proxy::before(server.port());
    let (asleep, awake) = (
        Node::open(&options(server.url_at(proxy.port()))).await,
        Node::open(&options(server.url())).await,
    );
    let ledger = Ledger::default();
    ledger.write(&awake, "before").await;
    asleep.reaches(awake.revision()).await;
    proxy.set(Weather::Silent);
    // More than are kept one by one.
    for number in 0..burgee::store::CHANGES_KEPT + 50 {
        assert!(ledger.write(&awake, &format!("name-{number}")).await);
    }
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(!asleep.serves("name-0"));
    asleep.never_went_back();
    proxy.heal();
    let direct = Node::open(&options(server.url())).await;
    check(&direct.store, &[asleep, awake], &ledger).await;
}
