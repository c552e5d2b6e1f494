//! The right to do something on the admin API.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};

use crate::api::error::ApiError;
use crate::auth::actions::Action;
use crate::auth::tokens;
use crate::domain::api_token::{ApiToken, TokenKind};
use crate::domain::event::Actor;
use crate::snapshot::Hub;

/// Proof that the caller may do `A`. Put it first among a handler's parameters: it answers without waiting, so 401
/// and 403 always come before any complaint about the body.
#[derive(Debug)]
pub struct Permit<A: Action> {
    actor: Actor,
    action: PhantomData<A>,
}

impl<A: Action> Permit<A> {
    /// Who the caller is.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    fn check(request: &HttpRequest) -> Result<Self, ApiError> {
        let token = find(request)?;
        if token.kind != TokenKind::Admin {
            return Err(ApiError::OtherTokenNeeded);
        }
        Ok(Self {
            actor: Actor {
                name: token.name.clone(),
                user_id: ADMIN_TOKEN_USER,
                ip: request.peer_addr().map(|address| address.ip().to_string()),
            },
            action: PhantomData,
        })
    }
}

/// Whoever it is, it is somebody we know.
#[derive(Clone, Copy, Debug)]
pub struct AnyToken;

impl FromRequest for AnyToken {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(find(request).map(|_| Self))
    }
}

/// The token a request brings.
fn find(request: &HttpRequest) -> Result<Arc<ApiToken>, ApiError> {
    let header = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .map(tokens::from_header)
        .filter(|secret| !secret.is_empty())
        .ok_or(ApiError::LoginNeeded)?;
    let hub = request
        .app_data::<web::Data<Hub>>()
        .ok_or(ApiError::Unauthorized)?;
    let (snapshot, now) = (hub.load(), super::now(request));
    tokens::find(&snapshot, header, now)
        .map(Arc::clone)
        .ok_or(ApiError::Unauthorized)
}

/// The user number events of admin tokens carry, as the reference numbers them.
const ADMIN_TOKEN_USER: i64 = -42;

impl<A: Action> FromRequest for Permit<A> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::check(request))
    }
}
