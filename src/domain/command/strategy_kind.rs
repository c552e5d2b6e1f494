//! Wishes about a kind of strategy.

use crate::domain::names::StrategyKindName;
use crate::domain::strategy::StrategyParameter;

/// Wishes about a kind of strategy.
#[derive(Clone, Debug)]
pub enum StrategyKindCommand {
    /// Make one.
    Create(StrategyKindName, StrategyKindWish),
    /// Change one that is not built in.
    Update(String, StrategyKindWish),
    /// Delete one that is not built in.
    Delete(String),
    /// Offer it no longer.
    Deprecate(String),
    /// Offer it again.
    Reactivate(String),
}

/// What a kind of strategy shall be.
#[derive(Clone, Debug)]
pub struct StrategyKindWish {
    /// Its title; `None` keeps the one it has.
    pub title: Option<String>,
    /// Its description; `None` keeps the one it has.
    pub description: Option<String>,
    /// Its parameters.
    pub parameters: Vec<StrategyParameter>,
}
