//! Random values for operators: mostly readable ones.

use unleash_types::client_features as wire;
use wire::Operator;

use crate::generate::Generator;
use crate::pools::{self, Kind};

impl Generator<'_> {
    pub(crate) fn operand(
        &mut self,
        operator: &Operator,
        kind: Kind,
    ) -> (Option<Vec<String>>, Option<String>) {
        match operator {
            Operator::InCidr => (self.list(pools::RANGES), None),
            Operator::RegexMatch => (None, self.one(pools::PATTERNS, &["["])),
            Operator::NumEq
            | Operator::NumGt
            | Operator::NumGte
            | Operator::NumLt
            | Operator::NumLte => (None, self.one(pools::NUMBER_VALUES, pools::BAD_NUMBERS)),
            Operator::DateAfter | Operator::DateBefore => {
                (None, self.one(pools::DATE_VALUES, pools::BAD_DATES))
            }
            Operator::SemverEq
            | Operator::SemverGt
            | Operator::SemverGte
            | Operator::SemverLt
            | Operator::SemverLte => match self.chance.once_in(30) {
                true => {
                    self.reached.note("value: v1.2.3");
                    (None, Some("v1.2.3".into()))
                }
                false => (None, self.one(pools::VERSION_VALUES, pools::BAD_VERSIONS)),
            },
            _ => (self.list(kind.pool()), None),
        }
    }

    fn list(&mut self, pool: &[&str]) -> Option<Vec<String>> {
        let length = match self.chance.below(40) {
            0 => 0,
            1 => 200,
            more => 1 + more % 4,
        };
        self.reached.note(format!("list: {length}"));
        if length == 0 && self.chance.once_in(2) {
            return None;
        }
        let value = |number| match number % 50 {
            0..5 => (*self.chance.pick(pool)).to_owned(),
            _ => format!("filler-{number}"),
        };
        Some((0..length).map(value).collect())
    }

    fn one(&mut self, good: &[&str], bad: &[&str]) -> Option<String> {
        let value = match self.chance.below(160) {
            0..2 => {
                self.reached.note("value: missing");
                return None;
            }
            2..7 => {
                self.reached.note("value: unreadable");
                self.chance.pick(bad)
            }
            7 => {
                self.reached.note("value: of another kind");
                self.chance.pick(pools::OTHER_KINDS)
            }
            _ => self.chance.pick(good),
        };
        Some((*value).to_owned())
    }
}
