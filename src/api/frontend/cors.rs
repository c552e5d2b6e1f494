//! Which web pages may ask (contract CLIENT-API §9.5). Only paths below `/api/frontend` have this.

use std::time::Duration;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, HeaderMap, HeaderValue, ORIGIN, VARY,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};

use crate::snapshot::Hub;

/// How long a browser may remember the answer to a preflight.
#[derive(Clone, Copy, Debug)]
pub struct MaxAge(pub Duration);

impl Default for MaxAge {
    fn default() -> Self {
        Self(Duration::from_secs(86_400))
    }
}

/// Answers preflights and adds to all other answers, errors too, who may read them.
pub(super) async fn cors(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody, BoxBody>>, Error> {
    let permission = Permission::of(&request);
    if request.method() == Method::OPTIONS {
        let response = preflight(&request, &permission);
        return Ok(request.into_response(response).map_into_right_body());
    }
    let mut response = next.call(request).await?;
    permission.tell(response.headers_mut());
    Ok(response.map_into_left_body())
}

/// What the origin of a request may do.
struct Permission {
    origin: Option<HeaderValue>,
    credentials: bool,
}

impl Permission {
    fn of(request: &ServiceRequest) -> Self {
        let Some(hub) = request.app_data::<web::Data<Hub>>() else {
            return Self {
                origin: None,
                credentials: false,
            };
        };
        let snapshot = hub.load();
        let allowed = &snapshot.state().settings.frontend_origins;
        // With credentials, "any origin" would let every page act for its visitors; browsers ignore the pair anyway.
        if allowed.iter().any(|origin| origin == "*") {
            return Self {
                origin: Some(HeaderValue::from_static("*")),
                credentials: false,
            };
        }
        let given = request.headers().get(ORIGIN);
        let listed = |given: &&HeaderValue| {
            allowed
                .iter()
                .any(|origin| origin.as_bytes() == given.as_bytes())
        };
        Self {
            origin: given.filter(listed).cloned(),
            credentials: true,
        }
    }

    fn tell(&self, headers: &mut HeaderMap) {
        if let Some(origin) = &self.origin {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
        if self.credentials {
            headers.insert(
                ACCESS_CONTROL_ALLOW_CREDENTIALS,
                HeaderValue::from_static("true"),
            );
        }
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("ETag"),
        );
        let vary = match headers.get(VARY) {
            Some(_) => HeaderValue::from_static("Origin, Accept-Encoding"),
            None => HeaderValue::from_static("Origin"),
        };
        headers.insert(VARY, vary);
    }
}

fn preflight(request: &ServiceRequest, permission: &Permission) -> HttpResponse {
    let mut response = HttpResponse::NoContent().finish();
    let headers = response.headers_mut();
    permission.tell(headers);
    let methods = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    if let Some(wanted) = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
    }
    let age = request.app_data::<MaxAge>().copied().unwrap_or_default();
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from(age.0.as_secs()));
    let vary = HeaderValue::from_static("Origin, Access-Control-Request-Headers");
    headers.insert(VARY, vary);
    response
}
