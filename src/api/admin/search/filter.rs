//! Which flags are found, and in which order.

use super::super::favorites::Reader;
use super::schema::segments;
use crate::api::extract::Query;
use crate::domain::flag::Flag;
use crate::domain::state::State;

/// Most flags of a page when the caller does not say.
const PAGE: usize = 50;

/// How a value is compared with a list.
#[derive(Debug)]
enum Wanted {
    Any(Vec<String>),
    All(Vec<String>),
    NoneOf(Vec<String>),
}

impl Wanted {
    /// Reads `IS:a`, `IS_ANY_OF:a,b`, `INCLUDE:x` and their opposites. What cannot be read finds everything.
    fn read(text: &str) -> Option<Self> {
        let (operator, list) = text.split_once(':')?;
        let values = list.split(',').map(|value| value.trim().to_owned());
        let values: Vec<String> = values.collect();
        match operator {
            "IS" | "IS_ANY_OF" | "INCLUDE" | "INCLUDE_ANY_OF" => Some(Self::Any(values)),
            "INCLUDE_ALL_OF" => Some(Self::All(values)),
            "IS_NOT" | "IS_NONE_OF" | "DO_NOT_INCLUDE" | "EXCLUDE_ALL" | "EXCLUDE_IF_ANY_OF" => {
                Some(Self::NoneOf(values))
            }
            _ => None,
        }
    }

    fn fits(&self, own: &[String]) -> bool {
        let has = |value: &String| own.contains(value);
        match self {
            Self::Any(values) => values.iter().any(has),
            Self::All(values) => values.iter().all(has),
            Self::NoneOf(values) => !values.iter().any(has),
        }
    }
}

/// Which flags are found.
#[derive(Debug)]
pub(super) struct Filter {
    /// Any of these words, in the name, the description or a tag.
    words: Vec<String>,
    archived: bool,
    project: Option<Wanted>,
    kind: Option<Wanted>,
    state: Option<Wanted>,
    tag: Option<Wanted>,
    segment: Option<Wanted>,
    created_by: Option<Wanted>,
    /// Environments and whether the flag is on there; any of them.
    status: Vec<(String, bool)>,
    sort_by: String,
    descending: bool,
    /// What the reader marked comes first.
    favorites_first: bool,
    pub(super) limit: usize,
    pub(super) offset: usize,
}

impl Filter {
    pub(super) fn read(query: &Query) -> Self {
        let wanted = |name: &str| query.first(name).and_then(Wanted::read);
        let number = |name: &str| query.first(name).and_then(|text| text.parse().ok());
        let words = query.first("query").unwrap_or_default().split(',');
        let words = words.map(|word| word.trim().to_lowercase());
        let status = query.all("status").into_iter().filter_map(|status| {
            let (environment, state) = status.rsplit_once(':')?;
            Some((environment.to_owned(), state == "enabled"))
        });
        Self {
            words: words.filter(|word| !word.is_empty()).collect(),
            archived: query.first("archived") == Some("IS:true"),
            project: wanted("project"),
            kind: wanted("type"),
            state: wanted("state"),
            tag: wanted("tag"),
            segment: wanted("segment"),
            created_by: wanted("createdBy"),
            status: status.collect(),
            sort_by: query.first("sortBy").unwrap_or("createdAt").to_owned(),
            descending: query.first("sortOrder") == Some("desc"),
            favorites_first: query.is_true("favoritesFirst"),
            limit: number("limit").filter(|limit| *limit > 0).unwrap_or(PAGE),
            offset: number("offset").unwrap_or_default(),
        }
    }

    pub(super) fn fits(&self, flag: &Flag, state: &State) -> bool {
        let fits = |wanted: &Option<Wanted>, own: &dyn Fn() -> Vec<String>| {
            wanted.as_ref().is_none_or(|wanted| wanted.fits(&own()))
        };
        flag.is_archived() == self.archived
            && self.mentions(flag)
            && fits(&self.project, &|| vec![flag.project.to_string()])
            && fits(&self.kind, &|| vec![flag.kind.to_string()])
            && fits(&self.created_by, &|| {
                vec![flag.created_by_user_id.to_string()]
            })
            && fits(&self.state, &|| {
                vec![if flag.stale { "stale" } else { "active" }.to_owned()]
            })
            && fits(&self.tag, &|| {
                let tags = flag.tags.iter();
                tags.map(|tag| format!("{}:{}", tag.kind, tag.value))
                    .collect()
            })
            && fits(&self.segment, &|| segments(flag, state))
            && self.has_status(flag, state)
    }

    fn mentions(&self, flag: &Flag) -> bool {
        let has = |word: &String| {
            let tags = flag.tags.iter();
            flag.name.as_str().to_lowercase().contains(word)
                || flag
                    .description
                    .as_ref()
                    .is_some_and(|text| text.to_lowercase().contains(word))
                || tags
                    .map(|tag| format!("{}:{}", tag.kind, tag.value).to_lowercase())
                    .any(|tag| tag.contains(word))
        };
        self.words.is_empty() || self.words.iter().any(has)
    }

    fn has_status(&self, flag: &Flag, state: &State) -> bool {
        let mut environments = state.environments_of(flag).into_iter();
        self.status.is_empty()
            || environments.any(|environment| {
                let own = flag.environments.get(&environment.name);
                self.shows(
                    environment.name.as_str(),
                    own.is_some_and(|own| own.enabled),
                )
            })
    }

    /// Whether an environment of a found flag is shown: asked for a status, the reference shows only those that have
    /// it.
    pub(super) fn shows(&self, environment: &str, enabled: bool) -> bool {
        self.status.is_empty()
            || self
                .status
                .iter()
                .any(|(name, on)| name == environment && *on == enabled)
    }

    pub(super) fn sort(&self, flags: &mut [&Flag], reader: Reader<'_>) {
        match self.sort_by.as_str() {
            "name" => {}
            "type" => flags.sort_by(|a, b| a.kind.cmp(&b.kind)),
            "stale" => flags.sort_by_key(|flag| flag.stale),
            "archivedAt" => flags.sort_by_key(|flag| flag.archived_at),
            _ => flags.sort_by_key(|flag| flag.created_at),
        }
        if self.descending {
            flags.reverse();
        }
        if self.favorites_first {
            flags.sort_by_key(|flag| !reader.likes_flag(flag));
        }
    }
}
