//! Burgee: a feature-flag server that speaks the Unleash wire formats.
//!
//! The whole configuration is one value; a change is a command that becomes a committed change that becomes a new
//! snapshot; every read is a look into the newest snapshot. The rooms, from the inside out:
//!
//! * [`domain`]: what a flag server is. Flags, strategies, projects, tokens; commands, decisions, changes. Pure.
//! * [`engine`]: what a flag is for a user. Flags compiled once, evaluated without allocating. Pure.
//! * [`wire`]: the JSON of the protocols.
//! * [`store`]: remembers committed changes.
//! * [`snapshot`]: what readers see, compiled and written out ahead of time.
//! * [`change`]: how a wish comes true.
//! * [`auth`]: who asks, and what they may.
//! * [`api`]: HTTP.

pub mod api;
pub mod auth;
pub mod change;
pub mod domain;
pub mod engine;
pub mod snapshot;
pub mod store;
pub mod wire;
