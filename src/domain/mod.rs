//! What a flag server is: flags, strategies, segments, projects, environments, tokens; the commands one may give
//! and the changes they make.
//!
//! *Who calls it:* every room. *What it may import:* nothing of this crate. No clock, no chance, no I/O: time,
//! identifiers and hashes are handed in. The derived serialisation is the store's format, not anybody's wire.

pub mod addon;
pub mod api_token;
pub mod change;
pub mod command;
pub mod constraint;
pub mod context_field;
pub mod decide;
pub mod delivery;
pub mod document;
pub mod environment;
pub mod event;
pub mod flag;
pub mod health;
pub mod instance;
pub mod lifecycle;
pub mod limits;
pub mod lookup;
pub mod names;
pub mod project;
pub mod rejection;
pub mod rights;
pub mod role;
pub mod sdk;
pub mod segment;
pub mod sign_in;
pub mod state;
pub mod strategy;
pub mod time;
pub mod usage;
pub mod user;
pub mod uses;
pub mod variant;
