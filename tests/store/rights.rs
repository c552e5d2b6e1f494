//! A user of Redis needs the rights the documentation names, no less and no more.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use burgee::domain::names::{AddonId, FlagName, Revision};
use burgee::domain::usage::UsageQuery;
use burgee::store::{
    AnyStore, Claim, EventOrder, EventQuery, Part, RedisOptions, RedisStore, Store,
};

use crate::filling::{delivery, holdings, parts, well_filled};
use crate::load::{before, report};
use crate::material::{Step, change, put};
use crate::page::{beyond, rules};
use crate::rig::{Cluster, Options, RedisServer, Reply, Sentinel, wait_for};

fn commands(rules: &str) -> BTreeSet<String> {
    let words = rules.split_whitespace();
    words
        .filter_map(|word| word.strip_prefix('+').map(str::to_owned))
        .collect()
}

async fn open(options: &RedisOptions) -> AnyStore {
    AnyStore::Redis(RedisStore::open(options).await.unwrap())
}

/// Does everything a store can do.
async fn everything(options: &RedisOptions) {
    let store = open(options).await;
    let source = well_filled().await;
    let all = parts(&source).await;
    for part in all[..all.len() - 1].iter().chain(&all) {
        store.fill(part.clone()).await.unwrap();
    }
    assert_eq!(holdings(&store).await, holdings(&source).await);
    assert!(matches!(parts(&store).await.last(), Some(Part::End)));

    let other = open(options).await;
    let mut feed = other.feed();
    let state = store.load().await.unwrap();
    let first = change(&state, &[Step::Put("a"), Step::Delete("größe 🚩")]);
    store.commit(Arc::clone(&first)).await.unwrap();
    // What is borrowed from the feed is let go at once: its sender waits for that.
    let heard = async {
        let found = feed.wait_for(|revision| *revision == first.revision());
        drop(found.await);
    };
    let heard = tokio::time::timeout(Duration::from_secs(5), heard).await;
    assert!(heard.is_ok(), "the other store is not told");
    let changes = other.changes_after(state.revision, 9).await.unwrap();
    assert_eq!(changes.len(), 1);
    for order in [EventOrder::NewestFirst, EventOrder::OldestFirst] {
        let query = EventQuery {
            text: Some("größe".into()),
            order,
            ..EventQuery::default()
        };
        assert!(other.events(&query).await.unwrap().total > 0);
    }
    let one = EventQuery {
        ids: vec![Revision(7)],
        ..EventQuery::default()
    };
    assert_eq!(other.events(&one).await.unwrap().total, 1);
    usage(&store, &other).await;
    let told = delivery(&state, 1, 1);
    store.add_delivery(told.into()).await.unwrap();
    assert!(!other.deliveries(AddonId(1)).await.unwrap().is_empty());
    for claim in [Claim::Do(Duration::from_secs(60)), Claim::Leave] {
        store.claim("a", "me", claim).await.unwrap();
    }
    decide(&store).await;
    store.close().await.unwrap();
    other.close().await.unwrap();
}

async fn usage(store: &AnyStore, other: &AnyStore) {
    for _ in 0..2 {
        let report = report("a", "sdk:2", 3, u64::MAX / 4);
        store.add_usage(report.into()).await.unwrap();
    }
    let query = UsageQuery {
        flag: Some(FlagName::trusted("a")),
        ..UsageQuery::default()
    };
    assert!(!other.usage(&query).await.unwrap().is_empty());
    // Some become days, others are forgotten.
    let mut expiry = before(20);
    expiry.counts_before = before(10).counts_before;
    assert!(store.prune_usage(expiry).await.unwrap() > 0);
    store.prune_usage(before(99)).await.unwrap();
    store.forget_application("flag-599").await.unwrap();
}

/// Ends a divergence, and looks at how the server is set.
async fn decide(store: &AnyStore) {
    let AnyStore::Redis(store) = store else {
        panic!("another store");
    };
    let found = store.held().await.unwrap();
    let change = put(&found.state, "decided");
    let after = found.state.apply(&change);
    store.take_over(found, change, after, false).await.unwrap();
    store.durability().await.unwrap();
}

/// What users were refused, by command or key.
fn refused(server: &RedisServer) -> BTreeSet<String> {
    let Ok(Reply::List(entries)) = server.ask(&["ACL", "LOG", "128"]) else {
        panic!("it does not tell");
    };
    entries
        .into_iter()
        .map(|entry| {
            let fields = entry.into_list();
            let place = fields.iter().position(|it| it.to_string() == "object");
            fields[place.unwrap() + 1].to_string()
        })
        .collect()
}

/// The commands that clients sent, and scripts called.
fn used(server: &RedisServer) -> BTreeSet<String> {
    let all = server.cli(&["INFO", "commandstats"]);
    let names = all.lines().filter_map(|line| line.strip_prefix("cmdstat_"));
    names
        .filter_map(|line| Some(line.split_once(':')?.0.to_owned()))
        .collect()
}

/// A user with these rights beside the one that servers use among themselves.
fn admit(servers: &[RedisServer], rules: &str) {
    for server in servers {
        let words = ["ACL", "SETUSER", "burgee", "on", ">word"];
        let words: Vec<&str> = words.into_iter().chain(rules.split(' ')).collect();
        assert_eq!(server.cli(&words), "OK");
    }
}

fn options(url: &str) -> RedisOptions {
    RedisOptions::new(url.replacen("://", "://burgee:word@", 1))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_documented_is_enough_and_nothing_of_it_is_idle() {
    let master = RedisServer::start(Options::always());
    let replica = RedisServer::start(Options::volatile().replica_of(master.port()));
    let servers = [master, replica];
    let [master, replica] = &servers;
    wait_for("the replica copies", || {
        (replica.info("master_link_status") == "up").then_some(())
    });
    admit(&servers[..1], rules());
    let options = RedisOptions {
        replicas: 1,
        ..options(&master.url())
    };
    everything(&options).await;
    assert_eq!(refused(master), BTreeSet::new());

    let used = used(master);
    let documented = commands(rules());
    let idle: Vec<_> = documented.difference(&used).collect();
    assert_eq!(idle, [""; 0], "documented, and nothing needs it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_sentinel_it_is_what_is_documented_for_it() {
    let sentinel = Sentinel::start(Options::volatile());
    admit(
        sentinel.servers(),
        &format!("{} {}", rules(), beyond("Behind Sentinel add")),
    );
    everything(&options(&sentinel.url())).await;
    for server in sentinel.servers() {
        assert_eq!(refused(server), BTreeSet::new());
    }
    let used: BTreeSet<String> = sentinel.servers().iter().flat_map(used).collect();
    let more = commands(beyond("Behind Sentinel add"));
    assert!(more.is_subset(&used), "{more:?} of {used:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_cluster_it_is_what_is_documented_for_it() {
    let cluster = Cluster::with_replicas(Options::volatile());
    admit(
        cluster.nodes(),
        &format!("{} {}", rules(), beyond("in a cluster")),
    );
    let options = RedisOptions {
        replicas: 1,
        ..options(&cluster.url())
    };
    everything(&options).await;
    let all: BTreeSet<String> = cluster.nodes().iter().flat_map(refused).collect();
    assert_eq!(all, BTreeSet::new());
    let used: BTreeSet<String> = cluster.nodes().iter().flat_map(used).collect();
    let mut more = commands(beyond("in a cluster"));
    assert!(more.remove("asking"), "needed only while slots move");
    assert!(more.is_subset(&used), "{more:?} of {used:?}");
}
