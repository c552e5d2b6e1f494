//! Who reports, beside what the body says.

use actix_web::HttpRequest;
use actix_web::http::header::X_FORWARDED_FOR;

use serde_json::Value;

use crate::api::error::ApiError;
use crate::api::extract::{RawJson, now};
use crate::domain::api_token::{ApiToken, TokenKind, TokenProjects};
use crate::domain::names::EnvironmentName;
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::usage::SdkKind;
use crate::usage::Usage;
use crate::usage::ingest::{self, Instance, Origin};
use crate::wire::client_metrics::ClientMetrics;
use crate::wire::plain_metrics::{PlainMetrics, Text};

/// The environment reports of very old tokens that have none are booked to.
const DEFAULT_ENVIRONMENT: &str = "default";

/// The sender of a report.
#[derive(Debug)]
pub(super) struct Reporter {
    environment: EnvironmentName,
    projects: TokenProjects,
    sdk_kind: SdkKind,
    client_ip: Option<String>,
    now: Timestamp,
}

impl Reporter {
    pub(super) fn new(request: &HttpRequest, token: &ApiToken) -> Self {
        let bound = token.environment.clone();
        Self {
            environment: bound.unwrap_or_else(|| EnvironmentName::trusted(DEFAULT_ENVIRONMENT)),
            projects: token.projects.clone(),
            sdk_kind: match token.kind {
                TokenKind::Frontend => SdkKind::Frontend,
                TokenKind::Backend | TokenKind::Admin => SdkKind::Backend,
            },
            client_ip: client_ip(request),
            now: now(request),
        }
    }

    pub(super) fn origin(&self) -> Origin<'_> {
        Origin {
            environment: &self.environment,
            projects: match &self.projects {
                TokenProjects::All => None,
                TokenProjects::Only(projects) => Some(projects),
            },
            sdk_kind: self.sdk_kind,
            client_ip: self.client_ip.as_deref(),
            now: self.now,
        }
    }
}

/// Where a report says which SDK wrote it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sdk<'h> {
    /// In its body.
    InBody,
    /// In a header, and it is of a copy only if it names one.
    InHeader(Option<&'h str>),
}

impl<'h> Sdk<'h> {
    fn instance(self, copy: Option<&str>, in_body: Option<&'h str>) -> Instance<'h> {
        match (self, copy) {
            (Self::InBody, _) => Instance::Seen { sdk: in_body },
            (Self::InHeader(sdk @ Some(_)), Some(_)) => Instance::Seen { sdk },
            (Self::InHeader(_), _) => Instance::Unseen,
        }
    }
}

/// Counts what a body says of flags.
///
/// # Errors
/// When it does not follow the schema, or makes no sense.
pub(super) fn count(
    usage: &Usage,
    body: &RawJson,
    reporter: &Reporter,
    state: &State,
    sdk: Sdk<'_>,
) -> Result<(), ApiError> {
    let origin = reporter.origin();
    if let Some(plain) = PlainMetrics::read(&body.0) {
        let copy = plain.instance_id.as_ref().map(Text::as_str);
        let version = plain.sdk_version.as_ref().map(Text::as_str);
        if usage.count(&plain, origin, state, sdk.instance(copy, version)) {
            return Ok(());
        }
    }
    let body: ClientMetrics = body.typed()?;
    let (copy, version) = (body.instance_id.as_deref(), body.sdk_version.as_deref());
    let instance = sdk.instance(copy, version);
    let report = ingest::metrics(&body, origin, state, instance);
    usage.add(report.map_err(|_| ApiError::InvalidReport)?, origin.now);
    if let Some(Value::Array(items)) = &body.impact_metrics {
        usage.add_impact(items);
    }
    Ok(())
}

/// The left-most address of `X-Forwarded-For`, else the one at the other end of the connection.
pub(super) fn client_ip(request: &HttpRequest) -> Option<String> {
    let forwarded = request.headers().get(X_FORWARDED_FOR);
    let first = forwarded
        .and_then(|value| value.to_str().ok())
        .and_then(|list| list.split(',').next())
        .map(str::trim)
        .filter(|address| !address.is_empty());
    match first {
        Some(address) => Some(address.to_owned()),
        None => request.peer_addr().map(|peer| peer.ip().to_string()),
    }
}
