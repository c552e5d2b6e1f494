//! The JSON of the protocols: what SDKs send and receive, and the bodies of errors.
//!
//! *Who calls it:* `snapshot`, `usage`, `api`, importers. *What it may import:* `domain`. Request and response types
//! are separate; both say what the contract says, in its words.

pub mod bulk_metrics;
pub mod client_application;
pub mod client_features;
pub mod client_metrics;
pub mod client_spec;
pub mod date;
pub mod edge_tokens;
pub mod fingerprint;
pub mod frontend;
pub mod plain_metrics;
pub mod problem;
