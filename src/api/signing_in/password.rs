//! Checking and hashing passwords without keeping other requests waiting.

use actix_web::web;

use crate::api::error::ApiError;
use crate::auth::passwords;
use crate::auth::tokens::{Secret, generate, hash};
use crate::domain::api_token::TokenHash;
use crate::domain::instance::HashKey;
use crate::domain::rejection::Rejection;
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::user::{PasswordHash, PasswordReset};

/// How long a link to choose a password works.
const RESET_MILLIS: i64 = 24 * 3_600_000;

/// The key of all hashes.
pub(in crate::api) fn hash_key(state: &State) -> Result<HashKey, ApiError> {
    let key = state.instance.as_ref().map(|it| it.hash_key.clone());
    key.ok_or_else(|| ApiError::Internal(anyhow::anyhow!("there is no instance yet")))
}

/// Refuses when operators switched passwords off.
pub(in crate::api) fn check_taken(state: &State) -> Result<(), ApiError> {
    match state.settings.sign_in.passwords_disabled {
        true => Err(ApiError::PasswordsDisabled),
        false => Ok(()),
    }
}

/// Checks the rules for passwords.
pub(in crate::api) fn check(password: &str) -> Result<(), ApiError> {
    let broken = passwords::broken_rules(password);
    match broken.is_empty() {
        true => Ok(()),
        false => Err(ApiError::WeakPassword(broken)),
    }
}

/// Hashes a new password that keeps the rules and is none of the `former` ones.
pub(in crate::api) async fn hashed(
    key: HashKey,
    password: String,
    former: Vec<PasswordHash>,
) -> Result<PasswordHash, ApiError> {
    check(&password)?;
    let work = move || {
        if former
            .iter()
            .any(|old| passwords::matches(&key, &password, old))
        {
            return Err(ApiError::UsedPassword);
        }
        let hash = passwords::hash(&key, &password);
        hash.ok_or_else(|| Rejection::bad_data("The password cannot be used.").into())
    };
    in_the_background(work).await?
}

/// Whether a password is the right one. Without a known one it takes as long and says no, so that nobody learns which
/// names exist.
pub(in crate::api) async fn is_right(
    key: HashKey,
    password: String,
    known: Option<PasswordHash>,
) -> Result<bool, ApiError> {
    let work = move || match known {
        Some(known) => passwords::matches(&key, &password, &known),
        None => {
            let _ = passwords::hash(&key, &password);
            false
        }
    };
    in_the_background(work).await
}

async fn in_the_background<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    let done = web::block(work).await;
    done.map_err(|error| ApiError::Internal(error.into()))
}

/// A link with which somebody chooses a password: its secret, and what is kept of it.
pub(in crate::api) fn new_link(
    key: &HashKey,
    now: Timestamp,
    created_by: &str,
) -> (Secret, PasswordReset) {
    let (secret, hash) = new_secret(key, "reset");
    let reset = PasswordReset {
        hash,
        expires_at: now.plus_millis(RESET_MILLIS),
        created_by: created_by.to_owned(),
    };
    (secret, reset)
}

/// A secret that begins with what it is for, and its hash.
pub(in crate::api) fn new_secret(key: &HashKey, purpose: &str) -> (Secret, TokenHash) {
    let secret = Secret::new(generate(purpose).expose().replace('.', "-"));
    let hash = hash(key, secret.expose());
    (secret, hash)
}
