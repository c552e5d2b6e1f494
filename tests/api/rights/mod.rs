//! Who reaches what: every operation of the OpenAPI document, asked by every kind of caller, against a table that
//! people read and review. An operation the table does not have fails, and so does a row without an operation.
//!
//! `BURGEE_WRITE_RIGHTS=1 cargo test --test api rights` writes the table anew.

mod callers;
mod requests;
mod secrets;

use std::collections::BTreeMap;
use std::fmt::Write;

use callers::{CALLERS, World};
use requests::Request;

use crate::harness::Answer;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/rights/table.tsv");

const HEAD: &str = "\
# Who reaches what. One line for each operation, one column for each kind of caller (tests/api/rights/callers.rs):
#   .  refused, because the caller is not known (401)
#   x  refused, because the caller may not (403)
#   +  let in; what comes then is about the request and not about the caller
# Requests are about the project `shop`, its flag and its environment `development`.
";

/// What a caller gets: a character of the table. The state may forbid something to everybody, such as to delete a
/// project that is not archived: then the caller was let in.
fn outcome(answer: &Answer) -> char {
    match answer.status {
        401 => '.',
        403 if answer.json()["name"] == "InvalidOperationError" => '+',
        403 => 'x',
        _ => '+',
    }
}

fn walk() -> BTreeMap<String, String> {
    let world = World::new();
    let mut running = world.start();
    let mut rows = BTreeMap::new();
    for request in requests::all(&world) {
        let mut row = String::new();
        for caller in CALLERS {
            let answer = caller.client(&running, &world).ask_about(&request);
            assert!(answer.status < 500, "{}: {}", request.name, answer.text());
            row.push(outcome(&answer));
            if request.may_change && answer.status < 400 {
                running = world.start();
            }
        }
        rows.insert(request.name, row);
    }
    rows
}

fn written(rows: &BTreeMap<String, String>) -> String {
    let width = rows.keys().map(String::len).max().unwrap_or_default();
    let mut text = HEAD.to_owned();
    for (number, caller) in CALLERS.iter().enumerate() {
        let bars = "| ".repeat(number);
        writeln!(text, "#{:width$} {bars}{}", "", caller.name).unwrap();
    }
    for (name, row) in rows {
        let cells: Vec<String> = row.chars().map(String::from).collect();
        writeln!(text, "{name:width$}  {}", cells.join(" ")).unwrap();
    }
    text
}

#[test]
fn every_operation_lets_in_whom_the_table_names_and_nobody_else() {
    let found = written(&walk());
    if std::env::var_os("BURGEE_WRITE_RIGHTS").is_some() {
        std::fs::write(TABLE, &found).unwrap();
    }
    let table = std::fs::read_to_string(TABLE).unwrap();
    let lines = |text: &str| -> Vec<String> { text.lines().map(str::to_owned).collect() };
    let (expected, found) = (lines(&table), lines(&found));
    let lost = expected.iter().filter(|line| !found.contains(line));
    let new = found.iter().filter(|line| !expected.contains(line));
    let complaints: Vec<String> = lost
        .map(|line| format!("- {line}"))
        .chain(new.map(|line| format!("+ {line}")))
        .collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

impl crate::harness::Client<'_> {
    fn ask_about(&self, request: &Request) -> Answer {
        let headers: &[(&str, &str)] = if request.has_body {
            &[("content-type", "text/plain")]
        } else {
            &[]
        };
        let body = request.has_body.then(|| b"no JSON".to_vec());
        self.send(&request.method, &request.path, headers, body)
    }
}
