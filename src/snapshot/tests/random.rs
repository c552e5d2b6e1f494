//! Random configurations and random changes of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::api_token::{ApiToken, TokenHash, TokenKind, TokenProjects};
use crate::domain::change::{Change, Draft};
use crate::domain::constraint::{Constraint, Operator};
use crate::domain::environment::Environment;
use crate::domain::event::{Actor, EventKind, NewEvent};
use crate::domain::flag::{Dependency, Flag, FlagEnvironment, Tag};
use crate::domain::names::{
    EnvironmentName, FlagKindId, FlagName, ProjectId, SegmentId, StrategyId, TagKindName,
};
use crate::domain::project::{Project, ProjectEnvironment};
use crate::domain::segment::Segment;
use crate::domain::state::{Entity, EntityKey, State};
use crate::domain::strategy::Strategy;
use crate::domain::time::Timestamp;
use crate::domain::variant::{Variant, WeightType};

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
pub(super) const ENVIRONMENTS: [&str; 3] = ["development", "production", "staging"];
pub(super) const PROJECTS: [&str; 3] = ["default", "alpha", "beta"];

/// Endless chance from a seed, so that a failing history can be told in a list of numbers.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    pub(super) fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }

    pub(super) fn number(&mut self, bound: u64) -> i32 {
        i32::try_from(self.below(bound)).unwrap()
    }
}

impl crate::engine::Dice for Chance {
    fn roll(&mut self, sides: u32) -> u32 {
        u32::try_from(self.below(u64::from(sides))).unwrap() + 1
    }
}

pub(super) fn constraint(chance: &mut Chance) -> Constraint {
    Constraint {
        context_name: chance.pick(&["userId", "country"]).into(),
        operator: Operator::from_name(chance.pick(&["IN", "NOT_IN", "STR_CONTAINS"])),
        values: vec![format!("v{}", chance.below(4))],
        value: None,
        inverted: chance.coin(),
        case_insensitive: false,
    }
}

pub(super) fn strategy(chance: &mut Chance, index: i32) -> Strategy {
    Strategy {
        id: StrategyId::trusted(&format!("s{index}")),
        name: "default".into(),
        title: chance.coin().then(|| format!("t{}", chance.below(3))),
        disabled: chance.below(4) == 0,
        sort_order: index,
        parameters: BTreeMap::new(),
        constraints: (0..chance.below(2)).map(|_| constraint(chance)).collect(),
        segments: (0..3)
            .filter(|_| chance.below(3) == 0)
            .map(SegmentId)
            .collect(),
        variants: Vec::new(),
    }
}

pub(super) fn place(chance: &mut Chance) -> FlagEnvironment {
    FlagEnvironment {
        enabled: chance.below(3) > 0,
        strategies: (0..chance.number(3))
            .map(|index| strategy(chance, index))
            .collect(),
        variants: (0..chance.below(2))
            .map(|_| Variant {
                name: "v".into(),
                weight: chance.pick(&[0, 1000]),
                weight_type: WeightType::Variable,
                stickiness: None,
                payload: None,
                overrides: Vec::new(),
            })
            .collect(),
    }
}

pub(super) fn new_flag(chance: &mut Chance, name: &str) -> Flag {
    Flag {
        name: FlagName::trusted(name),
        project: ProjectId::trusted(chance.pick(&PROJECTS)),
        kind: FlagKindId::trusted("release"),
        description: chance.coin().then(|| "a \"flag\"".into()),
        impression_data: chance.coin(),
        stale: chance.coin(),
        completed: None,
        archived_at: (chance.below(5) == 0).then_some(NOW),
        created_at: NOW,
        created_by: "test".into(),
        created_by_user_id: 1,
        environments: ENVIRONMENTS
            .iter()
            .filter_map(|it| match chance.coin() {
                true => Some((EnvironmentName::trusted(it), place(chance))),
                false => None,
            })
            .collect(),
        dependencies: (0..chance.below(2))
            .map(|_| Dependency {
                parent: FlagName::trusted(&format!("flag-{}", chance.below(8))),
                enabled: chance.coin(),
                variants: Vec::new(),
            })
            .collect(),
        tags: (0..chance.below(2))
            .map(|_| Tag {
                kind: TagKindName::trusted("simple"),
                value: "x".into(),
            })
            .collect(),
        links: Vec::new(),
    }
}

/// A new flag, or the old one with something about it changed.
pub(super) fn flag(chance: &mut Chance, state: &State, name: &str) -> Flag {
    let fresh = new_flag(chance, name);
    let Some(old) = state.flags.get(name).filter(|_| chance.coin()) else {
        return fresh;
    };
    let mut changed = Flag::clone(old);
    match chance.below(4) {
        0 => changed
            .environments
            .extend(fresh.environments.into_iter().take(1)),
        1 => changed.stale = !changed.stale,
        2 => changed.tags = fresh.tags,
        _ => changed.links = fresh.links,
    }
    changed
}

pub(super) fn project(chance: &mut Chance, id: &str) -> Project {
    let used = ENVIRONMENTS.iter().filter(|_| chance.below(3) > 0);
    Project {
        id: ProjectId::trusted(id),
        name: id.into(),
        description: None,
        mode: "open".into(),
        default_stickiness: "default".into(),
        flag_limit: None,
        flag_naming: None,
        environments: used
            .map(|it| (EnvironmentName::trusted(it), ProjectEnvironment::default()))
            .collect(),
        created_at: NOW,
        updated_at: NOW,
        archived_at: None,
    }
}

pub(super) fn token(chance: &mut Chance, number: u8) -> ApiToken {
    let projects: BTreeSet<ProjectId> = PROJECTS
        .iter()
        .filter(|_| chance.coin())
        .map(|it| ProjectId::trusted(it))
        .collect();
    ApiToken {
        hash: TokenHash([number; 32]),
        name: "t".into(),
        kind: chance.pick(&[TokenKind::Backend, TokenKind::Frontend, TokenKind::Admin]),
        projects: if projects.is_empty() {
            TokenProjects::All
        } else {
            TokenProjects::Only(projects)
        },
        environment: chance
            .coin()
            .then(|| EnvironmentName::trusted(chance.pick(&ENVIRONMENTS))),
        visible_prefix: String::new(),
        alias_hash: chance.coin().then_some(TokenHash([number + 100; 32])),
        expires_at: None,
        created_at: NOW,
        created_by: "test".into(),
    }
}

pub(super) fn segment(chance: &mut Chance, id: i32) -> Segment {
    Segment {
        id: SegmentId(id),
        name: format!("segment-{}", chance.below(9)),
        description: None,
        constraints: (0..2).map(|_| constraint(chance)).collect(),
        project: None,
        created_by: "test".into(),
        created_at: NOW,
    }
}

/// One random thing put or deleted.
pub(super) fn touch(chance: &mut Chance, draft: &mut Draft) {
    let name = format!("flag-{}", chance.below(8));
    let (id, number) = (chance.pick(&PROJECTS), chance.number(4));
    let delete = chance.below(4) == 0;
    let (key, entity) = match chance.below(12) {
        0 => {
            let environment = Environment {
                name: EnvironmentName::trusted(chance.pick(&ENVIRONMENTS)),
                kind: "test".into(),
                sort_order: 0,
                enabled: true,
                protected: false,
            };
            let key = EntityKey::Environment(environment.name.clone());
            (key, Entity::Environment(Arc::new(environment)))
        }
        1 => (
            EntityKey::Project(ProjectId::trusted(id)),
            Entity::Project(Arc::new(project(chance, id))),
        ),
        2 | 3 => {
            let hash = u8::try_from(number).unwrap();
            (
                EntityKey::Token(TokenHash([hash; 32])),
                Entity::Token(Arc::new(token(chance, hash))),
            )
        }
        4 | 5 => (
            EntityKey::Segment(SegmentId(number)),
            Entity::Segment(Arc::new(segment(chance, number))),
        ),
        _ => {
            let flag = flag(chance, draft.state(), &name);
            (
                EntityKey::Flag(FlagName::trusted(&name)),
                Entity::Flag(Arc::new(flag)),
            )
        }
    };
    if delete {
        draft.delete(key);
    } else {
        draft.put(entity);
    }
}

pub(super) fn change(chance: &mut Chance, state: &State) -> Change {
    let mut draft = Draft::new(state);
    for _ in 0..=chance.below(4) {
        touch(chance, &mut draft);
    }
    let mut event = NewEvent::new(chance.pick(&[
        EventKind::FeatureCreated,
        EventKind::FeatureStrategyAdd,
        EventKind::ApiTokenCreated,
    ]));
    event.environment = Some(EnvironmentName::trusted(chance.pick(&ENVIRONMENTS)));
    draft.tell(event);
    draft.seal(&Actor::system(), NOW).unwrap()
}
