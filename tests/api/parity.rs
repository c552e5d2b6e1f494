//! `docs/parity.md`: what each operation of the reference's OpenAPI document is here, computed from the answers that
//! were recorded from it. That we answer as recorded, but for the listed differences, is what `reference_admin` and
//! `replay` check; here it is added up.
//!
//! `make parity` writes the page.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::Value;

use crate::{reference_admin, replay};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/parity.md");
const REFERENCE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/fixtures/reference/operations.tsv"
);

/// Rows in which a client that works with the reference may notice the difference, and what it notices.
const NOTICED: &[(&str, &str)] = &[
    ("getAllApiTokens", SECRETS),
    ("getApiTokensByName", SECRETS),
    ("getProjectApiTokens", SECRETS),
    (
        "addFeatureStrategy",
        "a rollout that is no whole number from 0 to 100 is refused; the reference takes it, and some SDKs switch the flag off",
    ),
    (
        "searchEvents",
        "an event shows a thing as a whole, before and after; the reference often shows what the caller sent",
    ),
];

const SECRETS: &str = "secrets are shown once, when a token is made; lists show handles";

/// Operations that only serve the reference's own web page or its vendor's products: they answer, and nothing depends on it.
const PAGE_ONLY: &[&str] = &[
    "createFeedback",
    "updateFeedback",
    "updateSplashSettings",
    "uiObservability",
    "getTelemetrySettings",
    "edgeCreateOrReturnTokens",
];

/// A recorded answer, and why ours differs from it, if it does.
pub(crate) struct Evidence {
    pub(crate) method: String,
    /// As sent.
    pub(crate) path: String,
    pub(crate) differs: Option<String>,
}

struct Operation {
    method: String,
    path: String,
    id: String,
}

/// What was found out about an operation.
#[derive(Default)]
struct Row {
    answers: usize,
    reasons: BTreeSet<String>,
}

fn reference() -> Vec<Operation> {
    let text = std::fs::read_to_string(REFERENCE).unwrap();
    let lines = text.lines().map(|line| {
        let mut cells = line.split('\t').map(str::to_owned);
        Operation {
            method: cells.next().unwrap(),
            path: cells.next().unwrap(),
            id: cells.next().unwrap(),
        }
    });
    lines.collect()
}

fn parts(path: &str) -> Vec<&str> {
    let path = path.split(['?', '#']).next().unwrap();
    path.split('/').filter(|part| !part.is_empty()).collect()
}

/// Which parts of the template are fixed, if it fits the path.
fn fits(template: &str, path: &str) -> Option<Vec<bool>> {
    let (template, path) = (parts(template), parts(path));
    let is_fixed = |part: &&str| !part.starts_with('{');
    let fits = template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(part, given)| !is_fixed(part) || part.eq_ignore_ascii_case(given));
    fits.then(|| template.iter().map(is_fixed).collect())
}

/// The operation an answer is about: fixed parts go before parameters.
fn operation<'o>(operations: &'o [Operation], it: &Evidence) -> Option<&'o Operation> {
    let same = operations.iter().filter(|known| known.method == it.method);
    let fitting = same.filter_map(|known| Some((fits(&known.path, &it.path)?, known)));
    fitting
        .max_by(|one, other| one.0.cmp(&other.0))
        .map(|(_, known)| known)
}

fn rows(operations: &[Operation]) -> BTreeMap<&str, Row> {
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    let evidence = reference_admin::evidence()
        .into_iter()
        .chain(replay::evidence());
    for it in evidence {
        let Some(operation) = operation(operations, &it) else {
            continue;
        };
        let row = rows.entry(&operation.id).or_default();
        row.answers += 1;
        row.reasons.extend(it.differs);
    }
    rows
}

/// Ours: method and nameless path, with what is written there.
fn served() -> BTreeMap<(String, String), String> {
    let document = burgee::app::openapi();
    let mut served = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap_or_default();
            served.insert(
                (method.to_uppercase(), nameless(path)),
                line(method, path, id),
            );
        }
    }
    served
}

fn nameless(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "{}" } else { part }.to_owned();
    parts(path)
        .into_iter()
        .map(part)
        .collect::<Vec<_>>()
        .join("/")
}

fn line(method: &str, path: &str, id: &str) -> String {
    format!("| `{id}` | {} `{path}` |", method.to_uppercase())
}

fn verdict(operation: &Operation, row: Option<&Row>, is_served: bool) -> String {
    if !is_served {
        return "not served".into();
    }
    let Some(row) = row else {
        return "not compared".into();
    };
    let answers = match row.answers {
        1 => "1 answer".into(),
        many => format!("{many} answers"),
    };
    if PAGE_ONLY.contains(&operation.id.as_str()) {
        return format!("answers; only the reference's own page or Edge asks ({answers})");
    }
    if let Some((_, what)) = NOTICED.iter().find(|(id, _)| *id == operation.id) {
        return format!("**differs** ({answers}): {what}");
    }
    if row.reasons.is_empty() {
        return format!("identical ({answers})");
    }
    let reasons: Vec<&str> = row.reasons.iter().map(String::as_str).collect();
    format!("identical but for ({answers}): {}", reasons.join("; "))
}

fn page() -> String {
    let operations = reference();
    let rows = rows(&operations);
    let mut served = served();
    let mut table = String::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for operation in &operations {
        let key = (operation.method.clone(), nameless(&operation.path));
        let ours = served.remove(&key);
        let verdict = verdict(operation, rows.get(&*operation.id), ours.is_some());
        *counts.entry(kind(&verdict)).or_default() += 1;
        let line = line(&operation.method, &operation.path, &operation.id);
        writeln!(table, "{line} {verdict} |").unwrap();
    }
    let counts = counts
        .iter()
        .map(|(kind, number)| format!("{number} {kind}"));
    let counts = counts.collect::<Vec<_>>().join(", ");
    let beyond: String = served
        .values()
        .fold(String::new(), |text, line| text + line + "\n");
    format!(
        "{HEAD}\n{} operations: {counts}.\n\n| Operation | Path | |\n|---|---|---|\n{table}\n{BEYOND}\n| Operation | Path |\n|---|---|\n{beyond}",
        operations.len()
    )
}

fn kind(verdict: &str) -> &'static str {
    [
        "identical but for",
        "identical",
        "**differs**",
        "not served",
        "not compared",
        "answers",
    ]
    .into_iter()
    .find(|kind| verdict.starts_with(kind))
    .map_or("", |kind| match kind {
        "identical but for" => "identical but for what no working client notices",
        "**differs**" => "different in a way a client may notice",
        "answers" => "for the reference's own page or Edge only",
        kind => kind,
    })
}

const HEAD: &str = "\
# Parity with Unleash 8.2.0, operation by operation

Computed by `tests/api/parity.rs` from the answers a running Unleash OSS 8.2.0 gave to the requests in
`fixtures/reference`, which are sent to Burgee in the tests and compared: status, headers that matter, JSON with ids and
times normalised. `compat-suite/parity/run` records them anew where the reference is installed. What differs is told at
length in [differences.md](differences.md) and [differences-admin.md](differences-admin.md).
";

const BEYOND: &str = "\
## Beyond

What the free reference does not have: of its commercial edition, in the shapes of the official Go client, and our own.
";

#[test]
fn the_page_tells_what_the_comparisons_found() {
    let found = page();
    if std::env::var_os("BURGEE_WRITE_PARITY").is_some() {
        std::fs::write(PAGE, &found).unwrap();
    }
    let page = std::fs::read_to_string(PAGE).unwrap();
    let lines = |text: &str| -> Vec<String> { text.lines().map(str::to_owned).collect() };
    let (page, found) = (lines(&page), lines(&found));
    let lost = page.iter().filter(|line| !found.contains(line));
    let new = found.iter().filter(|line| !page.contains(line));
    let complaints: Vec<String> = lost
        .map(|line| format!("- {line}"))
        .chain(new.map(|line| format!("+ {line}")))
        .collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn every_operation_is_served_and_compared() {
    let operations = reference();
    let (rows, served) = (rows(&operations), served());
    let is_missing = |it: &&Operation| {
        let is_served = served.contains_key(&(it.method.clone(), nameless(&it.path)));
        verdict(it, rows.get(&*it.id), is_served).starts_with("not ")
    };
    let missing = operations.iter().filter(is_missing);
    assert_eq!(missing.map(|it| &*it.id).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn at_most_five_rows_differ_in_a_way_a_client_may_notice() {
    assert!(NOTICED.len() <= 5);
    let operations = reference();
    let rows = rows(&operations);
    for (id, _) in NOTICED {
        assert!(!rows[id].reasons.is_empty(), "{id} does not differ");
    }
}

/// A request of a recorded step or pair.
pub(crate) fn evidence(request: &Value, differs: Option<String>) -> Evidence {
    Evidence {
        method: request["method"].as_str().unwrap().to_owned(),
        path: request["path"].as_str().unwrap().to_owned(),
        differs,
    }
}
