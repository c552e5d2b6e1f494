//! The log of requests, for operators who switch it on.

use std::future::{Ready, ready};
use std::task::{Context, Poll};
use std::time::Instant;

use actix_web::Error;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use futures_util::future::{Either, FutureExt, LocalBoxFuture};

/// Logs method, path, status and time of each request. Queries and headers carry personal data and secrets, so they
/// are left out. Switched off it costs nothing.
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
        let (method, path) = (request.method().clone(), request.path().to_owned());
        let answer = self.service.call(request);
        let logged = async move {
            let response = answer.await?;
            tracing::info!(
                %method,
                path,
                status = response.status().as_u16(),
                micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
                "request"
            );
            Ok(response)
        };
        Either::Right(logged.boxed_local())
    }
}
