//! Who asks, and what they may.
//!
//! *Who calls it:* the extractors of `api`, and `app` for the first tokens. *What it may import:* `domain`, `store`,
//! `snapshot`.

pub mod actions;
pub mod recent_secrets;
pub mod tokens;
