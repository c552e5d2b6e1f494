//! Versions of what the admin API shows: a tag on every read, and writes that are bound to one.
//!
//! A read is answered with an `ETag` made from its body; `If-None-Match` saves sending it again. A write with
//! `If-Match` is carried out only if the tag is that of what a read of the same path shows *in the state the write is
//! decided on*: the read is made first, at a known revision, and the writer handed to the handler refuses to commit on
//! top of any other. Other writers of this process wait meanwhile; when another node was faster, read and write are
//! done again. The reasons are in `docs/decisions/05-conditional-writes.md`.

use std::pin::Pin;
use std::rc::Rc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Extensions, Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header::{ETAG, HeaderValue, IF_MATCH};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::{Stream, stream};

use super::conditional::{Freshness, freshness, named};
use super::error::ApiError;
use super::extract::{BodyLimit, read};
use crate::change::{ChangeError, Writer};
use crate::domain::names::Revision;
use crate::snapshot::Hub;
use crate::wire::fingerprint;

/// How often a bound write is begun anew because other nodes wrote in between.
const ATTEMPTS: usize = 20;

/// Tags reads, and carries bound writes out.
pub(super) async fn versions(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.method() == Method::GET {
        return Ok(fresh(tagged(next.call(request).await?)));
    }
    match request.headers().get(IF_MATCH).cloned() {
        Some(wanted) => bound(request, &wanted, &next).await,
        None => Ok(next.call(request).await?.map_into_boxed_body()),
    }
}

/// Adds the tag of the body.
fn tagged(response: ServiceResponse<impl MessageBody + 'static>) -> ServiceResponse<BoxBody> {
    let (request, response) = response.into_parts();
    if response.status() != StatusCode::OK {
        return ServiceResponse::new(request, response.map_into_boxed_body());
    }
    let (mut head, body) = response.into_parts();
    let response = match body.try_into_bytes() {
        Ok(bytes) => {
            let tag = format!("W/\"{:x}-{:016x}\"", bytes.len(), fingerprint::of(&bytes));
            if let Ok(tag) = HeaderValue::from_str(&tag) {
                head.headers_mut().insert(ETAG, tag);
            }
            head.set_body(BoxBody::new(bytes))
        }
        Err(stream) => head.set_body(BoxBody::new(stream)),
    };
    ServiceResponse::new(request, response)
}

/// 304 instead of what the caller has already.
fn fresh(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let Some(tag) = response.headers().get(ETAG).cloned() else {
        return response;
    };
    if freshness(response.request(), tag.as_bytes()) == Freshness::Stale {
        return response;
    }
    response.into_response(
        HttpResponse::NotModified()
            .insert_header((ETAG, tag))
            .finish(),
    )
}

/// Carries a write out if what it is about has a wanted tag.
async fn bound(
    request: ServiceRequest,
    wanted: &HeaderValue,
    next: &Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let limit = request.app_data::<BodyLimit>().copied();
    let (mut request, payload) = request.into_parts();
    let body = match read(payload, limit.unwrap_or_default().0).await {
        Ok(body) => body,
        Err(error) => return Ok(ServiceResponse::from_err(error, request)),
    };
    let place = Place::of(&request);
    let turn = match request.app_data::<web::Data<Writer>>() {
        Some(writer) => writer.turn().await,
        None => return Err(ApiError::Internal(anyhow::anyhow!("there is no writer")).into()),
    };
    for _ in 0..ATTEMPTS {
        let (shown, revision) = shown(request, &place, next).await?;
        if !(shown.status().is_success() || shown.status() == StatusCode::NOT_FOUND) {
            return Ok(shown);
        }
        let tag = shown.headers().get(ETAG);
        if !tag.is_some_and(|tag| named(wanted.as_bytes(), tag.as_bytes())) {
            return Ok(shown.error_response(ApiError::Outdated));
        }
        request = shown.into_parts().0;
        let Some(revision) = revision else {
            continue;
        };
        let mut again = place.lead(request, &place.method, &place.uri);
        again.set_payload(payload_of(body.clone()));
        bind(&mut again, turn.only_at(revision));
        let answer = next.call(again).await?.map_into_boxed_body();
        if !matches!(fault(&answer), Some(ApiError::Moved)) {
            return Ok(answer);
        }
        request = answer.into_parts().0;
    }
    let error = ApiError::from(ChangeError::Contended);
    Ok(ServiceResponse::from_err(error, request))
}

/// What is read at a place, or at the nearest one above it that can be read. And the revision it is of, unless that
/// changed meanwhile.
async fn shown(
    mut request: HttpRequest,
    place: &Place,
    next: &Next<impl MessageBody + 'static>,
) -> Result<(ServiceResponse<BoxBody>, Option<Revision>), Error> {
    let mut uri = Some(place.uri.clone());
    loop {
        let before = revision(&request);
        let here = uri.unwrap_or_default();
        let response = next.call(place.lead(request, &Method::GET, &here)).await?;
        let response = tagged(response);
        uri = above(&here);
        if !matches!(fault(&response), Some(ApiError::NoSuchPath(_))) || uri.is_none() {
            let same = before == revision(response.request());
            return Ok((response, before.filter(|_| same)));
        }
        request = response.into_parts().0;
    }
}

fn revision(request: &HttpRequest) -> Option<Revision> {
    let hub = request.app_data::<web::Data<Hub>>()?;
    Some(hub.load().state().revision)
}

fn fault(response: &ServiceResponse<BoxBody>) -> Option<&ApiError> {
    response.response().error()?.as_error()
}

/// The path without its last part.
fn above(uri: &Uri) -> Option<Uri> {
    let (path, last) = uri.path().rsplit_once('/')?;
    if path.is_empty() || last.is_empty() {
        return None;
    }
    path.parse().ok()
}

/// Hands the handler a writer that commits on top of one revision only.
fn bind(request: &mut ServiceRequest, writer: Writer) {
    let mut data = Extensions::new();
    data.insert(web::Data::new(writer));
    request.add_data_container(Rc::new(data));
}

fn payload_of(body: Bytes) -> Payload {
    let stream = stream::once(std::future::ready(Ok(body)));
    let stream: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(stream);
    stream.into()
}

/// Where a request came in.
struct Place {
    method: Method,
    uri: Uri,
    /// How much of the path led to the routes below this layer.
    prefix: usize,
}

impl Place {
    fn of(request: &HttpRequest) -> Self {
        let path = request.match_info();
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            prefix: path.as_str().len() - path.unprocessed().len(),
        }
    }

    /// The request as it would be if it had come in for this method and path.
    fn lead(&self, request: HttpRequest, method: &Method, uri: &Uri) -> ServiceRequest {
        let mut request = ServiceRequest::from_request(request);
        let head = request.head_mut();
        head.method = method.clone();
        head.uri = uri.clone();
        let path = request.match_info_mut();
        path.get_mut().update(uri);
        path.reset();
        path.skip(u16::try_from(self.prefix).unwrap_or_default());
        request
    }
}
