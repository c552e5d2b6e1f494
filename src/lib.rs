//! Burgee: a feature-flag server that speaks the Unleash wire formats.
//!
//! The whole configuration is one value; a change is a command that becomes a committed change that becomes a new
//! snapshot; every read is a look into the newest snapshot. The rooms, from the inside out:
//!
//! * [`domain`] — what a flag server is. Flags, strategies, projects, tokens; commands, decisions, changes. Pure.
//! * [`engine`] — flags compiled to a program, and its evaluation. Pure.
//! * [`wire`] — the JSON of the protocols.
//! * [`store`] — remembers committed changes.
//! * [`snapshot`] — what readers see, compiled and written out ahead of time.
//! * [`change`] — how a wish comes true.
//! * [`telemetry`] — what we tell about ourselves.
//! * [`usage`]: what SDKs report about the flags they asked for.
//! * [`addons`] — tells others about events.
//! * [`auth`] — who asks, and what they may.
//! * [`api`] — HTTP.
//! * [`config`] — what can be set, and from where.
//! * [`app`] — joins the parts.
//! * [`cli`] — the command line.

pub mod addons;
pub mod api;
pub mod app;
pub mod auth;
pub mod change;
pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod snapshot;
pub mod store;
pub mod telemetry;
pub mod usage;
pub mod wire;
