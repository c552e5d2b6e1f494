//! Decides wishes about the run-time settings.

use std::sync::Arc;

use serde_json::json;

use super::{Circumstances, sign_in};
use crate::domain::change::Draft;
use crate::domain::command::SettingsCommand;
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::instance::Settings;
use crate::domain::rejection::Rejection;
use crate::domain::state::Entity;

pub(super) fn carry_out(
    draft: &mut Draft,
    wish: &SettingsCommand,
    _it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match wish {
        SettingsCommand::SetFrontendOrigins(origins) => set_origins(draft, origins),
        SettingsCommand::DisablePasswords(disabled) => {
            sign_in::disable_passwords(draft, *disabled);
            Ok(())
        }
        SettingsCommand::SetMaintenance(enabled) => {
            set_maintenance(draft, *enabled);
            Ok(())
        }
        SettingsCommand::SetOidc(oidc) => sign_in::set_oidc(draft, oidc),
        SettingsCommand::SetSaml(saml) => sign_in::set_saml(draft, saml),
    }
}

fn set_maintenance(draft: &mut Draft, enabled: bool) {
    let before = Arc::clone(&draft.state().settings);
    if before.maintenance == enabled {
        return;
    }
    let mut event = NewEvent::new(EventKind::SettingUpdated);
    event.pre_data = Some(json!({ "enabled": before.maintenance }));
    event.data = Some(json!({ "id": "maintenance.mode", "enabled": enabled }));
    draft.put(Entity::Settings(Arc::new(Settings {
        maintenance: enabled,
        ..(*before).clone()
    })));
    draft.tell(event);
}

fn set_origins(draft: &mut Draft, origins: &[String]) -> Result<(), Rejection> {
    if let Some(bad) = origins.iter().find(|it| !is_origin(it)) {
        return Err(Rejection::bad_data(format!("Invalid origin: {bad}")));
    }
    let before = Arc::clone(&draft.state().settings);
    let mut event = NewEvent::new(EventKind::SettingUpdated);
    event.pre_data = Some(json!({ "frontendApiOrigins": before.frontend_origins }));
    event.data = Some(json!({ "id": "unleash.frontend", "frontendApiOrigins": origins }));
    draft.put(Entity::Settings(Arc::new(Settings {
        frontend_origins: origins.to_vec(),
        ..(*before).clone()
    })));
    draft.tell(event);
    Ok(())
}

/// `*`, or a scheme and a host, perhaps with a port, and nothing behind.
fn is_origin(text: &str) -> bool {
    if text == "*" {
        return true;
    }
    let Some((scheme, authority)) = text.split_once("://") else {
        return false;
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._[]:".contains(&byte);
    !scheme.is_empty()
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        && !host.is_empty()
        && host.bytes().all(plain)
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::is_origin;

    #[test]
    fn origins_have_a_host_and_nothing_behind_it() {
        for good in [
            "*",
            "https://a.example",
            "https://a.example:8080",
            "http://localhost:3000",
            "http://[::1]:80",
            "http://[::1]",
            "ftp://x",
        ] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "",
            "nope",
            "https://a.example/",
            "https://a.example/path",
            "https://*.example",
            "5",
            "https://",
            "https://a:b",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
