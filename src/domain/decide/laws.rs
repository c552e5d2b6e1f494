//! What holds after every change, whatever was wished for.

use std::cell::Cell;

use proptest::prelude::*;

use super::{Circumstances, decide};
use crate::domain::command::{
    Command, CreateInstance, DependencyCommand, FlagAddress, FlagChange, FlagCommand, NewFlag,
    NewStrategy, ProjectCommand, StrategyAddress, StrategyChange, StrategyCommand,
};
use crate::domain::environment::Environment;
use crate::domain::event::{Actor, EventKind};
use crate::domain::instance::{HashKey, Instance};
use crate::domain::limits::Limits;
use crate::domain::names::{EnvironmentName, FlagKindId, FlagName, StrategyId};
use crate::domain::rejection::Rejection;
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::variant::{TOTAL_WEIGHT, Variant, WeightType};

/// A state and what it takes to change it.
struct World {
    state: State,
    made: Cell<u32>,
    now: i64,
}

impl World {
    /// An instance with the environments `stage` and `live`.
    fn new() -> Self {
        let mut world = Self {
            state: State::default(),
            made: Cell::new(0),
            now: 0,
        };
        let environment = |name: &str, sort_order| Environment {
            name: EnvironmentName::trusted(name),
            kind: "test".into(),
            sort_order,
            enabled: true,
            protected: false,
        };
        let instance = CreateInstance {
            admin: None,
            instance: Instance {
                id: "i".into(),
                hash_key: HashKey::new([0; 32]),
                created_at: Timestamp::from_millis(0),
            },
            environments: vec![environment("stage", 1), environment("live", 2)],
            tokens: Vec::new(),
            frontend_origins: Vec::new(),
        };
        world.submit(&Command::CreateInstance(instance)).unwrap();
        world
    }

    /// Carries a wish out and says what happened.
    fn submit(&mut self, command: &Command) -> Result<Vec<EventKind>, Rejection> {
        self.now += 1;
        let actor = Actor::system();
        let limits = Limits {
            flag_environment_strategies: 4,
            ..Limits::default()
        };
        let new_id = || {
            self.made.set(self.made.get() + 1);
            format!("{:04}", self.made.get())
        };
        let circumstances = Circumstances {
            actor: &actor,
            now: Timestamp::from_millis(self.now),
            limits: &limits,
            new_id: &new_id,
        };
        let Some(change) = decide(&self.state, command, &circumstances)? else {
            return Ok(Vec::new());
        };
        self.state = self.state.apply(&change);
        Ok(change.events.iter().map(|event| event.what.kind).collect())
    }

    fn strategy(&self, flag: &str, environment: &str, index: usize) -> String {
        let own = self.state.flags[flag].environments.get(environment);
        let strategy = own.and_then(|own| own.strategies.get(index));
        strategy.map_or("none".into(), |strategy| strategy.id.to_string())
    }
}

fn at(flag: &str) -> FlagAddress {
    FlagAddress {
        project: "default".into(),
        name: flag.into(),
    }
}

fn create(name: &str) -> Command {
    Command::Flag(FlagCommand::Create(NewFlag {
        project: "default".into(),
        name: FlagName::trusted(name),
        kind: FlagKindId::trusted("release"),
        description: None,
        impression_data: false,
        stale: false,
        archived: false,
        created_at: None,
        tags: std::collections::BTreeSet::new(),
    }))
}

fn switch(flag: &str, environment: &str, on: bool, activate_disabled: bool) -> Command {
    Command::Strategy(StrategyCommand::Switch {
        at: at(flag),
        environment: environment.into(),
        on,
        activate_disabled,
    })
}

fn add(flag: &str, environment: &str, disabled: bool) -> Command {
    Command::Strategy(StrategyCommand::Add {
        at: at(flag),
        environment: environment.into(),
        strategy: NewStrategy {
            name: "flexibleRollout".into(),
            disabled,
            ..NewStrategy::default()
        },
    })
}

fn strategy_at(flag: &str, environment: &str, id: String) -> StrategyAddress {
    StrategyAddress {
        flag: at(flag),
        environment: environment.into(),
        id,
    }
}

fn disable(flag: &str, environment: &str, id: String, disabled: bool) -> Command {
    Command::Strategy(StrategyCommand::Change {
        at: strategy_at(flag, environment, id),
        change: StrategyChange {
            disabled: Some(disabled),
            ..StrategyChange::default()
        },
    })
}

fn depend(child: &str, parent: &str) -> Command {
    Command::Dependency(DependencyCommand::Set {
        child: at(child),
        parent: parent.into(),
        enabled: true,
        variants: None,
    })
}

#[test]
fn a_flag_switched_on_gets_a_strategy_and_goes_off_with_its_last_one() {
    use EventKind::{
        FeatureEnvironmentDisabled, FeatureEnvironmentEnabled, FeatureStrategyAdd,
        FeatureStrategyRemove, FeatureStrategyUpdate,
    };
    let mut world = World::new();
    world.submit(&create("f")).unwrap();
    let told = world.submit(&switch("f", "live", true, false)).unwrap();
    assert_eq!(told, [FeatureStrategyAdd, FeatureEnvironmentEnabled]);
    assert!(
        world
            .submit(&switch("f", "live", true, false))
            .unwrap()
            .is_empty()
    );
    let id = world.strategy("f", "live", 0);
    let told = world
        .submit(&disable("f", "live", id.clone(), true))
        .unwrap();
    assert_eq!(told, [FeatureStrategyUpdate, FeatureEnvironmentDisabled]);
    let told = world.submit(&switch("f", "live", true, true)).unwrap();
    assert_eq!(told, [FeatureStrategyUpdate, FeatureEnvironmentEnabled]);
    let remove = StrategyCommand::Remove(strategy_at("f", "live", id));
    let told = world.submit(&Command::Strategy(remove)).unwrap();
    assert_eq!(told, [FeatureEnvironmentDisabled, FeatureStrategyRemove]);
}

#[test]
fn a_batch_is_done_as_a_whole_or_not_at_all() {
    let mut world = World::new();
    world.submit(&create("f")).unwrap();
    let before = world.state.clone();
    let batch = Command::Batch(vec![
        switch("f", "live", true, false),
        switch("none", "live", true, false),
    ]);
    assert!(matches!(world.submit(&batch), Err(Rejection::NotFound(_))));
    assert_eq!(world.state, before);
    let batch = Command::Batch(vec![create("g"), switch("g", "live", true, false)]);
    assert_eq!(world.submit(&batch).unwrap().len(), 3);
}

#[test]
fn an_environment_taken_back_into_a_project_switches_nothing_on() {
    let mut world = World::new();
    world.submit(&create("f")).unwrap();
    world.submit(&switch("f", "live", true, false)).unwrap();
    let (id, environment) = (String::from("default"), String::from("live"));
    let remove = ProjectCommand::RemoveEnvironment {
        id: id.clone(),
        environment: environment.clone(),
    };
    world.submit(&Command::Project(remove)).unwrap();
    assert!(world.submit(&switch("f", "live", true, false)).is_err());
    let take = ProjectCommand::AddEnvironment { id, environment };
    world.submit(&Command::Project(take)).unwrap();
    let own = &world.state.flags["f"].environments["live"];
    assert!(!own.enabled && own.strategies.len() == 1);
}

/// Found by the property below: the parent could go while the child was away.
#[test]
fn a_flag_archived_by_an_update_depends_on_nothing_any_more() {
    let mut world = World::new();
    world.submit(&create("child")).unwrap();
    world.submit(&create("parent")).unwrap();
    world.submit(&depend("child", "parent")).unwrap();
    let archive = |archived| {
        Command::Flag(FlagCommand::Change {
            at: at("child"),
            change: FlagChange {
                archived: Some(archived),
                ..FlagChange::default()
            },
        })
    };
    world.submit(&archive(true)).unwrap();
    let parent = Command::Flag(FlagCommand::Archive(at("parent")));
    world.submit(&parent).unwrap();
    world.submit(&archive(false)).unwrap();
    check_laws(&world.state);
}

/// A wish about a few flags, so that wishes meet.
fn wish(world: &World, (what, one, other, place): (u8, u8, u8, u8)) -> Command {
    let flags = ["a", "b", "c"];
    let (flag, second) = (flags[usize::from(one % 3)], flags[usize::from(other % 3)]);
    let environment = ["stage", "live"][usize::from(place % 2)];
    let id = || world.strategy(flag, environment, usize::from(other % 3));
    let flip = other % 2 == 0;
    match what % 12 {
        0 => add(flag, environment, flip),
        1 => Command::Strategy(StrategyCommand::Remove(strategy_at(
            flag,
            environment,
            id(),
        ))),
        2 => disable(flag, environment, id(), flip),
        3 => switch(flag, environment, true, flip),
        4 => switch(flag, environment, false, flip),
        5 => depend(flag, second),
        6 => Command::Dependency(DependencyCommand::RemoveAll { child: at(flag) }),
        7 => Command::Flag(FlagCommand::Archive(at(flag))),
        8 => Command::Flag(FlagCommand::Revive { name: flag.into() }),
        9 => Command::Flag(FlagCommand::Change {
            at: at(flag),
            change: FlagChange {
                archived: Some(flip),
                ..FlagChange::default()
            },
        }),
        10 => Command::Strategy(StrategyCommand::Sort {
            at: at(flag),
            environment: environment.into(),
            places: vec![(StrategyId::trusted(&id()), i32::from(place) - 3)],
        }),
        _ => Command::Strategy(StrategyCommand::SetVariants {
            at: at(flag),
            environments: vec![environment.into()],
            variants: (0..=other % 7)
                .map(|number| variant(number, place))
                .collect(),
        }),
    }
}

fn variant(number: u8, place: u8) -> Variant {
    Variant {
        name: format!("v{}", (number * 5) % 7),
        weight: u32::from(place) * 10,
        weight_type: if number.is_multiple_of(3) {
            WeightType::Variable
        } else {
            WeightType::Fix
        },
        stickiness: None,
        payload: None,
        overrides: Vec::new(),
    }
}

fn check_laws(state: &State) {
    for flag in state.flags.values() {
        for own in flag.environments.values() {
            // `enabled` without an active strategy would be "on for everybody".
            assert!(!own.enabled || own.active_strategies().next().is_some());
            assert!(
                own.strategies
                    .is_sorted_by_key(|it| (it.sort_order, it.id.clone()))
            );
            assert!(own.strategies.len() <= 4);
            assert!(own.variants.is_sorted_by_key(|it| it.name.clone()));
            let total: u32 = own.variants.iter().map(|it| it.weight).sum();
            assert!(own.variants.is_empty() || total == TOTAL_WEIGHT);
        }
        assert!(flag.dependencies.len() <= 1);
        for dependency in flag.dependencies.iter().filter(|_| !flag.is_archived()) {
            let parent = state.live_flag(dependency.parent.as_str()).unwrap();
            assert!(parent.dependencies.is_empty());
        }
    }
}

proptest! {
    #[test]
    fn no_sequence_of_wishes_breaks_a_law(wishes in prop::collection::vec(any::<(u8, u8, u8, u8)>(), 1..60)) {
        let mut world = World::new();
        for name in ["a", "b", "c"] {
            world.submit(&create(name)).unwrap();
        }
        for numbers in wishes {
            let command = wish(&world, numbers);
            let before = world.state.clone();
            if world.submit(&command).is_err() {
                prop_assert_eq!(&before, &world.state);
            }
            check_laws(&world.state);
        }
    }
}
