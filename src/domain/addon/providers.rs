//! The providers there are. Names, parameters and kinds of events are the reference server's.

/// A parameter of a provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parameter {
    /// Its key.
    pub name: &'static str,
    /// Its name for people.
    pub display_name: &'static str,
    /// `url`, `text` or `textfield`: how a form asks for it.
    pub kind: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// What a form shows while it is empty.
    pub placeholder: Option<&'static str>,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it is secret.
    pub sensitive: bool,
}

/// Somebody who can be told about events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Provider {
    /// Its name in the API.
    pub name: &'static str,
    /// Its name for people.
    pub display_name: &'static str,
    /// What it does, in a sentence.
    pub description: &'static str,
    /// How to set it up.
    pub how_to: &'static str,
    /// Where its maker explains its side.
    pub documentation_url: &'static str,
    /// Its parameters.
    pub parameters: &'static [Parameter],
    /// Kinds of events that can be chosen. Some only exist with the reference's paid editions.
    pub events: &'static [&'static str],
    /// The kind of tag that matters to it: name, description, icon.
    pub tag_kind: Option<(&'static str, &'static str, &'static str)>,
}

impl Provider {
    /// The provider of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PROVIDERS.iter().find(|it| it.name == name)
    }

    /// Whether a parameter is secret. What a provider does not know might be.
    #[must_use]
    pub fn is_secret(&self, parameter: &str) -> bool {
        let known = self.parameters.iter().find(|it| it.name == parameter);
        known.is_none_or(|it| it.sensitive)
    }
}

const fn parameter(
    name: &'static str,
    display_name: &'static str,
    kind: &'static str,
    description: &'static str,
) -> Parameter {
    Parameter {
        name,
        display_name,
        kind,
        description,
        placeholder: None,
        required: false,
        sensitive: false,
    }
}

const fn required(it: Parameter) -> Parameter {
    Parameter {
        required: true,
        ..it
    }
}

const fn secret(it: Parameter) -> Parameter {
    Parameter {
        sensitive: true,
        ..it
    }
}

const fn showing(it: Parameter, placeholder: &'static str) -> Parameter {
    Parameter {
        placeholder: Some(placeholder),
        ..it
    }
}

const HEADERS: Parameter = showing(
    secret(parameter(
        "customHeaders",
        "More HTTP headers",
        "textfield",
        "Headers to send along: a JSON object whose values are texts.",
    )),
    "{\n  \"X-Team\": \"flags\"\n}",
);

const TEMPLATE: Parameter = showing(
    parameter(
        "bodyTemplate",
        "Template of the body",
        "textfield",
        "A Mustache template. `{{event.type}}` is a field of the event, written so that it fits between the quotation \
         marks of JSON; `{{{eventJson}}}` is the whole event as a JSON text; `{{eventMarkdown}}` is a sentence about it. \
         Without a template the event itself is sent.",
    ),
    "{\n  \"event\": \"{{event.type}}\",\n  \"by\": \"{{event.createdBy}}\",\n  \"flag\": \"{{event.featureName}}\"\n}",
);

/// All providers.
pub const PROVIDERS: &[Provider] = &[
    Provider {
        name: "webhook",
        display_name: "Webhook",
        description: "Posts events to any address.",
        how_to: "Each event is sent as a POST request. With a signing secret the header `X-Burgee-Signature-256` is \
                 `sha256=` and the HMAC-SHA256 of the body in hexadecimal digits.",
        documentation_url: "https://docs.getunleash.io/integrate/webhook",
        parameters: &[
            secret(required(parameter(
                "url",
                "Address",
                "url",
                "Where events are posted to.",
            ))),
            showing(
                parameter(
                    "contentType",
                    "Content type",
                    "text",
                    "The Content-Type header; JSON when left empty.",
                ),
                "application/json",
            ),
            secret(parameter(
                "authorization",
                "Authorization",
                "text",
                "The Authorization header; none when left empty.",
            )),
            HEADERS,
            TEMPLATE,
            secret(parameter(
                "signingSecret",
                "Signing secret",
                "text",
                "Key of the signature; not signed when left empty.",
            )),
        ],
        events: WEBHOOK_EVENTS,
        tag_kind: None,
    },
    Provider {
        name: "slack",
        display_name: "Slack (incoming webhook)",
        description: "Posts messages to Slack, or to what understands Slack's incoming webhooks.",
        how_to: "Flags with tags of the kind `slack` are told about in the channels the tags name, others in the default \
                 channel.",
        documentation_url: "https://api.slack.com/messaging/webhooks",
        parameters: &[
            secret(required(parameter(
                "url",
                "Webhook address",
                "url",
                "The address Slack gave you.",
            ))),
            showing(
                parameter("username", "Name", "text", "Who the messages are from."),
                "Burgee",
            ),
            showing(
                parameter(
                    "emojiIcon",
                    "Emoji",
                    "text",
                    "The picture beside the messages.",
                ),
                ":triangular_flag_on_post:",
            ),
            required(parameter(
                "defaultChannel",
                "Default channel",
                "text",
                "Channels, with commas between them, for flags without a tag.",
            )),
            HEADERS,
        ],
        events: SLACK_EVENTS,
        tag_kind: Some(SLACK_TAG),
    },
    Provider {
        name: "slack-app",
        display_name: "Slack (app)",
        description: "Posts messages to channels of a Slack workspace with the token of an app.",
        how_to: "Make a Slack app with the right `chat:write`, install it and paste its bot token. Messages go to the \
                 channels below and to those that tags of the kind `slack` name. Invite the app to private channels.",
        documentation_url: "https://api.slack.com/authentication/basics",
        parameters: &[
            secret(required(parameter(
                "accessToken",
                "Access token",
                "text",
                "The app's bot token.",
            ))),
            parameter(
                "defaultChannels",
                "Channels",
                "text",
                "Channels that always get the messages, with commas between them.",
            ),
        ],
        events: SLACK_APP_EVENTS,
        tag_kind: Some(SLACK_TAG),
    },
    Provider {
        name: "teams",
        display_name: "Microsoft Teams (connector)",
        description: "Posts message cards to Microsoft Teams.",
        how_to: "Make an incoming webhook for a channel and paste its address. New ones are made with workflows.",
        documentation_url: "https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/",
        parameters: &[
            secret(required(parameter(
                "url",
                "Webhook address",
                "url",
                "The address Teams gave you.",
            ))),
            HEADERS,
        ],
        events: TEAMS_EVENTS,
        tag_kind: None,
    },
    Provider {
        name: "teamsworkflow",
        display_name: "Microsoft Teams (workflow)",
        description: "Posts adaptive cards to a workflow of Microsoft Teams.",
        how_to: "Make a workflow that posts to a channel when a webhook request is received, and paste its address.",
        documentation_url: "https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/",
        parameters: &[
            secret(required(parameter(
                "url",
                "Workflow address",
                "url",
                "The address Teams gave you.",
            ))),
            HEADERS,
        ],
        events: TEAMS_EVENTS,
        tag_kind: None,
    },
    Provider {
        name: "datadog",
        display_name: "Datadog",
        description: "Posts events to Datadog's event stream.",
        how_to: "Needs an API key. Tags of a flag of the kind `datadog` become tags of the event.",
        documentation_url: "https://docs.datadoghq.com/api/latest/events/",
        parameters: &[
            showing(
                parameter(
                    "url",
                    "Events address",
                    "url",
                    "Differs from site to site; that of US1 when left empty.",
                ),
                "https://api.datadoghq.com/api/v1/events",
            ),
            secret(required(parameter(
                "apiKey",
                "API key",
                "text",
                "The key of Datadog's API.",
            ))),
            parameter(
                "sourceTypeName",
                "Source",
                "text",
                "The source_type_name of the events.",
            ),
            HEADERS,
            TEMPLATE,
        ],
        events: MONITORING_EVENTS,
        tag_kind: Some((
            "datadog",
            "Tags of this kind are sent to Datadog with events about the flag.",
            "D",
        )),
    },
    Provider {
        name: "new-relic",
        display_name: "New Relic",
        description: "Posts events to New Relic's Event API.",
        how_to: "Needs a licence key and the address of the account's Event API, which names the account.",
        documentation_url: "https://docs.newrelic.com/docs/data-apis/ingest-apis/event-api/introduction-event-api/",
        parameters: &[
            required(parameter(
                "url",
                "Event API address",
                "url",
                "The address, which contains the account number.",
            )),
            secret(required(parameter(
                "licenseKey",
                "Licence key",
                "text",
                "The key of New Relic's API.",
            ))),
            HEADERS,
            TEMPLATE,
        ],
        events: MONITORING_EVENTS,
        tag_kind: Some((
            "new-relic",
            "Tags of this kind are for events in New Relic.",
            "N",
        )),
    },
];

const SLACK_TAG: (&str, &str, &str) =
    ("slack", "A Slack channel that is told about the flag.", "S");

const WEBHOOK_EVENTS: &[&str] = &[
    "feature-created",
    "feature-updated",
    "feature-archived",
    "feature-revived",
    "feature-stale-on",
    "feature-stale-off",
    "feature-completed",
    "feature-environment-enabled",
    "feature-environment-disabled",
    "feature-strategy-remove",
    "feature-strategy-update",
    "feature-strategy-add",
    "feature-metadata-updated",
    "feature-variants-updated",
    "feature-project-change",
    "feature-tagged",
    "feature-untagged",
    "change-request-created",
    "change-request-discarded",
    "change-added",
    "change-discarded",
    "change-request-approved",
    "change-request-approval-added",
    "change-request-cancelled",
    "change-request-sent-to-review",
    "change-request-applied",
    "change-request-scheduled",
    "change-request-scheduled-application-success",
    "change-request-scheduled-application-failure",
    "change-request-schedule-suspended",
    "feature-potentially-stale-on",
    "release-plan-progressions-paused",
    "release-plan-progressions-resumed",
];

const SLACK_EVENTS: &[&str] = &[
    "feature-created",
    "feature-updated",
    "feature-archived",
    "feature-revived",
    "feature-stale-on",
    "feature-stale-off",
    "feature-environment-enabled",
    "feature-environment-disabled",
    "feature-strategy-remove",
    "feature-strategy-update",
    "feature-strategy-add",
    "feature-metadata-updated",
    "feature-variants-updated",
    "feature-project-change",
    "feature-potentially-stale-on",
    "release-plan-progressions-paused",
    "release-plan-progressions-resumed",
];

const SLACK_APP_EVENTS: &[&str] = &[
    "addon-config-created",
    "addon-config-deleted",
    "addon-config-updated",
    "api-token-created",
    "api-token-deleted",
    "change-added",
    "change-discarded",
    "change-edited",
    "change-request-applied",
    "change-request-approval-added",
    "change-request-approved",
    "change-request-cancelled",
    "change-request-created",
    "change-request-discarded",
    "change-request-rejected",
    "change-request-sent-to-review",
    "change-request-scheduled",
    "change-request-scheduled-application-success",
    "change-request-scheduled-application-failure",
    "change-request-schedule-suspended",
    "release-plan-progressions-paused",
    "release-plan-progressions-resumed",
    "context-field-created",
    "context-field-deleted",
    "context-field-updated",
    "feature-archived",
    "feature-created",
    "feature-deleted",
    "feature-environment-disabled",
    "feature-environment-enabled",
    "feature-environment-variants-updated",
    "feature-metadata-updated",
    "feature-potentially-stale-on",
    "feature-project-change",
    "feature-revived",
    "feature-stale-off",
    "feature-stale-on",
    "feature-strategy-add",
    "feature-strategy-remove",
    "feature-strategy-update",
    "feature-tagged",
    "feature-untagged",
    "group-created",
    "group-deleted",
    "group-updated",
    "banner-created",
    "banner-updated",
    "banner-deleted",
    "project-created",
    "project-archived",
    "project-deleted",
    "segment-created",
    "segment-deleted",
    "segment-updated",
    "service-account-created",
    "service-account-deleted",
    "service-account-updated",
    "user-created",
    "user-deleted",
    "user-updated",
    "user-access-request-registered",
    "user-access-request-approved",
    "user-access-request-rejected",
];

const TEAMS_EVENTS: &[&str] = &[
    "feature-created",
    "feature-updated",
    "feature-archived",
    "feature-revived",
    "feature-stale-on",
    "feature-stale-off",
    "feature-environment-enabled",
    "feature-environment-disabled",
    "feature-strategy-remove",
    "feature-strategy-update",
    "feature-strategy-add",
    "feature-metadata-updated",
    "feature-variants-updated",
    "feature-project-change",
    "feature-potentially-stale-on",
    "change-added",
    "change-discarded",
    "change-edited",
    "change-request-applied",
    "change-request-approval-added",
    "change-request-approved",
    "change-request-cancelled",
    "change-request-created",
    "change-request-discarded",
    "change-request-rejected",
    "change-request-sent-to-review",
    "change-request-scheduled",
    "change-request-scheduled-application-success",
    "change-request-scheduled-application-failure",
    "change-request-schedule-suspended",
    "release-plan-progressions-paused",
    "release-plan-progressions-resumed",
];

const MONITORING_EVENTS: &[&str] = &[
    "feature-created",
    "feature-updated",
    "feature-archived",
    "feature-revived",
    "feature-stale-on",
    "feature-stale-off",
    "feature-environment-enabled",
    "feature-environment-disabled",
    "feature-strategy-remove",
    "feature-strategy-update",
    "feature-strategy-add",
    "feature-metadata-updated",
    "feature-project-change",
    "feature-environment-variants-updated",
    "feature-potentially-stale-on",
];
