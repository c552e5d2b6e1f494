//! The filters of a poll, out of its query string (contract CLIENT-API §2.1).

use serde_json::{Value, json};

use crate::api::error::ApiError;
use crate::api::query::{brackets, pairs};
use crate::domain::names::is_url_friendly;
use crate::snapshot::Filter;
use crate::wire::problem::Detail;

/// What a query string asks for.
#[derive(Default, Debug)]
pub(super) struct PollQuery {
    pub(super) filter: Filter,
    /// For tokens that are bound to none.
    pub(super) environment: Option<String>,
}

/// Values of a parameter and whether it was written as a list.
#[derive(Default)]
struct Given {
    values: Vec<String>,
    list: bool,
}

impl Given {
    fn add(&mut self, value: &str, list: bool) {
        self.list |= list || !self.values.is_empty();
        self.values.push(value.to_owned());
    }
}

pub(super) fn parse(query: &str) -> Result<PollQuery, ApiError> {
    if query.is_empty() {
        return Ok(PollQuery::default());
    }
    let [mut prefix, mut projects, mut tags] =
        [Given::default(), Given::default(), Given::default()];
    let mut environment = None;
    for (name, value) in pairs(query) {
        let (name, inner) = brackets(&name);
        match name {
            "namePrefix" => prefix.add(&value, inner.is_some()),
            "project" => projects.add(&value, inner.is_some()),
            "tag" => tags.add(&value, inner.is_some()),
            "environment" => environment = Some(value.into_owned()),
            _ => {}
        }
    }
    let mut faults = Vec::new();
    let filter = Filter {
        name_prefix: name_prefix(prefix, &mut faults),
        projects: project_names(projects, &mut faults),
        tags: kinds_and_values(tags, &mut faults),
    };
    if faults.is_empty() {
        Ok(PollQuery {
            filter,
            environment: environment.filter(|name| !name.is_empty()),
        })
    } else {
        Err(ApiError::BadQuery(faults))
    }
}

fn name_prefix(given: Given, faults: &mut Vec<Detail>) -> Option<String> {
    if given.list {
        let sent = json!(given.values);
        faults.push(Detail::new(format!(
            "\"namePrefix\" must be a string. You provided {sent}."
        )));
        return None;
    }
    let prefix = given.values.into_iter().next()?;
    if prefix.is_empty() {
        faults.push(Detail::new("\"namePrefix\" is not allowed to be empty."));
    }
    Some(prefix)
}

fn project_names(given: Given, faults: &mut Vec<Detail>) -> Vec<String> {
    if is_empty_text(&given, "project", faults) {
        return Vec::new();
    }
    for (index, id) in given.values.iter().enumerate() {
        if !is_url_friendly(id) {
            let sent = Value::from(id.as_str());
            faults.push(Detail::new(format!(
                "\"project[{index}]\" must be URL friendly. You provided {sent}."
            )));
        }
    }
    given.values
}

fn kinds_and_values(given: Given, faults: &mut Vec<Detail>) -> Vec<(String, String)> {
    if is_empty_text(&given, "tag", faults) {
        return Vec::new();
    }
    let mut tags = Vec::new();
    for (index, tag) in given.values.iter().enumerate() {
        match tag.split_once(':') {
            Some((kind, value)) if !kind.is_empty() && !value.is_empty() => {
                tags.push((kind.to_owned(), value.to_owned()));
            }
            _ => {
                let sent = Value::from(tag.as_str());
                faults.push(Detail::new(format!(
                    "\"tag[{index}]\" with value {sent} fails to match the tag pattern. You provided {sent}."
                )));
            }
        }
    }
    tags
}

fn is_empty_text(given: &Given, name: &str, faults: &mut Vec<Detail>) -> bool {
    let empty = !given.list && given.values.first().is_some_and(String::is_empty);
    if empty {
        faults.push(Detail::new(format!("\"{name}\" must be an array.")));
    }
    empty
}
