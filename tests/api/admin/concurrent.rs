//! Ten administrators at once, with wishes that make sense and wishes that do not: no request fails inside, nothing
//! acknowledged is lost, events form one order without gaps, and the state is what the events tell.
//!
//! Runs for a minute; `BURGEE_ADMINS_SECONDS` says otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestApp};

const ADMINS: u64 = 10;
const FLAGS: u64 = 24;
const ENVIRONMENTS: [&str; 2] = ["development", "production"];
const FEATURES: &str = "/api/admin/projects/default/features";

/// What one flag is, as far as this test changes it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Flag {
    description: Value,
    stale: bool,
    archived: bool,
    tags: BTreeSet<String>,
    enabled: BTreeSet<String>,
    /// Environment and title of each strategy, by its identifier.
    strategies: BTreeMap<String, (String, Value)>,
}

/// A wish that was acknowledged: the kind of event it must have left, and the mark it carries.
type Acknowledged = (&'static str, String);

struct Administrator<'a> {
    client: Client<'a>,
    number: u64,
    wishes: u64,
    chance: u64,
    acknowledged: Vec<Acknowledged>,
    refused: u64,
}

impl<'a> Administrator<'a> {
    fn new(app: &'a TestApp, number: u64) -> Self {
        Self {
            client: app.admin(),
            number,
            wishes: 0,
            chance: 0x9E37_79B9_7F4A_7C15 ^ (number + 1),
            acknowledged: Vec::new(),
            refused: 0,
        }
    }

    /// xorshift: the same wishes in every run, however threads take turns.
    fn dice(&mut self, sides: u64) -> u64 {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        self.chance % sides
    }

    /// Text nobody else writes.
    fn mark(&mut self) -> String {
        self.wishes += 1;
        format!("mark-{}-{}", self.number, self.wishes)
    }

    fn wish(&mut self) {
        let name = format!("flag-{}", self.dice(FLAGS));
        let place = usize::try_from(self.dice(2)).unwrap();
        let environment = ENVIRONMENTS[place];
        let at = format!("{FEATURES}/{name}");
        let mark = self.mark();
        match self.dice(16) {
            0 | 1 => {
                let body = json!({"name": name, "description": mark});
                let answer = self.client.post(FEATURES, body);
                self.note(&answer, &[201, 409], "feature-created", mark);
            }
            2 | 3 => {
                let body = json!([{"op": "replace", "path": "/description", "value": mark}]);
                let answer = self.client.patch(&at, body);
                self.note(&answer, &[200, 404], "feature-metadata-updated", mark);
            }
            4 => {
                let body = json!([{"op": "replace", "path": "/stale", "value": self.dice(2) == 0}]);
                let answer = self.client.patch(&at, body);
                self.expect(&answer, &[200, 404]);
            }
            5 | 6 => {
                let path = format!("/api/admin/features/{name}/tags");
                let body = json!({"type": "simple", "value": mark});
                let answer = self.client.post(&path, body);
                self.note(&answer, &[201, 404], "feature-tagged", mark);
            }
            7 | 8 => {
                let switch = ["on", "off"][usize::try_from(self.dice(2)).unwrap()];
                let path = format!("{at}/environments/{environment}/{switch}");
                let answer = self.client.post(&path, json!({}));
                self.expect(&answer, &[200, 400, 404]);
            }
            9 | 10 => {
                let path = format!("{at}/environments/{environment}/strategies");
                let body = json!({"name": "default", "title": mark});
                let answer = self.client.post(&path, body);
                self.note(&answer, &[200, 400, 404], "feature-strategy-add", mark);
            }
            11 => self.rewrite_strategy(&at, environment, &mark),
            12 => {
                let answer = self.client.delete(&at);
                self.expect(&answer, &[202, 404]);
            }
            13 => {
                let path = format!("/api/admin/archive/revive/{name}");
                let answer = self.client.post(&path, json!({}));
                self.expect(&answer, &[200, 404]);
            }
            14 => {
                let answer = self.client.delete(&format!("/api/admin/archive/{name}"));
                self.expect(&answer, &[200, 404]);
            }
            _ => self.nonsense(&at),
        }
    }

    fn rewrite_strategy(&mut self, at: &str, environment: &str, mark: &str) {
        let path = format!("{at}/environments/{environment}/strategies");
        let listed = self.client.get(&path);
        if listed.status != 200 {
            return;
        }
        let listed = listed.json();
        let Some(strategy) = listed.as_array().and_then(|list| list.last()) else {
            return;
        };
        let path = format!("{path}/{}", strategy["id"].as_str().unwrap());
        if self.dice(3) == 0 {
            let answer = self.client.delete(&path);
            self.expect(&answer, &[200, 404]);
        } else {
            let body = json!({"name": "default", "title": mark});
            let answer = self.client.put(&path, body);
            let kind = "feature-strategy-update";
            self.note(&answer, &[200, 404], kind, mark.to_owned());
        }
    }

    /// What must be refused, and must leave nothing behind.
    fn nonsense(&mut self, at: &str) {
        let client = &self.client;
        let answer = match self.wishes % 6 {
            0 => client.post(FEATURES, json!({"name": "not a name/"})),
            1 => client.post(
                FEATURES,
                json!({"name": "flag-new", "type": "no-such-kind"}),
            ),
            2 => client.post(
                "/api/admin/projects/nowhere/features",
                json!({"name": "flag-new"}),
            ),
            3 => client.patch(at, json!([{"op": "leap", "path": "/x"}])),
            4 => client.post(
                &format!("{at}/environments/development/strategies"),
                json!({"name": "no-such-strategy"}),
            ),
            _ => client.post(
                "/api/admin/segments",
                json!({"name": 5, "constraints": "none"}),
            ),
        };
        assert!((400..500).contains(&answer.status), "{}", answer.text());
        self.refused += 1;
    }

    fn expect(&mut self, answer: &Answer, expected: &[u16]) {
        let status = answer.status;
        assert!(expected.contains(&status), "{status}: {}", answer.text());
        self.refused += u64::from(status >= 400);
    }

    fn note(&mut self, answer: &Answer, expected: &[u16], kind: &'static str, mark: String) {
        self.expect(answer, expected);
        if answer.status < 300 {
            self.acknowledged.push((kind, mark));
        }
    }
}

fn all_events(admin: &Client<'_>) -> Vec<Value> {
    let mut events = Vec::new();
    loop {
        let path = format!(
            "/api/admin/search/events?limit=1000&offset={}",
            events.len()
        );
        let page = admin.get(&path).expect(200).json();
        let page = page["events"].as_array().unwrap().clone();
        if page.is_empty() {
            events.reverse();
            return events;
        }
        events.extend(page);
    }
}

/// The text an event carries that nobody else wrote.
fn mark_of(event: &Value) -> Option<&str> {
    let data = &event["data"];
    let marks = [&data["description"], &data["value"], &data["title"]];
    marks.into_iter().find_map(Value::as_str)
}

/// What the events say the flags are.
fn told(events: &[Value]) -> BTreeMap<String, Flag> {
    let mut flags: BTreeMap<String, Flag> = BTreeMap::new();
    for event in events {
        let Some(name) = event["featureName"].as_str() else {
            continue;
        };
        if event["type"] == "feature-deleted" {
            flags.remove(name);
            continue;
        }
        let flag = flags.entry(name.to_owned()).or_default();
        tell(flag, event);
    }
    flags
}

fn tell(flag: &mut Flag, event: &Value) {
    let (data, environment) = (&event["data"], event["environment"].as_str());
    let environment = || environment.unwrap().to_owned();
    let id = |of: &Value| of["id"].as_str().unwrap().to_owned();
    match event["type"].as_str().unwrap() {
        "feature-created" | "feature-metadata-updated" => {
            flag.description = data["description"].clone();
            flag.stale = data["stale"] == true;
        }
        "feature-stale-on" => flag.stale = true,
        "feature-stale-off" => flag.stale = false,
        "feature-archived" => flag.archived = true,
        // It comes back switched off everywhere. One that was not archived stays as it is.
        "feature-revived" if flag.archived => {
            flag.archived = false;
            flag.enabled.clear();
        }
        "feature-revived" => {}
        "feature-tagged" => drop(flag.tags.insert(data["value"].as_str().unwrap().to_owned())),
        "feature-environment-enabled" => drop(flag.enabled.insert(environment())),
        "feature-environment-disabled" => drop(flag.enabled.remove(&environment())),
        "feature-strategy-add" | "feature-strategy-update" => {
            let place = (environment(), data["title"].clone());
            flag.strategies.insert(id(data), place);
        }
        "feature-strategy-remove" => drop(flag.strategies.remove(&id(&event["preData"]))),
        other => panic!("{other} is not told"),
    }
}

/// What the admin API says the flags are.
fn shown(admin: &Client<'_>) -> BTreeMap<String, Flag> {
    let mut flags = BTreeMap::new();
    for number in 0..FLAGS {
        let name = format!("flag-{number}");
        let answer = admin.get(&format!("{FEATURES}/{name}"));
        let archived = answer.status == 404;
        if archived {
            continue;
        }
        let found = answer.expect(200).json();
        let tags = admin.get(&format!("/api/admin/features/{name}/tags"));
        let tags = tags.expect(200).json();
        let mut flag = Flag {
            description: found["description"].clone(),
            stale: found["stale"] == true,
            archived,
            tags: tags["tags"]
                .as_array()
                .unwrap()
                .iter()
                .map(|tag| tag["value"].as_str().unwrap().to_owned())
                .collect(),
            ..Flag::default()
        };
        for environment in found["environments"].as_array().unwrap() {
            show_environment(&mut flag, environment);
        }
        flags.insert(name, flag);
    }
    flags
}

fn show_environment(flag: &mut Flag, environment: &Value) {
    let name = environment["name"].as_str().unwrap();
    if environment["enabled"] == true {
        flag.enabled.insert(name.to_owned());
    }
    for strategy in environment["strategies"].as_array().unwrap() {
        let id = strategy["id"].as_str().unwrap().to_owned();
        let place = (name.to_owned(), strategy["title"].clone());
        flag.strategies.insert(id, place);
    }
}

fn work(app: &TestApp, end: Instant) -> (BTreeSet<Acknowledged>, u64) {
    let (mut acknowledged, mut refused) = (BTreeSet::new(), 0);
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..ADMINS)
            .map(|number| {
                scope.spawn(move || {
                    let mut one = Administrator::new(app, number);
                    while Instant::now() < end {
                        one.wish();
                    }
                    (one.acknowledged, one.refused)
                })
            })
            .collect();
        for one in all {
            let (its, refusals) = one.join().unwrap();
            acknowledged.extend(its);
            refused += refusals;
        }
    });
    (acknowledged, refused)
}

#[test]
fn ten_administrators_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let app = TestApp::with(&["--data-dir", folder.path().to_str().unwrap()]);
    let seconds = std::env::var("BURGEE_ADMINS_SECONDS").map_or(60, |it| it.parse().unwrap());
    let (acknowledged, refused) = work(&app, Instant::now() + Duration::from_secs(seconds));
    let admin = app.admin();
    let events = all_events(&admin);

    let ids = events.iter().map(|event| event["id"].as_u64().unwrap());
    assert!(ids.eq(1..=events.len() as u64), "events have gaps");

    let mut left: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for event in &events {
        if let Some(mark) = mark_of(event) {
            let kind = event["type"].as_str().unwrap();
            *left.entry((kind, mark)).or_default() += 1;
        }
    }
    for (kind, mark) in &acknowledged {
        let times = left.get(&(*kind, mark.as_str())).copied();
        // A change of another field repeats the description.
        let repeated = *kind == "feature-metadata-updated" && times > Some(1);
        assert!(
            times == Some(1) || repeated,
            "{kind} with {mark}: {times:?}"
        );
    }
    let mut told = told(&events);
    told.retain(|_, flag| !flag.archived);
    let shown = shown(&admin);
    assert!(shown.keys().eq(told.keys()));
    for (name, flag) in &shown {
        assert_eq!(Some(flag), told.get(name), "{name}");
    }
    println!(
        "{} acknowledged, {refused} refused, {} events",
        acknowledged.len(),
        events.len()
    );
    assert!(acknowledged.len() as u64 > 10 * seconds && refused > seconds);
}
