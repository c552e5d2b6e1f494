//! The rig itself: each part does what tests take it for.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::rig::{
    Cluster, Options, Proxy, RedisServer, Reply, Sentinel, Weather, ask_port, wait_for,
};

/// An answer through the port that clients use, without waiting long.
fn through(port: u16, words: &[&str]) -> Option<Reply> {
    ask_port(port, words, Duration::from_millis(500))
}

#[test]
fn a_server_keeps_its_files_over_a_crash() {
    let mut server = RedisServer::start(Options::always());
    server.cli(&["SET", "key", "größe"]);
    server.kill();
    assert!(server.ask(&["PING"]).is_err());
    let url = server.url();
    server.restart();
    assert_eq!(server.url(), url);
    assert_eq!(server.cli(&["GET", "key"]), "größe");
    assert!(server.directory().join("appendonlydir").exists());
    server.stop();
    server.restart();
    assert_eq!(server.cli(&["GET", "key"]), "größe");
    let directory = server.directory().to_owned();
    drop(server);
    assert!(!directory.exists());
}

#[test]
fn a_server_without_files_forgets() {
    let mut server = RedisServer::start(Options::volatile());
    server.cli(&["SET", "key", "value"]);
    server.kill();
    server.restart();
    assert_eq!(server.ask(&["GET", "key"]).unwrap(), Reply::Nothing);
}

#[test]
fn a_paused_server_answers_when_it_goes_on() {
    let server = RedisServer::start(Options::every_second());
    server.pause();
    assert_eq!(through(server.port(), &["PING"]), None);
    server.resume();
    assert_eq!(server.cli(&["PING"]), "PONG");
}

#[test]
fn strangers_are_kept_out() {
    let server = RedisServer::start(Options::volatile().password("secret"));
    let refused = through(server.port(), &["PING"]).unwrap().to_string();
    assert!(refused.starts_with("NOAUTH"), "{refused}");
    let welcome = through(server.port(), &["AUTH", "secret"]).unwrap();
    assert_eq!(welcome.to_string(), "OK");
    assert!(server.url().starts_with("redis://:secret@127.0.0.1:"));

    let options = Options::volatile().user("burgee", "word", "~burgee:* +get");
    let server = RedisServer::start(options);
    let refused = through(server.port(), &["AUTH", "burgee", "other"]).unwrap();
    assert!(matches!(refused, Reply::Error(_)), "{refused}");
    let welcome = through(server.port(), &["AUTH", "burgee", "word"]).unwrap();
    assert_eq!(welcome.to_string(), "OK");
    assert!(server.url().starts_with("redis://burgee:word@127.0.0.1:"));
    let rights = |words: &[&str]| server.cli(&[&["ACL", "DRYRUN", "burgee"], words].concat());
    assert_eq!(rights(&["GET", "burgee:a"]), "OK");
    assert!(rights(&["SET", "burgee:a", "b"]).contains("no permissions"));
    assert!(rights(&["GET", "other"]).contains("no permissions"));
}

#[test]
fn tls_is_spoken_with_an_authority_of_its_own() {
    let server = RedisServer::start(Options::volatile().tls());
    assert!(server.url().starts_with("rediss://127.0.0.1:"));
    let client = |authority: &[&str]| {
        let port = server.port().to_string();
        let output = Command::new("redis-cli")
            .args(["--tls", "-h", "127.0.0.1", "-p", &port])
            .args(authority)
            .arg("PING")
            .output()
            .expect("redis-cli; `make packages` installs it");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let authority = server.authority().unwrap().to_str().unwrap();
    assert_eq!(client(&["--cacert", authority]), "PONG\n");
    assert_eq!(client(&[]), "", "nobody else vouches for it");
    assert_eq!(server.cli(&["PING"]), "PONG");
}

#[test]
fn memory_has_an_end() {
    let server = RedisServer::start(Options::volatile().max_memory("3mb"));
    let value = "x".repeat(4096);
    let is_full = (0..2000).any(|number| {
        let answer = server.ask(&["SET", &format!("key-{number}"), &value]);
        matches!(answer.unwrap(), Reply::Error(error) if error.starts_with("OOM"))
    });
    assert!(is_full);
}

#[test]
fn a_replica_copies_and_refuses_writes() {
    let master = RedisServer::start(Options::volatile());
    let replica = RedisServer::start(Options::volatile().replica_of(master.port()));
    master.cli(&["SET", "key", "value"]);
    wait_for("the replica has the key", || {
        (replica.cli(&["GET", "key"]) == "value").then_some(())
    });
    let refused = replica.ask(&["SET", "key", "other"]).unwrap().to_string();
    assert!(refused.starts_with("READONLY"), "{refused}");
}

#[test]
fn sentinels_choose_another_master() {
    let mut sentinel = Sentinel::start(Options::every_second());
    assert_eq!(sentinel.servers().len(), 3);
    assert!(sentinel.url().starts_with("redis-sentinel://127.0.0.1:"));
    sentinel.master().cli(&["SET", "key", "value"]);
    assert_eq!(sentinel.master().cli(&["WAIT", "2", "5000"]), "2");
    let first = sentinel.master_port();
    let second = sentinel.failover();
    assert_ne!(first, second);
    sentinel.wait_until_agreed();

    sentinel.server_mut(second).kill();
    let third = sentinel.wait_for_another_master(second);
    assert_ne!(third, second);
    assert_eq!(sentinel.master().cli(&["GET", "key"]), "value");
    sentinel.server_mut(second).restart();
    sentinel.wait_until_agreed();
    assert_eq!(sentinel.master_port(), third);
}

#[test]
fn a_cluster_is_whole_and_replaces_a_master() {
    let mut cluster = Cluster::with_replicas(Options::volatile());
    assert_eq!(cluster.nodes().len(), 6);
    let owner = cluster.owner("{burgee}:meta");
    cluster
        .node_mut(owner)
        .cli(&["SET", "{burgee}:meta", "value"]);
    assert_eq!(cluster.node_mut(owner).cli(&["WAIT", "1", "5000"]), "1");
    let stranger = &cluster.nodes()[(owner + 1) % 3];
    let moved = stranger.ask(&["GET", "{burgee}:meta"]).unwrap().to_string();
    assert!(moved.starts_with("MOVED"), "{moved}");

    cluster.node_mut(owner).kill();
    let next = wait_for("the replica takes over", || {
        Some(cluster.owner("{burgee}:meta")).filter(|next| *next != owner)
    });
    assert_eq!(
        cluster.nodes()[next].cli(&["GET", "{burgee}:meta"]),
        "value"
    );
}

#[test]
fn three_masters_are_a_cluster() {
    let cluster = Cluster::start(Options::volatile());
    assert_eq!(cluster.nodes().len(), 3);
    assert!(cluster.owner("{burgee}:meta") < 3);
    assert_eq!(cluster.url().matches("127.0.0.1:").count(), 3);
}

#[test]
fn the_network_can_be_spoilt_and_healed() {
    let server = RedisServer::start(Options::volatile());
    let proxy = Proxy::before(server.port());
    let ping = || through(proxy.port(), &["PING"]).map(|reply| reply.to_string());
    let pong = Some("PONG".to_owned());
    assert_eq!(ping(), pong);

    proxy.set(Weather::Cut);
    assert_eq!(ping(), None);
    proxy.set(Weather::Silent);
    assert_eq!(ping(), None);
    proxy.heal();
    assert_eq!(ping(), pong);

    proxy.set(Weather::Slow(Duration::from_millis(100)));
    let before = Instant::now();
    assert_eq!(ping(), pong);
    assert!(before.elapsed() >= Duration::from_millis(200));

    proxy.set(Weather::LosesAnswerTo("INCR"));
    assert_eq!(ping(), pong);
    assert_eq!(through(proxy.port(), &["INCR", "count"]), None);
    assert_eq!(proxy.lost(), 1);
    assert_eq!(server.cli(&["GET", "count"]), "1");
    assert_eq!(ping(), pong);
}
