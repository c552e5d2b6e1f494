//! What the lines of a file say.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Section;
use crate::domain::usage::{
    Application, ApplicationCard, ClientInstance, LastSeen, Sightings, UnknownFlag,
};

/// The first line of a section.
#[derive(Serialize, Deserialize)]
pub(super) struct SectionStart {
    pub(super) section: Section,
}

/// The last line of a section. Nothing else begins like it.
#[derive(Serialize, Deserialize)]
pub(super) struct SectionEnd {
    pub(super) end_of_section: Section,
    pub(super) count: u64,
    pub(super) sha256: String,
}

/// What [`SectionEnd`] begins with.
pub(super) const SECTION_END: &[u8] = b"{\"end_of_section\":";

/// The only line of the end.
#[derive(Serialize, Deserialize)]
pub(super) struct End {
    pub(super) end_of_backup: bool,
    pub(super) sha256: String,
}

/// One of those who were seen.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Sighting {
    Application(Application),
    Card(ApplicationCard),
    Instance(ClientInstance),
    LastSeen(LastSeen),
    UnknownFlag(UnknownFlag),
}

impl Sighting {
    /// One by one.
    pub(super) fn each(seen: Sightings) -> impl Iterator<Item = Self> {
        let applications = seen.applications.into_iter().map(Self::Application);
        applications
            .chain(seen.cards.into_iter().map(Self::Card))
            .chain(seen.instances.into_iter().map(Self::Instance))
            .chain(seen.last_seen.into_iter().map(Self::LastSeen))
            .chain(seen.unknown_flags.into_iter().map(Self::UnknownFlag))
    }

    /// How many there are.
    pub(super) fn count(seen: &Sightings) -> usize {
        seen.applications.len()
            + seen.cards.len()
            + seen.instances.len()
            + seen.last_seen.len()
            + seen.unknown_flags.len()
    }

    pub(super) fn join(self, seen: &mut Sightings) {
        match self {
            Self::Application(it) => seen.applications.push(it),
            Self::Card(it) => seen.cards.push(it),
            Self::Instance(it) => seen.instances.push(it),
            Self::LastSeen(it) => seen.last_seen.push(it),
            Self::UnknownFlag(it) => seen.unknown_flags.push(it),
        }
    }
}

/// A SHA-256 as text.
pub(super) fn hex(hash: Sha256) -> String {
    use std::fmt::Write;
    hash.finalize()
        .iter()
        .fold(String::new(), |mut text, byte| {
            // Writing to a text does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
