//! `IN`, `NOT_IN` and the lists of strategies: membership of a text in a list.

use std::collections::HashSet;

/// Up to this many texts are compared one by one: cheaper than hashing the question.
const FEW: usize = 8;

/// Texts to be found quickly.
#[derive(PartialEq, Debug)]
pub(in crate::engine) enum TextSet {
    Few(Box<[Box<str>]>),
    Many(HashSet<Box<str>>),
}

impl TextSet {
    pub(in crate::engine) fn new<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Self {
        let texts: Vec<Box<str>> = texts.into_iter().map(|it| it.as_ref().into()).collect();
        if texts.len() <= FEW {
            return Self::Few(texts.into());
        }
        Self::Many(texts.into_iter().collect())
    }

    pub(in crate::engine) fn contains(&self, text: &str) -> bool {
        match self {
            Self::Few(texts) => texts.iter().any(|known| **known == *text),
            Self::Many(texts) => texts.contains(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_any_length_find_their_texts_and_no_others() {
        for length in [0, 1, FEW, FEW + 1, 1000] {
            let set = TextSet::new((0..length).map(|n| format!("ø{n}")));
            assert!((0..length).all(|n| set.contains(&format!("ø{n}"))));
            assert!(!set.contains("ø"));
            assert!(!set.contains(&format!("ø{length}")));
        }
    }
}
