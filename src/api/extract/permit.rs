//! The right to do something on the admin API.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, COOKIE, HOST, HeaderName, ORIGIN};
use actix_web::{FromRequest, HttpRequest, web};

use crate::api::error::ApiError;
use crate::auth::actions::Action;
use crate::auth::identity::{Caller, SESSION_COOKIE, cookie};
use crate::auth::tokens;
use crate::domain::event::Actor;
use crate::domain::rights::Wanted;
use crate::domain::state::State;
use crate::domain::user::User;
use crate::snapshot::{Hub, Snapshot};

/// Proof that the caller may do `A` where the path says. Put it first among a handler's parameters: it answers without
/// waiting, so 401 and 403 always come before any complaint about the body.
#[derive(Debug)]
pub struct Permit<A: Action> {
    caller: Caller,
    actor: Actor,
    snapshot: Arc<Snapshot>,
    action: PhantomData<A>,
}

impl<A: Action> Permit<A> {
    /// Who the caller is, for events.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Who the caller is.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The user, if it is one.
    #[must_use]
    pub fn user(&self) -> Option<&Arc<User>> {
        self.caller.user()
    }

    /// The user.
    ///
    /// # Errors
    /// [`ApiError::UserNeeded`] for an admin token.
    pub fn needed_user(&self, what: &'static str) -> Result<&Arc<User>, ApiError> {
        self.user().ok_or(ApiError::UserNeeded(what))
    }

    /// Checks a right that depends on what only the body says.
    ///
    /// # Errors
    /// [`ApiError::NotAllowed`].
    pub fn check(&self, permission: &'static str, project: Option<&str>) -> Result<(), ApiError> {
        self.check_in(permission, project, None)
    }

    /// The same in an environment.
    ///
    /// # Errors
    /// [`ApiError::NotAllowed`].
    pub fn check_in(
        &self,
        permission: &'static str,
        project: Option<&str>,
        environment: Option<&str>,
    ) -> Result<(), ApiError> {
        self.check_any(&[permission], project, environment)
    }

    /// Checks that one of several rights counts in a place.
    ///
    /// # Errors
    /// [`ApiError::NotAllowed`].
    pub fn check_any(
        &self,
        permissions: &[&'static str],
        project: Option<&str>,
        environment: Option<&str>,
    ) -> Result<(), ApiError> {
        let may = |permission: &&'static str| {
            let wanted = Wanted {
                permission,
                project,
                environment,
            };
            self.caller.may(self.snapshot.state(), &wanted)
        };
        if permissions.is_empty() || permissions.iter().any(may) {
            return Ok(());
        }
        Err(ApiError::NotAllowed(permissions.to_vec()))
    }

    /// The permit for the place the path names.
    fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let permit = Self::admitted(request)?;
        let state = permit.snapshot.state();
        let project = project(request, state);
        let environment = environment(request, state);
        permit.check_any(A::PERMISSIONS, project, environment)?;
        Ok(permit)
    }

    /// A permit that still has to be checked in its place: the caller has the right in some place.
    pub(super) fn somewhere(request: &HttpRequest) -> Result<Self, ApiError> {
        let permit = Self::admitted(request)?;
        if permit
            .caller
            .may_somewhere(permit.snapshot.state(), A::PERMISSIONS)
        {
            return Ok(permit);
        }
        Err(ApiError::NotAllowed(A::PERMISSIONS.to_vec()))
    }

    /// A permit of which only the caller is known.
    fn admitted(request: &HttpRequest) -> Result<Self, ApiError> {
        let (caller, snapshot) = find(request)?;
        if !caller.is_admitted() {
            return Err(ApiError::OtherTokenNeeded);
        }
        if matches!(caller, Caller::Browser(..)) && is_foreign(request) {
            return Err(ApiError::ForeignPage);
        }
        let ip = request.peer_addr().map(|address| address.ip().to_string());
        Ok(Self {
            actor: caller.actor(ip),
            caller,
            snapshot,
            action: PhantomData,
        })
    }
}

/// The project a path is about: named, or that of the flag it names.
fn project<'r>(request: &'r HttpRequest, state: &'r State) -> Option<&'r str> {
    let path = request.match_info();
    if let Some(project) = path.get("projectId") {
        return Some(project);
    }
    let flag = state.flags.get(path.get("featureName")?)?;
    Some(flag.project.as_str())
}

/// The environment a path is about: that of the strategy it names, or named. What the path calls a strategy's
/// environment is not looked at elsewhere, so the right must count where the strategy really is.
fn environment<'r>(request: &'r HttpRequest, state: &'r State) -> Option<&'r str> {
    let path = request.match_info();
    strategy_environment(request, state).or_else(|| path.get("environment"))
}

fn strategy_environment<'r>(request: &'r HttpRequest, state: &'r State) -> Option<&'r str> {
    let path = request.match_info();
    let flag = state.flags.get(path.get("featureName")?)?;
    let (environment, _) = flag.strategy(path.get("strategyId")?)?;
    Some(environment.as_str())
}

/// Whether a page of somebody else made a browser send this: it carries the cookie all the same.
fn is_foreign(request: &HttpRequest) -> bool {
    if matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    ) {
        return false;
    }
    static FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    let header = |name: &HeaderName| request.headers().get(name).and_then(|it| it.to_str().ok());
    if let Some(site) = header(&FETCH_SITE) {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = header(&ORIGIN) else {
        return false;
    };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_none() || host != header(&HOST)
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

/// Whose request it is: by the token it brings, else by the cookie.
fn find(request: &HttpRequest) -> Result<(Caller, Arc<Snapshot>), ApiError> {
    let hub = request
        .app_data::<web::Data<Hub>>()
        .ok_or(ApiError::Unauthorized)?;
    let (snapshot, now) = (hub.load_full(), super::now(request));
    if let Some(secret) = authorization(request) {
        let caller = Caller::with_secret(snapshot.state(), secret, now);
        return Ok((caller.ok_or(ApiError::Unauthorized)?, snapshot));
    }
    let caller = session_secret(request)
        .and_then(|secret| Caller::with_session(snapshot.state(), secret, now))
        .ok_or(ApiError::LoginNeeded)?;
    Ok((caller, snapshot))
}

fn authorization(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    Some(tokens::from_header(header)).filter(|secret| !secret.is_empty())
}

/// The secret in the session cookie.
pub(in crate::api) fn session_secret(request: &HttpRequest) -> Option<&str> {
    let mut headers = request.headers().get_all(COOKIE);
    headers.find_map(|header| cookie(header.to_str().ok()?, SESSION_COOKIE))
}

impl<A: Action> FromRequest for Permit<A> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}
