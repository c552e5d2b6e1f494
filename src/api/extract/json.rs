//! JSON bodies: read within a limit, inflated, checked against the schema that the OpenAPI document shows.

use std::future::Future;
use std::io::Read;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::error::ApiError;
use crate::api::schema;

/// Most bytes of a body, counted after inflation.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimit(pub usize);

impl Default for BodyLimit {
    /// 10 MiB; the reference refuses more than 100 kB, which large reports of real SDKs exceed.
    fn default() -> Self {
        Self(10 * 1024 * 1024)
    }
}

/// A body that says it is JSON, inflated and not read yet.
#[derive(Debug)]
pub struct RawJson(pub Bytes);

impl RawJson {
    /// Checks it against the schema of `T` and makes a `T` of it.
    ///
    /// # Errors
    /// As for a [`Json<T>`].
    pub fn typed<T: DeserializeOwned + ToSchema + 'static>(&self) -> Result<T, ApiError> {
        typed(parse(&self.0)?)
    }
}

impl FromRequest for RawJson {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            check_content_type(&request)?;
            Ok(Self(read_inflated(&request, payload).await?))
        })
    }
}

/// A JSON body that has passed the schema of `T`.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T> Json<T> {
    /// The body.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for Json<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            check_content_type(&request)?;
            let body = read_inflated(&request, payload).await?;
            Ok(Self(typed(parse(&body)?)?))
        })
    }
}

/// Checks a JSON value against the schema of `T`, with the reference's coercions, and makes a `T` of it.
pub(crate) fn typed<T: DeserializeOwned + ToSchema + 'static>(
    mut value: Value,
) -> Result<T, ApiError> {
    let details = schema::check::<T>(&mut value);
    if !details.is_empty() {
        return Err(ApiError::Schema(details));
    }
    serde_json::from_value(value).map_err(|error| {
        ApiError::Schema(vec![crate::wire::problem::Detail::at(
            "/body",
            error.to_string(),
        )])
    })
}

fn check_content_type(request: &HttpRequest) -> Result<(), ApiError> {
    let given = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = given.map(|text| text.split(';').next().unwrap_or("").trim());
    match kind {
        Some(kind) if kind.eq_ignore_ascii_case("application/json") => Ok(()),
        _ => Err(ApiError::ContentType(kind.map(Into::into))),
    }
}

async fn read_inflated(request: &HttpRequest, payload: Payload) -> Result<Bytes, ApiError> {
    let limit = request
        .app_data::<BodyLimit>()
        .copied()
        .unwrap_or_default()
        .0;
    let raw = read(payload, limit).await?;
    let encoding = request.headers().get(CONTENT_ENCODING);
    let Some(encoding) = encoding.and_then(|value| value.to_str().ok()) else {
        return Ok(raw);
    };
    inflate(raw, &encoding.trim().to_ascii_lowercase(), limit)
}

fn parse(body: &[u8]) -> Result<Value, ApiError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    serde_json::from_slice(body).map_err(|error| ApiError::MalformedJson(error.to_string()))
}

/// Reads a body that has at most `limit` bytes.
pub(in crate::api) async fn read(mut payload: Payload, limit: usize) -> Result<Bytes, ApiError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| ApiError::MalformedJson(error.to_string()))?;
        if body.len() + chunk.len() > limit {
            return Err(ApiError::BodyTooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn inflate(raw: Bytes, encoding: &str, limit: usize) -> Result<Bytes, ApiError> {
    match encoding {
        "identity" | "" => Ok(raw),
        "gzip" | "x-gzip" => drain(flate2::read::MultiGzDecoder::new(&*raw), limit),
        "deflate" => drain(flate2::read::ZlibDecoder::new(&*raw), limit),
        "br" => drain(brotli::Decompressor::new(&*raw, 4096), limit),
        other => Err(ApiError::ContentEncoding(other.into())),
    }
}

fn drain(reader: impl Read, limit: usize) -> Result<Bytes, ApiError> {
    let mut body = Vec::new();
    let ceiling = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    reader
        .take(ceiling)
        .read_to_end(&mut body)
        .map_err(|error| {
            ApiError::MalformedJson(format!("the body could not be inflated: {error}"))
        })?;
    if body.len() > limit {
        return Err(ApiError::BodyTooLarge);
    }
    Ok(body.into())
}
