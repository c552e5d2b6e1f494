//! What stands in the way of an import, and what its caller should know.

use std::collections::BTreeSet;

use crate::domain::command::ImportWish;
use crate::domain::context_field::{ContextField, LegalValue};
use crate::domain::rejection::Rejection;
use crate::domain::state::State;

/// A sentence and the things it is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The sentence.
    pub message: String,
    /// The things, each once, in the order of the file.
    pub items: Vec<String>,
}

/// What was found out about an import before it is made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Findings {
    /// Reasons to refuse it.
    pub errors: Vec<Finding>,
    /// What it will do that one might not expect.
    pub warnings: Vec<Finding>,
}

/// Looks at an import without making it.
#[must_use]
pub fn inspect(state: &State, wish: &ImportWish) -> Findings {
    let mut found = Findings::default();
    let mut error = |message: String, items: Vec<String>| add(&mut found.errors, message, items);
    error(
        "We detected the following custom strategy that needs to be created first:".into(),
        unknown_kinds(state, wish),
    );
    error(
        "We detected the following context fields that do not have matching legal values with the imported ones:".into(),
        other_legal_values(state, wish),
    );
    error(
        "We detected the following segments that need to be created first:".into(),
        missing_segments(state, wish),
    );
    error(
        "We detected the following features are duplicate in your import data:".into(),
        duplicates(wish),
    );
    error(
        format!(
            "You cannot import a features that already exist in other projects. You already have the following features defined outside of project {}:",
            wish.project
        ),
        elsewhere(state, wish),
    );
    error(
        "We detected the following dependencies that need to be created first:".into(),
        missing_parents(state, wish),
    );
    let mut warning = |message: &str, items| add(&mut found.warnings, message.into(), items);
    warning(
        "The following features will not be imported as they are currently archived. To import them, please unarchive them first:",
        present(state, wish, true),
    );
    warning(
        "The following features already exist in this project and will be overwritten:",
        present(state, wish, false),
    );
    found
}

/// Refuses an import in the reference's words, which are other ones than those of the inspection.
pub(super) fn check(state: &State, wish: &ImportWish) -> Result<(), Rejection> {
    let listed = |words: &str, items: &[String]| {
        Rejection::bad_data(format!("{words}: {}", items.join(", ")))
    };
    let unsupported = |item: &String| Rejection::invalid("", format!("{item} is not supported."));
    if !state.environments.contains_key(&wish.environment) {
        return Err(Rejection::bad_data(format!(
            "Environment={} does not exist",
            wish.environment
        )));
    }
    let elsewhere = elsewhere(state, wish);
    if !elsewhere.is_empty() {
        return Err(listed(
            "These features exist already in other projects",
            &elsewhere,
        ));
    }
    state.active_project(wish.project.as_str())?;
    let unknown = unknown_kinds(state, wish);
    let others = other_legal_values(state, wish);
    if let Some(item) = unknown.first().or(others.first()) {
        return Err(unsupported(item));
    }
    for (words, items) in [
        ("Unsupported segments", missing_segments(state, wish)),
        (
            "The following dependent features are missing",
            missing_parents(state, wish),
        ),
        (
            "These features are in the data more than once",
            duplicates(wish),
        ),
    ] {
        if !items.is_empty() {
            return Err(listed(words, &items));
        }
    }
    Ok(())
}

fn add(list: &mut Vec<Finding>, message: String, items: Vec<String>) {
    if !items.is_empty() {
        list.push(Finding { message, items });
    }
}

fn each_once<'w>(names: impl Iterator<Item = &'w str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names
        .filter(|name| seen.insert(*name))
        .map(ToOwned::to_owned)
        .collect()
}

fn unknown_kinds(state: &State, wish: &ImportWish) -> Vec<String> {
    let strategies = wish.flags.iter().flat_map(|flag| &flag.strategies);
    each_once(
        strategies
            .map(|strategy| strategy.name.as_str())
            .filter(|name| !state.strategy_kinds.contains_key(*name)),
    )
}

fn missing_segments(state: &State, wish: &ImportWish) -> Vec<String> {
    let known: BTreeSet<&str> = state.segments.values().map(|it| it.name.as_str()).collect();
    let missing = wish.segments.iter().filter(|it| it.constraints.is_none());
    let mut names = each_once(
        missing
            .map(|it| it.name.as_str())
            .filter(|name| !known.contains(name)),
    );
    let listed: BTreeSet<i32> = wish.segments.iter().map(|it| it.number).collect();
    let strategies = wish.flags.iter().flat_map(|flag| &flag.strategies);
    let used: BTreeSet<i32> = strategies
        .flat_map(|strategy| strategy.segments.iter().map(|id| id.0))
        .collect();
    names.extend(used.difference(&listed).map(ToString::to_string));
    names
}

fn other_legal_values(state: &State, wish: &ImportWish) -> Vec<String> {
    let differs = |field: &ContextField, values: &[LegalValue]| {
        let known =
            |value: &LegalValue| field.legal_values.iter().any(|it| it.value == value.value);
        !field.legal_values.is_empty() && !values.iter().all(known)
    };
    let fields = wish.context_fields.iter().filter(|(name, imported)| {
        let known = state.context_fields.get(name);
        known.is_some_and(|field| differs(field, &imported.legal_values))
    });
    each_once(fields.map(|(name, _)| name.as_str()))
}

fn duplicates(wish: &ImportWish) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let names = wish.flags.iter().map(|flag| flag.name.as_str());
    each_once(names.filter(|name| !seen.insert(*name)))
}

fn elsewhere(state: &State, wish: &ImportWish) -> Vec<String> {
    let flags = wish
        .flags
        .iter()
        .filter_map(|flag| state.flags.get(flag.name.as_str()));
    flags
        .filter(|flag| flag.project != wish.project)
        .map(|flag| format!("{} (in project {})", flag.name, flag.project))
        .collect()
}

fn missing_parents(state: &State, wish: &ImportWish) -> Vec<String> {
    let imported: BTreeSet<&str> = wish.flags.iter().map(|flag| flag.name.as_str()).collect();
    let wanted = wish.flags.iter().flat_map(|flag| &flag.dependencies);
    each_once(
        wanted
            .map(|dependency| dependency.parent.as_str())
            .filter(|name| !imported.contains(name) && !state.flags.contains_key(*name)),
    )
}

fn present(state: &State, wish: &ImportWish, archived: bool) -> Vec<String> {
    let known = |name: &&str| {
        let flag = state.flags.get(*name);
        flag.is_some_and(|flag| flag.project == wish.project && flag.is_archived() == archived)
    };
    each_once(
        wish.flags
            .iter()
            .map(|flag| flag.name.as_str())
            .filter(known),
    )
}
