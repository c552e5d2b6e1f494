//! What the page on Redis says about a user of its own.

const PAGE: &str = include_str!("../../docs/redis.md");

/// The rules of that user, without name and password.
pub(crate) fn rules() -> &'static str {
    let mut lines = PAGE.lines();
    let line = lines.find(|line| line.starts_with("user burgee on "));
    let (_, rules) = line.unwrap().split_once(">password ").unwrap();
    rules
}

/// The rules after these words: what is needed beyond that.
pub(crate) fn beyond(words: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(words).unwrap();
    let (_, rest) = rest.split_once('`').unwrap();
    rest.split_once('`').unwrap().0
}
