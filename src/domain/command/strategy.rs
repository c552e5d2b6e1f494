//! Wishes about a flag in one environment: its switch, strategies and variants.

/// Wishes about a flag in one environment: its switch, strategies and variants.
#[derive(Clone, Debug)]
pub enum StrategyCommand {}
