//! The hot paths allocate nothing.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

mod official;

use allocation_counter::measure;
use burgee::domain::names::{EnvironmentName, FlagName};
use burgee::domain::time::Timestamp;
use burgee::domain::usage::{UsageReport, UsageRow};
use burgee::engine::{Context, Program, Scratch};
use burgee::telemetry::Telemetry;
use chrono::{DateTime, Utc};
use official::Chance;
use serde_json::Value;
use unleash_types::client_features::{self as wire, ClientFeatures};

/// All flags of all suites of the client specification, and all contexts their cases ask for.
struct Everything {
    program: Program,
    contexts: Vec<wire::Context>,
}

fn everything() -> Everything {
    let mut all = ClientFeatures::default();
    let mut contexts = Vec::new();
    for entry in fs_err::read_dir("fixtures/client-specification/specifications").unwrap() {
        let bytes = fs_err::read(entry.unwrap().path()).unwrap();
        let suite: Value = serde_json::from_slice(&bytes).unwrap();
        let state: ClientFeatures = serde_json::from_value(suite["state"].clone()).unwrap();
        all.features.extend(state.features);
        all.segments
            .get_or_insert_default()
            .extend(state.segments.into_iter().flatten());
        let cases = ["tests", "variantTests"];
        let cases = cases.iter().flat_map(|it| suite[it].as_array()).flatten();
        contexts.extend(cases.map(|it| serde_json::from_value(it["context"].clone()).unwrap()));
    }
    contexts.extend(unusual_contexts());
    Everything {
        program: official::program(&all),
        contexts,
    }
}

/// Values that ask for more care: other scripts, long ones, all fields at once.
fn unusual_contexts() -> impl Iterator<Item = wire::Context> {
    [
        "BLÅBÆR 漢字 🫐 İ",
        &"long ".repeat(200),
        "1.2.3-a-very-long-pre-release.1+and.a.build",
        "",
        "5",
        "::1",
    ]
    .into_iter()
    .map(|text| wire::Context {
        user_id: Some(text.into()),
        session_id: None,
        environment: Some(text.into()),
        app_name: Some(text.into()),
        current_time: None,
        remote_address: Some(text.into()),
        properties: Some(
            ["customField", "version", "email", "appName", "country"]
                .map(|name| (name.into(), text.into()))
                .into(),
        ),
    })
    .collect::<Vec<_>>()
    .into_iter()
}

/// Evaluates all flags for one context and writes those that are on.
fn answer(program: &Program, context: &Context<'_>, now: DateTime<Utc>, memory: &mut Memory) {
    memory.out.clear();
    let mut dice = Chance(7);
    let out = &mut memory.out;
    let mut session = program.session(context, now, "host-a", &mut dice, &mut memory.scratch);
    for index in 0..program.len() {
        session.write_if_on(index, out);
    }
}

#[derive(Default)]
struct Memory {
    out: Vec<u8>,
    scratch: Scratch,
}

#[test]
fn evaluating_and_writing_all_flags_allocates_nothing() {
    let everything = everything();
    let contexts: Vec<_> = everything.contexts.iter().map(official::context).collect();
    let (flags, now) = (everything.program.len(), Utc::now());
    let mut memory = Memory::default();
    let mut ask_all = || {
        for context in &contexts {
            answer(&everything.program, context, now, &mut memory);
        }
    };
    // Patterns and the buffers get their memory with the first answers.
    ask_all();
    let info = measure(ask_all);
    println!("{flags} flags for {} contexts: {info:?}", contexts.len());
    assert!(flags > 100 && contexts.len() > 200);
    assert_eq!((info.count_total, info.bytes_total), (0, 0));
}

#[test]
fn evaluating_a_single_flag_allocates_nothing() {
    let everything = everything();
    let program = &everything.program;
    let contexts: Vec<_> = everything.contexts.iter().map(official::context).collect();
    let now = Utc::now();
    let ask_all = || {
        for context in &contexts {
            for flag in 0..program.len() {
                program.evaluate(flag, context, now, "host-a", &mut Chance(7));
            }
        }
    };
    ask_all();
    assert_eq!(measure(ask_all).count_total, 0);
}

#[test]
fn the_counter_counts() {
    assert_eq!(measure(|| drop(vec![0_u8; 100])).bytes_total, 100);
}

#[test]
fn counting_a_report_of_known_flags_allocates_nothing() {
    let row = |flag: u32| UsageRow {
        hour: Timestamp::from_millis(0),
        flag: FlagName::trusted(&format!("a-flag-with-a-name-of-some-length-{flag}")),
        environment: EnvironmentName::trusted("production"),
        app_name: "shop".into(),
        yes: 3,
        no: 4,
        variants: [("blue".to_owned(), 3)].into(),
    };
    let report = UsageReport {
        rows: (0..50).map(row).collect(),
        ..UsageReport::default()
    };
    let telemetry = Telemetry::new();
    telemetry.count(&report);
    let info = measure(|| telemetry.count(&report));
    assert_eq!((info.count_total, info.bytes_total), (0, 0));
}
