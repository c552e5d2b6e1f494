//! The tokens of SDKs: looked up in the snapshot by keyed hash, without waiting and without allocating.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};

use crate::api::error::ApiError;
use crate::auth::recent_secrets::RecentSecrets;
use crate::auth::tokens;
use crate::domain::api_token::{ApiToken, TokenKind};
use crate::snapshot::{Hub, Snapshot};

/// A backend token and the snapshot it was found in; the request is answered from that snapshot.
#[derive(Debug)]
pub struct BackendToken {
    /// The token.
    pub token: Arc<ApiToken>,
    /// The newest snapshot when the request came.
    pub snapshot: Arc<Snapshot>,
}

/// A frontend token and the snapshot it was found in.
#[derive(Debug)]
pub struct FrontendToken {
    /// The token.
    pub token: Arc<ApiToken>,
    /// The newest snapshot when the request came.
    pub snapshot: Arc<Snapshot>,
}

fn find(
    request: &HttpRequest,
    kind: TokenKind,
) -> Result<(Arc<ApiToken>, Arc<Snapshot>), ApiError> {
    let secret = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .map(tokens::from_header)
        .filter(|secret| !secret.is_empty())
        .ok_or(ApiError::TokenNeeded)?;
    // The reference refuses these by their text alone, whatever its database says (contract TOKENS §1).
    if secret.starts_with("*:*") || secret.starts_with("user:") {
        return Err(ApiError::OtherTokenNeeded);
    }
    let hub = request
        .app_data::<web::Data<Hub>>()
        .ok_or(ApiError::TokenNeeded)?;
    let snapshot = hub.load_full();
    let recent = request
        .app_data::<RecentSecrets>()
        .ok_or(ApiError::TokenNeeded)?;
    let found = recent.find_for_sdk(&snapshot, secret, || super::now(request));
    let token = found.map(Arc::clone).ok_or(ApiError::TokenNeeded)?;
    if token.kind == kind {
        Ok((token, snapshot))
    } else {
        Err(ApiError::OtherTokenNeeded)
    }
}

impl FromRequest for BackendToken {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(find(request, TokenKind::Backend).map(|(token, snapshot)| Self { token, snapshot }))
    }
}

impl FromRequest for FrontendToken {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(find(request, TokenKind::Frontend).map(|(token, snapshot)| Self { token, snapshot }))
    }
}
