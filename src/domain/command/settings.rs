//! Wishes about the run-time settings.

use crate::domain::sign_in::{Oidc, Saml};

/// Wishes about the run-time settings.
#[derive(Clone, Debug)]
pub enum SettingsCommand {
    /// Say from which origins browsers may call.
    SetFrontendOrigins(Vec<String>),
    /// Take passwords no more, or again.
    DisablePasswords(bool),
    /// Remember OpenID Connect in place of what was. Without a secret the earlier one stays.
    SetOidc(Oidc),
    /// Remember SAML in place of what was. Without a certificate of its own the earlier one stays.
    SetSaml(Saml),
    /// Say whether changes through the admin API are refused.
    SetMaintenance(bool),
}
