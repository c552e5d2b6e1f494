//! When flags were asked for, by flag.

use std::collections::BTreeMap;

use crate::domain::names::FlagName;
use crate::domain::usage::LastSeen;

/// When flags were first and last asked for in each environment.
#[derive(Debug, Default)]
pub struct Seen(BTreeMap<FlagName, Vec<LastSeen>>);

impl Seen {
    pub(super) fn new(all: Vec<LastSeen>) -> Self {
        let mut by_flag: BTreeMap<FlagName, Vec<LastSeen>> = BTreeMap::new();
        for it in all {
            by_flag.entry(it.flag.clone()).or_default().push(it);
        }
        Self(by_flag)
    }

    /// When a flag was asked for, once for each environment.
    #[must_use]
    pub fn of(&self, flag: &FlagName) -> &[LastSeen] {
        self.0.get(flag).map(Vec::as_slice).unwrap_or_default()
    }
}
