//! From one snapshot to the next, environment by environment.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::environment::{Contents, ServedEnvironment};
use super::flag::{ServedFlag, configured};
use super::segments::ServedSegments;
use super::touched::Touched;
use crate::domain::flag::Flag;
use crate::domain::names::{EnvironmentName, FlagName};
use crate::domain::state::State;

/// Flags by name.
pub(super) type Flags = Arc<Vec<Arc<ServedFlag>>>;

/// What is the same for all environments.
pub(super) struct Step<'s> {
    pub(super) state: &'s State,
    pub(super) touched: &'s Touched,
    pub(super) segments: Arc<ServedSegments>,
}

impl Step<'_> {
    /// The environment nobody made.
    pub(super) fn nowhere(&self, before: &Arc<ServedEnvironment>) -> Arc<ServedEnvironment> {
        let flags = self.flags(
            before.flags(),
            self.touched.flags.iter(),
            |flag, old| match old.filter(|it| it.serves(flag, None)) {
                Some(old) => Arc::clone(old),
                None => Arc::new(ServedFlag::new(flag, None, &self.segments)),
            },
        );
        let revision = self.state.counters.everybody;
        before.succeeded_by(
            Contents {
                name: "",
                revision,
                flags,
                segments: &self.segments,
            },
            None,
        )
    }

    /// The environment `name`. A new one begins as the one nobody made.
    pub(super) fn environment(
        &self,
        name: &EnvironmentName,
        before: Option<&Arc<ServedEnvironment>>,
        nowhere: &Arc<ServedEnvironment>,
    ) -> Arc<ServedEnvironment> {
        let renew =
            |flag: &Arc<Flag>, old: Option<&Arc<ServedFlag>>| self.served(name, flag, old, nowhere);
        let flags = match before {
            Some(before) => self.flags(before.flags(), self.touched.flags.iter(), renew),
            None => self.flags(nowhere.flags(), self.state.flags.keys(), renew),
        };
        let none = BTreeSet::new();
        let scopes = self.touched.scopes.as_ref();
        let contents = Contents {
            name: name.as_str(),
            revision: self.state.environment_revision(name.as_str()),
            flags,
            segments: &self.segments,
        };
        let scopes = scopes.map(|all| all.get(name).unwrap_or(&none));
        match before {
            Some(before) => before.succeeded_by(contents, scopes),
            None => Arc::new(ServedEnvironment::new(contents, scopes.unwrap_or(&none))),
        }
    }

    /// The flag as it is served in `name`: as it was if it is served as before.
    fn served(
        &self,
        name: &EnvironmentName,
        flag: &Arc<Flag>,
        old: Option<&Arc<ServedFlag>>,
        nowhere: &ServedEnvironment,
    ) -> Arc<ServedFlag> {
        let there = configured(self.state, flag, name);
        let as_before = |old: &&Arc<ServedFlag>| {
            old.serves(flag, there) && !old.uses_any(&self.touched.segments)
        };
        if let Some(old) = old.filter(as_before) {
            return Arc::clone(old);
        }
        // Environments in which a flag is not configured share one form of it.
        if let (None, Some(off)) = (there, nowhere.flag(flag.name.as_str())) {
            return Arc::clone(off);
        }
        Arc::new(ServedFlag::new(flag, there, &self.segments))
    }

    /// `before` with the flags named in `names` renewed, or `before` itself when that changes nothing.
    fn flags<'n>(
        &self,
        before: &Flags,
        names: impl Iterator<Item = &'n FlagName>,
        renew: impl Fn(&Arc<Flag>, Option<&Arc<ServedFlag>>) -> Arc<ServedFlag>,
    ) -> Flags {
        let mut gone = BTreeSet::new();
        let mut fresh = Vec::new();
        for name in names {
            let old = find(before, name.as_str());
            let new = self
                .state
                .live_flag(name.as_str())
                .map(|flag| renew(flag, old));
            if let (Some(old), Some(new)) = (old, &new)
                && Arc::ptr_eq(old, new)
            {
                continue;
            }
            if old.is_some() {
                gone.insert(name.as_str());
            }
            fresh.extend(new);
        }
        if gone.is_empty() && fresh.is_empty() {
            return Arc::clone(before);
        }
        let kept = before.iter().filter(|flag| !gone.contains(flag.name()));
        let mut flags: Vec<Arc<ServedFlag>> = kept.cloned().collect();
        flags.append(&mut fresh);
        // Two sorted runs: a stable sort merges them in one pass.
        flags.sort_by(|a, b| a.name().cmp(b.name()));
        Arc::new(flags)
    }
}

/// The flag of that name among flags sorted by name.
pub(super) fn find<'f>(flags: &'f Flags, name: &str) -> Option<&'f Arc<ServedFlag>> {
    let at = flags.binary_search_by(|flag| flag.name().cmp(name));
    flags.get(at.ok()?)
}
