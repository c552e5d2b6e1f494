//! The shapes of how people may sign in. Secrets are taken and never shown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::api_token::TokenHash;
use crate::domain::names::RoleId;
use crate::domain::sign_in::{Oidc, Saml, SsoAccounts};

/// Whether passwords are taken.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct PasswordAuthSchema {
    /// They are not.
    #[serde(default)]
    #[schema(required = false)]
    pub disabled: bool,
}

/// The name of a role that is always there.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub(super) enum DefaultRootRoleSchema {
    Viewer,
    Editor,
    Admin,
}

impl DefaultRootRoleSchema {
    const ALL: [Self; 3] = [Self::Viewer, Self::Editor, Self::Admin];

    fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "Viewer",
            Self::Editor => "Editor",
            Self::Admin => "Admin",
        }
    }

    fn called(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }
}

/// How a provider signs.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub(super) enum SigningAlgorithmSchema {
    RS256,
    RS384,
    RS512,
}

impl SigningAlgorithmSchema {
    const ALL: [Self; 3] = [Self::RS256, Self::RS384, Self::RS512];

    fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
        }
    }

    fn called(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }
}

/// What single sign-on says about accounts of people who come by it.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SsoAccountsSchema {
    /// Whether somebody unknown gets an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    pub auto_create: Option<bool>,
    /// The name of the role such an account gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = DefaultRootRoleSchema, required = false)]
    pub default_root_role: Option<DefaultRootRoleSchema>,
    /// The number of the role such an account gets; it goes before the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, required = false)]
    pub default_root_role_id: Option<i64>,
    /// Addresses of which domains get one, with commas between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub email_domains: Option<String>,
    /// Whether groups follow those of the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    pub enable_group_syncing: Option<bool>,
    /// Where the provider's answer tells the groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub group_json_path: Option<String>,
}

impl SsoAccountsSchema {
    fn into_wish(self) -> SsoAccounts {
        SsoAccounts {
            auto_create: self.auto_create,
            default_role: self.default_root_role.map(|it| it.as_str().to_owned()),
            default_role_id: self.default_root_role_id.map(RoleId),
            email_domains: self.email_domains,
            sync_groups: self.enable_group_syncing,
            group_path: self.group_json_path,
        }
    }
}

impl From<&SsoAccounts> for SsoAccountsSchema {
    fn from(it: &SsoAccounts) -> Self {
        let role = it.default_role.as_deref();
        Self {
            auto_create: it.auto_create,
            default_root_role: role.and_then(DefaultRootRoleSchema::called),
            default_root_role_id: it.default_role_id.map(|id| id.0),
            email_domains: it.email_domains.clone(),
            enable_group_syncing: it.sync_groups,
            group_json_path: it.group_path.clone(),
        }
    }
}

/// What is known of OpenID Connect. It has no secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OidcSettingsResponseSchema {
    /// The settings.
    #[serde(flatten)]
    pub settings: OidcPlainSchema,
}

/// OpenID Connect without its secret.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OidcPlainSchema {
    /// Whether it is wanted.
    pub enabled: bool,
    /// Where the provider describes itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub discover_url: Option<String>,
    /// What the provider calls this application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub client_id: Option<String>,
    /// Whether signing out here signs out there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    pub enable_single_sign_out: Option<bool>,
    /// How strongly people must prove who they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub acr_values: Option<String>,
    /// How the provider signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = SigningAlgorithmSchema, required = false)]
    pub id_token_signing_algorithm: Option<SigningAlgorithmSchema>,
    /// Whether to ask for groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    pub add_groups_scope: Option<bool>,
    /// Accounts.
    #[serde(flatten)]
    pub accounts: SsoAccountsSchema,
}

/// OpenID Connect as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OidcSettingsSchema {
    /// The settings.
    #[serde(flatten)]
    pub settings: OidcPlainSchema,
    /// The secret shared with the provider. It is never shown. Left out, the earlier one stays.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub secret: Option<String>,
}

impl OidcSettingsSchema {
    /// The wish; `hash` hashes secrets.
    pub(super) fn into_wish(self, hash: impl Fn(&str) -> TokenHash) -> Oidc {
        let it = self.settings;
        let algorithm = it.id_token_signing_algorithm;
        Oidc {
            enabled: it.enabled,
            discover_url: it.discover_url,
            client_id: it.client_id,
            secret: secret(self.secret, hash),
            single_sign_out: it.enable_single_sign_out,
            acr_values: it.acr_values,
            signing_algorithm: algorithm.map(|it| it.as_str().to_owned()),
            ask_for_groups: it.add_groups_scope,
            accounts: it.accounts.into_wish(),
        }
    }
}

fn secret(text: Option<String>, hash: impl Fn(&str) -> TokenHash) -> Option<TokenHash> {
    text.filter(|text| !text.is_empty()).map(|text| hash(&text))
}

impl From<&Oidc> for OidcSettingsResponseSchema {
    fn from(it: &Oidc) -> Self {
        let algorithm = it.signing_algorithm.as_deref();
        Self {
            settings: OidcPlainSchema {
                enabled: it.enabled,
                discover_url: it.discover_url.clone(),
                client_id: it.client_id.clone(),
                enable_single_sign_out: it.single_sign_out,
                acr_values: it.acr_values.clone(),
                id_token_signing_algorithm: algorithm.and_then(SigningAlgorithmSchema::called),
                add_groups_scope: it.ask_for_groups,
                accounts: (&it.accounts).into(),
            },
        }
    }
}

/// What is known of SAML. It has no certificate with a key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SamlSettingsResponseSchema {
    /// The settings.
    #[serde(flatten)]
    pub settings: SamlPlainSchema,
}

/// SAML 2.0 without its secret.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SamlPlainSchema {
    /// Whether it is wanted.
    pub enabled: bool,
    /// What the provider is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub entity_id: Option<String>,
    /// Where people sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub sign_on_url: Option<String>,
    /// The provider's certificate, which is public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub certificate: Option<String>,
    /// Where people sign out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub sign_out_url: Option<String>,
    /// Accounts.
    #[serde(flatten)]
    pub accounts: SsoAccountsSchema,
}

/// SAML 2.0 as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SamlSettingsSchema {
    /// The settings.
    #[serde(flatten)]
    pub settings: SamlPlainSchema,
    /// The certificate, with its key, that signs requests to sign out. It is never shown. Left out, the earlier one
    /// stays.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    pub sp_certificate: Option<String>,
}

impl SamlSettingsSchema {
    /// The wish; `hash` hashes secrets.
    pub(super) fn into_wish(self, hash: impl Fn(&str) -> TokenHash) -> Saml {
        let it = self.settings;
        Saml {
            enabled: it.enabled,
            entity_id: it.entity_id,
            sign_on_url: it.sign_on_url,
            certificate: it.certificate,
            sign_out_url: it.sign_out_url,
            own_certificate: secret(self.sp_certificate, hash),
            accounts: it.accounts.into_wish(),
        }
    }
}

impl From<&Saml> for SamlSettingsResponseSchema {
    fn from(it: &Saml) -> Self {
        Self {
            settings: SamlPlainSchema {
                enabled: it.enabled,
                entity_id: it.entity_id.clone(),
                sign_on_url: it.sign_on_url.clone(),
                certificate: it.certificate.clone(),
                sign_out_url: it.sign_out_url.clone(),
                accounts: (&it.accounts).into(),
            },
        }
    }
}
