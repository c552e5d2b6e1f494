//! How a store that several nodes share is doing.

use crate::domain::state::State;

/// What can be done with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Condition {
    /// Everything.
    Good,
    /// Nothing at present, for this reason. What is served stays what it was.
    Away(String),
    /// It is there, but what this node serves is not, or no longer, in it. Nothing is written until an operator says
    /// which of the two is right.
    Diverged(String),
}

/// What a store holds, and whose it is.
#[derive(Clone, Debug)]
pub struct Held {
    /// Which history; none when it is empty.
    pub lineage: Option<String>,
    /// The configuration.
    pub state: State,
}
