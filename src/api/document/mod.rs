//! The OpenAPI document: the registered routes with their descriptions, completed by what holds for all of them.
//!
//! Handlers describe what is their own: parameters, bodies, the answer when all goes well. What follows from how a
//! request is treated (rights, the check of bodies, conditions, a store that is away) is added here once, by rule.
//! Names of schemas get the form the reference gives them.

mod answers;
mod names;
mod page;

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde_json::{Value, json};

pub(super) use page::routes;

use super::routes::registered;

/// The document, written for one base path on first use. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Document(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    base_path: String,
    text: OnceLock<Bytes>,
}

impl Document {
    /// The document of a server whose paths begin with `base_path`; empty where they begin at the root.
    pub fn new(base_path: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            base_path: base_path.into(),
            text: OnceLock::new(),
        }))
    }

    /// The document as JSON text.
    fn text(&self) -> Bytes {
        let text = || complete(&self.0.base_path).to_string().into();
        self.0.text.get_or_init(text).clone()
    }
}

/// The whole document of a server whose paths begin with `base_path`.
#[must_use]
pub fn complete(base_path: &str) -> Value {
    let registered = serde_json::to_value(registered()).unwrap_or_default();
    let mut document = json!({
        "openapi": registered.get("openapi"),
        "info": {
            "title": "Burgee",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": if base_path.is_empty() { "/" } else { base_path }}],
        "security": [{"apiKey": []}, {"bearerToken": []}],
        "paths": registered.get("paths"),
        "components": registered.get("components"),
    });
    if let Some(Value::Object(components)) = document.get_mut("components") {
        components.insert("securitySchemes".into(), security_schemes());
        if let Some(Value::Object(schemas)) = components.get_mut("schemas") {
            schemas.extend(answers::schemas());
        }
    }
    if let Some(Value::Object(paths)) = document.get_mut("paths") {
        answers::complete(paths);
    }
    names::rename(&mut document);
    document
}

const ABOUT: &str = "A feature-flag server that speaks the Unleash wire formats.\n\nThe admin API tells the version of \
    everything it shows in the `ETag` header. With `If-None-Match` a read is answered 304 when nothing is new; with \
    `If-Match` a write is answered 412, and changes nothing, when what it is about has changed since it was read.";

fn security_schemes() -> Value {
    json!({
        "apiKey": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "An API token or a personal access token.",
        },
        "bearerToken": {
            "type": "http",
            "scheme": "bearer",
            "description": "The same with the word Bearer in front of it.",
        },
    })
}
