//! Which encoding of a body a client reads best.

use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT_ENCODING, HeaderValue};

use crate::snapshot::Encoding;

/// Encodings in the order of preference. Never `deflate`: one SDK asks for it and cannot read it.
const SMALLEST_FIRST: [(&str, Encoding); 3] = [
    ("br", Encoding::Brotli),
    ("zstd", Encoding::Zstd),
    ("gzip", Encoding::Gzip),
];

/// The same for bodies that are compressed for one request only.
const QUICKEST_FIRST: [(&str, Encoding); 2] = [("zstd", Encoding::Zstd), ("gzip", Encoding::Gzip)];

/// The encoding the request likes best, for bodies that are kept.
pub(super) fn accepted(request: &HttpRequest) -> Encoding {
    among(request, &SMALLEST_FIRST)
}

/// The encoding the request likes best, for bodies that are not.
pub(super) fn accepted_quickly(request: &HttpRequest) -> Encoding {
    among(request, &QUICKEST_FIRST)
}

fn among(request: &HttpRequest, offered: &[(&str, Encoding)]) -> Encoding {
    let header = request.headers().get(ACCEPT_ENCODING);
    header
        .and_then(|value| value.to_str().ok())
        .map_or(Encoding::Identity, |header| choose(header, offered))
}

/// The value of `Content-Encoding`; none for bodies as they are.
pub(super) fn header(encoding: Encoding) -> Option<HeaderValue> {
    let (name, _) = SMALLEST_FIRST
        .iter()
        .find(|(_, known)| *known == encoding)?;
    Some(HeaderValue::from_static(name))
}

fn choose(header: &str, offered: &[(&str, Encoding)]) -> Encoding {
    let mut best = (0, Encoding::Identity);
    for (name, encoding) in offered {
        let weight = weight(header, name);
        if weight > best.0 {
            best = (weight, *encoding);
        }
    }
    let identity = header.split(',').any(|item| named(item, "identity"));
    if identity && weight(header, "identity") > best.0 {
        return Encoding::Identity;
    }
    best.1
}

/// How welcome an encoding is, in thousandths. `*` speaks for those that are not named.
fn weight(header: &str, name: &str) -> u32 {
    let mut items = header.split(',');
    let item = items
        .clone()
        .find(|item| named(item, name))
        .or_else(|| items.find(|item| named(item, "*")));
    item.map_or(0, |item| {
        let quality = item.split(';').skip(1).find_map(|parameter| {
            let (key, value) = parameter.split_once('=')?;
            key.trim().eq_ignore_ascii_case("q").then_some(value.trim())
        });
        quality.map_or(1000, thousandths)
    })
}

fn named(item: &str, name: &str) -> bool {
    let given = item.split(';').next().unwrap_or("").trim();
    given.eq_ignore_ascii_case(name) || (name == "gzip" && given.eq_ignore_ascii_case("x-gzip"))
}

/// `0.85` is 850; what is no number is nothing.
fn thousandths(quality: &str) -> u32 {
    let (whole, fraction) = quality.split_once('.').unwrap_or((quality, ""));
    let mut digits = fraction.chars().chain("000".chars()).take(3);
    let parts = digits.try_fold(0, |sum, digit| Some(sum * 10 + digit.to_digit(10)?));
    match (whole.parse::<u32>(), parts) {
        (Ok(whole), Some(parts)) => (whole.min(1) * 1000 + parts).min(1000),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_that_is_accepted_is_chosen() {
        for (header, expected) in [
            ("", Encoding::Identity),
            ("gzip", Encoding::Gzip),
            ("gzip,deflate", Encoding::Gzip),
            ("deflate", Encoding::Identity),
            ("gzip, deflate, br", Encoding::Brotli),
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("gzip;q=1.0, br;q=0.5", Encoding::Gzip),
            ("br;q=0, gzip;q=0.1", Encoding::Gzip),
            ("ZSTD", Encoding::Zstd),
            ("*", Encoding::Brotli),
            ("*;q=0", Encoding::Identity),
            ("identity, gzip;q=0.5", Encoding::Identity),
            ("identity;q=0, gzip;q=0.001", Encoding::Gzip),
            ("gzip;q=x", Encoding::Identity),
        ] {
            assert_eq!(choose(header, &SMALLEST_FIRST), expected, "{header}");
        }
    }
}
