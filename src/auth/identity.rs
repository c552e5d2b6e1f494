//! Who asks: an admin token, a personal token, or a browser in which somebody signed in.

use std::sync::Arc;

use super::tokens;
use crate::domain::api_token::{ApiToken, TokenHash, TokenKind};
use crate::domain::event::Actor;
use crate::domain::rights::Wanted;
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::user::User;

/// The name of the cookie that holds the secret of a session.
pub const SESSION_COOKIE: &str = "unleash-session";

/// The user number events of admin tokens carry, as the reference numbers them.
pub const ADMIN_TOKEN_USER: i64 = -42;

/// Somebody we know.
#[derive(Clone, Debug)]
pub enum Caller {
    /// An API token, of any kind.
    Token(Arc<ApiToken>),
    /// A user with one of its tokens.
    User(Arc<User>),
    /// A user in a browser, with the hash of the session.
    Browser(Arc<User>, TokenHash),
}

impl Caller {
    /// Who has this secret in the `Authorization` header.
    #[must_use]
    pub fn with_secret(state: &State, secret: &str, now: Timestamp) -> Option<Self> {
        let hash = tokens::hash(&state.instance.as_ref()?.hash_key, secret);
        if let Some(token) = state.tokens.get(&hash) {
            return (!token.is_expired(now)).then(|| Self::Token(Arc::clone(token)));
        }
        let token = state.personal_tokens.get(&hash)?;
        let user = state.users.get(&token.user)?;
        (now < token.expires_at).then(|| Self::User(Arc::clone(user)))
    }

    /// Who signed in in the browser that has this secret in its cookie.
    #[must_use]
    pub fn with_session(state: &State, secret: &str, now: Timestamp) -> Option<Self> {
        let hash = tokens::hash(&state.instance.as_ref()?.hash_key, secret);
        let session = state.sessions.get(&hash)?;
        let user = state.users.get(&session.user)?;
        (now < session.expires_at).then(|| Self::Browser(Arc::clone(user), hash))
    }

    /// The user, if it is one.
    #[must_use]
    pub fn user(&self) -> Option<&Arc<User>> {
        match self {
            Self::Token(_) => None,
            Self::User(user) | Self::Browser(user, _) => Some(user),
        }
    }

    /// Whether it may use the admin API at all: tokens of SDKs may not.
    #[must_use]
    pub fn is_admitted(&self) -> bool {
        match self {
            Self::Token(token) => token.kind == TokenKind::Admin,
            Self::User(_) | Self::Browser(..) => true,
        }
    }

    /// Whether it may do what is wanted.
    #[must_use]
    pub fn may(&self, state: &State, wanted: &Wanted<'_>) -> bool {
        match self {
            Self::Token(token) => token.kind == TokenKind::Admin,
            Self::User(user) | Self::Browser(user, _) => state.may(user, wanted),
        }
    }

    /// Whether one of these permissions counts for it in some place.
    #[must_use]
    pub fn may_somewhere(&self, state: &State, permissions: &[&str]) -> bool {
        match self {
            Self::Token(token) => token.kind == TokenKind::Admin,
            Self::User(user) | Self::Browser(user, _) => state.may_somewhere(user, permissions),
        }
    }

    /// What events call it.
    #[must_use]
    pub fn actor(&self, ip: Option<String>) -> Actor {
        match self {
            Self::Token(token) => Actor {
                name: token.name.clone(),
                user_id: ADMIN_TOKEN_USER,
                ip,
            },
            Self::User(user) | Self::Browser(user, _) => Actor {
                name: user.label(),
                user_id: user.id.0,
                ip,
            },
        }
    }
}

/// The value of a cookie in a `Cookie` header.
#[must_use]
pub fn cookie<'h>(header: &'h str, name: &str) -> Option<&'h str> {
    let mut cookies = header.split(';').filter_map(|it| it.trim().split_once('='));
    cookies
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::cookie;

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let header = "a=1; unleash-session=abc=; b=2";
        assert_eq!(cookie(header, "unleash-session"), Some("abc="));
        assert_eq!(cookie(header, "session"), None);
        assert_eq!(cookie("", "a"), None);
    }
}
