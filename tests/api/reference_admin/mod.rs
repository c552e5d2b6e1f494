//! The admin API answers what the reference server answered: every recorded scenario in `fixtures/reference/admin` is
//! played against a new server. Where we differ on purpose, the step stands in [`differences`] with the reason; a
//! listed step that no longer differs fails too.
//!
//! `BURGEE_RECORDED=folder` takes other recordings, such as new ones. `BURGEE_REPLAY=04 cargo test --test api reference_admin` plays the scenarios whose file names begin so.

mod compare;
mod differences;
mod differences_of_accounts;
mod differences_of_resources;
mod play;

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::parity::{Evidence, evidence as evidence_of};
use differences::{DIFFERENCES, Difference};
use differences_of_accounts::DIFFERENCES_OF_ACCOUNTS;
use differences_of_resources::DIFFERENCES_OF_RESOURCES;
use serde_json::Value;

fn files() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/reference/admin");
    let folder = std::env::var("BURGEE_RECORDED").unwrap_or(folder.to_owned());
    let wanted = std::env::var("BURGEE_REPLAY").unwrap_or_default();
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "json"))
        .filter(|path| file_name(path).starts_with(&wanted))
        .collect();
    files.sort();
    files
}

fn file_name(path: &std::path::Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn all_differences() -> impl Iterator<Item = &'static Difference> {
    let lists = [
        DIFFERENCES,
        DIFFERENCES_OF_ACCOUNTS,
        DIFFERENCES_OF_RESOURCES,
    ];
    lists.into_iter().flatten()
}

#[test]
fn every_recorded_step_is_answered_as_the_reference_answered_it() {
    let mut complaints = Vec::new();
    let (mut all, mut same, mut on_purpose) = (0, 0, 0);
    for path in files() {
        let file = file_name(&path);
        let text = std::fs::read_to_string(&path).unwrap();
        let scenario: Value = serde_json::from_str(&text).unwrap();
        let (steps, found) = play::play(&file, &scenario);
        let listed: BTreeSet<usize> = all_differences()
            .filter(|difference| file.starts_with(difference.file))
            .flat_map(|Difference { steps, .. }| steps.iter().copied())
            .collect();
        let unlisted = found.iter().filter(|(step, _)| !listed.contains(step));
        for (step, lines) in unlisted {
            complaints.push(format!("{file} step {step}:\n    {}", lines.join("\n    ")));
        }
        for step in listed.iter().filter(|step| !found.contains_key(step)) {
            complaints.push(format!(
                "{file} step {step} is listed as a difference and does not differ"
            ));
        }
        all += steps;
        same += steps - found.len();
        on_purpose += found.keys().filter(|step| listed.contains(step)).count();
        println!("{file}: {} of {steps} the same", steps - found.len());
    }
    println!("{same} of {all} steps the same, {on_purpose} different on purpose");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// What was recorded, step by step, with the reasons of the listed differences.
pub(crate) fn evidence() -> Vec<Evidence> {
    let mut all = Vec::new();
    for path in files() {
        let file = file_name(&path);
        let text = std::fs::read_to_string(&path).unwrap();
        let scenario: Value = serde_json::from_str(&text).unwrap();
        for (number, step) in (1..).zip(scenario["steps"].as_array().unwrap()) {
            let mut listed = DIFFERENCES.iter().chain(DIFFERENCES_OF_RESOURCES);
            let found = listed.find(|it| file.starts_with(it.file) && it.steps.contains(&number));
            let why = found.map(|it| it.why.to_owned());
            all.push(evidence_of(&step["request"], why));
        }
    }
    all
}

#[test]
fn every_difference_has_a_reason() {
    for Difference { file, steps, why } in all_differences() {
        assert!(!steps.is_empty() && why.len() > 10, "{file}: {why}");
    }
}
