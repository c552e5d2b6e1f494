//! Random strategies and variants.

use std::collections::HashMap;

use unleash_types::client_features as wire;

use crate::generate::{Generator, STICKINESS, STRATEGIES, no_strategy};
use crate::pools;

impl Generator<'_> {
    pub(crate) fn strategy(&mut self) -> wire::Strategy {
        let name = *self.chance.pick(&STRATEGIES);
        self.reached.note(format!("strategy: {name}"));
        let parameters = self.parameters(name);
        let variants = self.chance.once_in(3).then(|| self.strategy_variants());
        wire::Strategy {
            segments: self.segments(),
            constraints: match self.chance.below(3) {
                0 => None,
                1 => Some(vec![]),
                _ => Some(self.constraints(2)),
            },
            parameters,
            variants,
            ..no_strategy(name)
        }
    }

    fn segments(&mut self) -> Option<Vec<i32>> {
        if !self.chance.once_in(5) {
            return None;
        }
        if self.chance.once_in(15) {
            self.reached.note("segment: missing");
            return Some(vec![1, 99]);
        }
        let count = self.chance.below(3);
        self.reached.note(format!("segments: {count}"));
        let mut id = || 1 + i32::try_from(self.chance.below(3)).unwrap();
        Some((0..count).map(|_| id()).collect())
    }

    fn parameters(&mut self, strategy: &str) -> Option<HashMap<String, String>> {
        let mut parameters = HashMap::new();
        match strategy {
            "userWithId" => self.list_parameter(&mut parameters, "userIds", pools::IDS),
            "remoteAddress" => self.list_parameter(&mut parameters, "IPs", pools::RANGES),
            "applicationHostname" => {
                self.list_parameter(&mut parameters, "hostNames", pools::HOSTS);
            }
            "flexibleRollout" => self.share(&mut parameters, "rollout"),
            "default" => {}
            _ => self.share(&mut parameters, "percentage"),
        }
        if strategy != "gradualRolloutRandom" && !self.chance.once_in(10) {
            let group = self.group();
            parameters.insert("groupId".into(), group);
        }
        if let Some(stickiness) = self.stickiness() {
            parameters.insert("stickiness".into(), stickiness);
        }
        (!parameters.is_empty()).then_some(parameters)
    }

    fn group(&mut self) -> String {
        if self.chance.once_in(150) {
            self.reached.note("group: quotation mark");
            return "quo\"te".into();
        }
        let group = *self.chance.pick(pools::GROUPS);
        self.reached.note_if(!group.is_ascii(), "group: not ASCII");
        group.into()
    }

    fn stickiness(&mut self) -> Option<String> {
        // The usual ones often, the others all the same.
        let usual = self.chance.once_in(2);
        let choices = if usual {
            &STICKINESS[..5]
        } else {
            &STICKINESS[..]
        };
        let stickiness = *self.chance.pick(choices);
        self.reached.note(format!("stickiness: {stickiness:?}"));
        stickiness.map(Into::into)
    }

    fn share(&mut self, parameters: &mut HashMap<String, String>, name: &str) {
        if self.chance.once_in(20) {
            self.reached.note("share: missing");
            return;
        }
        let share = *self.chance.pick(pools::SHARES);
        self.reached.note(format!("share: {share}"));
        parameters.insert(name.into(), share.into());
    }

    fn list_parameter(
        &mut self,
        parameters: &mut HashMap<String, String>,
        name: &str,
        pool: &[&str],
    ) {
        if self.chance.once_in(15) {
            self.reached.note(format!("{name}: missing"));
            return;
        }
        let count = self.chance.below(5);
        self.reached.note(format!("{name}: {count}"));
        let entries: Vec<&str> = (0..count).map(|_| *self.chance.pick(pool)).collect();
        let mark = if self.chance.once_in(60) { "\"" } else { "" };
        self.reached
            .note_if(!mark.is_empty(), format!("{name}: quotation mark"));
        parameters.insert(name.into(), mark.to_owned() + &entries.join(" , "));
    }

    pub(crate) fn flag_variants(&mut self) -> Option<Vec<wire::Variant>> {
        if self.chance.once_in(2) {
            return None;
        }
        let weights = self.weights(0);
        let variants = weights.iter().enumerate();
        Some(
            variants
                .map(|(number, &weight)| wire::Variant {
                    name: format!("v{number}"),
                    weight,
                    weight_type: None,
                    stickiness: self.stickiness(),
                    payload: self.payload(),
                    overrides: self.overrides(),
                })
                .collect(),
        )
    }

    fn strategy_variants(&mut self) -> Vec<wire::StrategyVariant> {
        let weights = self.weights(0);
        self.reached
            .note(format!("strategy variants: {}", weights.len()));
        let variants = weights.iter().enumerate();
        variants
            .map(|(number, &weight)| wire::StrategyVariant {
                name: format!("v{}", number * 2),
                weight,
                payload: self.payload(),
                stickiness: self.stickiness(),
            })
            .collect()
    }

    /// Weights whose sum is not nothing: the oracle panics then, which is one of the written differences.
    fn weights(&mut self, least: usize) -> Vec<i32> {
        let count = least + self.chance.below(5);
        let mut weights: Vec<i32> = (0..count)
            .map(|_| *self.chance.pick(pools::WEIGHTS))
            .collect();
        if weights.iter().sum::<i32>() == 0
            && let Some(first) = weights.first_mut()
        {
            *first = 1;
        }
        for weight in &weights {
            self.reached.note(format!("weight: {weight}"));
        }
        self.reached.note(format!("variants: {count}"));
        weights
    }

    fn payload(&mut self) -> Option<wire::Payload> {
        let kinds = ["string", "json", "csv", "number"];
        self.chance.once_in(2).then(|| wire::Payload {
            payload_type: (*self.chance.pick(&kinds)).to_owned(),
            value: (*self.chance.pick(pools::TEXTS)).to_owned(),
        })
    }

    fn overrides(&mut self) -> Option<Vec<wire::Override>> {
        if !self.chance.once_in(4) {
            return None;
        }
        self.reached.note("override");
        let count = self.chance.below(3);
        let mut one = || {
            let fields = pools::ROOTS.iter().chain(pools::PROPERTIES);
            let (name, kind) = fields.collect::<Vec<_>>()[self.chance.below(17)];
            let values = self.chance.below(8);
            let value = |_| (*self.chance.pick(kind.pool())).to_owned();
            wire::Override {
                context_name: (*name).to_owned(),
                values: (0..values).map(value).collect(),
            }
        };
        Some((0..count).map(|_| one()).collect())
    }
}
