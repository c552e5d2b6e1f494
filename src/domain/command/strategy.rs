//! Wishes about a flag in one environment: its switch, strategies and variants.

use std::collections::BTreeMap;

use super::FlagAddress;
use crate::domain::constraint::Constraint;
use crate::domain::names::{SegmentId, StrategyId};
use crate::domain::variant::Variant;

/// A strategy to be added.
#[derive(Clone, Debug, Default)]
pub struct NewStrategy {
    /// The kind, such as `flexibleRollout`.
    pub name: String,
    /// A label for people.
    pub title: Option<String>,
    /// Kept, but not served.
    pub disabled: bool,
    /// Its place; none means the last.
    pub sort_order: Option<i32>,
    /// Parameters of the kind.
    pub parameters: BTreeMap<String, String>,
    /// All must hold.
    pub constraints: Vec<Constraint>,
    /// Segments that all must hold.
    pub segments: Vec<SegmentId>,
    /// Variants, not yet weighed.
    pub variants: Vec<Variant>,
}

/// What is to be different about a strategy; none leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct StrategyChange {
    /// The kind.
    pub name: Option<String>,
    /// A label for people; `Some(None)` removes it.
    pub title: Option<Option<String>>,
    /// Kept, but not served.
    pub disabled: Option<bool>,
    /// Parameters of the kind.
    pub parameters: Option<BTreeMap<String, String>>,
    /// Whether parameters the kind needs and the caller left out are filled in.
    pub fill_parameters: bool,
    /// All must hold.
    pub constraints: Option<Vec<Constraint>>,
    /// Segments that all must hold.
    pub segments: Option<Vec<SegmentId>>,
    /// Variants, not yet weighed.
    pub variants: Option<Vec<Variant>>,
}

/// Where a caller says a strategy is. Nothing about it has been checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StrategyAddress {
    /// The flag.
    pub flag: FlagAddress,
    /// The environment in the caller's path, which need not be the strategy's.
    pub environment: String,
    /// The strategy.
    pub id: String,
}

/// Wishes about strategies.
#[derive(Clone, Debug)]
pub enum StrategyCommand {
    /// Add a strategy.
    Add {
        /// The flag.
        at: FlagAddress,
        /// The environment.
        environment: String,
        /// The strategy.
        strategy: NewStrategy,
    },
    /// Change a strategy. When no active one is left, the flag goes off in that environment.
    Change {
        /// The strategy.
        at: StrategyAddress,
        /// The difference.
        change: StrategyChange,
    },
    /// Remove a strategy. When no active one is left, the flag goes off in that environment.
    Remove(StrategyAddress),
    /// Give some strategies other places.
    Sort {
        /// The flag.
        at: FlagAddress,
        /// The environment.
        environment: String,
        /// Strategies and their places; those not named keep theirs.
        places: Vec<(StrategyId, i32)>,
    },
    /// Turn a flag on or off in an environment. Turning it on without an active strategy adds one.
    Switch {
        /// The flag.
        at: FlagAddress,
        /// The environment.
        environment: String,
        /// On or off.
        on: bool,
        /// Activate disabled strategies rather than add one.
        activate_disabled: bool,
    },
    /// Replace the flag's own variants in some environments.
    SetVariants {
        /// The flag.
        at: FlagAddress,
        /// The environments.
        environments: Vec<String>,
        /// The variants, not yet weighed.
        variants: Vec<Variant>,
    },
}
