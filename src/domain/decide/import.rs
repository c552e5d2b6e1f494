//! Decides the import of somebody else's configuration: one change, whatever its size, or none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;

use super::strategy::{Place, fresh_id};
use super::{
    Circumstances, context_field, dependency, documents, flag as flags, import_check, link,
    segment, strategy_rules, switch, tag, variant_rules,
};
use crate::domain::change::Draft;
use crate::domain::command::{
    DependencyCommand, FlagAddress, FlagChange, FlagCommand, ImportCommand, ImportWish,
    ImportedFlag, NewFlag, NewStrategy, SegmentWish,
};
use crate::domain::event::{EventKind, NewEvent};
use crate::domain::flag::{Flag, Link, Tag};
use crate::domain::names::{FlagName, SegmentId};
use crate::domain::rejection::Rejection;
use crate::domain::state::Entity;

pub(super) fn carry_out(
    draft: &mut Draft,
    wish: &ImportCommand,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    match wish {
        ImportCommand::Flags(wish) => import(draft, wish, it),
        ImportCommand::NoteExport { environment, flags } => {
            let mut event = NewEvent::new(EventKind::FeaturesExported);
            event.environment = Some(environment.clone());
            event.data = Some(json!({ "environment": environment, "features": flags }));
            draft.tell(event);
            Ok(())
        }
    }
}

fn import(draft: &mut Draft, wish: &ImportWish, it: &Circumstances<'_>) -> Result<(), Rejection> {
    import_check::check(draft.state(), wish)?;
    for (name, kind) in &wish.tag_kinds {
        if !draft.state().tag_kinds.contains_key(name) {
            tag::create_kind(draft, name, kind)?;
        }
    }
    for (name, field) in &wish.context_fields {
        if !draft.state().context_fields.contains_key(name) {
            context_field::create(draft, name, None, field, it)?;
        }
    }
    let numbers = import_segments(draft, wish, it)?;
    let wanted: Vec<&ImportedFlag> = wish
        .flags
        .iter()
        .filter(|flag| {
            draft
                .state()
                .flags
                .get(flag.name.as_str())
                .is_none_or(|known| !known.is_archived())
        })
        .collect();
    for flag in &wanted {
        import_flag(draft, wish, flag, &numbers, it)?;
    }
    for flag in &wanted {
        import_dependencies(draft, wish, flag, it)?;
    }
    let mut event = NewEvent::new(EventKind::FeaturesImported);
    event.project = Some(wish.project.clone());
    event.environment = Some(wish.environment.clone());
    draft.tell(event);
    Ok(())
}

/// Makes segments that are not there and can be made; returns which number of the file is which here.
fn import_segments(
    draft: &mut Draft,
    wish: &ImportWish,
    it: &Circumstances<'_>,
) -> Result<BTreeMap<SegmentId, SegmentId>, Rejection> {
    let known = draft.state().segments.values();
    let mut names: BTreeMap<String, SegmentId> = known
        .map(|segment| (segment.name.clone(), segment.id))
        .collect();
    let mut numbers = BTreeMap::new();
    for imported in &wish.segments {
        let id = match (names.get(&imported.name), &imported.constraints) {
            (Some(id), _) => *id,
            (None, Some(constraints)) => {
                let new = SegmentWish {
                    name: imported.name.clone(),
                    description: None,
                    project: None,
                    constraints: constraints.clone(),
                };
                segment::create(draft, &new, it)?
            }
            (None, None) => continue,
        };
        names.insert(imported.name.clone(), id);
        numbers.insert(SegmentId(imported.number), id);
    }
    Ok(numbers)
}

fn address(wish: &ImportWish, flag: &ImportedFlag) -> FlagAddress {
    FlagAddress {
        project: wish.project.to_string(),
        name: flag.name.clone(),
    }
}

fn import_flag(
    draft: &mut Draft,
    wish: &ImportWish,
    flag: &ImportedFlag,
    numbers: &BTreeMap<SegmentId, SegmentId>,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    import_metadata(draft, wish, flag, it)?;
    import_tags(draft, flag)?;
    import_links(draft, flag)?;
    import_strategies(draft, wish, flag, numbers, it)?;
    import_switch(draft, wish, flag, it)
}

fn import_metadata(
    draft: &mut Draft,
    wish: &ImportWish,
    flag: &ImportedFlag,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let known = draft.state().flags.contains_key(flag.name.as_str());
    let command = if known {
        FlagCommand::Change {
            at: address(wish, flag),
            change: FlagChange {
                kind: Some(flag.kind.clone()),
                description: Some(flag.description.clone()),
                impression_data: Some(flag.impression_data),
                stale: Some(flag.stale),
                archived: None,
                announce_stale: false,
            },
        }
    } else {
        FlagCommand::Create(NewFlag {
            project: wish.project.to_string(),
            name: FlagName::parse(&flag.name)?,
            kind: flag.kind.clone(),
            description: flag.description.clone(),
            impression_data: flag.impression_data,
            stale: flag.stale,
            archived: flag.archived,
            created_at: None,
            tags: BTreeSet::new(),
        })
    };
    flags::carry_out(draft, &command, it)
}

fn find(draft: &Draft, flag: &ImportedFlag) -> Result<Arc<Flag>, Rejection> {
    let found = draft.state().flags.get(flag.name.as_str());
    found
        .cloned()
        .ok_or_else(|| Rejection::NotFound("No feature flag found".into()))
}

fn import_tags(draft: &mut Draft, flag: &ImportedFlag) -> Result<(), Rejection> {
    let Some(wanted) = &flag.tags else {
        return Ok(());
    };
    let known = find(draft, flag)?;
    let gone: Vec<Tag> = known
        .tags
        .iter()
        .filter(|tag| !wanted.contains(tag))
        .cloned()
        .collect();
    tag::change(draft, &known.name, wanted, &gone)
}

fn import_links(draft: &mut Draft, flag: &ImportedFlag) -> Result<(), Rejection> {
    let mut known = Flag::clone(&*find(draft, flag)?);
    for given in &flag.links {
        let url = link::checked(&given.url)?;
        if known.links.iter().any(|it| it.url == url) {
            continue;
        }
        let new = Link {
            url,
            ..given.clone()
        };
        link::add(draft, &mut known, new);
        draft.put(Entity::Flag(Arc::new(known.clone())));
    }
    Ok(())
}

/// The strategies of the environment are taken away and those of the file are added under new identifiers.
fn import_strategies(
    draft: &mut Draft,
    wish: &ImportWish,
    flag: &ImportedFlag,
    numbers: &BTreeMap<SegmentId, SegmentId>,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let known = find(draft, flag)?;
    let most = it.limits.flag_environment_strategies;
    if flag.strategies.len() > most {
        return Err(Rejection::Limit {
            resource: "strategy".into(),
            limit: most,
        });
    }
    let mut place = Place::new(&known, wish.environment.clone());
    let old = std::mem::take(&mut place.configuration().strategies);
    for strategy in &old {
        place.tell(
            draft,
            EventKind::FeatureStrategyRemove,
            Some(strategy),
            None,
        );
    }
    for new in in_order(&flag.strategies) {
        let new = with_segments(new, numbers);
        let state = draft.state();
        let strategy = strategy_rules::check_new(state, it.limits, &known, &new, fresh_id(it))?;
        place.push(draft, strategy, new.sort_order);
    }
    place.put(draft);
    Ok(())
}

/// Those with a place first: the others come behind them.
fn in_order(strategies: &[NewStrategy]) -> Vec<&NewStrategy> {
    let mut ordered: Vec<&NewStrategy> = strategies.iter().collect();
    ordered.sort_by_key(|strategy| (strategy.sort_order.is_none(), strategy.sort_order));
    ordered
}

fn with_segments(new: &NewStrategy, numbers: &BTreeMap<SegmentId, SegmentId>) -> NewStrategy {
    let segments = new
        .segments
        .iter()
        .filter_map(|id| numbers.get(id).copied());
    NewStrategy {
        segments: segments.collect(),
        ..new.clone()
    }
}

fn import_switch(
    draft: &mut Draft,
    wish: &ImportWish,
    flag: &ImportedFlag,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    let known = find(draft, flag)?;
    let mut place = Place::new(&known, wish.environment.clone());
    if let Some(settings) = &flag.settings {
        let variants = variant_rules::weighed(&settings.variants)?;
        let before = std::mem::replace(&mut place.configuration().variants, variants);
        let after = place.configuration().variants.clone();
        if before != after {
            let kind = EventKind::FeatureEnvironmentVariantsUpdated;
            let mut event = documents::about_environment(&known, &wish.environment, kind);
            event.pre_data = Some(json!({ "variants": documents::variants(&before) }));
            event.data = Some(json!({ "variants": documents::variants(&after) }));
            draft.tell(event);
            draft.put(Entity::Flag(Arc::new(place.flag.clone())));
        }
    }
    if known.is_archived() {
        return Ok(());
    }
    // A flag that is on without a strategy would be on for everybody.
    let idle = place.configuration().active_strategies().next().is_none();
    let enabled = match &flag.settings {
        Some(settings) => settings.enabled,
        None => place.configuration().enabled && !idle,
    };
    let at = address(wish, flag);
    let environment = wish.environment.as_str();
    if enabled {
        switch::on(draft, &at, environment, false, it)
    } else if place.configuration().enabled {
        switch::off(draft, &at, environment)
    } else {
        Ok(())
    }
}

fn import_dependencies(
    draft: &mut Draft,
    wish: &ImportWish,
    flag: &ImportedFlag,
    it: &Circumstances<'_>,
) -> Result<(), Rejection> {
    for wanted in &flag.dependencies {
        let known = find(draft, flag)?;
        let same = known.dependencies.iter().any(|it| {
            it.parent == *wanted.parent.as_str()
                && it.enabled == wanted.enabled
                && it.variants == wanted.variants.clone().unwrap_or_default()
        });
        if same {
            continue;
        }
        let command = DependencyCommand::Set {
            child: address(wish, flag),
            parent: wanted.parent.clone(),
            enabled: wanted.enabled,
            variants: wanted.variants.clone(),
        };
        dependency::carry_out(draft, &command, it)?;
    }
    Ok(())
}
