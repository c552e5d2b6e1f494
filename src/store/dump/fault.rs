//! Why a file was refused.

use std::io;

use thiserror::Error;

use super::Section;

/// A backup cannot be written or read. Whoever knows its name adds it.
#[derive(Debug, Error)]
pub enum DumpError {
    /// It is not one.
    #[error("it is not a backup of this program: {0}")]
    Foreign(String),
    /// A newer version of this program wrote it.
    #[error(
        "it has backup format {found}, and this version of the program reads formats up to {known}. Use version {program} or a newer one"
    )]
    NewerFormat {
        /// Its format.
        found: u64,
        /// The newest format known here.
        known: u64,
        /// The version that wrote it.
        program: String,
    },
    /// It is not what was written once.
    #[error("its section `{}` is damaged: {what}. Nothing was taken from it; use another copy of it, or an older backup", .section.as_str())]
    Damaged {
        /// Where.
        section: Section,
        /// What was found.
        what: String,
    },
    /// What is to be written came in a wrong order or not to its end. A defect of the caller.
    #[error("the parts of the backup came in a wrong order")]
    Order,
    /// The operating system refused.
    #[error("{doing} failed")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The refusal.
        #[source]
        source: io::Error,
    },
}

impl DumpError {
    pub(super) fn writing(source: io::Error) -> Self {
        Self::Io {
            doing: "writing the backup",
            source,
        }
    }

    pub(super) fn damaged(section: Section, what: impl Into<String>) -> Self {
        Self::Damaged {
            section,
            what: what.into(),
        }
    }
}
