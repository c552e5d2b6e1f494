//! How much there may be of everything (research CONVENTIONS §1).

/// Upper bounds that commands are checked against.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Values of one constraint of a segment.
    pub segment_values: usize,
    /// Segments of one strategy.
    pub strategy_segments: usize,
    /// Segments in all.
    pub segments: usize,
    /// Values of one constraint of a strategy.
    pub constraint_values: usize,
    /// Constraints of one strategy.
    pub constraints: usize,
    /// Strategies of one flag in one environment.
    pub flag_environment_strategies: usize,
    /// Flags in all, archived ones not counted.
    pub flags: usize,
    /// Projects in all.
    pub projects: usize,
    /// Environments in all.
    pub environments: usize,
    /// API tokens in all.
    pub api_tokens: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            segment_values: 1000,
            strategy_segments: 5,
            segments: 300,
            constraint_values: 250,
            constraints: 30,
            flag_environment_strategies: 30,
            flags: 5000,
            projects: 500,
            environments: 50,
            api_tokens: 2000,
        }
    }
}
