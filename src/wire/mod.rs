//! The JSON of the protocols: what SDKs send and receive, and the bodies of errors.
//!
//! *Who calls it:* `snapshot`, `usage`, `api`, importers. *What it may import:* `domain`. Request and response types
//! are separate; both say what the contract says, in its words.

pub mod client_features;
pub mod fingerprint;
pub mod problem;
