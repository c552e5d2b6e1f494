//! Random flags and contexts, asked of the official engine and of ours.
//!
//! `ORACLE_PAIRS` sets how many pairs of flag set and context are compared (200,000 when not set), `ORACLE_SEED` where
//! chance starts. A failure prints all that is needed to see it again.

#![allow(
    clippy::allow_attributes,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

mod chance;
mod compare;
mod context;
mod coverage;
mod differences;
mod excuses;
mod explain;
mod generate;
mod generate_operands;
mod generate_strategies;
#[path = "../official/mod.rs"]
mod official;
mod pools;
mod run;
