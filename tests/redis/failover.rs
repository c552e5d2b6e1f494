//! Another server takes the place of the master while nodes write.
//!
//! Replicas copy a moment later, so that what the old master acknowledged last may be gone. Where replicas have to
//! confirm each change, nothing that was acknowledged may be.

use std::sync::Arc;
use std::time::Duration;

use burgee::change::{Right, StandingError};
use burgee::store::{Condition, RedisOptions};

use crate::audit::{Ledger, check_acknowledged};
use crate::load::Load;
use crate::node::{Node, options};
use crate::rig::{Cluster, Options, PATIENCE, Sentinel};

async fn two(options: &RedisOptions) -> Vec<Arc<Node>> {
    vec![
        Arc::new(Node::open(options).await),
        Arc::new(Node::open(options).await),
    ]
}

/// Writes while `happens` does, and a while before and after it. Then everything acknowledged is there.
async fn survives<T: Send + 'static>(
    options: &RedisOptions,
    happens: impl FnOnce() -> T + Send + 'static,
) -> T {
    let nodes = two(options).await;
    nodes[0].found().await;
    let ledger = Arc::new(Ledger::default());
    let load = Load::on(&nodes, 5, "of", &ledger);
    let before = some_writes(&ledger).await;
    let rest = tokio::task::spawn_blocking(happens).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    load.end().await;
    let nodes: Vec<Node> = nodes.into_iter().filter_map(Arc::into_inner).collect();
    let fresh = Node::open(options).await;
    for (place, node) in nodes.iter().enumerate() {
        settle(node, options).await;
        node.write_at_last(&format!("after-{place}")).await;
    }
    check_acknowledged(&fresh.store, &nodes, &ledger).await;
    println!(
        "{} writes acknowledged, {before} of them before",
        ledger.count()
    );
    rest
}

/// Waits until writes are acknowledged for a while, and says how many were.
async fn some_writes(ledger: &Ledger) -> usize {
    let limit = tokio::time::Instant::now() + PATIENCE;
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        if ledger.count() > 0 {
            return ledger.count();
        }
        assert!(tokio::time::Instant::now() < limit, "nothing is written");
    }
}

/// A node that served what no replica had yet says so. Then what the store holds is right: nobody was promised more.
/// Where no replica is waited for, nothing fails over, and nothing may be lost.
async fn settle(node: &Node, options: &RedisOptions) {
    node.becomes("settled", |now| !matches!(now, Condition::Away(_)))
        .await;
    if let Condition::Diverged(what) = node.condition() {
        assert!(options.replicas > 0, "{what}");
        println!("a node served what was lost");
        match node.decide(Right::Held).await {
            // Or the decision on another node was heard of.
            Ok(_) | Err(StandingError::Agreed) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    node.becomes_good().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sentinels_replace_a_dead_master() {
    let mut sentinel = Sentinel::start(Options::every_second());
    let options = RedisOptions {
        replicas: 1,
        ..options(sentinel.url())
    };
    let sentinel = survives(&options, move || {
        let before = sentinel.master_port();
        sentinel.server_mut(before).kill();
        sentinel.wait_for_another_master(before);
        sentinel.server_mut(before).restart();
        sentinel.wait_until_agreed();
        sentinel
    });
    drop(sentinel.await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sentinels_replace_a_master_in_peace() {
    let sentinel = Sentinel::start(Options::every_second());
    // Two of two: the other replica may go on to copy the old master for a moment, and would confirm what is lost.
    let options = RedisOptions {
        replicas: 2,
        ..options(sentinel.url())
    };
    let sentinel = survives(&options, move || {
        sentinel.failover();
        sentinel.wait_until_agreed();
        sentinel
    });
    drop(sentinel.await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cluster_replaces_a_dead_master() {
    const KEY: &str = "{burgee}:meta";
    let mut cluster = Cluster::with_replicas(Options::every_second());
    let options = RedisOptions {
        replicas: 1,
        ..options(cluster.url())
    };
    let cluster = survives(&options, move || {
        let before = cluster.owner(KEY);
        cluster.node_mut(before).kill();
        crate::rig::wait_for("the replica takes over", || {
            (cluster.owner(KEY) != before).then_some(())
        });
        cluster.node_mut(before).restart();
        crate::rig::wait_for("the old master is a replica", || {
            let node = &cluster.nodes()[before];
            (node.info("role") == "slave" && node.info("master_link_status") == "up").then_some(())
        });
        cluster
    });
    drop(cluster.await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cluster_moves_its_slots_to_other_nodes() {
    const KEY: &str = "{burgee}:meta";
    let cluster = Cluster::start(Options::every_second());
    let options = options(cluster.url());
    let cluster = survives(&options, move || {
        let first = cluster.owner(KEY);
        for round in 1..=6 {
            let to = (first + round) % 3;
            // A large slot takes its time.
            let pause = Duration::from_millis(if round % 2 == 0 { 700 } else { 0 });
            cluster.move_slot(KEY, to, || std::thread::sleep(pause));
            std::thread::sleep(Duration::from_millis(300));
        }
        cluster
    });
    drop(cluster.await);
}
