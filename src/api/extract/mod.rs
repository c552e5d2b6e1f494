//! What handlers take from a request. Rights come first and are decided without waiting, so a caller without the
//! right learns nothing about the rest of the request.

mod json;
mod permit;
mod sdk_token;

pub use json::{BodyLimit, Json};
pub use permit::Permit;
pub use sdk_token::{BackendToken, FrontendToken};
