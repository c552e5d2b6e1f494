//! Search parameters: `type=IS_ANY_OF:feature-created,feature-archived&from=IS:2026-01-31`.

use std::fmt::Display;
use std::str::FromStr;

use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::error::ApiError;
use crate::change::EventQuery;
use crate::domain::event::EventKind;
use crate::domain::names::{EnvironmentName, FlagName, ProjectId, Revision};
use crate::domain::time::Timestamp;
use crate::wire::problem::Detail;

/// Most events of one answer.
const MOST: usize = 1000;
const DAY: i64 = 24 * 60 * 60 * 1000;

/// What an event search may say. Nothing of it has been checked.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(super) struct Parameters {
    /// `IS:number` of the event.
    id: Option<String>,
    /// `IS:flag`.
    feature: Option<String>,
    /// `IS:project`.
    project: Option<String>,
    /// `IS:environment`.
    environment: Option<String>,
    /// `IS_ANY_OF:feature-created,feature-archived`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// `IS:number` of the person.
    created_by: Option<String>,
    /// `IS:2026-01-31`, the first day.
    from: Option<String>,
    /// `IS:2026-01-31`, the last day.
    to: Option<String>,
    /// Words in what changed.
    query: Option<String>,
    /// Most events of a page.
    limit: Option<String>,
    /// Events to skip.
    offset: Option<String>,
}

impl Parameters {
    /// The query meant. `None` when it cannot find anything, because it asks for things that cannot be.
    pub(super) fn query(&self) -> Result<Option<EventQuery>, ApiError> {
        let kinds = wanted("type", self.kind.as_deref())?;
        let ids = wanted("id", self.id.as_deref())?;
        let people = wanted("createdBy", self.created_by.as_deref())?;
        let names = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
        let mut query = EventQuery {
            flags: each(
                names(&wanted("feature", self.feature.as_deref())?),
                FlagName::trusted,
            ),
            projects: each(
                names(&wanted("project", self.project.as_deref())?),
                ProjectId::trusted,
            ),
            environments: each(
                names(&wanted("environment", self.environment.as_deref())?),
                EnvironmentName::trusted,
            ),
            kinds: names(&kinds).iter().filter_map(|name| kind(name)).collect(),
            ids: numbers(&names(&ids)).into_iter().map(Revision).collect(),
            created_by_user_ids: numbers(&names(&people)),
            from: day("from", self.from.as_deref())?,
            to: day("to", self.to.as_deref())?.map(|day| day.plus_millis(DAY)),
            text: self.query.clone().filter(|text| !text.is_empty()),
            ..EventQuery::default()
        };
        (query.limit, query.offset) = self.page();
        let impossible = (kinds.is_some() && query.kinds.is_empty())
            || (ids.is_some() && query.ids.is_empty())
            || (people.is_some() && query.created_by_user_ids.is_empty());
        Ok((!impossible).then_some(query))
    }

    /// The query of the plain list: a project, and a page.
    pub(super) fn plain(&self) -> EventQuery {
        let (limit, offset) = self.page();
        EventQuery {
            projects: self
                .project
                .iter()
                .map(|id| ProjectId::trusted(id))
                .collect(),
            limit,
            offset,
            ..EventQuery::default()
        }
    }

    /// Limit and offset; anything that is not a sensible number is the default, as with the reference.
    fn page(&self) -> (usize, usize) {
        let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok());
        let limit = number(&self.limit)
            .filter(|limit| *limit > 0)
            .unwrap_or(100);
        (limit.min(MOST), number(&self.offset).unwrap_or(0))
    }
}

fn each<T>(names: Vec<String>, make: impl Fn(&str) -> T) -> Vec<T> {
    names.iter().map(|name| make(name)).collect()
}

fn kind(name: &str) -> Option<EventKind> {
    EventKind::ALL
        .iter()
        .copied()
        .find(|kind| kind.as_str() == name)
}

fn numbers<T: FromStr>(texts: &[String]) -> Vec<T> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

/// The values after `IS:` or `IS_ANY_OF:`.
fn wanted(name: &str, given: Option<&str>) -> Result<Option<Vec<String>>, ApiError> {
    let Some(given) = given else {
        return Ok(None);
    };
    let list = given
        .strip_prefix("IS_ANY_OF:")
        .or_else(|| given.strip_prefix("IS:"));
    match list {
        Some(list) => Ok(Some(
            list.split(',').map(|it| it.trim().to_owned()).collect(),
        )),
        None => Err(mismatch(
            name,
            r"^(IS|IS_ANY_OF):(.*?)(,([a-zA-Z0-9_]+))*$",
            given,
        )),
    }
}

/// The beginning of the day after `IS:`.
fn day(name: &str, given: Option<&str>) -> Result<Option<Timestamp>, ApiError> {
    let Some(given) = given else {
        return Ok(None);
    };
    let day = given.strip_prefix("IS:").filter(|day| day.len() == 10);
    let time = day.and_then(|day| Timestamp::parse(&format!("{day}T00:00:00Z")));
    match time {
        Some(time) => Ok(Some(time)),
        None => Err(mismatch(name, r"^(IS):\d{4}-\d{2}-\d{2}$", given)),
    }
}

fn mismatch(name: &str, pattern: &str, given: impl Display) -> ApiError {
    let place = format!("/query/{name}");
    let message = format!(
        "The `{place}` property must match pattern \"{pattern}\". You sent {}.",
        serde_json::Value::from(given.to_string())
    );
    ApiError::Schema(vec![Detail::at(place, message)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(kind: &str) -> Parameters {
        Parameters {
            kind: Some(kind.into()),
            ..Parameters::default()
        }
    }

    #[test]
    fn one_or_several_values_are_wanted() {
        let query = parameters("IS_ANY_OF:feature-created,feature-archived").query();
        assert_eq!(query.unwrap().unwrap().kinds.len(), 2);
        let query = parameters("IS:feature-created").query();
        assert_eq!(query.unwrap().unwrap().kinds, [EventKind::FeatureCreated]);
    }

    #[test]
    fn an_unknown_kind_finds_nothing_and_a_bad_operator_is_refused() {
        assert!(parameters("IS:nope").query().unwrap().is_none());
        assert!(parameters("feature-created").query().is_err());
        assert!(parameters("IS_NOT:feature-created").query().is_err());
    }

    #[test]
    fn odd_limits_are_the_default() {
        for odd in ["0", "-1", "abc", ""] {
            let parameters = Parameters {
                limit: Some(odd.into()),
                ..Parameters::default()
            };
            assert_eq!(parameters.page(), (100, 0), "{odd}");
        }
    }
}
