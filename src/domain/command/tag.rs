//! Wishes about a kind of tag, or the tags of flags.

/// Wishes about a kind of tag, or the tags of flags.
#[derive(Clone, Debug)]
pub enum TagCommand {}
