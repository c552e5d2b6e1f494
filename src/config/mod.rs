//! What can be set, and from where: options, then environment variables, then defaults.
//!
//! *Who calls it:* `cli` and `app`. *What it may import:* `domain`. The [`table`] is the only list of settings;
//! [`Settings`] are checked values, so nobody after this room has to doubt them.

mod error;
mod page;
mod settings;
mod sources;
pub mod table;
#[cfg(test)]
mod tests;

pub use error::SettingsError;
pub use page::page;
pub use settings::{
    Accounts, Bootstrap, Import, LogFormat, LogSettings, Network, Redis, Scraping, SecretText,
    Settings, Storage,
};
pub use sources::options;
