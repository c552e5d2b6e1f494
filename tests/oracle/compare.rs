//! Asking both engines the same and comparing the answers.

use std::collections::BTreeSet;

use burgee::engine::{Context, Dice, Evaluation, Program, Scratch};
use chrono::Utc;
use unleash_types::client_features as wire;
use unleash_yggdrasil::state::{EnrichedContext, PropertiesRef};
use unleash_yggdrasil::{EngineState, ResolvedToggle, UpdateMessage, VariantDef};

use crate::context::User;
use crate::official;

/// The chosen variant as both engines tell it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) payload: Option<(String, String)>,
    pub(crate) enabled: bool,
    pub(crate) feature_enabled: bool,
}

/// All that is compared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Answer {
    pub(crate) enabled: bool,
    pub(crate) variant: Variant,
    pub(crate) impression_data: bool,
}

/// The two engines with the same flags.
pub(crate) struct Pair {
    pub(crate) ours: Program,
    oracle: EngineState,
}

impl Pair {
    pub(crate) fn new(features: &wire::ClientFeatures) -> Self {
        let oracle = EngineState::default();
        oracle.take_state(UpdateMessage::FullResponse(features.clone()));
        Self {
            ours: official::program(features),
            oracle,
        }
    }

    /// The oracle's answer. Where the host matters it must be asked in two steps.
    pub(crate) fn oracle(&self, flag: &str, user: &User) -> Answer {
        if user.host.is_none() {
            return self
                .oracle
                .resolve(flag, &user.context, &None)
                .unwrap()
                .into();
        }
        let context = enriched(flag, user);
        let enabled = self.oracle.check_enabled(&context).unwrap();
        let variant = self.oracle.check_variant(&context).unwrap_or_default();
        Answer {
            enabled,
            variant: Variant {
                feature_enabled: enabled,
                ..variant.into()
            },
            impression_data: self.oracle.should_emit_impression_event(flag),
        }
    }

    /// Our answer with that chance.
    pub(crate) fn ours(
        &self,
        index: usize,
        user: &User,
        context: &Context<'_>,
        dice: &mut dyn Dice,
    ) -> Answer {
        let host = user.host.unwrap_or_default();
        let evaluation = self.ours.evaluate(index, context, Utc::now(), host, dice);
        self.answer(index, evaluation)
    }

    /// Our answers for all flags at once, in the order of the program.
    pub(crate) fn ours_all(
        &self,
        user: &User,
        dice: &mut dyn Dice,
        scratch: &mut Scratch,
    ) -> Vec<Answer> {
        let mut answers = Vec::new();
        let context = official::context(&user.context);
        let host = user.host.unwrap_or_default();
        let ours = &self.ours;
        ours.evaluate_all(
            &context,
            Utc::now(),
            host,
            dice,
            scratch,
            |index, _, evaluation| {
                answers.push(self.answer(index, evaluation));
            },
        );
        answers
    }

    fn answer(&self, index: usize, evaluation: Evaluation<'_>) -> Answer {
        let payload = evaluation.variant.and_then(|it| it.payload());
        Answer {
            enabled: evaluation.enabled,
            variant: Variant {
                name: evaluation.variant.map_or("disabled", |it| it.name()).into(),
                payload: payload.map(|it| (it.kind.clone(), it.value.clone())),
                enabled: evaluation.variant.is_some(),
                feature_enabled: evaluation.enabled,
            },
            impression_data: self.ours.flag(index).impression_data(),
        }
    }
}

fn enriched<'c>(flag: &'c str, user: &'c User) -> EnrichedContext<'c> {
    let context = &user.context;
    EnrichedContext {
        user_id: context.user_id.as_deref(),
        session_id: context.session_id.as_deref(),
        environment: context.environment.as_deref(),
        app_name: context.app_name.as_deref(),
        current_time: context.current_time.as_deref(),
        remote_address: context.remote_address.as_deref(),
        properties: context.properties.as_ref().map(PropertiesRef::Strings),
        external_results: None,
        toggle_name: flag,
        runtime_hostname: user.host,
    }
}

fn payload(payload: Option<wire::Payload>) -> Option<(String, String)> {
    payload.map(|it| (it.payload_type, it.value))
}

impl From<ResolvedToggle> for Answer {
    fn from(toggle: ResolvedToggle) -> Self {
        Self {
            enabled: toggle.enabled,
            impression_data: toggle.impression_data,
            variant: Variant {
                name: toggle.variant.name,
                payload: payload(toggle.variant.payload),
                enabled: toggle.variant.enabled,
                feature_enabled: toggle.variant.feature_enabled,
            },
        }
    }
}

impl From<VariantDef> for Variant {
    fn from(variant: VariantDef) -> Self {
        Self {
            name: variant.name,
            payload: payload(variant.payload),
            enabled: variant.enabled,
            feature_enabled: false,
        }
    }
}

/// Dice that follow a script, and write down how many sides each had: all outcomes can be walked through.
#[derive(Default)]
pub(crate) struct Scripted {
    script: Vec<usize>,
    thrown: Vec<Vec<u32>>,
    /// Numbers at which an outcome can change, ascending.
    turns: Vec<u32>,
}

impl Dice for Scripted {
    fn roll(&mut self, sides: u32) -> u32 {
        let faces: Vec<u32> = match sides {
            100 => self
                .turns
                .iter()
                .copied()
                .filter(|it| *it <= 100)
                .chain([1, 100])
                .collect(),
            _ => self
                .turns
                .iter()
                .copied()
                .filter(|it| *it <= sides)
                .collect(),
        };
        let choice = self
            .script
            .get(self.thrown.len())
            .copied()
            .unwrap_or_default();
        let face = faces.get(choice).copied().unwrap_or(1);
        self.thrown.push(faces);
        face
    }
}

/// What a flag can be when it depends on chance.
#[derive(Default, Debug)]
pub(crate) struct Possible {
    pub(crate) enabled: BTreeSet<bool>,
    pub(crate) variants: BTreeSet<Variant>,
}

impl Scripted {
    pub(crate) fn new(features: &wire::ClientFeatures) -> Self {
        let mut turns = BTreeSet::new();
        for feature in &features.features {
            let own = feature.variants.iter().flatten().map(|it| it.weight);
            add_turns(own, &mut turns);
            for strategy in feature.strategies.iter().flatten() {
                add_turns(
                    strategy.variants.iter().flatten().map(|it| it.weight),
                    &mut turns,
                );
            }
        }
        Self {
            turns: turns.into_iter().collect(),
            ..Self::default()
        }
    }

    pub(crate) fn was_thrown(&self) -> bool {
        !self.thrown.is_empty()
    }

    /// Starts anew with an empty script.
    pub(crate) fn reset(&mut self) {
        self.script.clear();
        self.thrown.clear();
    }

    /// Every outcome: each throw with each face that makes a difference.
    pub(crate) fn walk(&mut self, mut ask: impl FnMut(&mut Self) -> Answer) -> Possible {
        let mut possible = Possible::default();
        self.reset();
        loop {
            self.thrown.clear();
            let answer = ask(self);
            possible.enabled.insert(answer.enabled);
            possible.variants.insert(answer.variant);
            if !self.advance() {
                return possible;
            }
        }
    }

    /// The next script, as one counts up a number whose last digit is the last throw.
    fn advance(&mut self) -> bool {
        self.script.resize(self.thrown.len(), 0);
        while let Some(faces) = self.thrown.pop() {
            let at = self.thrown.len();
            if self.script[at] + 1 < faces.len() {
                self.script[at] += 1;
                self.script.truncate(at + 1);
                return true;
            }
            self.script.truncate(at);
        }
        false
    }
}

fn add_turns(weights: impl Iterator<Item = i32>, turns: &mut BTreeSet<u32>) {
    let mut reach = 0;
    for weight in weights {
        reach += u32::try_from(weight).unwrap();
        turns.insert(reach.max(1));
    }
}
