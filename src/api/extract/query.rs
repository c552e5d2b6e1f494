//! Query parameters. Unknown ones are ignored, as on the reference server; some may be given more than once.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use crate::api::error::ApiError;

/// The query parameters of a request, decoded, in their order.
#[derive(Clone, Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// The first parameter of a name.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| bare(known) == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All parameters of a name.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        let found = self.0.iter().filter(|(known, _)| bare(known) == name);
        found.map(|(_, value)| value.as_str()).collect()
    }

    /// Whether a parameter is there and true.
    #[must_use]
    pub fn is_true(&self, name: &str) -> bool {
        self.first(name) == Some("true")
    }
}

/// Lists may be written with brackets behind their name.
fn bare(name: &str) -> &str {
    name.strip_suffix("[]").unwrap_or(name)
}

impl FromRequest for Query {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
        ready(Ok(Self(
            pairs.map(web::Query::into_inner).unwrap_or_default(),
        )))
    }
}
