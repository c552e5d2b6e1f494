//! Changes that are acknowledged when they are on a disk, where the server can say so; and a refusal where it cannot.

use std::time::Duration;

use burgee::store::{RedisOptions, RedisStore};

use crate::node::{Node, options};
use crate::page::{beyond, rules};
use crate::process::{Server, burgee, run};
use crate::rig::{Options, RedisServer, wait_for};

const COMMAND: &str = "waitaof";

fn waiting(server: &RedisServer) -> RedisOptions {
    RedisOptions {
        disk: true,
        ..options(server.url())
    }
}

/// Why a start with these options is refused.
fn refused(server: &RedisServer, more: &[&str]) -> String {
    let url = server.url();
    let always = ["--host", "127.0.0.1", "--port", "0", "--redis-url", &url];
    let (status, _, said) = run(burgee(&[&always, more].concat()));
    assert_eq!(status.code(), Some(1), "{said}");
    assert_eq!(server.cli(&["DBSIZE"]), "0", "nothing was written");
    said
}

/// A start with these options works.
fn starts(server: &RedisServer, more: &[&str]) {
    let url = server.url();
    Server::with(&[&["--redis-url", &url], more].concat()).stop();
    server.cli(&["FLUSHALL"]);
}

const WAIT: &str = "--redis-wait-disk";

#[test]
fn a_start_is_refused_where_nobody_can_say_what_is_on_disk() {
    let volatile = RedisServer::start(Options::volatile());
    let every_second = RedisServer::start(Options::every_second());
    if !volatile.knows(COMMAND) {
        for server in [&volatile, &every_second] {
            let said = refused(server, &[WAIT]);
            assert!(said.contains("Redis 7.2 or later"), "{said}");
            starts(server, &[]);
        }
        return;
    }
    let said = refused(&volatile, &[WAIT]);
    assert!(said.contains("set appendonly yes"), "{said}");
    starts(&every_second, &[WAIT]);
    every_second.cli(&["CONFIG", "SET", "appendfsync", "no"]);
    let said = refused(&every_second, &[WAIT]);
    assert!(said.contains("appendfsync is no"), "{said}");
}

#[test]
fn whoever_requires_durability_may_wait_for_the_disk() {
    const REQUIRE: &str = "--require-durable";
    let server = RedisServer::start(Options::every_second());
    let said = refused(&server, &[REQUIRE]);
    assert!(said.contains("within a second or two"), "{said}");
    if server.knows(COMMAND) {
        starts(&server, &[REQUIRE, WAIT]);
    }
    starts(&RedisServer::start(Options::always()), &[REQUIRE]);
}

/// Why no write is acknowledged, though each is written. A busy machine may be too late to say so at first.
async fn unconfirmed(node: &Node, name: &str) -> String {
    for attempt in 0..6 {
        let error = node.write(&format!("{name}-{attempt}")).await.unwrap_err();
        let said = format!("{error:?}");
        if said.contains("the change was written, but") {
            return said;
        }
        println!("{said}");
    }
    panic!("nobody says what is missing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_acknowledged_is_on_the_disk() {
    let server = RedisServer::start(Options::every_second());
    let options = waiting(&server);
    if !server.knows(COMMAND) {
        let store = RedisStore::open(&options).await.unwrap();
        assert!(store.durability().await.unwrap().no_disk.is_some());
        return;
    }
    let node = Node::open(&options).await;
    node.found().await;
    for number in 0..5 {
        node.write(&format!("written-{number}")).await.unwrap();
    }
    // Nobody writes to the disk any more, though the server takes all writes.
    server.cli(&["CONFIG", "SET", "appendfsync", "no"]);
    let said = unconfirmed(&node, "not-on-disk").await;
    assert!(said.contains("on its disk"), "{said}");
    server.cli(&["CONFIG", "SET", "appendfsync", "everysec"]);
    node.write_at_last("on-disk-again").await;
    assert!(
        node.serves("not-on-disk-0"),
        "it became visible all the same"
    );
    node.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_acknowledged_is_on_the_disks_of_replicas() {
    let master = RedisServer::start(Options::every_second());
    if !master.knows(COMMAND) {
        return;
    }
    let replica = RedisServer::start(Options::volatile().replica_of(master.port()));
    wait_for("the replica copies", || {
        (replica.info("master_link_status") == "up").then_some(())
    });
    let node = Node::open(&RedisOptions {
        replicas: 1,
        ..waiting(&master)
    })
    .await;
    let said = unconfirmed(&node, "in-memory-there").await;
    assert!(said.contains("0 of 1 replicas"), "{said}");
    replica.cli(&["CONFIG", "SET", "appendonly", "yes"]);
    node.write_at_last("on-disk-there").await;
    node.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_takes_one_right_more() {
    let right = beyond("With `--redis-wait-disk` add");
    assert_eq!(right, format!("+{COMMAND}"));
    let server = RedisServer::start(Options::every_second());
    if !server.knows(COMMAND) {
        return;
    }
    let url = server.url().replace("://", "://burgee:word@");
    let options = RedisOptions {
        disk: true,
        patience: Duration::from_millis(500),
        ..RedisOptions::new(url)
    };
    let set = |more: &str| {
        let rules = format!("{} {more}", rules());
        let words = ["ACL", "SETUSER", "burgee", "reset", "on", ">word"];
        let words = words.into_iter().chain(rules.split_whitespace());
        server.cli(&words.collect::<Vec<_>>());
    };
    set("");
    let store = RedisStore::open(&options).await.unwrap();
    let refusal = store.durability().await.unwrap().no_disk;
    assert!(refusal.unwrap().contains("waitaof"));
    set(right);
    assert_eq!(store.durability().await.unwrap().no_disk, None);
    let node = Node::open(&options).await;
    node.found().await;
    node.write("may").await.unwrap();
    node.close().await;
}
