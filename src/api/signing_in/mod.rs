//! Signing in and out, choosing a password through a link, making an account through an invitation.

mod invitation;
mod login;
pub(in crate::api) mod password;
mod reset;

use crate::api::registration::ServiceConfig;

/// What operators set about accounts.
#[derive(Clone, Debug)]
pub struct AccountRules {
    /// How people reach the server, without a slash at the end.
    pub url: String,
    /// The path of the session cookie.
    pub cookie_path: String,
    /// Whether browsers may send the cookie over HTTPS only.
    pub secure_cookies: bool,
    /// How long a session lasts.
    pub session_millis: i64,
    /// How many sessions of a user there may be.
    pub most_sessions: usize,
    /// How many attempts to sign in an address has in a minute.
    pub attempts_per_minute: u32,
    /// After how long without a sign of life a user counts as inactive.
    pub inactive_millis: i64,
}

impl AccountRules {
    /// The value of `Set-Cookie` for a session.
    fn cookie(&self, secret: &str) -> String {
        let seconds = self.session_millis / 1000;
        self.cookie_with(secret, seconds)
    }

    /// The value of `Set-Cookie` that takes the session away.
    fn no_cookie(&self) -> String {
        self.cookie_with("", 0)
    }

    fn cookie_with(&self, secret: &str, seconds: i64) -> String {
        let name = crate::auth::identity::SESSION_COOKIE;
        let secure = if self.secure_cookies { "; Secure" } else { "" };
        format!(
            "{name}={secret}; Path={}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}",
            self.cookie_path
        )
    }
}

/// Adds the routes. They need no token.
pub(in crate::api) fn routes(config: &mut ServiceConfig) {
    config
        .service(login::login)
        .service(login::logout)
        .service(login::logout_by_link)
        .service(reset::validate_token)
        .service(reset::change_password)
        .service(reset::validate_password)
        .service(reset::send_reset_password_email)
        .service(invitation::validate_public_signup_token)
        .service(invitation::add_public_signup_token_user);
}
