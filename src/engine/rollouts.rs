//! Rollouts that stick to the user: asked about all at once, so that the processor hashes several side by side.

use super::bucket::{Group, Id, LANES};

/// Groups and percentages of rollouts, those together whose groups leave the same number of bytes over.
///
/// Rollout 0 is no rollout: it holds for everyone, so that who needs none has nothing to tell apart.
#[derive(Default, Debug)]
pub(super) struct Rollouts {
    groups: Box<[Group]>,
    percents: Box<[u32]>,
}

impl Rollouts {
    /// Takes groups and percentages. Also returns where each one is now.
    pub(super) fn new(given: &[(Group, u32)]) -> (Self, Vec<u32>) {
        let mut order: Vec<usize> = (0..given.len()).collect();
        order.sort_by_key(|at| given.get(*at).map(|(group, _)| group.pending()));
        let mut places = vec![0; given.len()];
        let sorted = order.iter().enumerate().filter_map(|(place, at)| {
            // After the one that is none.
            *places.get_mut(*at)? = u32::try_from(place + 1).unwrap_or(u32::MAX);
            given.get(*at).copied()
        });
        let none = [(Group::of_rollout(""), 100)];
        let (groups, percents): (Vec<_>, Vec<_>) = none.into_iter().chain(sorted).unzip();
        let rollouts = Self {
            groups: groups.into(),
            percents: percents.into(),
        };
        (rollouts, places)
    }

    /// The percentage of one.
    pub(super) fn percent(&self, at: u32) -> u32 {
        self.percents.get(at as usize).copied().unwrap_or_default()
    }

    /// Whether one holds for that user.
    pub(super) fn holds(&self, at: u32, id: &Id<'_>) -> bool {
        let group = self.groups.get(at as usize);
        group.is_some_and(|group| group.percentile_of(id) <= self.percent(at))
    }

    /// Whether they hold for that user, each in its place.
    pub(super) fn all_hold(&self, id: &Id<'_>, out: &mut Vec<bool>) {
        out.clear();
        let mut groups = self.groups.as_ref();
        let mut percents = self.percents.as_ref();
        while let Some((lanes, rest)) = groups.split_first_chunk::<LANES>()
            && let Some((limits, percents_rest)) = percents.split_first_chunk::<LANES>()
        {
            let buckets = Group::percentiles_of(lanes, id);
            let holds = |(bucket, limit)| bucket <= limit;
            out.extend(buckets.iter().zip(limits).map(holds));
            (groups, percents) = (rest, percents_rest);
        }
        let rest = groups.iter().zip(percents);
        out.extend(rest.map(|(group, percent)| group.percentile_of(id) <= *percent));
    }
}
