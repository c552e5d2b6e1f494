//! Our engine beside the official one: the time for one flag of an answer to a browser.
//!
//! `cargo bench --bench engine`. Rounds alternate, so that a busy machine slows both down alike, and medians are
//! compared. Ours writes the JSON of the answer; the oracle is measured without and with it.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a bench may fail"
)]

#[path = "../official/mod.rs"]
mod official;

use std::hint::black_box;
use std::time::{Duration, Instant};

use burgee::engine::{Context, Program, Scratch};
use chrono::Utc;
use official::Chance;
use serde_json::{Value, json};
use unleash_types::client_features::{self as wire, ClientFeatures};
use unleash_types::frontend::{EvaluatedToggle, EvaluatedVariant, FrontendResult};
use unleash_yggdrasil::{EngineState, UpdateMessage};

const FLAGS: usize = 1000;
const ROUNDS: usize = 300;
/// Our answers in a round, so that a round of each engine takes about as long and is interrupted as often.
const OUR_ANSWERS: usize = 8;
/// The promise: per flag, JSON included.
const PROMISE: f64 = 5.0;

fn main() {
    let features = flags();
    let oracle = EngineState::default();
    oracle.take_state(UpdateMessage::FullResponse(features.clone()));
    let ours = official::program(&features);
    let contexts = contexts();
    let borrowed: Vec<_> = contexts.iter().map(official::context).collect();
    let mut memory = (Vec::new(), Scratch::default());

    let mut times = [const { Vec::new() }; 3];
    for round in 0..ROUNDS {
        let (context, user) = (
            &contexts[round % contexts.len()],
            &borrowed[round % contexts.len()],
        );
        times[0].push(time(|| {
            for _ in 0..OUR_ANSWERS {
                answer_ours(&ours, user, &mut memory.0, &mut memory.1);
            }
        }));
        times[1].push(time(|| {
            black_box(oracle.resolve_all(context, &None));
        }));
        times[2].push(time(|| {
            black_box(answer_oracle(&oracle, context));
        }));
    }
    println!(
        "{FLAGS} flags, {ROUNDS} rounds, {} bytes an answer",
        memory.0.len()
    );
    let median = report("median", &mut times, |sorted| sorted[sorted.len() / 2]);
    // The least disturbed round: says the same on a busy machine as on an idle one.
    let best = report("best", &mut times, |sorted| sorted[0]);
    assert!(
        median.min(best) >= PROMISE,
        "less than {PROMISE} times faster"
    );
}

/// Prints one statistic for all three; the ratio is that of the oracle without JSON to ours with it.
fn report(
    what: &str,
    times: &mut [Vec<Duration>; 3],
    choose: impl Fn(&[Duration]) -> Duration,
) -> f64 {
    let [ours, oracle, oracle_json] = times.each_mut().map(|rounds| {
        rounds.sort_unstable();
        choose(rounds).as_nanos() as f64 / FLAGS as f64
    });
    let ours = ours / OUR_ANSWERS as f64;
    println!("{what}: nanoseconds per flag");
    println!("  ours with JSON      {ours:8.1}");
    println!(
        "  oracle without JSON {oracle:8.1}, {:5.1} times ours",
        oracle / ours
    );
    println!(
        "  oracle with JSON    {oracle_json:8.1}, {:5.1} times ours",
        oracle_json / ours
    );
    oracle / ours
}

fn answer_ours(program: &Program, context: &Context<'_>, out: &mut Vec<u8>, scratch: &mut Scratch) {
    let mut dice = Chance(7);
    out.clear();
    out.extend_from_slice(b"{\"toggles\":[");
    let mut session = program.session(context, Utc::now(), "host", &mut dice, scratch);
    for index in 0..program.len() {
        session.write_if_on(index, out);
    }
    out.pop();
    out.extend_from_slice(b"]}");
    black_box(out);
}

fn answer_oracle(oracle: &EngineState, context: &wire::Context) -> Vec<u8> {
    let toggles = oracle.resolve_all(context, &None).unwrap();
    let on = toggles.into_iter().filter(|(_, toggle)| toggle.enabled);
    let toggles = on.map(|(name, toggle)| EvaluatedToggle {
        name,
        enabled: toggle.enabled,
        variant: EvaluatedVariant {
            name: toggle.variant.name,
            enabled: toggle.variant.enabled,
            payload: toggle.variant.payload,
        },
        impression_data: toggle.impression_data,
        impressionData: toggle.impression_data,
    });
    serde_json::to_vec(&FrontendResult {
        toggles: toggles.collect(),
    })
    .unwrap()
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// What flags of real projects look like: half are plain rollouts, the rest have conditions, segments and variants.
fn flags() -> ClientFeatures {
    let features: Vec<Value> = (0..FLAGS).map(flag).collect();
    let segment = json!({"id": 1, "constraints": [
        {"contextName": "country", "operator": "IN", "values": ["no", "se", "dk", "fi", "is"]}]});
    let body = json!({"version": 2, "features": features, "segments": [segment]});
    serde_json::from_value(body).unwrap()
}

fn flag(number: usize) -> Value {
    let name = format!("project-{}.some-feature-name-{number:04}", number % 7);
    let rollout = [100, 100, 50, 25, 10][number % 5].to_string();
    let parameters = json!({"rollout": rollout, "stickiness": "default", "groupId": name});
    let variants = match number % 4 {
        0 => json!([
            {"name": "blue", "weight": 500, "payload": {"type": "string", "value": "#00f"}, "stickiness": "default"},
            {"name": "green", "weight": 500, "payload": {"type": "json", "value": "{\"a\": 1}"}, "stickiness": "default"}
        ]),
        _ => json!([]),
    };
    let constraints = match number % 10 {
        0 | 1 => {
            json!([{"contextName": "email", "operator": "STR_ENDS_WITH", "values": ["@example.com"], "caseInsensitive": true}])
        }
        2 => {
            json!([{"contextName": "userId", "operator": "IN", "values": (0..50).map(|it| it.to_string()).collect::<Vec<_>>()}])
        }
        3 => json!([{"contextName": "appVersion", "operator": "SEMVER_GTE", "value": "2.1.0"}]),
        4 => json!([{"contextName": "age", "operator": "NUM_GT", "value": "17"}]),
        5 => {
            json!([{"contextName": "currentTime", "operator": "DATE_AFTER", "value": "2024-01-01T00:00:00.000Z"}])
        }
        _ => json!([]),
    };
    let segments = if number.is_multiple_of(6) {
        json!([1])
    } else {
        json!([])
    };
    json!({
        "name": name, "enabled": !number.is_multiple_of(9), "project": "default", "impressionData": number.is_multiple_of(3),
        "strategies": [{"name": "flexibleRollout", "parameters": parameters, "constraints": constraints,
            "segments": segments, "variants": variants}],
        "variants": []
    })
}

fn contexts() -> Vec<wire::Context> {
    let context = |number: usize| {
        serde_json::from_value(json!({
            "userId": number.to_string(), "sessionId": format!("session-{number}"), "environment": "production",
            "appName": "web", "remoteAddress": "192.0.2.17",
            "properties": {
                "email": format!("user{number}@Example.com"), "country": if number.is_multiple_of(2) { "no" } else { "de" },
                "appVersion": "2.3.1", "age": (number % 60).to_string(),
            }
        }))
        .unwrap()
    };
    (0..ROUNDS).map(context).collect()
}
