//! Redis no longer holds what the nodes serve: they serve on, write nothing, say so, and an operator decides.

use burgee::change::{ChangeError, Right};
use burgee::domain::names::Revision;
use burgee::store::Store;
use serde_json::json;

use crate::harness::TestApp;
use crate::node::{Node, options};
use crate::outages::app;
use crate::rig::{Options, Proxy, RedisServer, Weather, wait_for};
use crate::served::{Served, accepts, create, refuses, serves, standing};

/// Two nodes that serve `kept` and `lost`, on a Redis that holds only `kept`.
async fn after_an_older_dump() -> (RedisServer, Node, Node) {
    let mut server = RedisServer::start(Options::volatile());
    let options = options(server.url());
    let (one, other) = (Node::open(&options).await, Node::open(&options).await);
    one.found().await;
    one.write("kept").await.unwrap();
    server.cli(&["SAVE"]);
    one.write("lost").await.unwrap();
    let newest = other.write("lost too").await.unwrap();
    one.reaches(newest).await;
    server.kill();
    server.restart();
    for node in [&one, &other] {
        node.becomes_diverged().await;
        assert_eq!(node.revision(), newest);
        refuses_to_write(node).await;
    }
    (server, one, other)
}

async fn refuses_to_write(node: &Node) {
    let error = node.write("refused").await.unwrap_err();
    assert!(matches!(error, ChangeError::Diverged(_)), "{error:?}");
}

/// Both go on from `revision` and can be written to.
async fn go_on(nodes: [&Node; 2], revision: Revision) {
    for node in nodes {
        node.reaches(revision).await;
        node.becomes_good().await;
    }
    for (place, node) in nodes.into_iter().enumerate() {
        node.write_at_last(&format!("after-{place}")).await;
    }
    let newest = nodes[1].revision();
    nodes[0].reaches(newest).await;
    assert_eq!(nodes[0].state(), nodes[1].state());
    assert_eq!(*nodes[0].state(), nodes[0].store.load().await.unwrap());
    for node in nodes {
        node.never_went_back();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_dump_and_the_nodes_are_right() {
    let (_server, one, other) = after_an_older_dump().await;
    let served = one.revision();
    let revision = one.decide(Right::Served).await.unwrap();
    assert!(revision > served);
    go_on([&one, &other], revision).await;
    for name in ["kept", "lost", "lost too"] {
        assert!(other.serves(name), "{name}");
    }
    assert!(!other.serves("refused"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_dump_is_right() {
    let (_server, one, other) = after_an_older_dump().await;
    let served = one.revision();
    let revision = one.decide(Right::Held).await.unwrap();
    assert!(revision > served, "SDKs never go back");
    go_on([&one, &other], revision).await;
    assert!(one.serves("kept") && !one.serves("lost"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_flushed_and_the_nodes_are_right() {
    let server = RedisServer::start(Options::volatile());
    let options = options(server.url());
    let (one, other) = (Node::open(&options).await, Node::open(&options).await);
    one.found().await;
    let newest = one.write("lost").await.unwrap();
    other.reaches(newest).await;
    server.cli(&["FLUSHALL"]);
    for node in [&one, &other] {
        node.becomes_diverged().await;
        refuses_to_write(node).await;
        assert!(node.serves("lost"));
    }
    assert_eq!(server.cli(&["DBSIZE"]), "0");
    assert!(one.decide(Right::Held).await.is_err(), "there is nothing");
    let revision = other.decide(Right::Served).await.unwrap();
    go_on([&one, &other], revision).await;
    assert!(one.serves("lost") && other.serves("lost"));
    assert!(one.decide(Right::Served).await.is_err(), "all is well");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_lost_is_noticed_though_others_have_written_since() {
    let mut server = RedisServer::start(Options::volatile());
    let proxy = Proxy::before(server.port());
    let cut_off = Node::open(&options(server.url_at(proxy.port()))).await;
    cut_off.found().await;
    cut_off.write("kept").await.unwrap();
    server.cli(&["SAVE"]);
    let newest = cut_off.write("lost").await.unwrap();
    proxy.set(Weather::Cut);
    server.kill();
    server.restart();
    // A node that never knew of the loss writes as many changes as were lost, and one more.
    let innocent = Node::open(&options(server.url())).await;
    innocent.write("instead").await.unwrap();
    innocent.write("later").await.unwrap();
    assert!(innocent.revision() > newest);
    proxy.heal();
    cut_off.becomes_diverged().await;
    assert!(cut_off.serves("lost") && !cut_off.serves("later"));
    refuses_to_write(&cut_off).await;
    let revision = cut_off.decide(Right::Held).await;
    let revision = revision.unwrap_or_else(|error| panic!("{error:?}"));
    go_on([&cut_off, &innocent], revision).await;
    assert!(!cut_off.serves("lost") && cut_off.serves("instead"));
}

/// Everybody sees that what is served is not what Redis holds.
fn see_a_loss(apps: &[TestApp], served: &str) {
    for app in apps {
        wait_for("it says that it diverged", || {
            (standing(app).as_deref() == Some("diverged")).then_some(())
        });
        let message = refuses(app, "during");
        assert!(message.contains("reseed"), "{message}");
        assert!(serves(app, served));
    }
}

/// An operator says over HTTP which side is right, and both nodes go on.
fn decide_over_http(apps: &[TestApp], right: &str) {
    let path = format!("/api/admin/store/{right}");
    apps[1].backend().post(&path, json!({})).expect(403);
    let newest = revision(&apps[0]);
    let decided = apps[1].admin().post(&path, json!({})).expect(200).json();
    assert!(decided["revision"].as_u64().unwrap() > newest, "{decided}");
    for (place, app) in apps.iter().enumerate() {
        wait_for("it says that all is well", || {
            standing(app).is_none().then_some(())
        });
        accepts(app, &format!("after-{right}-{place}"));
        assert!(!serves(app, "during"));
    }
    for app in apps {
        wait_for("both serve what was written last", || {
            let last = format!("after-{right}-{}", apps.len() - 1);
            serves(app, &last).then_some(())
        });
    }
    let refused = apps[1].admin().post(&path, json!({})).expect(409).json();
    assert_eq!(refused["name"], "ConflictError", "{refused}");
}

fn revision(app: &TestApp) -> u64 {
    let body = app.backend().get("/api/client/features").expect(200).json();
    body["meta"]["revisionId"].as_u64().unwrap()
}

#[test]
fn sdks_and_operators_see_a_loss_and_the_nodes_are_right() {
    let server = RedisServer::start(Options::always());
    let apps = [app(&server.url()), app(&server.url())];
    create(&apps[0], "before").expect(201);
    wait_for("both serve it", || serves(&apps[1], "before").then_some(()));
    let watched = Served::watch(&apps);
    server.cli(&["FLUSHALL"]);
    see_a_loss(&apps, "before");
    assert_eq!(server.cli(&["EXISTS", "{burgee}:meta"]), "0");
    let empty = apps[0].admin().post("/api/admin/store/adopt", json!({}));
    empty.expect(409);
    decide_over_http(&apps, "reseed");
    for app in &apps {
        assert!(serves(app, "before"));
    }
    watched.end();
}

#[test]
fn sdks_and_operators_see_an_older_dump_and_it_is_right() {
    let mut server = RedisServer::start(Options::volatile());
    let apps = [app(&server.url()), app(&server.url())];
    create(&apps[0], "kept").expect(201);
    server.cli(&["SAVE"]);
    create(&apps[0], "lost").expect(201);
    wait_for("both serve it", || serves(&apps[1], "lost").then_some(()));
    let watched = Served::watch(&apps);
    server.kill();
    server.restart();
    see_a_loss(&apps, "lost");
    decide_over_http(&apps, "adopt");
    for app in &apps {
        assert!(serves(app, "kept") && !serves(app, "lost"));
    }
    watched.end();
}
