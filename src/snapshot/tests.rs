//! The law of the room: the next snapshot along any history equals one built from nothing.

mod random;

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use self::random::{Chance, ENVIRONMENTS, NOW, change, new_flag, token};
use super::{Encoding, Filter, Snapshot};
use crate::domain::api_token::{TokenHash, TokenKind, TokenProjects};
use crate::domain::change::{Change, Draft};
use crate::domain::environment::Environment;
use crate::domain::event::{Actor, EventKind, NewEvent};
use crate::domain::flag::Flag;
use crate::domain::names::{EnvironmentName, ProjectId};
use crate::domain::state::{Entity, State};
use crate::engine::{Context, Scratch};
use crate::wire::client_features::SegmentMode;

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
        session.write_if_on(*position, &mut out);
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
