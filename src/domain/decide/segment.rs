//! Decides wishes about a segment.

use std::sync::Arc;

use super::constraint_rules::check_segment_constraints;
use super::{Circumstances, documents, strategy_rules};
use crate::domain::change::Draft;
use crate::domain::command::{SegmentAssignment, SegmentCommand, SegmentWish};
use crate::domain::document;
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::flag::Flag;
use crate::domain::names::{ProjectId, SegmentId};
use crate::domain::rejection::Rejection;
use crate::domain::segment::Segment;
use crate::domain::state::{Entity, EntityKey, State};

pub(super) fn carry_out(
    draft: &mut Draft,
    wish: &SegmentCommand,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match wish {
        SegmentCommand::Create(wish) => create(draft, wish, it).map(|_| ()),
        SegmentCommand::Update(id, wish) => update(draft, *id, wish, it),
        SegmentCommand::Delete(id) => delete(draft, *id),
        SegmentCommand::Assign(wish) => assign(draft, wish, it),
    }
}

fn find(state: &State, id: SegmentId) -> Result<&Arc<Segment>, Rejection> {
    state
        .segments
        .get(&id)
        .ok_or_else(|| Rejection::NotFound(format!("No segment exists with ID \"{id}\"")))
}

/// Checks that a name is there and free, but for the segment that has it already.
///
/// # Errors
/// Name taken, or empty.
pub fn check_name(state: &State, name: &str, own: Option<SegmentId>) -> Result<(), Rejection> {
    if name.is_empty() {
        return Err(Rejection::empty("name"));
    }
    let mut others = state.segments.values().filter(|it| Some(it.id) != own);
    if others.any(|it| it.name == name) {
        return Err(Rejection::NameTaken("Segment name already exists".into()));
    }
    Ok(())
}

fn check_project(state: &State, project: Option<&ProjectId>) -> Result<(), Rejection> {
    match project {
        Some(id) if !state.projects.contains_key(id) => {
            Err(Rejection::bad_data(format!("Project={id} does not exist")))
        }
        _ => Ok(()),
    }
}

/// Makes a segment and returns its number.
pub(super) fn create(
    draft: &mut Draft,
    wish: &SegmentWish,
    it: &Circumstances<'_>,
) -> Result<SegmentId, Rejection> {
    let state = draft.state();
    check_name(state, &wish.name, None)?;
    check_project(state, wish.project.as_ref())?;
    if state.segments.len() >= it.limits.segments {
        return Err(Rejection::Limit {
            resource: "segment".into(),
            limit: it.limits.segments,
        });
    }
    let constraints = check_segment_constraints(&wish.constraints, state, it.limits)?;
    let mut counters = (*state.counters).clone();
    let id = counters.next_segment;
    counters.next_segment = SegmentId(id.0.saturating_add(1));
    let segment = Segment {
        id,
        name: wish.name.clone(),
        description: wish.description.clone().flatten(),
        constraints,
        project: wish.project.clone(),
        created_by: it.actor.name.clone(),
        created_at: it.now,
    };
    draft.put(Entity::Counters(Arc::new(counters)));
    let mut event = NewEvent::new(EventKind::SegmentCreated);
    event.project.clone_from(&segment.project);
    event.data = Some(document::segment(&segment));
    draft.put(Entity::Segment(Arc::new(segment)));
    draft.tell(event);
    Ok(id)
}

fn update(
    draft: &mut Draft,
    id: SegmentId,
    wish: &SegmentWish,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let state = draft.state();
    let before = Arc::clone(find(state, id)?);
    check_name(state, &wish.name, Some(id))?;
    check_project(state, wish.project.as_ref())?;
    check_users(state, id, wish.project.as_ref())?;
    let constraints = check_segment_constraints(&wish.constraints, state, it.limits)?;
    let after = Segment {
        name: wish.name.clone(),
        description: match &wish.description {
            Some(description) => description.clone(),
            None => before.description.clone(),
        },
        project: wish.project.clone(),
        constraints,
        ..(*before).clone()
    };
    let mut event = NewEvent::new(EventKind::SegmentUpdated);
    event.project.clone_from(&after.project);
    event.pre_data = Some(document::segment(&before));
    event.data = Some(document::segment(&after));
    draft.put(Entity::Segment(Arc::new(after)));
    draft.tell(event);
    Ok(())
}

/// A segment cannot become one of a project while flags of other projects use it.
fn check_users(state: &State, id: SegmentId, project: Option<&ProjectId>) -> Result<(), Rejection> {
    let Some(project) = project else {
        return Ok(());
    };
    let mut users = state.users_of_segment(id);
    match users.find(|it| it.flag.project != *project) {
        Some(other) => Err(Rejection::bad_data(format!(
            "Invalid project. Segment is being used by strategies in other projects: {}",
            other.flag.project
        ))),
        None => Ok(()),
    }
}

/// Deletes the segments of a project.
///
/// # Errors
/// [`Rejection::InUse`]: a flag of another project uses one.
pub(super) fn delete_of(draft: &mut Draft, project: &ProjectId) -> Result<(), Rejection> {
    let segments = draft.state().segments.values();
    let own: Vec<SegmentId> = segments
        .filter(|segment| segment.project.as_ref() == Some(project))
        .map(|segment| segment.id)
        .collect();
    own.into_iter().try_for_each(|id| delete(draft, id))
}

fn delete(draft: &mut Draft, id: SegmentId) -> Result<(), Rejection> {
    let before = Arc::clone(find(draft.state(), id)?);
    if let Some(user) = draft.state().users_of_segment(id).next() {
        return Err(Rejection::InUse(format!(
            "This segment is in use by the flag \"{}\" and perhaps others. Remove it from their strategies first.",
            user.flag.name
        )));
    }
    let archived: Vec<Flag> = draft
        .state()
        .flags
        .values()
        .filter(|flag| uses(flag, id))
        .map(|flag| without(flag, id))
        .collect();
    for flag in archived {
        draft.put(Entity::Flag(Arc::new(flag)));
    }
    draft.delete(EntityKey::Segment(id));
    let mut event = NewEvent::new(EventKind::SegmentDeleted);
    event.project.clone_from(&before.project);
    event.pre_data = Some(document::segment(&before));
    draft.tell(event);
    Ok(())
}

fn uses(flag: &Flag, id: SegmentId) -> bool {
    let mut environments = flag.environments.values();
    environments.any(|it| it.strategies.iter().any(|it| it.segments.contains(&id)))
}

/// An archived flag loses the segment, so that it names nothing unknown when it is revived. It comes back off.
fn without(flag: &Flag, id: SegmentId) -> Flag {
    let mut flag = flag.clone();
    for environment in flag.environments.values_mut() {
        for strategy in &mut environment.strategies {
            strategy.segments.retain(|it| *it != id);
        }
    }
    flag
}

fn assign(
    draft: &mut Draft,
    wish: &SegmentAssignment,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let state = draft.state();
    let segments = strategy_rules::check_segments(state, it.limits, &wish.project, &wish.segments)?;
    let mut flag = state
        .strategy(wish.strategy.as_str())
        .filter(|it| it.flag.project == wish.project && *it.environment == wish.environment)
        .map(|it| it.flag.clone())
        .ok_or_else(|| {
            Rejection::NotFound(format!(
                "Could not find strategy with id: {}",
                wish.strategy
            ))
        })?;
    let environment = flag.environments.get_mut(&wish.environment);
    let strategy = environment.and_then(|environment| {
        let mut strategies = environment.strategies.iter_mut();
        strategies.find(|it| it.id == wish.strategy)
    });
    let Some(strategy) = strategy.filter(|it| it.segments != segments) else {
        return Ok(());
    };
    let mut event = NewEvent::new(EventKind::FeatureStrategyUpdate);
    event.pre_data = Some(documents::strategy(strategy));
    strategy.segments = segments;
    event.data = Some(documents::strategy(strategy));
    event.project = Some(flag.project.clone());
    event.flag = Some(flag.name.clone());
    event.environment = Some(wish.environment.clone());
    event.tags.clone_from(&flag.tags);
    draft.put(Entity::Flag(Arc::new(flag)));
    draft.tell(event);
    Ok(())
}
