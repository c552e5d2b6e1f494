//! Answers that a client may have already (contract CLIENT-API §2.4).

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH};

/// Whether the client has the body already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Freshness {
    /// No, or it wants it once more.
    Stale,
    /// Yes, and it named exactly this one.
    Exact,
    /// Yes, among others, in the weak form, or whatever it is.
    Matching,
}

/// Compares the request's `If-None-Match` with a tag, quotes included. Only answers to GET and HEAD can be had already.
pub(super) fn freshness(request: &HttpRequest, etag: &[u8]) -> Freshness {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Freshness::Stale;
    }
    let headers = request.headers();
    let Some(given) = headers.get(IF_NONE_MATCH).map(HeaderValue::as_bytes) else {
        return Freshness::Stale;
    };
    if given == etag {
        return Freshness::Exact;
    }
    if named(given, etag) && !wants_anew(headers) {
        Freshness::Matching
    } else {
        Freshness::Stale
    }
}

/// Whether a list of tags, or `*`, names a tag. Weak and strong forms are the same here.
pub(super) fn named(list: &[u8], etag: &[u8]) -> bool {
    let wanted = strong(etag);
    list.trim_ascii() == b"*"
        || list
            .split(|byte| *byte == b',')
            .any(|one| strong(one.trim_ascii()) == wanted)
}

fn strong(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
}

fn wants_anew(headers: &HeaderMap) -> bool {
    contains(headers, &CACHE_CONTROL, b"no-cache")
}

fn contains(headers: &HeaderMap, name: &HeaderName, word: &[u8]) -> bool {
    headers.get(name).is_some_and(|value| {
        let mut words = value.as_bytes().split(|byte| *byte == b',');
        words.any(|one| one.trim_ascii().eq_ignore_ascii_case(word))
    })
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn check(if_none_match: &str, cache_control: &str) -> Freshness {
        let request = TestRequest::default()
            .insert_header((IF_NONE_MATCH, if_none_match))
            .insert_header((CACHE_CONTROL, cache_control))
            .to_http_request();
        freshness(&request, b"\"a:1:v1\"")
    }

    #[test]
    fn every_form_of_a_tag_is_understood() {
        assert_eq!(check("\"a:1:v1\"", ""), Freshness::Exact);
        assert_eq!(check("W/\"a:1:v1\"", ""), Freshness::Matching);
        assert_eq!(check("\"x\", \"a:1:v1\"", ""), Freshness::Matching);
        assert_eq!(check("*", "max-age=0"), Freshness::Matching);
        for other in ["", "a:1:v1", "\"a:2:v1\"", "W/\"x\""] {
            assert_eq!(check(other, ""), Freshness::Stale, "{other}");
        }
    }

    #[test]
    fn who_wants_no_cached_answer_gets_none_unless_the_tag_is_exact() {
        assert_eq!(check("\"a:1:v1\"", "no-cache"), Freshness::Exact);
        for form in ["W/\"a:1:v1\"", "*", "\"x\",\"a:1:v1\""] {
            assert_eq!(check(form, "No-Cache"), Freshness::Stale);
        }
    }
}
