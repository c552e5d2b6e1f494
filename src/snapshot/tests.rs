//! The law of the room: the next snapshot along any history equals one built from nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;

use super::{Encoding, Filter, Snapshot};
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
use crate::domain::strategy::Strategy as FlagStrategy;
use crate::domain::time::Timestamp;
use crate::domain::variant::{Variant, WeightType};
use crate::engine::{Context, Scratch};
use crate::wire::client_features::SegmentMode;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const ENVIRONMENTS: [&str; 3] = ["development", "production", "staging"];
const PROJECTS: [&str; 3] = ["default", "alpha", "beta"];

/// Endless chance from a seed, so that a failing history can be told in a list of numbers.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }

    fn number(&mut self, bound: u64) -> i32 {
        i32::try_from(self.below(bound)).unwrap()
    }
}

impl crate::engine::Dice for Chance {
    fn roll(&mut self, sides: u32) -> u32 {
        u32::try_from(self.below(u64::from(sides))).unwrap() + 1
    }
}

fn constraint(chance: &mut Chance) -> Constraint {
    Constraint {
        context_name: chance.pick(&["userId", "country"]).into(),
        operator: chance
            .pick(&["IN", "NOT_IN", "STR_CONTAINS"])
            .pipe(Operator::from_name),
        values: vec![format!("v{}", chance.below(4))],
        value: None,
        inverted: chance.coin(),
        case_insensitive: false,
    }
}

trait Pipe: Sized {
    fn pipe<T>(self, into: impl FnOnce(Self) -> T) -> T {
        into(self)
    }
}
impl Pipe for &str {}

fn strategy(chance: &mut Chance, index: i32) -> FlagStrategy {
    FlagStrategy {
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

fn place(chance: &mut Chance) -> FlagEnvironment {
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

fn new_flag(chance: &mut Chance, name: &str) -> Flag {
    Flag {
        name: FlagName::trusted(name),
        project: ProjectId::trusted(chance.pick(&PROJECTS)),
        kind: FlagKindId::trusted("release"),
        description: chance.coin().then(|| "a \"flag\"".into()),
        impression_data: chance.coin(),
        stale: chance.coin(),
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
fn flag(chance: &mut Chance, state: &State, name: &str) -> Flag {
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

fn project(chance: &mut Chance, id: &str) -> Project {
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

fn token(chance: &mut Chance, number: u8) -> ApiToken {
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

fn segment(chance: &mut Chance, id: i32) -> Segment {
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
fn touch(chance: &mut Chance, draft: &mut Draft) {
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

fn change(chance: &mut Chance, state: &State) -> Change {
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

fn scopes() -> Vec<TokenProjects> {
    let only =
        |ids: &[&str]| TokenProjects::Only(ids.iter().map(|id| ProjectId::trusted(id)).collect());
    vec![
        TokenProjects::All,
        only(&["default"]),
        only(&["alpha", "beta"]),
    ]
}

fn toggles(snapshot: &Snapshot, environment: &str, projects: &TokenProjects) -> String {
    let view = snapshot.environment(environment).frontend(projects);
    let (context, mut scratch, mut chance) = (Context::default(), Scratch::default(), Chance(1));
    let mut session = view
        .program()
        .session(&context, NOW.to_utc(), "", &mut chance, &mut scratch);
    let mut out = Vec::new();
    for position in view.positions() {
        let evaluation = session.evaluate(*position);
        view.program()
            .flag(*position)
            .write_toggle(evaluation, &mut out);
    }
    String::from_utf8(out).unwrap()
}

/// SDKs refuse a whole body for one value they do not like.
fn assert_official_engine_takes(body: &[u8]) {
    let message = serde_json::from_slice(body).unwrap();
    let warnings = unleash_yggdrasil::EngineState::default()
        .take_state(unleash_yggdrasil::UpdateMessage::FullResponse(message));
    // A flag with a segment that is gone is switched off, and only that.
    for warning in warnings.unwrap_or_default() {
        assert!(warning.message.contains("segment"), "{warning:?}");
    }
}

fn assert_same(next: &Snapshot, built: &Snapshot) {
    assert_eq!(next.state(), built.state());
    for number in 0..4 {
        let alias = TokenHash([number + 100; 32]);
        assert_eq!(next.token_by_alias(&alias), built.token_by_alias(&alias));
    }
    let tagged = Filter {
        tags: vec![("simple".into(), "x".into())],
        ..Filter::default()
    };
    for environment in ENVIRONMENTS.into_iter().chain(["nowhere"]) {
        let (left, right) = (
            next.environment(environment),
            built.environment(environment),
        );
        for projects in scopes() {
            for mode in [SegmentMode::Global, SegmentMode::Inlined] {
                let (one, two) = (left.view(&projects, mode), right.view(&projects, mode));
                assert_eq!(one.bytes(), two.bytes(), "{environment}");
                assert_eq!(one.etag(), two.etag());
                if projects == TokenProjects::All {
                    assert_official_engine_takes(one.bytes());
                }
                let (one, two) = (
                    left.filtered(Some(environment), &projects, mode, &tagged),
                    right.filtered(Some(environment), &projects, mode, &tagged),
                );
                assert_eq!(one.bytes(), two.bytes(), "{environment}");
            }
            assert_eq!(
                toggles(next, environment, &projects),
                toggles(built, environment, &projects)
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_next_snapshot_equals_one_built_from_nothing(seed: u64) {
        let mut chance = Chance(seed);
        let mut snapshot = Snapshot::build(State::default());
        for _ in 0..25 {
            let change = change(&mut chance, snapshot.state());
            snapshot = snapshot.next(&change);
            if chance.coin() {
                let built = Snapshot::build(State::clone(snapshot.state()));
                assert_same(&snapshot, &built);
            }
        }
    }

    /// Two bodies of one environment may differ only if their entity tags do.
    #[test]
    fn equal_tags_mean_equal_bodies(seed: u64) {
        let mut chance = Chance(seed);
        let mut snapshot = Snapshot::build(State::default());
        let mut seen = BTreeMap::new();
        for _ in 0..25 {
            let change = change(&mut chance, snapshot.state());
            snapshot = snapshot.next(&change);
            for environment in ENVIRONMENTS {
                let view = snapshot.environment(environment).view(&TokenProjects::All, SegmentMode::Global);
                let body = seen.entry(view.etag().clone()).or_insert_with(|| view.bytes().clone());
                prop_assert_eq!(&*body, view.bytes());
            }
        }
    }
}

fn one_flag() -> Snapshot {
    let mut draft = Draft::new(&State::default());
    for name in ENVIRONMENTS {
        draft.put(Entity::Environment(Arc::new(Environment {
            name: EnvironmentName::trusted(name),
            kind: "test".into(),
            sort_order: 0,
            enabled: true,
            protected: false,
        })));
    }
    let mut token = token(&mut Chance(0), 1);
    (token.kind, token.projects) = (TokenKind::Backend, TokenProjects::All);
    for (number, name) in (1..).zip(ENVIRONMENTS) {
        (token.hash, token.environment) = (
            TokenHash([number; 32]),
            Some(EnvironmentName::trusted(name)),
        );
        draft.put(Entity::Token(Arc::new(token.clone())));
    }
    for number in 0..20 {
        let mut flag = new_flag(&mut Chance(number), &format!("flag-{number}"));
        flag.archived_at = None;
        draft.put(Entity::Flag(Arc::new(flag)));
    }
    draft.tell(NewEvent::new(EventKind::FeatureCreated));
    let change = draft.seal(&Actor::system(), NOW).unwrap();
    Snapshot::build(State::default()).next(&change)
}

fn switch(snapshot: &Snapshot, environment: &str) -> Change {
    let mut draft = Draft::new(snapshot.state());
    let mut flag = Flag::clone(snapshot.state().flags.get("flag-7").unwrap());
    let place = flag
        .environments
        .entry(EnvironmentName::trusted(environment))
        .or_default();
    place.enabled = !place.enabled;
    draft.put(Entity::Flag(Arc::new(flag)));
    let mut event = NewEvent::new(EventKind::FeatureEnvironmentEnabled);
    event.environment = Some(EnvironmentName::trusted(environment));
    draft.tell(event);
    draft.seal(&Actor::system(), NOW).unwrap()
}

#[test]
fn environments_a_change_does_not_concern_stay_as_they_are() {
    let before = one_flag();
    let after = before.next(&switch(&before, "production"));
    assert!(Arc::ptr_eq(
        before.environment("staging"),
        after.environment("staging")
    ));
    assert!(!Arc::ptr_eq(
        before.environment("production"),
        after.environment("production")
    ));
    let flag = |snapshot: &Snapshot, name| {
        Arc::clone(snapshot.environment("production").flag(name).unwrap())
    };
    assert!(Arc::ptr_eq(
        &flag(&before, "flag-3"),
        &flag(&after, "flag-3")
    ));
    assert!(!Arc::ptr_eq(
        &flag(&before, "flag-7"),
        &flag(&after, "flag-7")
    ));
}

#[test]
fn bodies_in_use_are_written_at_once_and_only_once() {
    let before = one_flag();
    let used = before
        .environment("production")
        .view(&TokenProjects::All, SegmentMode::Global);
    let after = before.next(&switch(&before, "production"));
    let view = || {
        after
            .environment("production")
            .view(&TokenProjects::All, SegmentMode::Global)
    };
    assert_ne!(used.etag(), view().etag());
    assert!(Arc::ptr_eq(&view(), &view()));
    let rare = || {
        let filter = Filter {
            name_prefix: Some("flag-1".into()),
            ..Filter::default()
        };
        after.environment("production").filtered(
            Some("production"),
            &TokenProjects::All,
            SegmentMode::Global,
            &filter,
        )
    };
    assert!(Arc::ptr_eq(&rare(), &rare()));
}

#[test]
fn compressed_forms_are_made_once_and_say_the_same() {
    use std::io::Read;

    let snapshot = one_flag();
    let view = snapshot
        .environment("production")
        .view(&TokenProjects::All, SegmentMode::Global);
    let (gzip, chosen) = view.encoded(Encoding::Gzip);
    assert_eq!(chosen, Encoding::Gzip);
    assert_eq!(gzip.as_ptr(), view.encoded(Encoding::Gzip).0.as_ptr());
    let mut inflated = Vec::new();
    flate2::read::GzDecoder::new(&gzip[..])
        .read_to_end(&mut inflated)
        .unwrap();
    assert_eq!(inflated, **view.bytes());
    let (brotli, _) = view.encoded(Encoding::Brotli);
    inflated.clear();
    brotli::Decompressor::new(&brotli[..], 4096)
        .read_to_end(&mut inflated)
        .unwrap();
    assert_eq!(inflated, **view.bytes());
    let (zstd, _) = view.encoded(Encoding::Zstd);
    assert_eq!(
        zstd::bulk::decompress(zstd, 1 << 20).unwrap(),
        **view.bytes()
    );
    let nothing = snapshot.environment("production").view(
        &TokenProjects::Only([ProjectId::trusted("none")].into()),
        SegmentMode::Inlined,
    );
    assert_eq!(nothing.encoded(Encoding::Gzip).1, Encoding::Identity);
}
