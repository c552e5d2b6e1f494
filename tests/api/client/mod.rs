//! `/api/client`: what backend SDKs call.

mod features;
mod paths;
mod reports;
