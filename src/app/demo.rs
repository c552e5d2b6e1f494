//! The demo: a new store filled with example flags and known tokens.

/// What the greeting says about the demo.
pub(super) fn introduction(url: &str) -> String {
    format!("demo at {url}")
}
