//! What an addon has been told already.

use std::collections::BTreeSet;

use crate::domain::delivery::{DELIVERIES_KEPT, Delivery};
use crate::domain::names::Revision;

/// The events with a delivery that is noted, or was before so many others were.
#[derive(Default, Debug)]
pub(super) struct Told {
    noted: BTreeSet<Revision>,
    full: bool,
}

impl Told {
    pub(super) fn by(deliveries: &[Delivery]) -> Self {
        Self {
            noted: deliveries.iter().map(|it| it.event.id).collect(),
            full: deliveries.len() >= DELIVERIES_KEPT,
        }
    }

    /// All events up to this one have been told, or it is not known.
    pub(super) fn all_up_to(&self) -> Revision {
        let oldest = self.noted.first().filter(|_| self.full);
        oldest.copied().unwrap_or_default()
    }

    pub(super) fn contains(&self, event: Revision) -> bool {
        self.noted.contains(&event) || event <= self.all_up_to()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(events: impl IntoIterator<Item = u64>, full: bool) -> Told {
        Told {
            noted: events.into_iter().map(Revision).collect(),
            full,
        }
    }

    #[test]
    fn a_gap_is_what_nobody_told() {
        let few = told([3, 5, 6], false);
        assert_eq!(few.all_up_to(), Revision::EMPTY);
        let known: Vec<u64> = (1..8).filter(|it| few.contains(Revision(*it))).collect();
        assert_eq!(known, [3, 5, 6]);
        let many = told([3, 5, 6], true);
        assert_eq!(many.all_up_to(), Revision(3));
        let known: Vec<u64> = (1..8).filter(|it| many.contains(Revision(*it))).collect();
        assert_eq!(known, [1, 2, 3, 5, 6]);
        assert!(!Told::default().contains(Revision(1)));
    }
}
