//! `STR_STARTS_WITH`, `STR_ENDS_WITH`, `STR_CONTAINS`.

use std::borrow::Cow;

use super::some_values;
use crate::domain::constraint::Constraint;
use crate::engine::fault::Fault;

/// Where a text is looked for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Place {
    Start,
    End,
    Anywhere,
}

#[derive(PartialEq, Debug)]
pub(super) struct TextTest {
    place: Place,
    /// In lower case when case is ignored.
    needles: Box<[Box<str>]>,
    ignore_case: bool,
}

impl TextTest {
    pub(super) fn compile(place: Place, source: &Constraint) -> Result<Self, Fault> {
        let ignore_case = source.case_insensitive;
        let needle = |value: &String| match ignore_case {
            true => value.to_lowercase().into(),
            false => value.as_str().into(),
        };
        Ok(Self {
            place,
            needles: some_values(source)?.iter().map(needle).collect(),
            ignore_case,
        })
    }

    pub(super) fn holds(&self, text: &str) -> bool {
        if !self.ignore_case {
            return self.any(|needle| self.place.finds(text, needle));
        }
        if text.is_ascii() {
            return self.any(|needle| self.place.finds_ascii(text.as_bytes(), needle.as_bytes()));
        }
        if let Some(lower) = with_final_sigma(text) {
            return self.any(|needle| self.place.finds(&lower, needle));
        }
        self.any(|needle| self.place.finds_lowercase(text, needle))
    }

    fn any(&self, found: impl Fn(&str) -> bool) -> bool {
        self.needles.iter().any(|needle| found(needle))
    }
}

/// `Σ` becomes `σ` or `ς` depending on its neighbours, so a text with one cannot be lowered letter by letter.
/// The only place where a value is copied.
fn with_final_sigma(text: &str) -> Option<Cow<'_, str>> {
    text.contains('Σ').then(|| text.to_lowercase().into())
}

impl Place {
    fn finds(self, text: &str, needle: &str) -> bool {
        match self {
            Self::Start => text.starts_with(needle),
            Self::End => text.ends_with(needle),
            Self::Anywhere => text.contains(needle),
        }
    }

    /// As [`Self::finds`] would in the lower case of an ASCII text.
    fn finds_ascii(self, text: &[u8], needle: &[u8]) -> bool {
        if needle.is_empty() {
            return true;
        }
        let same = |part: &[u8]| part.eq_ignore_ascii_case(needle);
        match self {
            Self::Start => text.get(..needle.len()).is_some_and(same),
            Self::End => {
                text.len() >= needle.len() && {
                    let (_, tail) = text.split_at(text.len() - needle.len());
                    same(tail)
                }
            }
            Self::Anywhere => text.windows(needle.len()).any(same),
        }
    }

    /// As [`Self::finds`] would in the lower case of the text, which is never written down.
    fn finds_lowercase(self, text: &str, needle: &str) -> bool {
        let mut letters = text.chars().flat_map(char::to_lowercase);
        match self {
            Self::Start => starts(letters, needle.chars()),
            Self::End => starts(
                text.chars().rev().flat_map(|c| c.to_lowercase().rev()),
                needle.chars().rev(),
            ),
            Self::Anywhere => loop {
                if starts(letters.clone(), needle.chars()) {
                    return true;
                }
                if letters.next().is_none() {
                    return false;
                }
            },
        }
    }
}

fn starts(mut letters: impl Iterator<Item = char>, needle: impl Iterator<Item = char>) -> bool {
    for wanted in needle {
        if letters.next() != Some(wanted) {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: &[&str] = &[
        "",
        "a",
        "A",
        "Blåbær",
        "BLÅBÆR",
        "ΣΊΣΥΦΟΣ",
        "σίσυφος",
        "İstanbul",
        "i\u{307}",
        "\u{307}s",
        "Straße",
        "STRASSE",
        "K",
        "k",
        "\u{212a}",
        "漢字",
        "🫐",
        "🫐🫐 Bær",
        "bær",
        "ΑΣ",
        "ας",
        "ασ",
        "ß",
    ];

    #[test]
    fn ignoring_case_is_comparing_lower_cases() {
        for text in TEXTS {
            for needle in TEXTS {
                let lower = needle.to_lowercase();
                for place in [Place::Start, Place::End, Place::Anywhere] {
                    let test = TextTest {
                        place,
                        needles: [lower.as_str().into()].into(),
                        ignore_case: true,
                    };
                    assert_eq!(
                        test.holds(text),
                        place.finds(&text.to_lowercase(), &lower),
                        "{text:?} {place:?} {needle:?}"
                    );
                }
            }
        }
    }
}
