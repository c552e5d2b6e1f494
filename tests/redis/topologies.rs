//! Every way to reach Redis carries everything a node does.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use burgee::domain::names::{EnvironmentName, FlagName, Revision};
use burgee::domain::time::Timestamp;
use burgee::domain::usage::{UsageQuery, UsageReport, UsageRow};
use burgee::store::{EventQuery, RedisOptions, RedisStore, Store};

use crate::node::{Node, options};
use crate::page::{beyond, rules};
use crate::rig::{Cluster, Options, RedisServer, Sentinel};

/// Two nodes: what one writes the other serves at once; events, changes and usage arrive.
async fn carries_everything(options: &RedisOptions) {
    let (one, other) = (Node::open(options).await, Node::open(options).await);
    let mut newest = one.revision();
    for number in 0..20 {
        let (writer, reader) = if number % 2 == 0 {
            (&one, &other)
        } else {
            (&other, &one)
        };
        let name = format!("größe-{number}");
        newest = writer.write(&name).await.unwrap();
        let seen = tokio::time::timeout(Duration::from_secs(5), reader.reaches(newest)).await;
        assert!(seen.is_ok(), "the other node serves it late");
        assert!(reader.serves(&name));
    }
    assert_eq!(one.store.load().await.unwrap(), *other.state());
    let page = other.store.events(&EventQuery::default()).await.unwrap();
    assert_eq!(page.total as u64, newest.0);
    let changes = other
        .store
        .changes_after(Revision(newest.0 - 3), 9)
        .await
        .unwrap();
    assert_eq!(changes.len(), 3);
    adds_usage(&one, &other).await;
    one.close().await;
    other.close().await;
}

async fn adds_usage(one: &Node, other: &Node) {
    let row = UsageRow {
        hour: Timestamp::from_millis(0),
        flag: FlagName::trusted("a"),
        environment: EnvironmentName::trusted("production"),
        app_name: "app".into(),
        yes: 3,
        no: 4,
        variants: BTreeMap::new(),
    };
    let report = Arc::new(UsageReport {
        rows: vec![row.clone()],
        ..UsageReport::default()
    });
    for node in [one, other] {
        node.store.add_usage(Arc::clone(&report)).await.unwrap();
    }
    let rows = other.store.usage(&UsageQuery::default()).await.unwrap();
    let both = UsageRow {
        yes: 6,
        no: 8,
        ..row
    };
    assert_eq!(rows, [both]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_server() {
    let server = RedisServer::start(Options::volatile());
    carries_everything(&options(server.url())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password() {
    let server = RedisServer::start(Options::volatile().password("s3cret"));
    carries_everything(&options(server.url())).await;
    let stranger = options(server.url().replace("s3cret", "other"));
    let store = RedisStore::open(&stranger).await.unwrap();
    let error = format!("{:?}", store.load().await.unwrap_err());
    assert!(error.contains("Unavailable"), "{error}");
    assert!(!error.contains("other@"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_may_do_what_is_documented_and_no_more() {
    let server = RedisServer::start(Options::volatile().user("burgee", "s3cret", rules()));
    if server.knows("client|setinfo") {
        let more = beyond("On Redis 7.2 or later and Valkey add");
        server.cli(&["ACL", "SETUSER", "burgee", more]);
    }
    carries_everything(&options(server.url())).await;
    assert_eq!(server.cli(&["ACL", "LOG"]), "", "something was refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn databases_are_apart() {
    let server = RedisServer::start(Options::volatile());
    carries_everything(&options(format!("{}/1", server.url()))).await;
    carries_everything(&options(format!("{}/2", server.url()))).await;
    assert_eq!(server.cli(&["DBSIZE"]), "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn namespaces_are_apart() {
    let server = RedisServer::start(Options::volatile());
    for namespace in ["one", "other"] {
        let options = RedisOptions {
            namespace: namespace.into(),
            ..options(server.url())
        };
        carries_everything(&options).await;
    }
    let keys = server.cli(&["KEYS", "*"]);
    let strays = keys
        .lines()
        .filter(|key| !key.starts_with("{one") && !key.starts_with("{other"));
    assert_eq!(strays.collect::<Vec<_>>(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_of_the_file_system() {
    let server = RedisServer::start(Options::volatile());
    let socket = server.socket();
    for scheme in ["redis+unix", "unix"] {
        server.cli(&["FLUSHALL"]);
        carries_everything(&options(format!("{scheme}://{}", socket.display()))).await;
    }
}

/// Whoever trusts the authority is carried everything; nobody else is told anything.
async fn for_those_who_trust(url: String, authority: &Path) {
    let trusting = RedisOptions {
        root_certificate: Some(std::fs::read(authority).unwrap()),
        ..options(&url)
    };
    carries_everything(&trusting).await;
    let store = RedisStore::open(&options(&url)).await.unwrap();
    let error = format!("{:?}", store.load().await.unwrap_err());
    assert!(error.contains("Unavailable"), "{error}");
    // And not because the other end wants to hear no TLS.
    assert!(error.to_lowercase().contains("certificate"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_with_an_authority_of_its_own() {
    let server = RedisServer::start(Options::volatile().tls());
    for_those_who_trust(server.url(), server.authority().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sentinels_over_tls_with_an_authority_of_their_own() {
    let sentinel = Sentinel::start(Options::volatile().tls().password("s3cret"));
    for_those_who_trust(sentinel.url(), sentinel.authority().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_over_tls_with_an_authority_of_its_own() {
    let cluster = Cluster::start(Options::volatile().tls().password("s3cret"));
    for_those_who_trust(cluster.url(), cluster.authority().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sentinels() {
    let sentinel = Sentinel::start(Options::volatile());
    carries_everything(&options(sentinel.url())).await;
    carries_everything(&options(format!("{}/1", sentinel.url()))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sentinels_of_servers_with_a_password() {
    let sentinel = Sentinel::start(Options::volatile().password("s3cret"));
    carries_everything(&options(sentinel.url())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster() {
    let cluster = Cluster::start(Options::volatile());
    carries_everything(&options(cluster.url())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_with_a_password() {
    let cluster = Cluster::start(Options::volatile().password("s3cret"));
    carries_everything(&options(cluster.url())).await;
}
