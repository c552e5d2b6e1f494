//! When flags were asked for, by flag.

use std::collections::BTreeMap;

use crate::domain::names::FlagName;
use crate::domain::usage::LastSeen;

/// When flags were first and last asked for in each environment.
#[derive(Clone, Debug, Default)]
pub struct Seen(BTreeMap<FlagName, Vec<LastSeen>>);

impl Seen {
    pub(super) fn new(all: Vec<LastSeen>) -> Self {
        let mut seen = Self::default();
        all.iter().for_each(|it| seen.add(it));
        seen
    }

    /// Adds what a report says.
    pub(super) fn add(&mut self, it: &LastSeen) {
        let own = self.0.entry(it.flag.clone()).or_default();
        let known = own.iter_mut().find(|known| known.key() == it.key());
        match known {
            Some(known) => known.add(it),
            None => own.push(it.clone()),
        }
    }

    /// When a flag was asked for, once for each environment.
    #[must_use]
    pub fn of(&self, flag: &FlagName) -> &[LastSeen] {
        self.0.get(flag).map(Vec::as_slice).unwrap_or_default()
    }
}
