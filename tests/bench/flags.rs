//! A thousand realistic flags, always the same ones.

use serde_json::{Value, json};

/// Numbers that look random and are the same in each run (a 64-bit linear congruence).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

const AREAS: [&str; 12] = [
    "checkout", "search", "login", "billing", "profile", "mail", "reports", "mobile", "pricing",
    "editor", "maps", "api",
];
const KINDS: [&str; 4] = ["release", "experiment", "operational", "kill-switch"];
const COUNTRIES: [&str; 8] = ["no", "se", "dk", "fi", "de", "fr", "nl", "pl"];

/// The body of `POST /api/admin/features-batch/import` with `count` flags for `development`.
pub(crate) fn import(count: u64) -> Value {
    import_for("development", count)
}

/// The same for any environment.
pub(crate) fn import_for(environment: &str, count: u64) -> Value {
    let mut dice = Dice(42);
    let names: Vec<String> = (0..count)
        .map(|number| {
            format!(
                "{}-{:04}-{}",
                AREAS[(number % 12) as usize],
                number,
                if number % 3 == 0 { "new-flow" } else { "v2" }
            )
        })
        .collect();
    let features: Vec<Value> = names
        .iter()
        .map(|name| {
            json!({
                "name": name,
                "project": "default",
                "type": KINDS[dice.below(4) as usize],
                "description": (dice.below(2) == 0).then(|| format!("Switches {name} on for part of the users")),
                "impressionData": dice.below(10) == 0,
                "stale": false,
            })
        })
        .collect();
    let environments: Vec<Value> = names
        .iter()
        .map(|name| json!({"featureName": name, "name": name, "environment": environment, "enabled": dice.below(5) != 0, "variants": []}))
        .collect();
    let strategies: Vec<Value> = names
        .iter()
        .flat_map(|name| strategies(name, &mut dice))
        .collect();
    json!({
        "project": "default",
        "environment": environment,
        "data": {
            "features": features,
            "featureEnvironments": environments,
            "featureStrategies": strategies,
            "contextFields": [],
            "featureTags": [],
            "segments": [],
            "tagTypes": [],
            "dependencies": [],
        },
    })
}

fn strategies(name: &str, dice: &mut Dice) -> Vec<Value> {
    let count = 1 + dice.below(2);
    (0..count)
        .map(|_| {
            let rollout = [10, 25, 50, 100][dice.below(4) as usize];
            json!({
                "name": "flexibleRollout",
                "featureName": name,
                "parameters": {"rollout": rollout.to_string(), "stickiness": "default", "groupId": name},
                "constraints": constraints(dice),
                "segments": [],
                "variants": variants(dice),
            })
        })
        .collect()
}

fn constraints(dice: &mut Dice) -> Vec<Value> {
    match dice.below(5) {
        0 => vec![
            json!({"contextName": "country", "operator": "IN", "values": COUNTRIES[..2 + dice.below(5) as usize], "inverted": false, "caseInsensitive": false}),
        ],
        1 => vec![
            json!({"contextName": "appVersion", "operator": "SEMVER_GT", "value": "3.1.0", "values": [], "inverted": false, "caseInsensitive": false}),
        ],
        2 => vec![
            json!({"contextName": "email", "operator": "STR_ENDS_WITH", "values": ["@example.com"], "inverted": false, "caseInsensitive": true}),
        ],
        _ => Vec::new(),
    }
}

fn variants(dice: &mut Dice) -> Vec<Value> {
    if dice.below(6) != 0 {
        return Vec::new();
    }
    ["blue", "green"]
        .map(|name| {
            json!({
                "name": name, "weight": 500, "weightType": "variable", "stickiness": "default",
                "payload": {"type": "string", "value": format!("theme-{name}")},
            })
        })
        .to_vec()
}
