//! The shapes of addons.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::admin::events::schema::EventSchema;
use crate::api::admin::tags::schema::TagTypeSchema;
use crate::domain::addon::{Addon, PROVIDERS, Parameter, Provider};
use crate::domain::command::AddonWish;
use crate::domain::delivery::{Delivery, DeliveryState};
use crate::domain::state::State;

/// What an addon is to be like.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AddonCreateUpdateSchema {
    /// Who is told: the name of a provider.
    pub provider: String,
    /// For people.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub description: Option<String>,
    /// Whether it tells anybody.
    pub enabled: bool,
    /// Parameters of the provider.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub parameters: BTreeMap<String, Value>,
    /// Kinds of events it tells about.
    pub events: Vec<String>,
    /// Projects it tells about; all when there are none.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    pub projects: Option<Vec<String>>,
    /// Environments it tells about; all when there are none.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    pub environments: Option<Vec<String>>,
}

impl AddonCreateUpdateSchema {
    pub(super) fn into_wish(self) -> AddonWish {
        let text = |value: Value| match value {
            Value::Null => None,
            Value::String(text) => Some(text),
            other => Some(other.to_string()),
        };
        let given = self.parameters.into_iter();
        AddonWish {
            provider: self.provider,
            description: self.description,
            enabled: self.enabled,
            parameters: given
                .filter_map(|(name, value)| Some((name, text(value)?)))
                .collect(),
            events: self.events,
            projects: self.projects,
            environments: self.environments,
        }
    }
}

/// An addon. Secrets among its parameters are shown as `*****`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AddonSchema {
    /// Its number.
    pub id: i32,
    /// Who is told: the name of a provider.
    pub provider: String,
    /// Whether it tells anybody.
    pub enabled: bool,
    /// For people.
    pub description: Option<String>,
    /// Parameters of the provider.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub parameters: BTreeMap<String, String>,
    /// Kinds of events it tells about.
    pub events: Vec<String>,
    /// Projects it tells about; all when there are none.
    pub projects: Vec<String>,
    /// Environments it tells about; all when there are none.
    pub environments: Vec<String>,
    /// When it was made.
    pub created_at: String,
}

impl From<&Addon> for AddonSchema {
    fn from(it: &Addon) -> Self {
        Self {
            id: it.id.0,
            provider: it.provider.clone(),
            enabled: it.enabled,
            description: it.description.clone(),
            parameters: it.shown_parameters(),
            events: it.events.clone(),
            projects: it.projects.clone(),
            environments: it.environments.clone(),
            created_at: it.created_at.to_string(),
        }
    }
}

/// Addons and providers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AddonsSchema {
    /// The addons.
    pub addons: Vec<AddonSchema>,
    /// The providers there are.
    pub providers: Vec<AddonTypeSchema>,
}

impl AddonsSchema {
    pub(super) fn new(state: &State) -> Self {
        Self {
            addons: state.addons.values().map(|it| (&**it).into()).collect(),
            providers: PROVIDERS.iter().map(Into::into).collect(),
        }
    }
}

/// A provider.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AddonTypeSchema {
    /// Its name in the API.
    pub name: &'static str,
    /// Its name for people.
    pub display_name: &'static str,
    /// Where its maker explains its side.
    pub documentation_url: &'static str,
    /// What it does.
    pub description: &'static str,
    /// How to set it up.
    pub how_to: &'static str,
    /// Kinds of tags that matter to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tag_types: Vec<TagTypeSchema>,
    /// Its parameters.
    pub parameters: Vec<AddonParameterSchema>,
    /// Kinds of events that can be chosen.
    #[schema(value_type = Vec<String>)]
    pub events: &'static [&'static str],
}

impl From<&Provider> for AddonTypeSchema {
    fn from(it: &Provider) -> Self {
        let tag_type = it.tag_kind.map(|(name, description, icon)| TagTypeSchema {
            name: name.into(),
            description: Some(Some(description.into())),
            icon: Some(Some(icon.into())),
            color: None,
        });
        Self {
            name: it.name,
            display_name: it.display_name,
            documentation_url: it.documentation_url,
            description: it.description,
            how_to: it.how_to,
            tag_types: tag_type.into_iter().collect(),
            parameters: it.parameters.iter().map(Into::into).collect(),
            events: it.events,
        }
    }
}

/// A parameter of a provider.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AddonParameterSchema {
    /// Its key.
    pub name: &'static str,
    /// Its name for people.
    pub display_name: &'static str,
    /// How a form asks for it.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// What a form shows while it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub placeholder: Option<&'static str>,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it is secret.
    pub sensitive: bool,
}

impl From<&Parameter> for AddonParameterSchema {
    fn from(it: &Parameter) -> Self {
        Self {
            name: it.name,
            display_name: it.display_name,
            kind: it.kind,
            description: it.description,
            placeholder: it.placeholder,
            required: it.required,
            sensitive: it.sensitive,
        }
    }
}

/// What became of telling an addon about events.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct IntegrationEventsSchema {
    /// The newest first.
    pub integration_events: Vec<IntegrationEventSchema>,
}

/// Whether an addon was told.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum IntegrationEventState {
    Success,
    Failed,
    SuccessWithErrors,
}

/// What became of telling an addon about an event.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct IntegrationEventSchema {
    /// Its number, as text.
    pub id: String,
    /// The number of the addon.
    pub integration_id: i32,
    /// When.
    pub created_at: String,
    /// Whether it was told.
    pub state: IntegrationEventState,
    /// The same in words.
    pub state_details: String,
    /// The event.
    pub event: EventSchema,
    /// What was sent.
    #[schema(value_type = Object)]
    pub details: Value,
}

impl From<&Delivery> for IntegrationEventSchema {
    fn from(it: &Delivery) -> Self {
        let state = match it.state {
            DeliveryState::Success => IntegrationEventState::Success,
            DeliveryState::Failed => IntegrationEventState::Failed,
            DeliveryState::SuccessWithErrors => IntegrationEventState::SuccessWithErrors,
        };
        let details = match &it.details {
            Value::Object(_) => it.details.clone(),
            _ => Value::Object(serde_json::Map::new()),
        };
        Self {
            id: it.id.to_string(),
            integration_id: it.addon.0,
            created_at: it.at.to_string(),
            state,
            state_details: it.state_details.clone(),
            event: (&it.event).into(),
            details,
        }
    }
}
