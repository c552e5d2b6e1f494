//! What a first start prints: where the server is, and lines to paste.

use super::first_start::FirstUser;
use super::{FirstStart, demo};
use crate::auth::tokens::Secret;
use crate::config::{Settings, Storage};

/// The text of a start. Secrets are in it only after a first start that made them.
#[must_use]
pub fn greeting(settings: &Settings, port: u16, first: Option<&FirstStart>) -> String {
    let url = address(settings, port);
    let store = match &settings.storage {
        Storage::Memory => "memory (nothing is kept after exit)".to_owned(),
        Storage::Embedded(folder) => format!("embedded, in {}", folder.display()),
        // The log says where it is, without user and password.
        Storage::Redis(redis) => format!("Redis, namespace {}", redis.namespace),
    };
    let mut text = format!(
        "Burgee {} listens on {url}\nStore: {store}\n",
        env!("CARGO_PKG_VERSION")
    );
    if settings.bootstrap.demo {
        let admin = first.and_then(|first| first.admin.as_ref());
        text.push_str(&demo::introduction(&url, admin));
    } else if let Some(first) = first {
        text.push_str(&introduction(&url, first));
    }
    text
}

pub(super) fn address(settings: &Settings, port: u16) -> String {
    let network = &settings.network;
    match &network.public_url {
        Some(url) => url.clone(),
        None if network.host.is_unspecified() || network.host.is_loopback() => {
            format!("http://localhost:{port}{}", network.base_path)
        }
        None if network.host.is_ipv6() => {
            format!("http://[{}]:{port}{}", network.host, network.base_path)
        }
        None => format!("http://{}:{port}{}", network.host, network.base_path),
    }
}

/// Shows a password that was made for the first administrator of an older store, once.
pub(super) fn announce(user: &FirstUser) {
    if let Some(password) = &user.password {
        let (name, password) = (&user.name, password.expose());
        // Secrets are for the terminal, not for the log.
        println!("Made an administrator: {name}, password {password} (shown once)");
    }
}

fn introduction(url: &str, first: &FirstStart) -> String {
    let environment = &first.environment;
    let shown = |secret: &Option<Secret>, given: &str| match secret {
        Some(secret) => secret.expose().to_owned(),
        None => given.to_owned(),
    };
    let admin = shown(&first.admin, "<one of your initial admin tokens>");
    let backend = shown(&first.backend, "<one of your initial backend tokens>");
    let once = if first.admin.is_some() || first.backend.is_some() || first.user.password.is_some()
    {
        "\nThese secrets are shown once. Keep them; Burgee stores only their hashes.\n"
    } else {
        ""
    };
    let user = &first.user;
    let password = shown(&user.password, "<the one you set>");
    let name = &user.name;
    format!(
        "{once}
  admin token    {admin}
  backend token  {backend}
  administrator  {name}, password {password}

Create a flag and switch it on in {environment}:

  curl -X POST {url}/api/admin/projects/default/features \\
    -H 'Authorization: {admin}' -H 'Content-Type: application/json' \\
    -d '{{\"name\": \"my-first-flag\"}}'
  curl -X POST {url}/api/admin/projects/default/features/my-first-flag/environments/{environment}/on \\
    -H 'Authorization: {admin}'

Ask for it in Node (npm install unleash-client):

  const {{ startUnleash }} = require('unleash-client');
  startUnleash({{ url: '{url}/api', appName: 'my-app',
    customHeaders: {{ Authorization: '{backend}' }} }})
    .then((unleash) => console.log('my-first-flag:', unleash.isEnabled('my-first-flag')));

"
    )
}
