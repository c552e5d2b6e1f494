//! The segments of an instance as they are read.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::flag::segments_of;
use crate::domain::flag::Flag;
use crate::domain::names::SegmentId;
use crate::domain::segment::Segment;
use crate::domain::state::{Shared, State};
use crate::engine::CompiledSegments;
use crate::wire::client_features::ClientSegment;

/// All segments, compiled, and the JSON list of those that some strategy of the instance names.
///
/// The reference serves that list to everybody, whatever flags a view has. An SDK lacking a segment switches flags
/// off, one too many does no harm.
#[derive(Debug)]
pub(super) struct ServedSegments {
    all: Shared<SegmentId, Segment>,
    compiled: CompiledSegments,
    /// How many flags name a segment.
    uses: BTreeMap<SegmentId, usize>,
    json: Bytes,
}

impl ServedSegments {
    pub(super) fn new(state: &State) -> Self {
        let mut uses = BTreeMap::new();
        for flag in state.flags.values().filter(|flag| !flag.is_archived()) {
            add(&mut uses, flag);
        }
        Self::with_uses(state, uses)
    }

    /// After a change in which some flags changed from what they were to what they are.
    pub(super) fn next<'f>(
        &self,
        state: &State,
        changed: impl Iterator<Item = (Option<&'f Flag>, Option<&'f Flag>)>,
    ) -> Option<Self> {
        let mut uses = self.uses.clone();
        for (before, after) in changed {
            before.into_iter().for_each(|flag| remove(&mut uses, flag));
            after.into_iter().for_each(|flag| add(&mut uses, flag));
        }
        let same = Arc::ptr_eq(&self.all, &state.segments) && uses.keys().eq(self.uses.keys());
        if same && uses == self.uses {
            return None;
        }
        if same {
            return Some(Self {
                all: Arc::clone(&self.all),
                compiled: self.compiled.clone(),
                uses,
                json: self.json.clone(),
            });
        }
        Some(Self::with_uses(state, uses))
    }

    fn with_uses(state: &State, uses: BTreeMap<SegmentId, usize>) -> Self {
        let mut used: Vec<&Segment> = uses
            .keys()
            .filter_map(|id| state.segments.get(id).map(AsRef::as_ref))
            .collect();
        used.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        let list: Vec<ClientSegment<'_>> = used.into_iter().map(Into::into).collect();
        Self {
            all: Arc::clone(&state.segments),
            compiled: CompiledSegments::new(state.segments.values().map(AsRef::as_ref)),
            uses,
            json: serde_json::to_vec(&list).unwrap_or_default().into(),
        }
    }

    pub(super) fn get(&self, id: SegmentId) -> Option<&Segment> {
        self.all.get(&id).map(AsRef::as_ref)
    }

    pub(super) fn compiled(&self) -> &CompiledSegments {
        &self.compiled
    }

    pub(super) fn json(&self) -> &Bytes {
        &self.json
    }
}

fn add(uses: &mut BTreeMap<SegmentId, usize>, flag: &Flag) {
    for id in flag.environments.values().flat_map(segments_of) {
        *uses.entry(id).or_default() += 1;
    }
}

fn remove(uses: &mut BTreeMap<SegmentId, usize>, flag: &Flag) {
    for id in flag.environments.values().flat_map(segments_of) {
        if let Some(count) = uses.get_mut(&id) {
            *count -= 1;
            if *count == 0 {
                uses.remove(&id);
            }
        }
    }
}
