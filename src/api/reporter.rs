//! Who reports, beside what the body says.

use actix_web::HttpRequest;
use actix_web::http::header::X_FORWARDED_FOR;

use crate::api::extract::now;
use crate::domain::api_token::{ApiToken, TokenKind, TokenProjects};
use crate::domain::names::EnvironmentName;
use crate::domain::time::Timestamp;
use crate::domain::usage::SdkKind;
use crate::usage::ingest::Origin;

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
