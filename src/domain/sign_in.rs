//! How people may sign in. Single sign-on is remembered for tools that set it, and not served: nobody can sign in with
//! it. Of its secrets only keyed hashes are kept, to tell whether they changed.

use serde::{Deserialize, Serialize};

use super::api_token::TokenHash;
use super::names::RoleId;

/// How people may sign in.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SignIn {
    /// Passwords are not taken.
    pub passwords_disabled: bool,
    /// OpenID Connect. Not served.
    pub oidc: Oidc,
    /// SAML 2.0. Not served.
    pub saml: Saml,
}

/// What single sign-on says about accounts of people who come by it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SsoAccounts {
    /// Whether somebody unknown gets an account.
    pub auto_create: Option<bool>,
    /// The name of the role such an account gets.
    pub default_role: Option<String>,
    /// The number of the role such an account gets; it goes before the name.
    pub default_role_id: Option<RoleId>,
    /// Addresses of which domains get one, with commas between them.
    pub email_domains: Option<String>,
    /// Whether groups follow those of the provider.
    pub sync_groups: Option<bool>,
    /// Where the provider's answer tells the groups.
    pub group_path: Option<String>,
}

/// OpenID Connect.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Oidc {
    /// Whether it is wanted.
    pub enabled: bool,
    /// Where the provider describes itself.
    pub discover_url: Option<String>,
    /// What the provider calls this application.
    pub client_id: Option<String>,
    /// Keyed hash of the secret shared with the provider.
    pub secret: Option<TokenHash>,
    /// Whether signing out here signs out there.
    pub single_sign_out: Option<bool>,
    /// How strongly people must prove who they are.
    pub acr_values: Option<String>,
    /// How the provider signs.
    pub signing_algorithm: Option<String>,
    /// Whether to ask for groups.
    pub ask_for_groups: Option<bool>,
    /// Accounts.
    pub accounts: SsoAccounts,
}

/// SAML 2.0.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Saml {
    /// Whether it is wanted.
    pub enabled: bool,
    /// What the provider is called.
    pub entity_id: Option<String>,
    /// Where people sign in.
    pub sign_on_url: Option<String>,
    /// The provider's certificate.
    pub certificate: Option<String>,
    /// Where people sign out.
    pub sign_out_url: Option<String>,
    /// Keyed hash of the certificate, with its key, that signs requests to sign out.
    pub own_certificate: Option<TokenHash>,
    /// Accounts.
    pub accounts: SsoAccounts,
}
