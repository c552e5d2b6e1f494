//! Writing JSON ahead of time: the pieces of a toggle of `/api/frontend` (contract CLIENT-API §9.1).

use std::fmt::Write;

use crate::domain::variant::Payload;

/// Appends `text` as a JSON string, escaped as `serde_json` does.
pub(super) fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            control if control < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// `{"name":"x","enabled":true,"variant":`
pub(super) fn toggle_head(name: &str, enabled: bool) -> String {
    let mut out = String::from("{\"name\":");
    push_text(&mut out, name);
    let _ = write!(out, ",\"enabled\":{enabled},\"variant\":");
    out
}

/// `{…},"impressionData":false}` with a variant.
pub(super) fn toggle_tail(name: &str, payload: Option<&Payload>, impression_data: bool) -> String {
    let mut out = String::from("{\"name\":");
    push_text(&mut out, name);
    if let Some(payload) = payload {
        out.push_str(",\"payload\":{\"type\":");
        push_text(&mut out, &payload.kind);
        out.push_str(",\"value\":");
        push_text(&mut out, &payload.value);
        out.push('}');
    }
    push_end(&mut out, true, true, impression_data);
    out
}

/// The same with the variant of flags that are off or have none.
pub(super) fn toggle_tail_without_variant(enabled: bool, impression_data: bool) -> String {
    let mut out = String::from("{\"name\":\"disabled\"");
    push_end(&mut out, false, enabled, impression_data);
    out
}

/// Both spellings: SDKs of different ages read one or the other.
fn push_end(out: &mut String, variant_enabled: bool, enabled: bool, impression_data: bool) {
    let _ = write!(
        out,
        ",\"enabled\":{variant_enabled},\"feature_enabled\":{enabled},\"featureEnabled\":{enabled}}},\
         \"impressionData\":{impression_data}}}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_as_serde_json_does() {
        let all: String = (0..0x300).filter_map(char::from_u32).collect();
        for text in ["", "plain", "a\"b\\c/d", "🫐\u{2028}\u{7f}", all.as_str()] {
            let mut out = String::new();
            push_text(&mut out, text);
            assert_eq!(out, serde_json::to_string(text).unwrap());
        }
    }
}
