//! How often flags were on and off: a small hash for each hour, environment and flag, which Redis keeps in its
//! compact form.
//!
//! Fields are `y<application>`, `n<application>` and `v<length of it>:<application><variant>`. A row that exists has a
//! `y`, be it 0.

use std::collections::BTreeMap;

use super::Inner;
use super::fault::Fault;
use super::link::Question;
use crate::domain::names::{EnvironmentName, FlagName};
use crate::domain::time::Timestamp;
use crate::domain::usage::{MOST_COUNTED, UsageQuery, UsageRow};

/// How many hashes are read at once.
const PAGE: usize = 500;

/// A flag in an environment, as a part of a key.
pub(super) fn place(environment: &EnvironmentName, flag: &FlagName) -> String {
    joined(environment.as_str(), flag.as_str())
}

fn joined(first: &str, second: &str) -> String {
    format!("{}:{first}{second}", first.len())
}

fn parted(text: &str) -> Option<(&str, &str)> {
    let (length, rest) = text.split_once(':')?;
    rest.split_at_checked(length.parse().ok()?)
}

/// Fields and what to add to them. Counts beyond the highest are cut.
pub(super) fn fields(row: &UsageRow) -> Vec<(String, u64)> {
    let app = &row.app_name;
    let mut fields = vec![(format!("y{app}"), row.yes), (format!("n{app}"), row.no)];
    let variants = row.variants.iter();
    fields.extend(variants.map(|(name, count)| (format!("v{}", joined(app, name)), *count)));
    for (_, count) in &mut fields {
        *count = (*count).min(MOST_COUNTED);
    }
    fields
}

/// Where counts are.
pub(super) struct Spot {
    pub(super) hour: Timestamp,
    environment: EnvironmentName,
    flag: FlagName,
}

impl Spot {
    pub(super) fn place(&self) -> String {
        place(&self.environment, &self.flag)
    }

    fn rows(&self, fields: Vec<(String, u64)>) -> impl Iterator<Item = UsageRow> {
        let mut rows: BTreeMap<String, UsageRow> = BTreeMap::new();
        for (field, count) in fields {
            let (kind, rest) = field.split_at_checked(1).unwrap_or_default();
            let (app, variant) = match kind {
                "v" => match parted(rest) {
                    Some((app, variant)) => (app, Some(variant)),
                    None => continue,
                },
                _ => (rest, None),
            };
            let row = rows.entry(app.to_owned()).or_insert_with(|| UsageRow {
                hour: self.hour,
                flag: self.flag.clone(),
                environment: self.environment.clone(),
                app_name: app.to_owned(),
                yes: 0,
                no: 0,
                variants: BTreeMap::new(),
            });
            match (kind, variant) {
                ("y", _) => row.yes = count,
                ("n", _) => row.no = count,
                (_, Some(variant)) => _ = row.variants.insert(variant.to_owned(), count),
                _ => {}
            }
        }
        rows.into_values()
    }
}

impl Inner {
    pub(super) async fn usage(&self, query: &UsageQuery) -> Result<Vec<UsageRow>, Fault> {
        let spots = self.spots(query).await?;
        let mut rows = Vec::new();
        for spots in spots.chunks(PAGE) {
            let some = self.rows_at(spots).await?;
            rows.extend(some.into_iter().filter(|row| query.matches(row)));
        }
        rows.sort_by(|a, b| a.key().cmp(&b.key()));
        Ok(rows)
    }

    /// The rows at these places, which are read at once.
    pub(super) async fn rows_at(&self, spots: &[Spot]) -> Result<Vec<UsageRow>, Fault> {
        let mut commands = redis::pipe();
        for spot in spots {
            commands.hgetall(self.keys.counts(spot.hour, &spot.place()));
        }
        let question = Question::Commands(&commands);
        let found: Vec<Vec<(String, u64)>> = self.link.ask(question).await?;
        let rows = spots.iter().zip(found);
        Ok(rows.flat_map(|(spot, fields)| spot.rows(fields)).collect())
    }

    /// Where there may be counts that are asked for.
    pub(super) async fn spots(&self, query: &UsageQuery) -> Result<Vec<Spot>, Fault> {
        let from = query
            .from
            .map_or("-inf".into(), |it| it.as_millis().to_string());
        let to = query
            .to
            .map_or("+inf".into(), |it| format!("({}", it.as_millis()));
        let hours = self.hours(&from, &to).await?;
        match &query.flag {
            Some(flag) => {
                self.spots_of(flag, query.environment.as_ref(), &hours)
                    .await
            }
            None => self.all_spots(&hours).await,
        }
    }

    /// Hours with counts, in these bounds.
    pub(super) async fn hours(&self, from: &str, to: &str) -> Result<Vec<Timestamp>, Fault> {
        let mut commands = redis::pipe();
        commands
            .cmd("ZRANGEBYSCORE")
            .arg(self.keys.hours())
            .arg(from)
            .arg(to);
        let (hours,): (Vec<i64>,) = self.link.ask(Question::Commands(&commands)).await?;
        Ok(hours.into_iter().map(Timestamp::from_millis).collect())
    }

    /// Of one flag: its keys are known without looking at those of others.
    async fn spots_of(
        &self,
        flag: &FlagName,
        environment: Option<&EnvironmentName>,
        hours: &[Timestamp],
    ) -> Result<Vec<Spot>, Fault> {
        let environments: Vec<EnvironmentName> = match environment {
            Some(environment) => vec![environment.clone()],
            None => {
                let mut commands = redis::pipe();
                commands.smembers(self.keys.environments());
                let (names,): (Vec<String>,) = self.link.ask(Question::Commands(&commands)).await?;
                let names = names.iter();
                names.map(|name| EnvironmentName::trusted(name)).collect()
            }
        };
        let spots = hours.iter().flat_map(|hour| {
            environments.iter().map(|environment| Spot {
                hour: *hour,
                environment: environment.clone(),
                flag: flag.clone(),
            })
        });
        Ok(spots.collect())
    }

    async fn all_spots(&self, hours: &[Timestamp]) -> Result<Vec<Spot>, Fault> {
        let mut spots = Vec::new();
        for hours in hours.chunks(PAGE) {
            let mut commands = redis::pipe();
            for hour in hours {
                commands.smembers(self.keys.places(*hour));
            }
            let found: Vec<Vec<String>> = self.link.ask(Question::Commands(&commands)).await?;
            for (hour, places) in hours.iter().zip(found) {
                spots.extend(places.iter().filter_map(|place| {
                    let (environment, flag) = parted(place)?;
                    Some(Spot {
                        hour: *hour,
                        environment: EnvironmentName::trusted(environment),
                        flag: FlagName::trusted(flag),
                    })
                }));
            }
        }
        Ok(spots)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_are_read_as_they_were_written(
            app in ".{0,4}", environment in ".{0,4}", flag in ".{0,4}",
            variants in prop::collection::btree_map(".{0,4}", 0..=MOST_COUNTED, 0..3),
            yes in 0..=MOST_COUNTED,
        ) {
            let row = UsageRow {
                hour: Timestamp::from_millis(0),
                flag: FlagName::trusted(&flag),
                environment: EnvironmentName::trusted(&environment),
                app_name: app,
                yes,
                no: 1,
                variants,
            };
            let place = place(&row.environment, &row.flag);
            prop_assert_eq!(parted(&place), Some((environment.as_str(), flag.as_str())));
            let spot = Spot {
                hour: row.hour,
                environment: row.environment.clone(),
                flag: row.flag.clone(),
            };
            let mut fields = fields(&row);
            fields.reverse();
            prop_assert_eq!(spot.rows(fields).collect::<Vec<_>>(), [row]);
        }
    }
}
