//! The engine: compiles flags to a program and evaluates it.
//!
//! *What lives here:* the meaning of a flag. [`CompiledFlag::compile`] turns one flag of one environment into plain
//! data: fields resolved, lists hashed, patterns and ranges compiled, JSON written. [`Program`] holds the flags of an
//! environment by name with dependencies resolved to positions. [`Program::evaluate`] answers for one flag,
//! [`Program::evaluate_all`] and [`Session`] for many with one look at each parent.
//!
//! [`Session::explain`] says the same of one flag with the reasons, condition by condition, at leisure.
//!
//! *Who calls it:* `snapshot` compiles; `api` evaluates for browsers, OFREP and the playground.
//!
//! *What it may import:* `domain`, and regex, semver, ipnet, chrono. It is pure: the time, the host name and
//! the [`Dice`] are parameters; nothing is read, nothing is locked, nothing is counted.
//!
//! *What it promises:* the answers are those of the official engine inside the SDKs, so that a browser and a backend
//! agree on a user (`tests/client_specification.rs`, `tests/oracle.rs`); the few places where the official engine is
//! wrong are in `docs/differences-oracle.md`. Evaluating allocates nothing (`tests/allocations.rs`).
//!
//! A flag that cannot be evaluated (a segment that is not there, an operator from the future, a number that is none)
//! is off as a whole, as in the SDKs, and [`CompiledFlag::fault`] says why.

mod bucket;
mod compile;
mod context;
mod evaluate;
mod explain;
mod fault;
mod flag;
mod json;
mod layout;
mod operators;
mod program;
mod rollouts;
mod segment;
mod strategy;
mod variant;

pub use bucket::{Dice, bucket};
pub use context::{Context, Properties};
pub use evaluate::{Evaluation, Scratch, Session};
pub use explain::{Conclusion, Explanation, ListOwner, SegmentExplanation, StrategyExplanation};
pub use fault::Fault;
pub use flag::{CompiledFlag, FlagSource};
pub use program::Program;
pub use segment::{CompiledSegment, CompiledSegments, SegmentSource};
pub use variant::CompiledVariant;
