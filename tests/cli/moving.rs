//! From a data folder to Redis, between namespaces, and back: the same instance everywhere.

use std::fs;
use std::path::Path;

use crate::backups::{add_flag, bad, compare, good, start, stopped, text};
use crate::rig::{Options, RedisServer};

fn copy(from: &str, to: &str, more: &[&str]) -> Vec<String> {
    let always = ["store", "copy", "--from", from, "--to", to];
    always.iter().chain(more).map(|it| (*it).into()).collect()
}

fn as_texts(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

#[test]
fn an_instance_moves_to_redis_and_back() {
    let (folder, file) = stopped();
    let place = |name: &str| text(&folder.path().join(name)).to_owned();
    let server = RedisServer::start(Options::always().password("planted"));
    let url = server.url();
    let done = |words: &[String]| good(&as_texts(words));

    let said = done(&copy(&place("data"), &url, &[]));
    assert!(
        said.contains("namespace burgee of Redis holds what"),
        "{said}"
    );
    let said = bad(&as_texts(&copy(&place("data"), &url, &[])));
    assert!(
        said.contains("not empty") && !said.contains("planted"),
        "{said}"
    );
    let said = bad(&as_texts(&copy(&url, &url, &[])));
    assert!(said.contains("the same store"), "{said}");
    done(&copy(&url, &url, &["--to-namespace", "second"]));

    let shared = ["--redis-url", &url, "--redis-namespace"];
    let offline = place("offline.backup");
    good(&[&["backup", "--offline", &offline][..], &shared, &["second"]].concat());
    for name in [&offline, text(&file)] {
        let restored = format!("of-{}", Path::new(name).file_name().unwrap().display());
        good(&[&["restore", name][..], &shared, &[&restored]].concat());
        let from = ["--from-namespace", restored.as_str()];
        done(&copy(&url, &place(&restored), &from));
    }
    let said = bad(&[&["restore", &offline][..], &shared, &["second"]].concat());
    assert!(said.contains("not empty"), "{said}");
    let said = bad(&[
        &["restore", "--replace", &offline][..],
        &shared,
        &["second"],
    ]
    .concat());
    assert!(said.contains("cannot be moved aside"), "{said}");

    for name in ["of-offline.backup", "of-flags.backup"] {
        let one = start(&folder.path().join("data"));
        let other = start(&folder.path().join(name));
        compare(&one, &other);
        add_flag(&other, "one-more");
        one.stop();
        other.stop();
    }
}

#[test]
fn half_a_store_in_redis_is_not_taken_for_a_whole_one() {
    let (folder, file) = stopped();
    let server = RedisServer::start(Options::volatile());
    // As it is while it is being filled.
    server.cli(&["HSET", "{burgee}:meta", "format", "1", "filling", "7"]);
    server.cli(&["HSET", "{burgee}:entity", "flag/old", "nonsense"]);
    let shared = ["--redis-url", &server.url()];
    let said = bad(&[&["--port", "0"], &shared[..]].concat());
    assert!(said.contains("is incomplete"), "{said}");
    let backup = text(&folder.path().join("no.backup")).to_owned();
    let said = bad(&[&["backup", "--offline", &backup], &shared[..]].concat());
    assert!(said.contains("is incomplete"), "{said}");
    good(&[&["restore", text(&file)], &shared[..]].concat());
    good(&[&["backup", "--offline", &backup], &shared[..]].concat());
    assert!(fs::metadata(&backup).unwrap().len() > 0);
}
