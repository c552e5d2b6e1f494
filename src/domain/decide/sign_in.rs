//! Decides wishes about how people may sign in.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::domain::change::Draft;
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::instance::Settings;
use crate::domain::rejection::Rejection;
use crate::domain::sign_in::{Oidc, Saml, SignIn, SsoAccounts};
use crate::domain::state::{Entity, State};

pub(super) fn disable_passwords(draft: &mut Draft, disabled: bool) {
    let before = draft.state().settings.sign_in.passwords_disabled;
    let document = |disabled: bool| json!({"id": "unleash.auth.simple", "disabled": disabled});
    replace(draft, document(before), document(disabled), |sign_in| {
        sign_in.passwords_disabled = disabled;
    });
}

pub(super) fn set_oidc(draft: &mut Draft, wish: &Oidc) -> Result<(), Rejection> {
    let before = draft.state().settings.sign_in.oidc.clone();
    let mut after = wish.clone();
    after.secret = after.secret.or(before.secret);
    check_role(draft.state(), &after.accounts)?;
    check_url("discoverUrl", after.discover_url.as_deref())?;
    if after.enabled {
        let secret = after.secret.map(|_| "…");
        needed("clientId", after.client_id.as_deref())?;
        needed("secret", secret)?;
    }
    let (old, new) = (oidc_document(&before), oidc_document(&after));
    replace(draft, old, new, |sign_in| sign_in.oidc = after);
    Ok(())
}

pub(super) fn set_saml(draft: &mut Draft, wish: &Saml) -> Result<(), Rejection> {
    let before = draft.state().settings.sign_in.saml.clone();
    let mut after = wish.clone();
    after.own_certificate = after.own_certificate.or(before.own_certificate);
    check_role(draft.state(), &after.accounts)?;
    if after.enabled {
        needed("entityId", after.entity_id.as_deref())?;
        needed("signOnUrl", after.sign_on_url.as_deref())?;
        needed("certificate", after.certificate.as_deref())?;
    }
    let (old, new) = (saml_document(&before), saml_document(&after));
    replace(draft, old, new, |sign_in| sign_in.saml = after);
    Ok(())
}

fn check_role(state: &State, accounts: &SsoAccounts) -> Result<(), Rejection> {
    let Some(id) = accounts.default_role_id else {
        return Ok(());
    };
    match state.role(id) {
        Some(role) if role.kind.is_root() => Ok(()),
        // Tools write 0 for a role that nobody chose.
        None if id.0 == 0 => Ok(()),
        _ => Err(Rejection::bad_data(format!("Could not find rootRole={id}"))),
    }
}

fn check_url(field: &str, text: Option<&str>) -> Result<(), Rejection> {
    let good = |text: &str| {
        let schemes = ["https://", "http://"];
        let host = schemes.iter().find_map(|it| text.strip_prefix(it));
        host.is_some_and(|host| !host.is_empty())
    };
    match text.map(str::trim) {
        None | Some("") => Ok(()),
        Some(text) if good(text) => Ok(()),
        Some(text) => Err(Rejection::broken_rule(
            field,
            "must be an address that begins with https:// or http://",
            &text.into(),
        )),
    }
}

fn needed(field: &str, text: Option<&str>) -> Result<(), Rejection> {
    match text.map(str::trim) {
        None | Some("") => Err(Rejection::empty(field)),
        Some(_) => Ok(()),
    }
}

/// Changes the settings and tells of it; nothing when nothing changed. Secrets are not in the documents.
fn replace(draft: &mut Draft, before: Value, after: Value, change: impl FnOnce(&mut SignIn)) {
    let mut settings = Settings::clone(&draft.state().settings);
    change(&mut settings.sign_in);
    if settings == *draft.state().settings {
        return;
    }
    let mut event = NewEvent::new(EventKind::SettingUpdated);
    event.pre_data = Some(before);
    event.data = Some(after);
    draft.tell(event);
    draft.put(Entity::Settings(Arc::new(settings)));
}

fn oidc_document(it: &Oidc) -> Value {
    json!({
        "id": "unleash.enterprise.auth.oidc",
        "enabled": it.enabled,
        "discoverUrl": it.discover_url,
        "clientId": it.client_id,
        "enableSingleSignOut": it.single_sign_out,
        "acrValues": it.acr_values,
        "idTokenSigningAlgorithm": it.signing_algorithm,
        "addGroupsScope": it.ask_for_groups,
        "accounts": accounts_document(&it.accounts),
    })
}

fn saml_document(it: &Saml) -> Value {
    json!({
        "id": "unleash.enterprise.auth.saml",
        "enabled": it.enabled,
        "entityId": it.entity_id,
        "signOnUrl": it.sign_on_url,
        "certificate": it.certificate,
        "signOutUrl": it.sign_out_url,
        "accounts": accounts_document(&it.accounts),
    })
}

fn accounts_document(it: &SsoAccounts) -> Value {
    json!({
        "autoCreate": it.auto_create,
        "defaultRootRole": it.default_role,
        "defaultRootRoleId": it.default_role_id,
        "emailDomains": it.email_domains,
        "enableGroupSyncing": it.sync_groups,
        "groupJsonPath": it.group_path,
    })
}
