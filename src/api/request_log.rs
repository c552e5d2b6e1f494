//! The log of requests, for operators who switch it on.

use std::future::{Ready, ready};
use std::task::{Context, Poll};
use std::time::Instant;

use actix_web::Error;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use futures_util::future::{Either, FutureExt, LocalBoxFuture};

/// Logs method, path, status and time of each request. Queries and headers carry personal data and secrets, so they
/// are left out, and so are the parts of paths that are secrets. Switched off it costs nothing.
#[derive(Clone, Copy, Debug)]
pub struct RequestLog {
    /// Whether it logs.
    pub enabled: bool,
}

impl<S, B> Transform<S, ServiceRequest> for RequestLog
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = Logging<S>;
    type InitError = ();
    type Future = Ready<Result<Logging<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(Logging {
            enabled: self.enabled,
            service,
        }))
    }
}

/// The layer at work.
#[derive(Debug)]
pub struct Logging<S> {
    enabled: bool,
    service: S,
}

impl<S, B> Service<ServiceRequest> for Logging<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = Either<S::Future, LocalBoxFuture<'static, Result<ServiceResponse<B>, Error>>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        if !self.enabled {
            return Either::Left(self.service.call(request));
        }
        let begun = Instant::now();
        let answer = self.service.call(request);
        let logged = async move {
            let response = answer.await?;
            let request = response.request();
            tracing::info!(
                method = %request.method(),
                path = presentable(request.path(), request.match_pattern().as_deref()),
                status = response.status().as_u16(),
                micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
                "request"
            );
            Ok(response)
        };
        Either::Right(logged.boxed_local())
    }
}

/// What stands for a secret.
const HIDDEN: &str = "…";

/// A path without secrets: without what the route calls a token, and on unknown routes without what looks like one.
fn presentable(path: &str, pattern: Option<&str>) -> String {
    let mut names = pattern.into_iter().flat_map(|pattern| pattern.split('/'));
    let parts = path.split('/').map(|part| {
        let is_secret = match (pattern, names.next()) {
            (Some(_), name) => name == Some("{token}"),
            (None, _) => looks_secret(part),
        };
        if is_secret { HIDDEN } else { part }
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Secrets have a scope in front, or are long and random.
fn looks_secret(part: &str) -> bool {
    part.contains([':', '.']) || part.contains("%3A") || part.len() > 24
}

#[cfg(test)]
mod tests {
    use super::presentable;

    #[test]
    fn secrets_in_paths_are_hidden() {
        let known = "/api/admin/api-tokens/{token}";
        let path = "/api/admin/api-tokens/*:production.abc";
        assert_eq!(presentable(path, Some(known)), "/api/admin/api-tokens/…");
        assert_eq!(presentable("/api/nope/*:*.abc", None), "/api/nope/…");
        let known = "/api/admin/features/{featureName}/tags";
        let path = "/api/admin/features/my.flag/tags";
        assert_eq!(presentable(path, Some(known)), path);
        assert_eq!(presentable("/health", Some("/health")), "/health");
    }
}
