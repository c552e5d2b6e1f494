//! All names of keys.
//!
//! What changes together lies in one slot of a cluster: the configuration under one hash tag, what SDKs report under
//! another.

use crate::domain::names::AddonId;
use crate::domain::time::Timestamp;
use crate::store::StoreError;

use super::fault::wrong;

/// Names of the keys of one namespace.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    tag: String,
    usage: String,
}

impl Keys {
    /// Keys that begin with `namespace`: letters, digits and `. _ : -`, at most 64.
    pub(super) fn new(namespace: &str) -> Result<Self, StoreError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
        if namespace.is_empty() || namespace.len() > 64 || !namespace.bytes().all(fits) {
            return Err(wrong(
                "a namespace has 1 to 64 letters, digits or . _ : - and nothing else",
            ));
        }
        Ok(Self {
            tag: format!("{{{namespace}}}"),
            usage: format!("{{{namespace}:usage}}"),
        })
    }

    /// Hash: what is kept here ([`meta`]).
    pub(super) fn meta(&self) -> String {
        format!("{}:meta", self.tag)
    }

    /// Hash: `EntityKey::to_text` → JSON of the entity.
    pub(super) fn entity(&self) -> String {
        format!("{}:entity", self.tag)
    }

    /// Stream: the event log; identifiers are event numbers.
    pub(super) fn event(&self) -> String {
        format!("{}:event", self.tag)
    }

    /// Stream: the newest changes; identifiers are the revisions they lead to.
    pub(super) fn change(&self) -> String {
        format!("{}:change", self.tag)
    }

    /// Stream: the newest revisions with their marks, for those who wait for one.
    pub(super) fn feed(&self) -> String {
        format!("{}:feed", self.tag)
    }

    /// String: what a commit was answered, so that asking again does not commit again.
    pub(super) fn request(&self, id: &str) -> String {
        format!("{}:request:{id}", self.tag)
    }

    /// List: the newest deliveries of an addon, the newest first.
    pub(super) fn delivery(&self, addon: AddonId) -> String {
        format!("{}:delivery:{addon}", self.tag)
    }

    /// String: the number of the last delivery.
    pub(super) fn last_delivery(&self) -> String {
        format!("{}:delivery", self.tag)
    }

    /// String: who does a task; nothing when it is done.
    pub(super) fn claim(&self, task: &str) -> String {
        format!("{}:claim:{task}", self.tag)
    }

    /// Set: numbers of addons with deliveries.
    pub(super) fn told_addons(&self) -> String {
        format!("{}:delivery:addons", self.tag)
    }

    /// All keys of the configuration whose names do not depend on what is in it.
    pub(super) fn own(&self) -> [String; 7] {
        [
            self.meta(),
            self.entity(),
            self.event(),
            self.change(),
            self.feed(),
            self.last_delivery(),
            self.told_addons(),
        ]
    }

    /// The same of what SDKs reported.
    pub(super) fn of_usage(&self) -> [String; 7] {
        [
            self.hours(),
            self.environments(),
            self.sights(sights::APPLICATION),
            self.sights(sights::CARD),
            self.sights(sights::INSTANCE),
            self.sights(sights::SEEN),
            self.sights(sights::UNKNOWN),
        ]
    }

    /// Sorted set: hours (or first hours of days) with counts, by time.
    pub(super) fn hours(&self) -> String {
        format!("{}:hours", self.usage)
    }

    /// Set: [`place`](super::counts::place) of each flag and environment with counts in an hour.
    pub(super) fn places(&self, hour: Timestamp) -> String {
        format!("{}:places:{}", self.usage, hour.as_millis())
    }

    /// Set: environments with counts, ever.
    pub(super) fn environments(&self) -> String {
        format!("{}:environments", self.usage)
    }

    /// Hash: counts of a flag in an environment in an hour, by application.
    pub(super) fn counts(&self, hour: Timestamp, place: &str) -> String {
        format!("{}:counts:{}:{place}", self.usage, hour.as_millis())
    }

    /// Hash: JSON of things seen, by JSON of their key.
    pub(super) fn sights(&self, kind: &str) -> String {
        format!("{}:{kind}", self.usage)
    }

    /// String: that a report was added.
    pub(super) fn report(&self, id: &str) -> String {
        format!("{}:report:{id}", self.usage)
    }
}

/// Fields of [`Keys::meta`].
pub(super) mod meta {
    /// Number of the layout.
    pub(in super::super) const FORMAT: &str = "format";
    /// A random text that is made with the first commit. Tells one history from another.
    pub(in super::super) const LINEAGE: &str = "lineage";
    /// JSON list of lineages this one goes on from.
    pub(in super::super) const FOREBEARS: &str = "forebears";
    /// The revision it will be at, while it is being filled.
    pub(in super::super) const FILLING: &str = "filling";
    /// The newest revision.
    pub(in super::super) const REVISION: &str = "revision";
    /// A random text that is made with each commit. Tells the newest revision from another one with its number.
    pub(in super::super) const MARK: &str = "mark";
}

/// Things seen: the kinds of [`Keys::sights`].
pub(super) mod sights {
    pub(in super::super) const APPLICATION: &str = "application";
    pub(in super::super) const CARD: &str = "card";
    pub(in super::super) const INSTANCE: &str = "instance";
    pub(in super::super) const SEEN: &str = "seen";
    pub(in super::super) const UNKNOWN: &str = "unknown";
}
