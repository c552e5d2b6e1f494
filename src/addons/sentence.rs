//! An event as a sentence for people.

use serde_json::Value;

use crate::domain::event::{Event, EventKind};

/// How a text is marked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Style {
    Markdown,
    Slack,
}

impl Style {
    fn plain(self, text: &str) -> String {
        match self {
            Self::Markdown => text.to_owned(),
            Self::Slack => text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;"),
        }
    }

    fn strong(self, text: &str) -> String {
        format!("*{}*", self.plain(text))
    }

    fn link(self, text: &str, url: &str) -> String {
        match self {
            Self::Markdown => format!("*[{text}]({url})*"),
            Self::Slack => format!("*<{url}|{}>*", self.plain(text)),
        }
    }
}

/// A sentence about `event`. `url` is where people find this server.
pub(super) fn about(event: &Event, url: &str, style: Style) -> String {
    let what = &event.what;
    let mut text = format!(
        "{} {}",
        style.strong(&event.by.name),
        did(event, url, style)
    );
    if let Some(environment) = &what.environment {
        text += &format!(" in the environment {}", style.strong(environment.as_str()));
    }
    if let (Some(_), Some(project)) = (&what.flag, &what.project) {
        let place = format!("{url}/projects/{project}");
        text += &format!(" of the project {}", style.link(project.as_str(), &place));
    }
    text
}

/// Where people see more about an event.
pub(super) fn page(event: &Event, url: &str) -> String {
    let what = &event.what;
    match (&what.project, &what.flag) {
        (Some(project), Some(flag)) if !is_gone(what.kind) => {
            format!("{url}/projects/{project}/features/{flag}")
        }
        (Some(project), Some(_)) => format!("{url}/projects/{project}/archive"),
        (Some(project), None) => format!("{url}/projects/{project}"),
        (None, _) => format!("{url}/history"),
    }
}

fn is_gone(kind: EventKind) -> bool {
    matches!(kind, EventKind::FeatureArchived | EventKind::FeatureDeleted)
}

fn did(event: &Event, url: &str, style: Style) -> String {
    let what = &event.what;
    let Some(flag) = &what.flag else {
        return did_elsewhere(event, style);
    };
    let flag = match is_gone(what.kind) {
        true => style.strong(flag.as_str()),
        false => style.link(flag.as_str(), &page(event, url)),
    };
    let tag = |value: &Option<Value>| {
        let member = |name| value.as_ref().and_then(|it| it.get(name)?.as_str());
        let (kind, value) = (member("type"), member("value"));
        style.strong(&format!(
            "{}:{}",
            kind.unwrap_or_default(),
            value.unwrap_or_default()
        ))
    };
    let strategy = || {
        let document = what.data.as_ref().or(what.pre_data.as_ref());
        let member = |name| document.and_then(|it| it.get(name)?.as_str());
        let title = member("title").filter(|title| !title.is_empty());
        style.strong(title.or(member("name")).unwrap_or("a strategy"))
    };
    match what.kind {
        EventKind::FeatureCreated => format!("created {flag}"),
        EventKind::FeatureMetadataUpdated => format!("changed {flag}"),
        EventKind::FeatureArchived => format!("archived {flag}"),
        EventKind::FeatureRevived => format!("revived {flag}"),
        EventKind::FeatureDeleted => format!("deleted {flag}"),
        EventKind::FeatureStaleOn => format!("marked {flag} as stale"),
        EventKind::FeatureStaleOff => format!("took the stale mark off {flag}"),
        EventKind::FeatureProjectChange => format!("moved {flag} to another project"),
        EventKind::FeatureEnvironmentEnabled => format!("switched {flag} on"),
        EventKind::FeatureEnvironmentDisabled => format!("switched {flag} off"),
        EventKind::FeatureEnvironmentVariantsUpdated => format!("changed the variants of {flag}"),
        EventKind::FeatureStrategyAdd => format!("added {} to {flag}", strategy()),
        EventKind::FeatureStrategyUpdate => format!("changed {} of {flag}", strategy()),
        EventKind::FeatureStrategyRemove => format!("removed {} from {flag}", strategy()),
        EventKind::FeatureTagged => format!("put the tag {} on {flag}", tag(&what.data)),
        EventKind::FeatureUntagged => format!("took the tag {} off {flag}", tag(&what.pre_data)),
        other => format!("caused {} of {flag}", style.strong(other.as_str())),
    }
}

/// `segment-created` becomes "created the segment *name*".
fn did_elsewhere(event: &Event, style: Style) -> String {
    let what = &event.what;
    let kind = what.kind.as_str();
    let Some((noun, verb)) = kind.rsplit_once('-') else {
        return format!("caused {}", style.strong(kind));
    };
    let document = what.data.as_ref().or(what.pre_data.as_ref());
    let name = ["name", "tokenName", "username", "provider", "id"]
        .into_iter()
        .find_map(|member| document?.get(member)?.as_str());
    let name = name.or(what.project.as_ref().map(AsRef::as_ref));
    let name = name.map(|name| format!(" {}", style.strong(name)));
    let noun = noun.replace('-', " ");
    format!("{verb} the {noun}{}", name.unwrap_or_default())
}
