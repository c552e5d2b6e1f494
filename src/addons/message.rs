//! What is sent to whom: one form for each provider.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::event_json;
use super::sentence::{self, Style};
use super::template;
use crate::domain::addon::Addon;
use crate::domain::event::Event;

/// A request to be sent.
pub(super) struct Outgoing {
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    /// What operators see of it: nothing secret.
    pub(super) shown: Value,
}

impl std::fmt::Debug for Outgoing {
    /// Addresses and headers may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outgoing").finish_non_exhaustive()
    }
}

const JSON: &str = "application/json";
const DATADOG: &str = "https://api.datadoghq.com/api/v1/events";
const SLACK_API: &str = "https://slack.com/api/chat.postMessage";
const TITLE: &str = "Burgee";
const SIGNATURE: &str = "X-Burgee-Signature-256";

/// Writes the requests that tell an addon about an event, or says why that cannot be done.
pub(super) fn write(addon: &Addon, event: &Event, url: &str) -> Result<Vec<Outgoing>, String> {
    let letter = Letter { addon, event, url };
    match addon.provider.as_str() {
        "webhook" => Ok(vec![letter.webhook()?]),
        "slack" => letter.slack(),
        "slack-app" => Ok(letter.slack_app()),
        "teams" => Ok(vec![letter.to_url(JSON, &letter.teams_card())?]),
        "teamsworkflow" => Ok(vec![letter.to_url(JSON, &letter.teams_workflow())?]),
        "datadog" => Ok(vec![letter.datadog()?]),
        "new-relic" => Ok(vec![letter.new_relic()?]),
        _ => Err("this version does not know the provider".into()),
    }
}

struct Letter<'a> {
    addon: &'a Addon,
    event: &'a Event,
    url: &'a str,
}

impl Letter<'_> {
    fn sentence(&self, style: Style) -> String {
        sentence::about(self.event, self.url, style)
    }

    fn page(&self) -> String {
        sentence::page(self.event, self.url)
    }

    /// The body the addon's template makes, if it has one.
    fn templated(&self) -> Result<Option<String>, String> {
        let Some(template) = self.addon.parameter("bodyTemplate") else {
            return Ok(None);
        };
        let event = event_json::event(self.event);
        let text = event.to_string();
        let data = json!({
            "event": event,
            // A JSON text, so that it can stand as a value in a JSON body.
            "eventJson": Value::from(text).to_string(),
            "eventMarkdown": self.sentence(Style::Markdown),
        });
        let body = template::render(template, &data);
        body.map(Some)
            .map_err(|flaw| format!("failed, {flaw} in the template of the body"))
    }

    fn headers(&self, content_type: &str) -> Vec<(String, String)> {
        let mut headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        let more = self.addon.parameter("customHeaders");
        let more: Option<std::collections::BTreeMap<String, String>> =
            more.and_then(|text| serde_json::from_str(text).ok());
        headers.extend(more.unwrap_or_default());
        headers
    }

    /// A request to the address of the addon, which may be a secret.
    fn to_url(&self, content_type: &str, body: &Value) -> Result<Outgoing, String> {
        let url = self
            .addon
            .parameter("url")
            .ok_or("failed, there is no address")?;
        Ok(Outgoing {
            url: url.to_owned(),
            headers: self.headers(content_type),
            body: body.to_string(),
            shown: json!({ "contentType": content_type, "body": body }),
        })
    }

    fn webhook(&self) -> Result<Outgoing, String> {
        let content_type = self.addon.parameter("contentType").unwrap_or(JSON);
        let mut message = self.to_url(content_type, &event_json::event(self.event))?;
        if let Some(body) = self.templated()? {
            message.shown = json!({ "contentType": content_type, "body": body });
            message.body = body;
        }
        if let Some(authorization) = self.addon.parameter("authorization") {
            let header = ("Authorization".to_owned(), authorization.to_owned());
            message.headers.push(header);
        }
        if let Some(key) = self.addon.parameter("signingSecret") {
            let signature = signature(key, &message.body);
            message.headers.push((SIGNATURE.to_owned(), signature));
        }
        Ok(message)
    }

    /// Channels that tags of the flag name, and those of a parameter.
    fn channels(&self, parameter: &str, only_without_tags: bool) -> Vec<String> {
        let tags = self.event.what.tags.iter();
        let mut channels: Vec<String> = tags
            .filter(|tag| tag.kind == *"slack")
            .map(|tag| tag.value.clone())
            .collect();
        if channels.is_empty() || !only_without_tags {
            let listed = self.addon.parameter(parameter).unwrap_or_default();
            channels.extend(listed.split(',').map(|it| it.trim().to_owned()));
        }
        channels.retain(|channel| !channel.is_empty());
        channels.sort();
        channels.dedup();
        channels
    }

    fn slack(&self) -> Result<Vec<Outgoing>, String> {
        let channels = self.channels("defaultChannel", true);
        let text = self.sentence(Style::Slack);
        let message = |channel: String| {
            let body = json!({
                "username": self.addon.parameter("username").unwrap_or(TITLE),
                "icon_emoji": self.addon.parameter("emojiIcon").unwrap_or(":triangular_flag_on_post:"),
                "text": text,
                "channel": format!("#{}", channel.trim_start_matches('#')),
                "attachments": [{ "actions": [{
                    "name": "featureToggle", "text": "Show", "type": "button", "value": "featureToggle",
                    "style": "primary", "url": self.page(),
                }] }],
            });
            self.to_url(JSON, &body)
        };
        channels.into_iter().map(message).collect()
    }

    fn slack_app(&self) -> Vec<Outgoing> {
        let channels = self.channels("defaultChannels", false);
        let token = self.addon.parameter("accessToken").unwrap_or_default();
        let text = self.sentence(Style::Slack);
        let message = |channel: String| {
            let section = json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } });
            let button = json!({ "type": "actions", "elements": [{
                "type": "button", "text": { "type": "plain_text", "text": "Show" }, "url": self.page(),
            }] });
            let body = json!({ "channel": channel, "text": text, "blocks": [section, button] });
            let mut headers = self.headers("application/json; charset=utf-8");
            headers.push(("Authorization".into(), format!("Bearer {token}")));
            Outgoing {
                url: SLACK_API.into(),
                headers,
                body: body.to_string(),
                shown: json!({ "message": text, "channels": self.channels("defaultChannels", false) }),
            }
        };
        channels.into_iter().map(message).collect()
    }

    fn facts(&self, title: &str, value: &str) -> Value {
        json!([
            { title: "User:", value: self.event.by.name },
            { title: "Action:", value: self.event.what.kind.as_str() },
        ])
    }

    fn teams_card(&self) -> Value {
        json!({
            "@type": "MessageCard",
            "@context": "https://schema.org/extensions",
            "themeColor": "1B4B8F",
            "summary": TITLE,
            "sections": [{
                "activityTitle": self.sentence(Style::Markdown),
                "activitySubtitle": "Burgee notification",
                "facts": self.facts("name", "value"),
            }],
            "potentialAction": [{
                "@type": "OpenUri", "name": "Show", "targets": [{ "os": "default", "uri": self.page() }],
            }],
        })
    }

    fn teams_workflow(&self) -> Value {
        let items = json!([
            { "type": "TextBlock", "style": "heading", "text": "Burgee notification" },
            { "type": "TextBlock", "wrap": true, "text": self.sentence(Style::Markdown) },
            { "type": "FactSet", "facts": self.facts("title", "value") },
        ]);
        json!({ "type": "message", "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "content": {
                "type": "AdaptiveCard",
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "version": "1.5",
                "body": [{ "type": "Container", "items": items }],
                "actions": [{ "type": "Action.OpenUrl", "title": "Show", "url": self.page() }],
            },
        }] })
    }

    fn datadog(&self) -> Result<Outgoing, String> {
        let text = match self.templated()? {
            Some(text) => text,
            None => format!("%%% \n {} \n %%% ", self.sentence(Style::Markdown)),
        };
        let tags = self.event.what.tags.iter();
        let tags: Vec<String> = tags
            .map(|tag| format!("{}:{}", tag.kind, tag.value))
            .collect();
        let mut body = json!({ "title": "Burgee notification", "text": text, "tags": tags });
        if let (Some(source), Value::Object(members)) =
            (self.addon.parameter("sourceTypeName"), &mut body)
        {
            members.insert("source_type_name".into(), source.into());
        }
        let url = self.addon.parameter("url").unwrap_or(DATADOG);
        let key = self.addon.parameter("apiKey").unwrap_or_default();
        let mut headers = self.headers(JSON);
        headers.push(("DD-API-KEY".into(), key.into()));
        Ok(Outgoing {
            url: url.into(),
            headers,
            body: body.to_string(),
            shown: json!({ "url": url, "body": body }),
        })
    }

    fn new_relic(&self) -> Result<Outgoing, String> {
        let key = self.addon.parameter("licenseKey").unwrap_or_default();
        let mut message = self.to_url(JSON, &self.new_relic_event())?;
        if let Some(body) = self.templated()? {
            message.shown = json!({ "body": body });
            message.body = body;
        }
        message.headers.push(("Api-Key".into(), key.into()));
        Ok(message)
    }

    /// What the event is about, in one level, and the event itself.
    fn new_relic_event(&self) -> Value {
        let what = &self.event.what;
        let mut body = match &what.data {
            Some(Value::Object(members)) => members.clone(),
            _ => serde_json::Map::new(),
        };
        let mut set = |name: &str, value: Value| _ = body.insert(name.into(), value);
        set("eventType", "UnleashServiceEvent".into());
        set("unleashEventType", what.kind.as_str().into());
        set("featureName", json!(what.flag));
        set("environment", json!(what.environment));
        set("createdBy", self.event.by.name.clone().into());
        set("createdByUserId", self.event.by.user_id.into());
        set("createdAt", self.event.at.as_millis().into());
        Value::Object(body)
    }
}

/// `sha256=` and the HMAC of a body.
fn signature(key: &str, body: &str) -> String {
    // Keys of any length are good.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        return String::new();
    };
    mac.update(body.as_bytes());
    let digest = mac.finalize().into_bytes();
    let digits = digest.iter().map(|byte| format!("{byte:02x}"));
    format!("sha256={}", digits.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn bodies_are_signed_as_everybody_signs_them() {
        // The example of RFC 4231, test case 2.
        assert_eq!(
            signature("Jefe", "what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
