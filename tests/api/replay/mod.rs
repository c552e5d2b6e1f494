//! Requests recorded from SDKs, sent to us, and the answers compared with those the reference server gave.

mod compare;
mod differences;
mod seed;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use serde::Deserialize;
use serde_json::Value;

use crate::harness::{Answer, TestApp};
use crate::parity::Evidence;
use differences::{DIFFERENT, NOT_SENT};

#[derive(Deserialize)]
struct Pair {
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: Value,
}

#[derive(Deserialize)]
struct Response {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Value,
}

/// The pairs by number, in order.
fn pairs() -> BTreeMap<u16, (String, Pair)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/reference/wire/pairs");
    let files = std::fs::read_dir(folder).unwrap();
    files
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let pair =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name[..3].parse().unwrap(), (name, pair))
        })
        .collect()
}

/// What was recorded, pair by pair, with the reasons of the listed differences.
pub(crate) fn evidence() -> Vec<Evidence> {
    let sent = pairs()
        .into_iter()
        .filter(|(number, _)| !NOT_SENT.iter().any(|(not, _)| not == number));
    sent.map(|(number, (_, pair))| {
        let found = DIFFERENT.iter().find(|(known, _)| *known == number);
        Evidence {
            method: pair.request.method,
            path: pair.request.path,
            differs: found.map(|(_, why)| (*why).to_owned()),
        }
    })
    .collect()
}

impl Request {
    fn body(&self) -> Option<Vec<u8>> {
        if self.body.is_null() {
            return None;
        }
        if let Some(raw) = self.body.get("$raw").and_then(Value::as_str) {
            return Some(raw.as_bytes().to_vec());
        }
        if let Some(inner) = self.body.get("$gzip") {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(inner.to_string().as_bytes()).unwrap();
            return Some(encoder.finish().unwrap());
        }
        Some(self.body.to_string().into_bytes())
    }

    /// Sends it, with tags and secrets as we gave them in place of those the reference gave.
    fn send(&self, app: &TestApp, ours: &BTreeMap<String, String>) -> Answer {
        let translate = |text: &str| {
            ours.iter().fold(text.to_owned(), |text, (theirs, ours)| {
                text.replace(theirs, ours)
            })
        };
        let mut headers: Vec<(String, String)> = self
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), translate(value)))
            .collect();
        // Requests were recorded from an address that none of the flags names.
        if !self.headers.contains_key("x-forwarded-for") {
            headers.push(("x-forwarded-for".into(), "203.0.113.9".into()));
        }
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        let body = self
            .body()
            .or_else(|| (self.method == "POST").then(Vec::new));
        let path = translate(&self.path)
            .replace('[', "%5B")
            .replace(']', "%5D");
        app.anonymous().send(&self.method, &path, &headers, body)
    }
}

/// What we say in place of what the reference said: tags and secrets that later requests repeat.
fn learn(pair: &Pair, answer: &Answer, ours: &mut BTreeMap<String, String>) {
    if let (Some(theirs), Some(our)) = (pair.response.headers.get("etag"), answer.header("etag")) {
        ours.insert(theirs.clone(), our.to_owned());
        let strong = |tag: &str| tag.trim_start_matches("W/").to_owned();
        ours.insert(strong(theirs), strong(our));
    }
    if pair.request.path == "/api/admin/api-tokens" && answer.status == 201 {
        let secret = answer.json()["secret"].as_str().unwrap().to_owned();
        ours.insert("<created secret>".into(), secret);
    }
}

#[test]
fn every_recorded_request_is_answered_as_recorded_or_as_listed() {
    let folder = tempfile::tempdir().unwrap();
    seed::plant(folder.path());
    let app = TestApp::with(&["--data-dir", folder.path().to_str().unwrap()]);
    let (mut ours, mut complaints) = (BTreeMap::new(), Vec::new());
    let (mut same, mut general) = (0, BTreeSet::new());
    let listed: BTreeSet<u16> = DIFFERENT.iter().map(|(number, _)| *number).collect();
    for (number, (name, pair)) in pairs() {
        if NOT_SENT.iter().any(|(known, _)| *known == number) {
            continue;
        }
        let answer = pair.request.send(&app, &ours);
        learn(&pair, &answer, &mut ours);
        let mut found = compare::differences(number, &pair, &answer);
        found.retain(|(aspect, _)| {
            let known = differences::is_general(aspect);
            if known {
                general.insert(aspect.clone());
            }
            !known
        });
        match (found.is_empty(), listed.contains(&number)) {
            (true, false) => same += 1,
            (false, true) => {}
            (true, true) => {
                complaints.push(format!("{name}: listed as different, but is the same"))
            }
            (false, false) => complaints.push(format!("{name}: {found:#?}")),
        }
    }
    println!("{same} the same, {} different and listed", listed.len());
    assert_eq!(
        general.len(),
        differences::GENERAL.len(),
        "listed, but not seen"
    );
    assert!(
        complaints.is_empty(),
        "{}\n{}",
        complaints.join("\n"),
        complaints.len()
    );
}
