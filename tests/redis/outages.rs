//! Redis is away, in every way it can be: flags are served, changes are refused, and afterwards everything works again
//! without a restart.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use crate::harness::TestApp;
use crate::rig::{Options, Proxy, RedisServer, Weather, wait_for};
use crate::served::{Served, accepts, create, refuses, serves, standing};

/// A server on the Redis at an address.
pub(crate) fn app(url: &str) -> TestApp {
    with(url, &[])
}

/// The same with more options.
pub(crate) fn with(url: &str, more: &[&str]) -> TestApp {
    let mut arguments = vec!["--store", "redis", "--redis-url", url];
    arguments.extend(["--redis-timeout", "300"]);
    arguments.extend(more);
    TestApp::with(&arguments)
}

/// What every outage looks like, and that it ends.
fn outage(server: &RedisServer, begin: impl FnOnce(), end: impl FnOnce()) {
    let apps = [app(&server.url()), app(&server.url())];
    outage_of(&apps, begin, end);
}

fn outage_of(apps: &[TestApp], begin: impl FnOnce(), end: impl FnOnce()) {
    create(&apps[0], "before").expect(201);
    for app in apps {
        wait_for("all serve it", || serves(app, "before").then_some(()));
    }
    let watched = Served::watch(apps);
    begin();
    for app in apps {
        refuses(app, "during");
        says_away(app);
        assert!(serves(app, "before"));
    }
    end();
    for (place, app) in apps.iter().enumerate() {
        accepts(app, &format!("after-{place}"));
        wait_for("it says that all is well", || {
            standing(app).is_none().then_some(())
        });
    }
    for app in apps {
        wait_for("all serve what was written last", || {
            serves(app, &format!("after-{}", apps.len() - 1)).then_some(())
        });
        assert!(serves(app, "before"));
    }
    watched.end();
}

fn says_away(app: &TestApp) {
    wait_for("it says that Redis is away", || {
        (standing(app).as_deref() == Some("away")).then_some(())
    });
}

/// The process ends, and starts again with the files it has.
fn ended_by(end: fn(&mut RedisServer)) {
    let server = RefCell::new(RedisServer::start(Options::always()));
    let url = server.borrow().url();
    let apps = [app(&url), app(&url)];
    let start = || server.borrow_mut().restart();
    outage_of(&apps, || end(&mut server.borrow_mut()), start);
}

#[test]
fn redis_is_stopped() {
    ended_by(RedisServer::stop);
}

#[test]
fn redis_is_killed() {
    ended_by(RedisServer::kill);
}

#[test]
fn redis_is_paused() {
    let server = RedisServer::start(Options::every_second());
    outage(&server, || server.pause(), || server.resume());
}

#[test]
fn redis_is_slow() {
    let server = RedisServer::start(Options::volatile());
    let proxy = Proxy::before(server.port());
    let app = app(&server.url_at(proxy.port()));
    let watched = Served::watch(std::slice::from_ref(&app));
    // Slow, but within the limit: everything works, only later.
    proxy.set(Weather::Slow(Duration::from_millis(40)));
    create(&app, "slow").expect(201);
    proxy.heal();
    watched.end();
    let (slow, fair) = (
        || proxy.set(Weather::Slow(Duration::from_millis(400))),
        || proxy.heal(),
    );
    outage_of(&[app], slow, fair);
}

#[test]
fn one_node_is_cut_off() {
    let server = RedisServer::start(Options::always());
    let proxy = Proxy::before(server.port());
    let (lonely, other) = (app(&server.url_at(proxy.port())), app(&server.url()));
    create(&lonely, "before").expect(201);
    for weather in [Weather::Cut, Weather::Silent] {
        let apps = [&lonely, &other];
        let watched = Served::watch(apps);
        proxy.set(weather);
        let name = format!("during-{weather:?}");
        refuses(&lonely, &format!("refused-{weather:?}"));
        create(&other, &name).expect(201);
        says_away(&lonely);
        assert_eq!(standing(&other), None);
        assert!(!serves(&lonely, &name));
        proxy.heal();
        wait_for("the lonely node catches up", || {
            serves(&lonely, &name).then_some(())
        });
        accepts(&lonely, &format!("after-{weather:?}"));
        watched.end();
    }
}

#[test]
fn memory_is_full() {
    let server = RedisServer::start(Options::volatile().set("maxmemory-policy", "noeviction"));
    let app = app(&server.url());
    create(&app, "before").expect(201);
    let watched = Served::watch([&app]);
    server.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    let revision = server.cli(&["HGET", "{burgee}:meta", "revision"]);
    refuses(&app, "during");
    assert_eq!(server.cli(&["HGET", "{burgee}:meta", "revision"]), revision);
    assert!(serves(&app, "before"));
    server.cli(&["CONFIG", "SET", "maxmemory", "0"]);
    accepts(&app, "after");
    watched.end();
}

#[test]
fn it_is_a_replica_that_refuses_writes() {
    let master = RedisServer::start(Options::volatile());
    create(&app(&master.url()), "before").expect(201);
    let replica = RedisServer::start(Options::volatile().replica_of(master.port()));
    wait_for("the replica has everything", || {
        (replica.info("master_link_status") == "up").then_some(())
    });
    let app = app(&replica.url());
    assert!(serves(&app, "before"));
    let watched = Served::watch([&app]);
    refuses(&app, "during");
    replica.cli(&["REPLICAOF", "NO", "ONE"]);
    accepts(&app, "after");
    watched.end();
}

#[test]
fn the_password_was_changed() {
    let server = RedisServer::start(Options::volatile().password("first"));
    let change = |password: &str| {
        server.cli(&["CONFIG", "SET", "requirepass", password]);
        for kind in ["normal", "pubsub"] {
            server.cli(&["CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes"]);
        }
    };
    outage(&server, || change("second"), || change("first"));
}

#[test]
fn scripts_are_forgotten() {
    let server = RedisServer::start(Options::volatile());
    let app = app(&server.url());
    for round in 0..3 {
        create(&app, &format!("flag-{round}")).expect(201);
        server.cli(&["SCRIPT", "FLUSH"]);
    }
    create(&app, "after").expect(201);
}

#[test]
fn connections_are_closed() {
    let server = RedisServer::start(Options::volatile());
    let app = app(&server.url());
    for round in 0..10 {
        server.cli(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
        create(&app, &format!("flag-{round}")).expect(201);
    }
}

#[test]
fn a_node_starts_without_redis_from_its_copy() {
    let mut server = RedisServer::start(Options::always());
    let folder = tempfile::tempdir().unwrap();
    let more = ["--snapshot-dir", folder.path().to_str().unwrap()];
    let node = with(&server.url(), &more);
    create(&node, "before").expect(201);
    // Dropping it stops it in order, which writes the copy.
    drop(node);
    server.kill();
    let begun = Instant::now();
    let app = with(&server.url(), &more);
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(serves(&app, "before"));
    says_away(&app);
    refuses(&app, "during");
    server.restart();
    accepts(&app, "after");
    wait_for("it says that all is well", || {
        standing(&app).is_none().then_some(())
    });
    assert!(serves(&app, "before"));
}
