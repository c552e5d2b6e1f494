//! Addons: whom we tell about events, and how.

mod providers;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::names::{AddonId, Revision};
use super::time::Timestamp;

pub use providers::{PROVIDERS, Parameter, Provider};

/// What is shown in the place of a secret, and means "as it was" in an update.
pub const MASK: &str = "*****";

/// Somebody to be told about events.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addon {
    /// Its number.
    pub id: AddonId,
    /// Who is told: the name of a [`Provider`].
    pub provider: String,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it tells anybody.
    pub enabled: bool,
    /// Parameters of the provider, secrets among them. Never shown as they are, logged or exported.
    pub parameters: BTreeMap<String, String>,
    /// Kinds of events it tells about.
    pub events: Vec<String>,
    /// Projects it tells about. None, or `*`: all.
    #[serde(default)]
    pub projects: Vec<String>,
    /// Environments it tells about. None, or `*`: all.
    #[serde(default)]
    pub environments: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Newer events than this one are told.
    pub since: Revision,
}

impl fmt::Debug for Addon {
    /// Parameters hold secrets and are not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Addon")
            .field("id", &self.id)
            .field("provider", &self.provider)
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}

impl Addon {
    /// Whether it tells about `event`. What is about no project or environment passes each filter.
    #[must_use]
    pub fn wants(&self, event: &Event) -> bool {
        let what = &event.what;
        let project = what.project.as_ref().map(AsRef::as_ref);
        let environment = what.environment.as_ref().map(AsRef::as_ref);
        self.enabled
            && event.id > self.since
            && self.events.iter().any(|kind| kind == what.kind.as_str())
            && passes(&self.projects, project)
            && passes(&self.environments, environment)
    }

    /// Its parameters with masks in the place of secrets.
    #[must_use]
    pub fn shown_parameters(&self) -> BTreeMap<String, String> {
        let provider = Provider::named(&self.provider);
        let shown = |(name, value): (&String, &String)| {
            let secret = provider.is_none_or(|it| it.is_secret(name));
            let value = if secret { MASK } else { value };
            (name.clone(), value.to_owned())
        };
        self.parameters.iter().map(shown).collect()
    }

    /// A parameter that is there and not empty.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let value = self.parameters.get(name)?;
        (!value.trim().is_empty()).then_some(value.as_str())
    }
}

fn passes(filter: &[String], value: Option<&str>) -> bool {
    let Some(value) = value else {
        return true;
    };
    filter.is_empty() || filter.iter().any(|it| it == value || it == "*")
}
