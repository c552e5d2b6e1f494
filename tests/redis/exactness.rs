//! Every count that was acknowledged is there in the end, once: in the admin API, in Prometheus and in Redis, whatever
//! happened to Redis and to the nodes meanwhile.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::outages::with;
use crate::rig::{Options, PATIENCE, Proxy, RedisServer, Weather, wait_for};
use crate::served::{create, serves};

const FLAGS: [&str; 3] = ["one", "two", "three"];
/// Reports to each node in each part of the test.
const REPORTS: u64 = 15;

/// How often flags were on, off, and given with a variant.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
struct Sums {
    yes: u64,
    no: u64,
    variants: u64,
}

impl std::ops::Add for Sums {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            yes: self.yes + other.yes,
            no: self.no + other.no,
            variants: self.variants + other.variants,
        }
    }
}

fn node(url: &str) -> TestApp {
    with(url, &["--usage-flush-interval", "1"])
}

/// What an SDK reports. Every number of `place` gives other counts.
fn report(app: &TestApp, place: u64) -> Sums {
    let toggles: serde_json::Map<String, Value> = FLAGS
        .iter()
        .map(|flag| {
            let counts =
                json!({"yes": place + 1, "no": 1, "variants": {"blue": place, "green": 1}});
            ((*flag).to_owned(), counts)
        })
        .collect();
    let body = json!({"appName": format!("app-{}", place % 4), "instanceId": "i", "bucket": {
        "start": "2026-01-31T10:00:00Z", "stop": "2026-01-31T10:01:00Z", "toggles": toggles,
    }});
    app.backend().post("/api/client/metrics", body).expect(202);
    let flags = FLAGS.len() as u64;
    Sums {
        yes: flags * (place + 1),
        no: flags,
        variants: flags * (place + 1),
    }
}

fn reports(apps: [&TestApp; 2]) -> Sums {
    let mut sums = Sums::default();
    for place in 0..REPORTS {
        for app in apps {
            sums = sums + report(app, place);
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    sums
}

fn told_by_api(app: &TestApp) -> Sums {
    let mut sums = Sums::default();
    for flag in FLAGS {
        let path = format!("/api/admin/client-metrics/features/{flag}/raw?hoursBack=9600");
        let answer = app.admin().get(&path);
        if answer.status == 503 {
            return Sums::default();
        }
        for row in answer.expect(200).json()["data"].as_array().unwrap() {
            let variants = row["variants"].as_object();
            sums.yes += row["yes"].as_u64().unwrap();
            sums.no += row["no"].as_u64().unwrap();
            let variants = variants.into_iter().flatten();
            sums.variants += variants.map(|(_, it)| it.as_u64().unwrap()).sum::<u64>();
        }
    }
    sums
}

fn told_to_prometheus(app: &TestApp) -> Sums {
    let text = app.anonymous().get("/internal-backstage/prometheus");
    let text = text.expect(200).text();
    let sum = |family: &str, label: &str| -> u64 {
        let of_family = text.lines().filter(|line| line.starts_with(family));
        let numbers = of_family
            .filter(|line| line.contains(label))
            .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap());
        numbers.sum()
    };
    Sums {
        yes: sum("feature_toggle_usage_total{", "active=\"true\""),
        no: sum("feature_toggle_usage_total{", "active=\"false\""),
        variants: sum("burgee_variant_usage_total{", ""),
    }
}

fn held_by_redis(server: &RedisServer) -> Sums {
    let mut sums = Sums::default();
    let keys = server.cli(&["KEYS", "{burgee:usage}:counts:*"]);
    for key in keys.lines() {
        let fields = server.ask(&["HGETALL", key]).unwrap().into_list();
        for pair in fields.chunks(2) {
            let (field, count) = (pair[0].to_string(), pair[1].to_string());
            let count: u64 = count.parse().unwrap();
            match field.as_bytes()[0] {
                b'y' => sums.yes += count,
                b'n' => sums.no += count,
                _ => sums.variants += count,
            }
        }
    }
    sums
}

#[test]
fn every_count_is_there_once_whatever_happened() {
    let mut server = RedisServer::start(Options::always());
    let proxy = Proxy::before(server.port());
    let steady = node(&server.url());
    let shaken = node(&server.url_at(proxy.port()));
    for flag in FLAGS {
        create(&steady, flag).expect(201);
    }
    wait_for("both serve all flags", || {
        serves(&shaken, FLAGS[2]).then_some(())
    });
    let mut sent = reports([&steady, &shaken]);
    // Reports are written, and the node hears nothing of it.
    for _ in 0..3 {
        proxy.set(Weather::LosesAnswerTo("EVALSHA"));
        sent = sent + reports([&steady, &shaken]);
    }
    proxy.set(Weather::Silent);
    sent = sent + reports([&steady, &shaken]);
    proxy.heal();
    server.kill();
    sent = sent + reports([&steady, &shaken]);
    server.restart();
    sent = sent + reports([&steady, &shaken]);
    server.pause();
    sent = sent + reports([&steady, &shaken]);
    std::thread::sleep(Duration::from_millis(1200));
    server.resume();
    // A node ends in peace with counts that are not written yet, and another one begins.
    sent = sent + report(&shaken, 7);
    let ended = told_to_prometheus(&shaken);
    drop(shaken);
    let fresh = node(&server.url_at(proxy.port()));
    sent = sent + reports([&steady, &fresh]);
    for app in [&steady, &fresh] {
        let limit = Instant::now() + PATIENCE;
        while told_by_api(app) != sent {
            let told = told_by_api(app);
            assert!(
                Instant::now() < limit,
                "{sent:?} were sent, {told:?} are told"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    assert_eq!(held_by_redis(&server), sent);
    let scraped = told_to_prometheus(&steady) + told_to_prometheus(&fresh) + ended;
    assert_eq!(scraped, sent);
}
