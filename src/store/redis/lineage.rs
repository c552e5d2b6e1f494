//! Which history the store holds, and whether it is the one this node serves.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::fault::{Fault, decode};
use super::keys::meta;
use crate::domain::names::Revision;
use crate::store::{Condition, StoreError};

/// The layout this version writes. It reads every layout up to this one.
pub(super) const FORMAT: u64 = 1;

/// The fields of the meta hash, in the order [`Head::read`] takes them.
pub(super) const FIELDS: [&str; 6] = [
    meta::FORMAT,
    meta::LINEAGE,
    meta::FOREBEARS,
    meta::REVISION,
    meta::FILLING,
    meta::MARK,
];

/// The values of [`FIELDS`].
pub(super) type RawHead = Vec<Option<Vec<u8>>>;

/// What the store says about itself.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Head {
    /// None before the first commit.
    pub(super) lineage: Option<String>,
    pub(super) forebears: Vec<String>,
    pub(super) revision: Revision,
    /// Of that revision. None when it is not known.
    pub(super) mark: Option<String>,
}

impl Head {
    pub(super) fn read(raw: &RawHead, place: &str) -> Result<Self, Fault> {
        let [format, lineage, forebears, revision, filling, mark] = raw.as_slice() else {
            return Ok(Self::default());
        };
        if filling.is_some() {
            return Err(Fault::Store(StoreError::Incomplete {
                place: place.to_owned(),
            }));
        }
        let (Some(format), Some(lineage)) = (format, lineage) else {
            return Ok(Self::default());
        };
        let found = decode("the format", format)?;
        if found > FORMAT {
            return Err(Fault::Store(StoreError::NewerFormat {
                place: place.to_owned(),
                found,
                known: FORMAT,
            }));
        }
        let forebears = forebears
            .as_deref()
            .map(|json| decode("the lineages", json));
        let revision = revision.as_deref().map(|json| decode("the revision", json));
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        Ok(Self {
            lineage: Some(text(lineage)),
            forebears: forebears.transpose()?.unwrap_or_default(),
            revision: revision.transpose()?.unwrap_or_default(),
            mark: mark.as_ref().map(text),
        })
    }
}

/// What this node knows of the history it serves.
#[derive(Debug)]
pub(super) struct Known {
    head: Mutex<Head>,
    revision: watch::Sender<Revision>,
    condition: watch::Sender<Condition>,
    /// The lineage of what was loaded as a whole. Changes of another one do not belong on top of it.
    loaded: Mutex<Option<String>>,
    /// Whether the store was being filled when it was last looked at.
    incomplete: AtomicBool,
}

impl Known {
    pub(super) fn new() -> Self {
        Self {
            head: Mutex::default(),
            revision: watch::Sender::new(Revision::EMPTY),
            condition: watch::Sender::new(Condition::Good),
            loaded: Mutex::default(),
            incomplete: AtomicBool::new(false),
        }
    }

    /// Everything was loaded from this lineage.
    pub(super) fn set_loaded(&self, lineage: Option<String>) {
        *self.loaded.lock().unwrap_or_else(PoisonError::into_inner) = lineage;
    }

    /// Whether changes of this lineage go on from what was loaded. An empty store has none until the first commit.
    pub(super) fn goes_on(&self, lineage: Option<&String>) -> bool {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if loaded.is_none() {
            *loaded = lineage.cloned();
        }
        loaded.as_ref() == lineage
    }

    pub(super) fn is_incomplete(&self) -> bool {
        self.incomplete.load(Ordering::Acquire)
    }

    pub(super) fn set_incomplete(&self, incomplete: bool) {
        self.incomplete.store(incomplete, Ordering::Release);
    }

    /// What is served: from here on an older revision is a loss.
    pub(super) fn remember(
        &self,
        lineage: Option<String>,
        revision: Revision,
        mark: Option<String>,
    ) {
        self.set_loaded(lineage.clone());
        let mut head = self.head();
        head.lineage = lineage;
        head.revision = revision;
        head.mark = mark;
        drop(head);
        self.tell(revision);
    }

    pub(super) fn lineage(&self) -> Option<String> {
        self.head().lineage.clone()
    }

    pub(super) fn revision(&self) -> Revision {
        self.head().revision
    }

    /// What is known now: take it before the store is asked, for [`Self::observe`].
    pub(super) fn before(&self) -> Head {
        self.head().clone()
    }

    /// The mark of a revision, if that is the newest one.
    pub(super) fn mark_of(&self, revision: Revision) -> Option<String> {
        let head = self.head();
        head.mark.clone().filter(|_| head.revision == revision)
    }

    /// Compares what the store says with what was known when it was asked: a commit may be faster than an answer.
    ///
    /// `witness` is the mark that the store has for the revision that was known, if it still has it. Whoever is further
    /// behind has to load everything, so that no two histories are mixed.
    ///
    /// # Errors
    /// [`StoreError::Diverged`]: what this node serves is not, or is no longer, in the store.
    pub(super) fn observe(
        &self,
        before: &Head,
        found: &Head,
        witness: Option<&str>,
    ) -> Result<(), StoreError> {
        if let Some(what) = difference(before, found, witness) {
            self.set(Condition::Diverged(what.clone()));
            return Err(StoreError::Diverged { what });
        }
        let mut head = self.head();
        if found.revision > head.revision || head.lineage.is_none() {
            *head = found.clone();
        }
        drop(head);
        self.set(Condition::Good);
        self.tell(found.revision);
        Ok(())
    }

    /// A commit of this node led to `revision`.
    pub(super) fn advance(&self, lineage: &str, revision: Revision, mark: &str) {
        let mut head = self.head();
        head.lineage.get_or_insert_with(|| lineage.to_owned());
        if revision > head.revision {
            head.revision = revision;
            head.mark = Some(mark.to_owned());
        }
        drop(head);
        self.tell(revision);
    }

    /// An operator ended a divergence. The revision is told by the feed once it is seen in the store.
    pub(super) fn settle(&self, lineage: &str, revision: Revision) {
        let mut head = self.head();
        head.lineage = Some(lineage.to_owned());
        head.revision = revision;
        head.mark = Some(lineage.to_owned());
        drop(head);
        self.set(Condition::Good);
        self.tell(revision);
    }

    /// The store does not answer. That it diverged is still true then.
    pub(super) fn lost(&self, why: &StoreError) {
        let what = full(why);
        let mut is_new = false;
        let _ = self.condition.send_if_modified(|now| match now {
            Condition::Diverged(_) => false,
            Condition::Away(known) if *known == what => false,
            _ => {
                is_new = matches!(now, Condition::Good);
                *now = Condition::Away(what);
                true
            }
        });
        if is_new {
            tracing::warn!(
                error = why as &dyn std::error::Error,
                "the store cannot be reached: flags are served as they last were, changes are refused"
            );
        }
    }

    pub(super) fn condition(&self) -> watch::Receiver<Condition> {
        self.condition.subscribe()
    }

    pub(super) fn feed(&self) -> watch::Receiver<Revision> {
        self.revision.subscribe()
    }

    fn set(&self, condition: Condition) {
        let changed = self.condition.send_if_modified(|now| {
            let differs = *now != condition;
            if differs {
                now.clone_from(&condition);
            }
            differs
        });
        match condition {
            Condition::Diverged(what) if changed => {
                tracing::error!("{}", StoreError::Diverged { what });
            }
            Condition::Good if changed => {
                tracing::info!("the store is back, and holds what is served")
            }
            _ => {}
        }
    }

    fn tell(&self, revision: Revision) {
        let _ = self.revision.send_if_modified(|now| {
            let newer = revision > *now;
            if newer {
                *now = revision;
            }
            newer
        });
    }

    fn head(&self) -> MutexGuard<'_, Head> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The error with its causes, on one line.
fn full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn difference(known: &Head, found: &Head, witness: Option<&str>) -> Option<String> {
    let mine = known.lineage.as_ref()?;
    let Some(theirs) = &found.lineage else {
        return Some(format!(
            "it is empty, and revision {} is served",
            known.revision
        ));
    };
    if mine != theirs && !found.forebears.contains(mine) {
        return Some("it holds the flags of another instance".into());
    }
    if found.revision < known.revision {
        return Some(format!(
            "it went back to revision {}, and revision {} is served",
            found.revision, known.revision
        ));
    }
    let there = if found.revision == known.revision {
        found.mark.as_deref()
    } else {
        witness
    };
    // It went back, and others have written since.
    let (mine, there) = (known.mark.as_deref()?, there?);
    (known.lineage == found.lineage && mine != there).then(|| {
        format!(
            "another change than the one that is served led it to revision {}",
            known.revision
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(lineage: &str, forebears: &[&str], revision: u64) -> Head {
        Head {
            lineage: Some(lineage.into()).filter(|it: &String| !it.is_empty()),
            forebears: forebears.iter().map(|&it| it.to_owned()).collect(),
            revision: Revision(revision),
            mark: Some(format!("mark-{revision}")),
        }
    }

    #[test]
    fn a_history_goes_on_or_is_another_one() {
        let known = head("a", &[], 5);
        let same = |found| difference(&known, &found, Some("mark-5")).is_none();
        assert!(same(head("a", &[], 5)));
        assert!(same(head("a", &[], 9)));
        assert!(same(head("b", &["x", "a"], 5)));
        assert!(!same(head("a", &[], 4)));
        assert!(!same(head("b", &["x"], 9)));
        assert!(!same(head("b", &["a"], 4)));
        assert!(!same(head("", &[], 0)));
        assert_eq!(
            difference(&head("", &[], 0), &head("a", &[], 3), None),
            None
        );
    }

    #[test]
    fn changes_of_another_lineage_go_on_from_nothing_but_a_load() {
        let known = Known::new();
        let [a, b] = ["a", "b"].map(String::from);
        known.set_loaded(None);
        assert!(known.goes_on(None));
        assert!(known.goes_on(Some(&a)), "the first commit");
        assert!(!known.goes_on(Some(&b)));
        assert!(!known.goes_on(None));
        known.set_loaded(Some(b.clone()));
        assert!(known.goes_on(Some(&b)) && !known.goes_on(Some(&a)));
    }

    #[test]
    fn the_same_number_may_be_another_change() {
        let known = head("a", &[], 5);
        let same = |found: &Head, witness| difference(&known, found, witness).is_none();
        let other = Head {
            mark: Some("other".into()),
            ..head("a", &[], 5)
        };
        assert!(!same(&other, None));
        assert!(!same(&head("a", &[], 9), Some("other")));
        assert!(same(&head("a", &[], 2000), None), "it is no longer kept");
        assert!(same(&head("b", &["a"], 9), Some("other")), "it was decided");
        let unmarked = Head {
            mark: None,
            ..known.clone()
        };
        assert_eq!(difference(&unmarked, &other, None), None);
    }

    #[test]
    fn an_answer_that_a_commit_overtook_is_no_loss() {
        let known = Known::new();
        known
            .observe(&known.before(), &head("a", &[], 5), None)
            .unwrap();
        let before = known.before();
        known.advance("a", Revision(6), "mark-6");
        known.observe(&before, &head("a", &[], 5), None).unwrap();
        assert_eq!(known.revision(), Revision(6));
        assert!(
            known
                .observe(&known.before(), &head("a", &[], 5), None)
                .is_err()
        );
    }

    #[test]
    fn what_diverged_is_good_again_when_the_store_is() {
        let known = Known::new();
        let see = |found| known.observe(&known.before(), &found, None);
        see(head("a", &[], 5)).unwrap();
        assert!(see(head("a", &[], 3)).is_err());
        known.lost(&StoreError::unavailable("it is away"));
        assert!(matches!(
            *known.condition().borrow(),
            Condition::Diverged(_)
        ));
        assert_eq!(known.revision(), Revision(5));
        see(head("a", &[], 6)).unwrap();
        assert_eq!(*known.condition().borrow(), Condition::Good);
        assert_eq!(*known.feed().borrow(), Revision(6));
    }
}
