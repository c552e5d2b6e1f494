//! Wishes about a kind of strategy.

/// Wishes about a kind of strategy.
#[derive(Clone, Debug)]
pub enum StrategyKindCommand {}
