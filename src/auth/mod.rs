//! Who asks, and what they may: tokens, sessions, passwords, and actions as types.
//!
//! *Who calls it:* `api` (extractors, signing in, making tokens) and `app` (the first start). *What it may import:*
//! `domain`, `snapshot`, and argon2, getrandom, hmac, sha2.

pub mod actions;
pub mod attempts;
pub mod avatar;
pub mod identity;
pub mod passwords;
pub mod recent_secrets;
pub mod tokens;
