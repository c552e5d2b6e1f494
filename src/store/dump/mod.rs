//! Everything a store holds as one file: what a backup is.
//!
//! The file is a row of zstd frames, so `zstdcat` shows it: a header, then one frame for each [`Section`], then the
//! end. Each frame holds lines of JSON. The last line of a section tells how many things are in it and their SHA-256;
//! the end tells the SHA-256 over the header and all of those. So no byte can be lost or changed unseen, and it is
//! known where it was.
//!
//! Neither writing nor reading holds more than a part in memory.

mod draft;
mod fault;
mod lines;
mod reader;
mod writer;

use serde::{Deserialize, Serialize};

pub use draft::Draft;
pub use fault::DumpError;
pub use reader::DumpReader;
pub use writer::DumpWriter;

use crate::domain::names::Revision;
use crate::domain::time::Timestamp;
use crate::store::Part;

/// The format this version writes. It reads every format up to this one.
const FORMAT: u64 = 1;

const PRODUCT: &str = "burgee";

/// A part of the file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// What is in the file.
    Header,
    /// Flags, people, tokens and all else that is configured.
    Configuration,
    /// The event log.
    Events,
    /// Counts of what SDKs asked for.
    Usage,
    /// Applications, their copies, when flags were last asked for, flags that do not exist.
    Sightings,
    /// What became of telling addons.
    Deliveries,
    /// That was all.
    End,
}

/// Sections that hold things, in the order of the file.
const SECTIONS: [Section; 5] = [
    Section::Configuration,
    Section::Events,
    Section::Usage,
    Section::Sightings,
    Section::Deliveries,
];

impl Section {
    /// Its name in the file and in messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Configuration => "configuration",
            Self::Events => "events",
            Self::Usage => "usage",
            Self::Sightings => "sightings",
            Self::Deliveries => "deliveries",
            Self::End => "end",
        }
    }
}

/// What a file says about itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Header {
    product: String,
    format: u64,
    /// The version of the program that wrote it.
    pub program: String,
    /// The instance it is of; none when that had not had its first start.
    pub instance: Option<String>,
    /// The revision of the configuration in it.
    pub revision: Revision,
    /// When it was made.
    pub at: Timestamp,
}

/// How many things a file holds.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts([u64; SECTIONS.len()]);

impl Counts {
    /// Section by section.
    pub fn iter(&self) -> impl Iterator<Item = (Section, u64)> {
        SECTIONS.into_iter().zip(self.0)
    }

    /// Counts what is in a part.
    pub fn add(&mut self, part: &Part) {
        let (section, count) = match part {
            Part::Begin(_) | Part::End => return,
            Part::Entities(list) => (Section::Configuration, list.len()),
            Part::Events(list) => (Section::Events, list.len()),
            Part::Usage(list) => (Section::Usage, list.len()),
            Part::Sightings(seen) => (Section::Sightings, lines::Sighting::count(seen)),
            Part::Deliveries(list) => (Section::Deliveries, list.len()),
        };
        let known = SECTIONS.iter().zip(&mut self.0);
        for (_, sum) in known.filter(|(it, _)| **it == section) {
            *sum += u64::try_from(count).unwrap_or(u64::MAX);
        }
    }

    fn set(&mut self, section: Section, count: u64) {
        let known = SECTIONS.iter().zip(&mut self.0);
        for (_, old) in known.filter(|(it, _)| **it == section) {
            *old = count;
        }
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (section, count)) in self.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{}: {count}", section.as_str())?;
        }
        Ok(())
    }
}
