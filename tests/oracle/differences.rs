//! Where the official engine is wrong: each difference by example. `docs/differences-oracle.md` tells them in words.

use std::panic::{AssertUnwindSafe, catch_unwind};

use burgee::engine::Fault;
use serde_json::{Value, json};
use unleash_types::client_features as wire;

use crate::compare::{Answer, Pair};
use crate::context::User;
use crate::official::{self, Chance};

fn flags(features: Value) -> Pair {
    let body: wire::ClientFeatures =
        serde_json::from_value(json!({"version": 2, "features": features})).unwrap();
    Pair::new(&body)
}

/// A flag for everyone for whom one constraint holds.
fn constrained(constraint: Value) -> Pair {
    flags(json!([{
        "name": "flag", "enabled": true,
        "strategies": [{"name": "default", "constraints": [constraint]}]
    }]))
}

fn user(context: Value) -> User {
    User {
        context: serde_json::from_value(context).unwrap(),
        host: None,
    }
}

fn ours(pair: &Pair, flag: &str, user: &User, chance: u64) -> Answer {
    let context = official::context(&user.context);
    let index = pair.ours.find(flag).unwrap();
    pair.ours(index, user, &context, &mut Chance(chance))
}

/// The answers of both engines: is the flag on?
fn on(pair: &Pair, flag: &str, context: Value) -> (bool, bool) {
    let user = user(context);
    (
        pair.oracle(flag, &user).enabled,
        ours(pair, flag, &user, 1).enabled,
    )
}

#[test]
fn a_value_of_another_kind_is_refused_not_compared() {
    for (operator, value, given) in [
        ("SEMVER_EQ", "1.2", "1.2"),
        ("SEMVER_GT", "5", "5.5"),
        ("NUM_GT", "1.2.3", "1.2.4"),
        ("DATE_AFTER", "5", "6"),
    ] {
        let pair = constrained(json!({"contextName": "x", "operator": operator, "value": value}));
        let answers = on(&pair, "flag", json!({"properties": {"x": given}}));
        assert_eq!(answers, (true, false), "{operator} {value}");
        let fault = pair.ours.flag(0).fault();
        assert!(
            matches!(fault, Some(Fault::UnusableValue { .. })),
            "{fault:?}"
        );
    }
}

#[test]
fn a_value_is_not_part_of_the_rule() {
    let value = json!({"contextName": "age", "operator": "NUM_GT", "value": "5) or (true"});
    assert_eq!(on(&constrained(value), "flag", json!({})), (true, false));

    let name = r#"x"] in ["a"] or context["x"#;
    let name = json!({"contextName": name, "operator": "NOT_IN", "values": ["b"]});
    assert_eq!(on(&constrained(name), "flag", json!({})), (true, false));
}

#[test]
fn a_text_may_end_with_a_backslash() {
    let context = json!({"userId": "C:\\", "properties": {"C:\\": "C:\\"}});
    for constraint in [
        json!({"contextName": "userId", "operator": "IN", "values": ["C:\\"]}),
        json!({"contextName": "userId", "operator": "STR_ENDS_WITH", "values": ["\\"]}),
        json!({"contextName": "userId", "operator": "REGEX", "value": "C:\\\\"}),
        json!({"contextName": "C:\\", "operator": "IN", "values": ["C:\\"]}),
    ] {
        let answers = on(&constrained(constraint.clone()), "flag", context.clone());
        assert_eq!(answers, (false, true), "{constraint}");
    }
    let parameters = json!({"userIds": "anna, C:\\"});
    let pair = flags(json!([{
        "name": "flag", "enabled": true,
        "strategies": [{"name": "userWithId", "parameters": parameters}]
    }]));
    assert_eq!(on(&pair, "flag", context), (false, true));
}

#[test]
fn a_parent_without_a_group_is_the_same_for_its_children() {
    let pair = flags(json!([
        {"name": "parent", "enabled": true, "strategies": [
            {"name": "flexibleRollout", "parameters": {"rollout": "50", "stickiness": "userId"}}]},
        {"name": "child", "enabled": true, "strategies": [],
            "dependencies": [{"feature": "parent"}]}
    ]));
    let mut wrong = 0;
    for number in 0..100 {
        let context = json!({"userId": number.to_string()});
        let (parent, ours) = on(&pair, "parent", context.clone());
        assert_eq!(parent, ours);
        let (oracle, ours) = on(&pair, "child", context);
        assert_eq!(ours, parent, "the child is on where its parent is");
        wrong += u32::from(oracle != parent);
    }
    assert!(
        wrong > 10,
        "the oracle's child does not follow its parent: {wrong}"
    );
}

#[test]
fn one_percent_is_one_in_a_hundred() {
    let pair = flags(json!([{
        "name": "flag", "enabled": true,
        "strategies": [{"name": "gradualRolloutRandom", "parameters": {"percentage": "1"}}]
    }]));
    let user = user(json!({}));
    let asks = 20_000;
    let oracle = (0..asks)
        .filter(|_| pair.oracle("flag", &user).enabled)
        .count();
    let ours = (1..=asks)
        .filter(|it| ours(&pair, "flag", &user, *it).enabled)
        .count();
    assert_eq!(oracle, 0);
    assert!((150..250).contains(&ours), "{ours}");
}

#[test]
fn weights_of_nothing_are_no_variant_and_no_panic() {
    let pair = flags(json!([{
        "name": "flag", "enabled": true, "strategies": [],
        "variants": [{"name": "a", "weight": 0, "overrides": [{"contextName": "userId", "values": ["anna"]}]}]
    }]));
    let nobody = user(json!({}));
    assert!(catch_unwind(AssertUnwindSafe(|| pair.oracle("flag", &nobody))).is_err());
    let answer = ours(&pair, "flag", &nobody, 1);
    assert!(answer.enabled && !answer.variant.enabled);
    assert_eq!(answer.variant.name, "disabled");

    let anna = user(json!({"userId": "anna"}));
    assert_eq!(pair.oracle("flag", &anna), ours(&pair, "flag", &anna, 1));
    assert_eq!(ours(&pair, "flag", &anna, 1).variant.name, "a");
}

#[test]
fn a_parent_that_must_be_off_has_no_variant_to_look_at() {
    let pair = flags(json!([
        {"name": "parent", "enabled": false, "strategies": [], "variants": [{"name": "a", "weight": 1000}]},
        {"name": "child", "enabled": true, "strategies": [],
            "dependencies": [{"feature": "parent", "enabled": false, "variants": ["b"]}]}
    ]));
    let context = json!({"userId": "anna"});
    assert_eq!(on(&pair, "parent", context.clone()), (false, false));
    assert_eq!(on(&pair, "child", context), (false, true));
}

#[test]
fn the_dice_are_thrown_once_for_an_answer() {
    let half = json!({"rollout": "50", "stickiness": "random", "groupId": "g"});
    let pair = flags(json!([
        {"name": "parent", "enabled": true, "strategies": [{"name": "flexibleRollout", "parameters": half}]},
        {"name": "child", "enabled": true, "strategies": [], "dependencies": [{"feature": "parent"}]}
    ]));
    let user = user(json!({}));
    let torn = |answer: &Answer| answer.enabled != answer.variant.feature_enabled;
    assert!((0..1000).any(|_| torn(&pair.oracle("child", &user))));
    assert!(!(1..1000).any(|it| torn(&ours(&pair, "child", &user, it))));
}

#[test]
fn random_variants_do_not_stick_to_a_field_called_random() {
    let variant = |name| json!({"name": name, "weight": 500, "stickiness": "random"});
    let pair = flags(json!([{
        "name": "flag", "enabled": true, "strategies": [], "variants": [variant("a"), variant("b")]
    }]));
    let user = user(json!({"properties": {"random": "yes"}}));
    let first = pair.oracle("flag", &user);
    assert!((0..1000).all(|_| pair.oracle("flag", &user) == first));
    let found = |name| (1..1000).any(|it| ours(&pair, "flag", &user, it).variant.name == name);
    assert!(found("a") && found("b"));
}

/// Found by the long run: the oracle drops the field of a condition that can never hold.
#[test]
fn a_version_that_never_holds_may_be_of_any_field() {
    let never = json!({"contextName": "quo\"te", "operator": "SEMVER_LTE", "value": "v1.2.3"});
    let pair = flags(json!([{
        "name": "flag", "enabled": true,
        "strategies": [{"name": "default", "constraints": [never]}, {"name": "default"}]
    }]));
    assert_eq!(on(&pair, "flag", json!({})), (true, true));
}
