//! What can be wrong with the settings.

use std::io;

use thiserror::Error;

/// A setting that cannot be used. The message says which one and what to write instead.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SettingsError {
    #[error("{name} is \"{given}\", but it has to be {expected}")]
    Invalid {
        name: String,
        given: String,
        expected: String,
    },
    /// The value is secret, so the message does not show it.
    #[error("{name} has an entry that is not {expected}")]
    InvalidSecret { name: String, expected: String },
    #[error("{one} and {other} contradict each other: {why}")]
    Contradiction {
        one: String,
        other: String,
        why: String,
    },
    #[error("{name} names the file {file}, which cannot be read")]
    File {
        name: String,
        file: String,
        source: io::Error,
    },
}
