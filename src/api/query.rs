//! Query strings, borrowed from the request where nothing has to be decoded.

use std::borrow::Cow;

/// Pairs beyond this many are ignored, as the reference does.
const MOST_PAIRS: usize = 1000;

/// The names and values of a query string, in order.
pub(super) fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .take(MOST_PAIRS)
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
}

/// The part of `name` in front of brackets, and what is between them: `project[]` is `project` and an empty text.
pub(super) fn brackets(name: &str) -> (&str, Option<&str>) {
    match name.split_once('[') {
        Some((outer, inner)) if !outer.is_empty() => match inner.strip_suffix(']') {
            Some(inner) => (outer, Some(inner)),
            None => (name, None),
        },
        _ => (name, None),
    }
}

/// Decodes `%41` and `+`. Text that would not be UTF-8 stays as it is.
fn decode(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high * 16 + low);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

fn digit(byte: u8) -> Option<u8> {
    let digit = char::from(byte).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_only_where_needed() {
        let query = "a=1&b%5Bc%5D=x+y&&d&e=%zz&f=%ff&g=%C3%B8";
        let found: Vec<_> = pairs(query).collect();
        let expected = [
            ("a", "1"),
            ("b[c]", "x y"),
            ("d", ""),
            ("e", "%zz"),
            ("f", "%ff"),
            ("g", "ø"),
        ];
        assert_eq!(found.len(), expected.len());
        for ((name, value), wanted) in found.iter().zip(expected) {
            assert_eq!((&**name, &**value), wanted);
        }
        assert!(matches!(found[0], (Cow::Borrowed(_), Cow::Borrowed(_))));
    }

    #[test]
    fn brackets_are_taken_apart() {
        assert_eq!(brackets("project"), ("project", None));
        assert_eq!(brackets("project[]"), ("project", Some("")));
        assert_eq!(brackets("properties[a.b]"), ("properties", Some("a.b")));
        assert_eq!(brackets("[a]"), ("[a]", None));
        assert_eq!(brackets("a[b"), ("a[b", None));
    }
}
