//! What a poll may ask for beside what its token decides.

use crate::domain::api_token::TokenProjects;
use crate::domain::flag::Flag;
use crate::wire::client_features::{ClientFeaturesQuery, SegmentMode};

/// Filters of a poll (contract CLIENT-API §2.1). The default asks for everything.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Filter {
    /// Names begin like this. `_` stands for any character and `%` for any text, as in the reference's database.
    pub name_prefix: Option<String>,
    /// In one of these projects; empty is any.
    pub projects: Vec<String>,
    /// With one of these tags, each a kind and a value; empty is any.
    pub tags: Vec<(String, String)>,
}

impl Filter {
    /// Whether everything is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn wants(&self, flag: &Flag) -> bool {
        let named = |prefix: &String| matches(prefix.as_bytes(), flag.name.as_str().as_bytes());
        let tagged = |(kind, value): &(String, String)| {
            let mut tags = flag.tags.iter();
            tags.any(|tag| tag.kind.as_str() == kind && tag.value == *value)
        };
        self.name_prefix.as_ref().is_none_or(named)
            && (self.projects.is_empty() || self.projects.iter().any(|id| flag.project == **id))
            && (self.tags.is_empty() || self.tags.iter().any(tagged))
    }
}

/// What decides the content of a view, within one environment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Selection {
    pub(super) environment: Option<String>,
    pub(super) projects: TokenProjects,
    pub(super) mode: SegmentMode,
    pub(super) filter: Filter,
}

impl Selection {
    pub(super) fn wants(&self, flag: &Flag) -> bool {
        self.projects.contains(flag.project.as_str()) && self.filter.wants(flag)
    }

    /// The selection as an answer repeats it.
    pub(super) fn wire(&self) -> ClientFeaturesQuery<'_> {
        let filter = &self.filter;
        let project: Vec<&str> = match &self.projects {
            TokenProjects::All => filter.projects.iter().map(String::as_str).collect(),
            TokenProjects::Only(projects) => projects.iter().map(AsRef::as_ref).collect(),
        };
        let tag: Vec<[&str; 2]> = filter
            .tags
            .iter()
            .map(|(kind, value)| [kind.as_str(), value.as_str()])
            .collect();
        ClientFeaturesQuery {
            name_prefix: filter.name_prefix.as_deref(),
            project: (!project.is_empty()).then_some(project),
            tag: (!tag.is_empty()).then_some(tag),
            environment: self.environment.as_deref(),
            inline_segment_constraints: self.mode == SegmentMode::Inlined,
        }
    }
}

/// Whether `text` begins like `pattern`, with the two wildcards of SQL. Names are ASCII.
///
/// The earliest fit of each piece between `%` is the best one, so nothing is tried twice.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let mut pieces = pattern.split(|letter| *letter == b'%');
    let mut rest = match pieces.next().map(|first| after(first, text)) {
        None => text,
        Some(Some(rest)) => rest,
        Some(None) => return false,
    };
    for piece in pieces {
        let found = (0..=rest.len()).find_map(|skip| after(piece, rest.get(skip..)?));
        let Some(found) = found else {
            return false;
        };
        rest = found;
    }
    true
}

/// What follows `piece` in `text`, if `text` begins with it.
fn after<'t>(piece: &[u8], text: &'t [u8]) -> Option<&'t [u8]> {
    let (head, rest) = text.split_at_checked(piece.len())?;
    let mut letters = piece.iter().zip(head);
    letters
        .all(|(wanted, found)| *wanted == b'_' || wanted == found)
        .then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_prefix_may_hold_the_wildcards_of_sql() {
        for (pattern, text, expected) in [
            ("", "a", true),
            ("ctr-0", "ctr-01", true),
            ("ctr_01", "ctr-01-x", true),
            ("ctr_02", "ctr-01-x", false),
            ("%x", "ctr-01-x-y", true),
            ("%z", "ctr-01-x-y", false),
            ("ctr-01-longer", "ctr-01", false),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), text.as_bytes()),
                expected,
                "{pattern}"
            );
        }
    }
}
