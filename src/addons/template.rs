//! Templates of bodies, as Mustache has them: values, raw values, sections, inverted sections and comments.
//!
//! `{{a.b}}` is written so that it fits between the quotation marks of a JSON text, `{{{a.b}}}` and `{{&a.b}}` as it
//! is. A section is written once for each item of a list, once for any other value that is not false, null or empty.

use serde_json::Value;
use thiserror::Error;

/// A template that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Flaw {
    /// A tag has no end.
    #[error("a tag that is opened with {{{{ is not closed")]
    OpenTag,
    /// A section has no end.
    #[error("the section {0:?} is not closed")]
    OpenSection(String),
    /// A section ends that has not begun.
    #[error("the section {0:?} is closed and not open")]
    NotOpen(String),
}

#[derive(Debug)]
enum Part<'t> {
    Text(&'t str),
    Value {
        path: &'t str,
        raw: bool,
    },
    Section {
        path: &'t str,
        inverted: bool,
        parts: Vec<Part<'t>>,
    },
}

enum Tag<'t> {
    Value { path: &'t str, raw: bool },
    Begin { path: &'t str, inverted: bool },
    End(&'t str),
    Comment,
}

/// Checks that a template can be read.
///
/// # Errors
/// What is wrong with it.
pub fn check(template: &str) -> Result<(), Flaw> {
    parse(template).map(|_| ())
}

/// Writes a template with the values of `data`.
pub(super) fn render(template: &str, data: &Value) -> Result<String, Flaw> {
    let parts = parse(template)?;
    let mut out = String::new();
    write_parts(&parts, &mut vec![data], &mut out);
    Ok(out)
}

fn parse(template: &str) -> Result<Vec<Part<'_>>, Flaw> {
    let mut rest = template;
    // The innermost open section is last; the first entry is the template itself.
    let mut open: Vec<(&str, bool, Vec<Part<'_>>)> = vec![("", false, Vec::new())];
    while let Some((before, after)) = rest.split_once("{{") {
        let (tag, after) = tag(after)?;
        if let Some((_, _, parts)) = open.last_mut() {
            parts.push(Part::Text(before));
            if let Tag::Value { path, raw } = tag {
                parts.push(Part::Value { path, raw });
            }
        }
        match tag {
            Tag::Begin { path, inverted } => open.push((path, inverted, Vec::new())),
            Tag::End(path) => close(&mut open, path)?,
            Tag::Value { .. } | Tag::Comment => {}
        }
        rest = after;
    }
    match open.pop() {
        Some((_, _, mut parts)) if open.is_empty() => {
            parts.push(Part::Text(rest));
            Ok(parts)
        }
        Some((path, ..)) => Err(Flaw::OpenSection(path.into())),
        None => Ok(Vec::new()),
    }
}

fn close<'t>(open: &mut Vec<(&'t str, bool, Vec<Part<'t>>)>, path: &'t str) -> Result<(), Flaw> {
    match open.pop() {
        Some((opened, inverted, parts)) if opened == path && !open.is_empty() => {
            if let Some((_, _, outer)) = open.last_mut() {
                outer.push(Part::Section {
                    path,
                    inverted,
                    parts,
                });
            }
            Ok(())
        }
        _ => Err(Flaw::NotOpen(path.into())),
    }
}

/// The tag that begins after `{{`, and what follows it.
fn tag(text: &str) -> Result<(Tag<'_>, &str), Flaw> {
    if let Some(text) = text.strip_prefix('{') {
        let (path, after) = text.split_once("}}}").ok_or(Flaw::OpenTag)?;
        let path = path.trim();
        return Ok((Tag::Value { path, raw: true }, after));
    }
    let (inside, after) = text.split_once("}}").ok_or(Flaw::OpenTag)?;
    let inside = inside.trim();
    let mut letters = inside.chars();
    let kind = letters.next();
    let path = letters.as_str().trim();
    let tag = match kind {
        Some('#') => Tag::Begin {
            path,
            inverted: false,
        },
        Some('^') => Tag::Begin {
            path,
            inverted: true,
        },
        Some('/') => Tag::End(path),
        Some('&') => Tag::Value { path, raw: true },
        Some('!') => Tag::Comment,
        _ => Tag::Value {
            path: inside,
            raw: false,
        },
    };
    Ok((tag, after))
}

fn write_parts(parts: &[Part<'_>], scopes: &mut Vec<&Value>, out: &mut String) {
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Value { path, raw } => {
                let text = find(path, scopes).map(text_of).unwrap_or_default();
                out.push_str(&if *raw { text } else { inside_json(&text) });
            }
            Part::Section {
                path,
                inverted,
                parts,
            } => {
                write_section((path, *inverted), parts, scopes, out);
            }
        }
    }
}

fn write_section(
    (path, inverted): (&str, bool),
    parts: &[Part<'_>],
    scopes: &mut Vec<&Value>,
    out: &mut String,
) {
    let value = find(path, scopes).filter(|value| holds(value));
    match (value, inverted) {
        (None, true) => write_parts(parts, scopes, out),
        (Some(Value::Array(items)), false) => {
            for item in items {
                scopes.push(item);
                write_parts(parts, scopes, out);
                scopes.pop();
            }
        }
        (Some(value), false) => {
            scopes.push(value);
            write_parts(parts, scopes, out);
            scopes.pop();
        }
        (None, false) | (Some(_), true) => {}
    }
}

/// The value of a path: its first name is looked for from the innermost scope outwards.
fn find<'v>(path: &str, scopes: &[&'v Value]) -> Option<&'v Value> {
    if path == "." {
        return scopes.last().copied();
    }
    let mut names = path.split('.');
    let first = names.next()?;
    let start = scopes.iter().rev().find_map(|scope| scope.get(first))?;
    names.try_fold(start, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        other => other.get(name),
    })
}

fn holds(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::Object(_) => true,
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The text between the quotation marks of its JSON.
fn inside_json(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    let inner = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rendered(template: &str) -> String {
        let data = json!({
            "event": {"type": "feature-created", "data": {"name": "a\"b", "n": 1}, "no": null, "list": [{"v": 1}, {"v": 2}]},
            "text": "x/y",
        });
        render(template, &data).unwrap()
    }

    #[test]
    fn values_are_written() {
        assert_eq!(
            rendered("{{event.type}}|{{ event.data.n }}|{{event.nope.x}}|{{text}}"),
            "feature-created|1||x/y"
        );
        assert_eq!(
            rendered("{{event.data.name}} {{{event.data.name}}} {{&event.data.name}}"),
            "a\\\"b a\"b a\"b"
        );
        assert_eq!(rendered("{{{event.list}}}"), r#"[{"v":1},{"v":2}]"#);
        assert_eq!(rendered("{\"a\": {}} }} {{! gone }}."), "{\"a\": {}} }} .");
        assert_eq!(rendered("{{event.list.1.v}}"), "2");
    }

    #[test]
    fn sections_are_written_as_often_as_they_hold() {
        assert_eq!(
            rendered("{{#event.list}}<{{v}}{{text}}>{{/event.list}}"),
            "<1x/y><2x/y>"
        );
        assert_eq!(
            rendered("{{#event.no}}a{{/event.no}}{{^event.no}}b{{/event.no}}"),
            "b"
        );
        assert_eq!(
            rendered("{{#event}}{{#data}}{{n}}{{/data}}{{/event}}{{^text}}c{{/text}}"),
            "1"
        );
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert_eq!(check("{{#a}}"), Err(Flaw::OpenSection("a".into())));
        assert_eq!(check("{{#a}}{{/b}}"), Err(Flaw::NotOpen("b".into())));
        assert_eq!(check("{{/a}}"), Err(Flaw::NotOpen("a".into())));
        assert_eq!(check("{{a"), Err(Flaw::OpenTag));
        assert_eq!(check("{{{a}}"), Err(Flaw::OpenTag));
        assert_eq!(check("plain } text"), Ok(()));
    }
}
