//! `REGEX`: a search with a regular expression that takes linear time.

use regex::{Regex, RegexBuilder};

use crate::domain::constraint::Constraint;

/// Largest compiled pattern in bytes. The same as in the SDKs, so that they and we accept the same patterns.
const SIZE_LIMIT: usize = 10 << 20;

/// A pattern, or nothing when it is not valid: that matches nothing.
#[derive(Debug)]
pub(super) struct PatternTest {
    regex: Option<Regex>,
    ignore_case: bool,
}

impl PartialEq for PatternTest {
    fn eq(&self, other: &Self) -> bool {
        let text = |it: &Self| it.regex.as_ref().map(|regex| regex.as_str().to_owned());
        self.ignore_case == other.ignore_case && text(self) == text(other)
    }
}

impl PatternTest {
    pub(super) fn compile(source: &Constraint) -> Self {
        let pattern = source.value.as_deref().unwrap_or_default();
        Self {
            regex: RegexBuilder::new(pattern)
                .case_insensitive(source.case_insensitive)
                .size_limit(SIZE_LIMIT)
                .build()
                .ok(),
            ignore_case: source.case_insensitive,
        }
    }

    pub(super) fn holds(&self, text: &str) -> bool {
        self.regex
            .as_ref()
            .is_some_and(|regex| regex.is_match(text))
    }
}
