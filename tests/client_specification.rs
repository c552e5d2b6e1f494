//! The twenty evaluation suites of `@unleash/client-specification`: what every SDK must answer, we answer.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod official;

use burgee::engine::{Evaluation, Program, Scratch};
use chrono::Utc;
use official::Chance;
use serde::Deserialize;
use unleash_types::client_features::{ClientFeatures, Context};

const FOLDER: &str = "fixtures/client-specification/specifications";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Suite {
    name: String,
    state: ClientFeatures,
    #[serde(default)]
    tests: Vec<Case<bool>>,
    #[serde(default)]
    variant_tests: Vec<Case<ExpectedVariant>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case<T> {
    description: String,
    context: Context,
    toggle_name: String,
    expected_result: T,
}

#[derive(Deserialize, PartialEq, Debug)]
struct ExpectedVariant {
    name: String,
    payload: Option<ExpectedPayload>,
    enabled: bool,
    feature_enabled: bool,
}

#[derive(Deserialize, PartialEq, Debug)]
struct ExpectedPayload {
    r#type: String,
    value: String,
}

impl From<Evaluation<'_>> for ExpectedVariant {
    fn from(evaluation: Evaluation<'_>) -> Self {
        let payload = evaluation.variant.and_then(|it| it.payload());
        Self {
            name: evaluation.variant.map_or("disabled", |it| it.name()).into(),
            payload: payload.map(|it| ExpectedPayload {
                r#type: it.kind.clone(),
                value: it.value.clone(),
            }),
            enabled: evaluation.variant.is_some(),
            feature_enabled: evaluation.enabled,
        }
    }
}

fn suites() -> Vec<Suite> {
    let mut files: Vec<_> = fs_err::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| serde_json::from_slice(&fs_err::read(file).unwrap()).unwrap())
        .collect()
}

fn evaluate<'p>(program: &'p Program, toggle: &str, context: &Context) -> Evaluation<'p> {
    let Some(index) = program.find(toggle) else {
        return Evaluation {
            enabled: false,
            variant: None,
        };
    };
    let context = official::context(context);
    program.evaluate(index, &context, Utc::now(), "", &mut Chance(1))
}

/// What the path for whole answers writes about one flag.
fn written_at_once(program: &Program, index: usize, context: &Context) -> Vec<u8> {
    let (context, mut out) = (official::context(context), Vec::new());
    let (mut dice, mut scratch) = (Chance(1), Scratch::default());
    program
        .session(&context, Utc::now(), "", &mut dice, &mut scratch)
        .write_if_on(index, &mut out);
    out
}

#[test]
fn every_case_of_the_specification_holds() {
    let suites = suites();
    let mut cases = 0;
    for suite in &suites {
        let program = official::program(&suite.state);
        for case in &suite.tests {
            let found = evaluate(&program, &case.toggle_name, &case.context).enabled;
            assert_eq!(
                found, case.expected_result,
                "{}: {}",
                suite.name, case.description
            );
        }
        for case in &suite.variant_tests {
            let found = evaluate(&program, &case.toggle_name, &case.context);
            assert_eq!(
                ExpectedVariant::from(found),
                case.expected_result,
                "{}: {}",
                suite.name,
                case.description
            );
        }
        cases += suite.tests.len() + suite.variant_tests.len();
    }
    println!("{} suites, {cases} cases", suites.len());
    assert_eq!((suites.len(), cases), (20, 275));
}

#[test]
fn written_toggles_say_what_was_evaluated() {
    for suite in suites() {
        let program = official::program(&suite.state);
        for case in &suite.variant_tests {
            let evaluation = evaluate(&program, &case.toggle_name, &case.context);
            let Some(index) = program.find(&case.toggle_name) else {
                continue;
            };
            let mut out = Vec::new();
            program.flag(index).write_toggle(evaluation, &mut out);
            assert_eq!(written_at_once(&program, index, &case.context), {
                let on = evaluation.enabled.then(|| [&out[..], b","].concat());
                on.unwrap_or_default()
            });
            let toggle: serde_json::Value = serde_json::from_slice(&out).unwrap();
            let variant: ExpectedVariant =
                serde_json::from_value(toggle["variant"].clone()).unwrap();
            assert_eq!(variant, case.expected_result, "{}", case.description);
            assert_eq!(toggle["name"], case.toggle_name.as_str());
            assert_eq!(toggle["enabled"], evaluation.enabled);
            assert_eq!(toggle["variant"]["featureEnabled"], evaluation.enabled);
            assert!(toggle["impressionData"].is_boolean());
        }
    }
}
