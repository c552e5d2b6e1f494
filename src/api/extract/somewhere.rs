//! A right that depends on what only the body says.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::permit::Permit;
use crate::api::error::ApiError;
use crate::auth::actions::Action;

/// Proof that the caller may do `A` in some place. Which place the request is about stands in its body, so a handler
/// asks for this first, which refuses everybody who has the right nowhere, and gets the permit for the place with
/// [`Somewhere::at`]. It cannot change anything before that: only a permit says in whose name.
#[derive(Debug)]
pub struct Somewhere<A: Action>(Permit<A>);

impl<A: Action> Somewhere<A> {
    /// The permit for a place. No project: the right must count everywhere; no environment: in all of them.
    ///
    /// # Errors
    /// [`ApiError::NotAllowed`].
    pub fn at(
        self,
        project: Option<&str>,
        environment: Option<&str>,
    ) -> Result<Permit<A>, ApiError> {
        self.0.check_any(A::PERMISSIONS, project, environment)?;
        Ok(self.0)
    }

    /// The permit for a request about things of which each is checked on its own with [`Permit::check`].
    #[must_use]
    pub fn for_each(self) -> Permit<A> {
        self.0
    }

    /// The permit for several environments of a project, of which each needs the right.
    ///
    /// # Errors
    /// [`ApiError::NotAllowed`].
    pub fn at_all(self, project: &str, environments: &[String]) -> Result<Permit<A>, ApiError> {
        for environment in environments {
            self.0
                .check_any(A::PERMISSIONS, Some(project), Some(environment))?;
        }
        Ok(self.0)
    }
}

impl<A: Action> FromRequest for Somewhere<A> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Permit::somewhere(request).map(Self))
    }
}
