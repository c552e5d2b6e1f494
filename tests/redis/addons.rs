//! Nodes share the telling of events: each is told once, whoever stops or dies.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use burgee::domain::delivery::{Delivery, DeliveryState};
use burgee::domain::event::Event;
use burgee::domain::names::AddonId;
use burgee::domain::time::Timestamp;
use burgee::store::{EventQuery, Store};
use serde_json::json;

use crate::harness::{ADMIN, TestApp};
use crate::listener::{Listener, Received};
use crate::node::{Node, options};
use crate::outages::with;
use crate::process::Server;
use crate::rig::{Options, Proxy, RedisServer, Weather, wait_for};
use crate::served::create;

const ADDONS: &str = "/api/admin/addons";

/// How long another node may take to go on where one died: its claim ends, and the other one looks for that.
const TAKEN_OVER: Duration = Duration::from_secs(45);

fn node(server: &RedisServer) -> TestApp {
    with(&server.url(), &["--addons-allow-private"])
}

/// Has the listener told about new flags.
fn tell(app: &TestApp, listener: &Listener) {
    let wish = json!({
        "provider": "webhook", "enabled": true, "parameters": {"url": listener.url("/")},
        "events": ["feature-created"],
    });
    app.admin().post(ADDONS, wish).expect(201);
}

fn flag(told: &Received) -> String {
    told.json()["featureName"].as_str().unwrap().to_owned()
}

/// How many deliveries are noted.
fn noted(app: &TestApp) -> usize {
    let noted = app
        .admin()
        .get(&format!("{ADDONS}/1/events?limit=100"))
        .expect(200);
    noted.json()["integrationEvents"].as_array().unwrap().len()
}

/// What is told until nobody tells anything any more, by flag.
fn all_told(listener: &Listener, wanted: usize) -> BTreeMap<String, usize> {
    let mut told = BTreeMap::new();
    while told.len() < wanted {
        *told.entry(flag(&listener.next())).or_default() += 1;
    }
    while let Some(more) = listener.within(Duration::from_secs(1)) {
        *told.entry(flag(&more)).or_default() += 1;
    }
    told
}

#[test]
fn each_of_many_events_is_told_once() {
    const EACH: usize = 45;
    let server = RedisServer::start(Options::volatile());
    let nodes = [node(&server), node(&server)];
    let listener = Listener::start(0);
    tell(&nodes[0], &listener);
    std::thread::scope(|scope| {
        for (place, app) in nodes.iter().enumerate() {
            scope.spawn(move || {
                for number in 0..EACH {
                    create(app, &format!("flag-{place}-{number}")).expect(201);
                }
            });
        }
    });
    let told = all_told(&listener, 2 * EACH);
    assert_eq!(told.len(), 2 * EACH);
    let more: Vec<_> = told.iter().filter(|(_, times)| **times != 1).collect();
    assert!(more.is_empty(), "told more than once: {more:?}");
    wait_for("all is noted", || {
        (noted(&nodes[1]) == 2 * EACH).then_some(())
    });
}

/// Tells about all but one flag, which fails until it is allowed.
fn stubborn(name: &'static str) -> (Listener, Arc<AtomicBool>) {
    let allowed = Arc::new(AtomicBool::new(false));
    let its = Arc::clone(&allowed);
    let listener = Listener::answering(move |told| {
        let fails = flag(told) == name && !its.load(Ordering::SeqCst);
        Some(if fails { 500 } else { 200 })
    });
    (listener, allowed)
}

#[test]
fn what_a_node_that_stops_has_not_told_another_one_tells() {
    let server = RedisServer::start(Options::volatile());
    let (listener, allowed) = stubborn("hard");
    let one = node(&server);
    tell(&one, &listener);
    create(&one, "hard").expect(201);
    // The second try comes after a second, the third five seconds later.
    for _ in 0..2 {
        assert_eq!(flag(&listener.next()), "hard");
    }
    let other = node(&server);
    create(&other, "easy").expect(201);
    assert_eq!(flag(&listener.next()), "easy");
    allowed.store(true, Ordering::SeqCst);
    let begun = Instant::now();
    drop(one);
    assert!(begun.elapsed() < Duration::from_secs(4), "it stops at once");
    let told = listener.within(TAKEN_OVER).expect("the other tells it");
    assert_eq!(flag(&told), "hard");
    listener.assert_silent();
    wait_for("both are noted", || (noted(&other) == 2).then_some(()));
}

#[test]
fn what_was_left_out_is_told_after_all_nodes_have_been_replaced() {
    let server = RedisServer::start(Options::volatile());
    let (listener, allowed) = stubborn("hard");
    let nodes = [node(&server), node(&server)];
    tell(&nodes[0], &listener);
    create(&nodes[0], "hard").expect(201);
    assert_eq!(flag(&listener.next()), "hard");
    // One of the two is busy with it; the other one tells the rest.
    let rest = ["a", "b", "c"];
    for name in rest {
        create(&nodes[0], name).expect(201);
    }
    let told = all_told(&listener, 4);
    assert!(rest.iter().all(|name| told[*name] == 1), "{told:?}");
    drop(nodes);
    while listener.within(Duration::from_millis(100)).is_some() {}
    allowed.store(true, Ordering::SeqCst);
    let next = node(&server);
    assert_eq!(flag(&listener.next()), "hard");
    listener.assert_silent();
    wait_for("all are noted", || (noted(&next) == 4).then_some(()));
}

#[test]
fn what_a_killed_node_was_telling_another_one_tells() {
    let server = RedisServer::start(Options::volatile());
    let mut first = true;
    let listener = Listener::answering(move |_| (!std::mem::take(&mut first)).then_some(200));
    let doomed = Server::with(&[
        "--redis-url",
        &server.url(),
        "--addons-allow-private",
        "--init-admin-api-tokens",
        ADMIN,
    ]);
    let other = node(&server);
    tell(&other, &listener);
    // Which of two takes an event is for them to settle; here it has to be the one that is killed.
    drop(other);
    let made = doomed.ask(
        "POST",
        "/api/admin/projects/default/features",
        ADMIN,
        "{\"name\":\"cut-off\"}",
    );
    assert!(made.starts_with("HTTP/1.1 201"), "{made}");
    assert_eq!(flag(&listener.next()), "cut-off");
    doomed.signal("-KILL");
    let other = node(&server);
    for number in 0..5 {
        create(&other, &format!("later-{number}")).expect(201);
    }
    let mut told: Vec<String> = (0..5).map(|_| flag(&listener.next())).collect();
    told.sort();
    assert_eq!(
        told,
        ["later-0", "later-1", "later-2", "later-3", "later-4"]
    );
    let last = listener.within(TAKEN_OVER).expect("the other tells it");
    assert_eq!(flag(&last), "cut-off");
    listener.assert_silent();
    wait_for("all are noted", || (noted(&other) == 6).then_some(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_whose_answer_is_lost_is_noted_once() {
    let server = RedisServer::start(Options::volatile());
    let proxy = Proxy::before(server.port());
    let node = Node::open(&options(server.url_at(proxy.port()))).await;
    node.found().await;
    node.write("told").await.unwrap();
    let events = node.store.events(&EventQuery::default()).await.unwrap();
    for (number, event) in (1..).zip(&events.events) {
        proxy.set(Weather::LosesAnswerTo("EVALSHA"));
        let delivery = Delivery {
            id: 0,
            addon: AddonId(1),
            at: Timestamp::from_millis(1),
            event: Event::clone(event),
            state: DeliveryState::Success,
            state_details: String::new(),
            details: json!({"a": "line\nand another"}),
        };
        node.store.add_delivery(delivery.into()).await.unwrap();
        assert_eq!(proxy.lost(), number, "an answer was lost");
    }
    let noted = node.store.deliveries(AddonId(1)).await.unwrap();
    assert_eq!(noted.len(), events.events.len());
    assert!(noted.len() >= 2);
    node.close().await;
}
