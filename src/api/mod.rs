//! HTTP. [`routes`] is the list of all routes; handlers parse, submit or look up, and map to the wire.
//!
//! *Who calls it:* `app`. *What it may import:* everything but `store`, `config`, `app` and `cli`.

pub mod admin;
pub mod backstage;
pub mod client;
mod compression;
mod conditional;
pub mod document;
pub mod edge;
mod encoding;
pub mod error;
pub mod extract;
mod finish;
pub mod frontend;
pub mod paths;
mod query;
pub mod registration;
mod reporter;
pub mod request_log;
pub mod request_times;
pub mod routes;
mod schema;
pub mod signing_in;
mod versions;
