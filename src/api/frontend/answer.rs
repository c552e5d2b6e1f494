//! Evaluating flags for one user and writing the answer, in one pass into one buffer.

use std::borrow::Cow;
use std::io::Write;
use std::time::Instant;

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderValue, VARY,
};
use actix_web::{HttpRequest, HttpResponse, web};

use super::HostName;
use super::chance::Chance;
use crate::api::compression::compressed;
use crate::api::conditional::{Freshness, freshness};
use crate::api::encoding;
use crate::api::error::ApiError;
use crate::api::extract::{FrontendToken, now};
use crate::api::reporter::client_ip;
use crate::domain::rejection::Rejection;
use crate::engine::{Context, Program, Scratch, Session};
use crate::snapshot::FrontendView;
use crate::telemetry::Telemetry;
use crate::wire::fingerprint;

/// The environment of very old tokens that are bound to none.
const DEFAULT_ENVIRONMENT: &str = "default";

/// Which flags an answer is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Flags {
    /// Those that are on.
    On,
    /// All the token sees.
    All,
}

/// Answers about many flags.
pub(super) fn about(
    flags: Flags,
    request: &HttpRequest,
    caller: &FrontendToken,
    context: Context<'_>,
) -> HttpResponse {
    let view = view(caller);
    let mut body = Vec::with_capacity(view.capacity().max(64));
    body.extend_from_slice(b"{\"toggles\":[");
    evaluating(
        &view,
        request,
        caller,
        context,
        |session, program| match flags {
            Flags::On => write_those_on(&view, session, &mut body),
            Flags::All => write_all(caller, session, program, &mut body),
        },
    );
    if body.last() == Some(&b',') {
        body.pop();
    }
    body.extend_from_slice(b"]}");
    view.remember(body.len());
    respond(request, body)
}

/// Answers about one flag.
pub(super) fn about_one(
    name: &str,
    request: &HttpRequest,
    caller: &FrontendToken,
    context: Context<'_>,
) -> Result<HttpResponse, ApiError> {
    let view = view(caller);
    let seen = |position: &usize| {
        let flag = view.program().flag(*position);
        caller.token.projects.contains(flag.project())
    };
    let position = view.program().find(name).filter(seen);
    let position = position
        .ok_or_else(|| Rejection::NotFound(format!("Could not find feature flag {name}")))?;
    let mut body = Vec::new();
    evaluating(&view, request, caller, context, |session, program| {
        let evaluation = session.evaluate(position);
        program.flag(position).write_toggle(evaluation, &mut body);
        1
    });
    Ok(respond(request, body))
}

fn view(caller: &FrontendToken) -> std::sync::Arc<FrontendView> {
    let served = caller.snapshot.environment(environment(caller));
    served.frontend(&caller.token.projects)
}

fn environment(caller: &FrontendToken) -> &str {
    let named = caller.token.environment.as_ref();
    named.map_or(DEFAULT_ENVIRONMENT, |it| it.as_str())
}

/// Fills in what the client did not say, and evaluates. `work` says how many flags that were.
fn evaluating(
    view: &FrontendView,
    request: &HttpRequest,
    caller: &FrontendToken,
    context: Context<'_>,
    work: impl FnOnce(&mut Session<'_, '_, Chance>, &Program) -> usize,
) {
    let mut chance = Chance::of(request);
    let mut digits = [0; 16];
    let address;
    // From here on it may borrow from this function, too.
    let mut context = context;
    if context.session_id.is_none() {
        context.session_id = Some(Cow::Borrowed(chance.session(&mut digits)));
    }
    if context.remote_address.is_none() {
        address = client_ip(request);
        context.remote_address = address.as_deref().map(Cow::Borrowed);
    }
    let begun = Instant::now();
    let mut scratch = Scratch::default();
    let time = now(request).to_utc();
    let program = view.program();
    let host = request.app_data::<HostName>();
    let host = host.map_or("", |host| &host.0);
    let mut session = program.session(&context, time, host, &mut chance, &mut scratch);
    let flags = work(&mut session, program);
    if let Some(telemetry) = request.app_data::<web::Data<Telemetry>>() {
        telemetry.count_evaluations(environment(caller), flags, begun.elapsed());
    }
}

fn write_those_on(
    view: &FrontendView,
    session: &mut Session<'_, '_, Chance>,
    body: &mut Vec<u8>,
) -> usize {
    for position in view.positions() {
        session.write_if_on(*position, body);
    }
    view.positions().len()
}

fn write_all(
    caller: &FrontendToken,
    session: &mut Session<'_, '_, Chance>,
    program: &Program,
    body: &mut Vec<u8>,
) -> usize {
    let mut written = 0;
    for (position, flag) in program.flags().enumerate() {
        if caller.token.projects.contains(flag.project()) {
            flag.write_toggle(session.evaluate(position), body);
            body.push(b',');
            written += 1;
        }
    }
    written
}

/// 200 with the body, or 304 when the browser has it.
fn respond(request: &HttpRequest, body: Vec<u8>) -> HttpResponse {
    let mut etag = Vec::with_capacity(32);
    // Writing to memory cannot fail.
    let _ = write!(
        etag,
        "W/\"{:x}-{:016x}\"",
        body.len(),
        fingerprint::of(&body)
    );
    let fresh = freshness(request, &etag) != Freshness::Stale;
    let mut response = if fresh {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response.insert_header((CACHE_CONTROL, HeaderValue::from_static("no-cache")));
    if let Ok(etag) = HeaderValue::from_maybe_shared(bytes::Bytes::from(etag)) {
        response.insert_header((ETAG, etag));
    }
    if fresh {
        return response.finish();
    }
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.insert_header((CONTENT_TYPE, json));
    response.insert_header((VARY, HeaderValue::from_static("Accept-Encoding")));
    let (body, encoding) = compressed(body, encoding::accepted_quickly(request));
    if let Some(value) = encoding::header(encoding) {
        response.insert_header((CONTENT_ENCODING, value));
    }
    response.body(body)
}
