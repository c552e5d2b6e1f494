//! What SDKs and operators see of a server.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Answer, BACKEND, TestApp};
use crate::rig::wait_for;

/// SDKs that ask for flags all the time. Each answer is a good one, and never an older one than before.
pub(crate) struct Served {
    ended: Arc<AtomicBool>,
    threads: Vec<JoinHandle<usize>>,
}

impl Served {
    /// Begins to ask.
    pub(crate) fn watch<'a>(apps: impl IntoIterator<Item = &'a TestApp>) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let poll = |app: &TestApp| {
            let (url, ended) = (app.url("/api/client/features"), Arc::clone(&ended));
            std::thread::spawn(move || poll(&url, &ended))
        };
        Self {
            threads: apps.into_iter().map(poll).collect(),
            ended,
        }
    }

    /// Ends. Fails the test if an answer was not good.
    #[track_caller]
    pub(crate) fn end(self) {
        self.ended.store(true, Ordering::SeqCst);
        for thread in self.threads {
            let count = thread.join().expect("every answer is good");
            assert!(count > 0, "nobody asked");
        }
    }
}

/// Asks until the end and says how often.
fn poll(url: &str, ended: &AtomicBool) -> usize {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(10)))
        .build()
        .into();
    let (mut count, mut last) = (0, 0);
    while !ended.load(Ordering::SeqCst) || count == 0 {
        let answer = agent.get(url).header("authorization", BACKEND).call();
        let mut answer = answer.expect("SDKs are answered");
        let body = answer.body_mut().read_to_string().unwrap();
        let body: Value = serde_json::from_str(&body).unwrap();
        let revision = body["meta"]["revisionId"].as_u64().unwrap();
        assert!(revision >= last, "went back from {last} to {revision}");
        (count, last) = (count + 1, revision);
        std::thread::sleep(Duration::from_millis(10));
    }
    count
}

/// Makes a flag.
pub(crate) fn create(app: &TestApp, name: &str) -> Answer {
    app.admin().post(
        "/api/admin/projects/default/features",
        json!({"name": name}),
    )
}

/// Whether SDKs get the flag.
pub(crate) fn serves(app: &TestApp, name: &str) -> bool {
    let body = app.backend().get("/api/client/features").expect(200).json();
    let features = body["features"].as_array().unwrap();
    let names: BTreeSet<&str> = features
        .iter()
        .filter_map(|it| it["name"].as_str())
        .collect();
    names.contains(name)
}

/// What `/ready` says about the store, if there is something to say.
pub(crate) fn standing(app: &TestApp) -> Option<String> {
    let body = app.anonymous().get("/ready").expect(200).json();
    assert_eq!(body["health"], "GOOD");
    body["store"].as_str().map(str::to_owned)
}

/// A change is refused in so many words, and soon.
#[track_caller]
pub(crate) fn refuses(app: &TestApp, name: &str) -> String {
    let answer = create(app, name).expect(503);
    let again: u32 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&again));
    let body = answer.json();
    assert_eq!(body["name"], "UnavailableError");
    let message = body["message"].as_str().unwrap();
    assert!(message.contains("store"), "{message}");
    message.to_owned()
}

/// A change is accepted, if not at once then soon.
#[track_caller]
pub(crate) fn accepts(app: &TestApp, name: &str) {
    wait_for("changes are accepted again", || {
        let answer = create(app, name);
        match answer.status {
            201 => Some(()),
            // An earlier try was written, and only its answer is missing.
            409 if serves(app, name) => Some(()),
            503 => None,
            _ => panic!("{} {}", answer.status, answer.text()),
        }
    });
}
