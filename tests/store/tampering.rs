//! Somebody else wrote into Redis: what cannot be read keeps nobody from being told or counted.

use burgee::domain::names::{AddonId, FlagName};
use burgee::domain::state::State;
use burgee::domain::usage::{Sightings, UsageQuery};
use burgee::store::Store;

use crate::filling::delivery;
use crate::load::{before, report};
use crate::rig::RedisServer;
use crate::shared;

const KINDS: [&str; 5] = ["application", "card", "instance", "seen", "unknown"];

/// Writes nonsense in place of everything that was seen.
fn spoil(server: &RedisServer) {
    for kind in KINDS {
        let key = format!("{{burgee:usage}}:{kind}");
        let fields = server.cli(&["HKEYS", &key]);
        assert!(!fields.is_empty(), "{kind}");
        for field in fields.lines() {
            server.cli(&["HSET", &key, field, "{\"half\":"]);
        }
    }
}

fn kinds(seen: &Sightings) -> [usize; 5] {
    [
        seen.applications.len(),
        seen.cards.len(),
        seen.instances.len(),
        seen.last_seen.len(),
        seen.unknown_flags.len(),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spoilt_sightings_begin_anew_and_nothing_is_counted_twice() {
    let server = RedisServer::start(Default::default());
    let store = shared(&server).await;
    let add = async |version: &str| {
        let report = report("a", version, 3, 5);
        store.add_usage(report.into()).await.unwrap();
    };
    add("sdk:1").await;
    let whole = kinds(&store.sightings().await.unwrap());
    assert!(whole.iter().all(|count| *count > 0), "{whole:?}");
    spoil(&server);
    assert_eq!(kinds(&store.sightings().await.unwrap()), [0; 5]);
    for version in ["sdk:2", "sdk:3"] {
        add(version).await;
    }
    let seen = store.sightings().await.unwrap();
    assert_eq!(kinds(&seen), whole);
    let versions = &seen.applications[0].sdk_versions;
    assert_eq!(versions.iter().collect::<Vec<_>>(), ["sdk:2", "sdk:3"]);
    let query = UsageQuery {
        flag: Some(FlagName::trusted("a")),
        ..UsageQuery::default()
    };
    let rows = store.usage(&query).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.yes).sum::<u64>(), 3 * (5 + 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_forgotten_with_what_is_old() {
    let server = RedisServer::start(Default::default());
    let store = shared(&server).await;
    store
        .add_usage(report("a", "sdk:1", 3, 5).into())
        .await
        .unwrap();
    for kind in KINDS {
        let key = format!("{{burgee:usage}}:{kind}");
        server.cli(&["HSET", &key, "whose?", "nonsense"]);
    }
    store.prune_usage(before(0)).await.unwrap();
    for kind in KINDS {
        let key = format!("{{burgee:usage}}:{kind}");
        assert_eq!(server.cli(&["HEXISTS", &key, "whose?"]), "0", "{kind}");
    }
    assert_eq!(store.sightings().await.unwrap().applications.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spoilt_delivery_hides_no_other() {
    let server = RedisServer::start(Default::default());
    let store = shared(&server).await;
    let told = delivery(&State::default(), 1, 1);
    store.add_delivery(told.into()).await.unwrap();
    server.cli(&["LPUSH", "{burgee}:delivery:1", "7 nonsense"]);
    let noted = store.deliveries(AddonId(1)).await.unwrap();
    assert_eq!(noted.iter().map(|it| it.id).collect::<Vec<_>>(), [1]);
}
