//! Pictures of users.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::domain::user::User;

/// The address of a picture at Gravatar, which knows people by a hash of their mail address. Nothing is fetched: the
/// browser of who looks at it does that.
#[must_use]
pub fn image_url(user: &User) -> String {
    let known_as = user.email.as_ref().or(user.username.as_ref());
    let text = known_as.map_or_else(|| user.id.to_string(), |it| it.trim().to_lowercase());
    let digits = Sha256::digest(text.as_bytes()).iter().fold(
        String::with_capacity(64),
        |mut digits, byte| {
            let _ = write!(digits, "{byte:02x}");
            digits
        },
    );
    format!("https://gravatar.com/avatar/{digits}?s=42&d=retro&r=g")
}
