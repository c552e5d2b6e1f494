//! Wishes about a kind of flag.

/// Wishes about a kind of flag.
#[derive(Clone, Debug)]
pub enum FlagKindCommand {
    /// Say how long flags of a kind are expected to live.
    SetLifetime {
        /// The kind's identifier.
        id: String,
        /// Days; none for flags that stay.
        days: Option<u32>,
    },
}
