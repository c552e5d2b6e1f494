//! Random flags. Each comes with what it is about, and says what it reached.

use unleash_types::client_features as wire;

use crate::coverage::Coverage;
use crate::official::Chance;
use crate::pools::{Kind, PROPERTIES, ROOTS};
use wire::Operator;

/// All operators of the wire.
pub(crate) const OPERATORS: [Operator; 19] = [
    Operator::In,
    Operator::NotIn,
    Operator::StrStartsWith,
    Operator::StrEndsWith,
    Operator::StrContains,
    Operator::NumEq,
    Operator::NumGt,
    Operator::NumGte,
    Operator::NumLt,
    Operator::NumLte,
    Operator::DateAfter,
    Operator::DateBefore,
    Operator::SemverEq,
    Operator::SemverGt,
    Operator::SemverGte,
    Operator::SemverLt,
    Operator::SemverLte,
    Operator::RegexMatch,
    Operator::InCidr,
];

pub(crate) const STRATEGIES: [&str; 9] = [
    "default",
    "userWithId",
    "flexibleRollout",
    "gradualRolloutUserId",
    "gradualRolloutSessionId",
    "gradualRolloutRandom",
    "remoteAddress",
    "applicationHostname",
    "custom",
];

/// Stickiness of rollouts and of variants; none, and a field nobody has.
pub(crate) const STICKINESS: [Option<&str>; 14] = [
    None,
    Some("default"),
    Some("random"),
    Some("userId"),
    Some("sessionId"),
    Some("remoteAddress"),
    Some("environment"),
    Some("appName"),
    Some("currentTime"),
    Some("tenant"),
    Some("country"),
    Some("blåbær"),
    Some("nobody has it"),
    Some(""),
];

/// A body of `/api/client/features`.
pub(crate) struct FlagSet {
    pub(crate) features: wire::ClientFeatures,
    /// For each flag the one operator it tests, if it tests only that.
    pub(crate) about: Vec<Option<String>>,
}

pub(crate) struct Generator<'g> {
    pub(crate) chance: &'g mut Chance,
    pub(crate) reached: &'g mut Coverage,
}

pub(crate) fn name_of(operator: &Operator) -> String {
    match serde_json::to_value(operator).unwrap() {
        serde_json::Value::String(name) => name,
        _ => "UNKNOWN".into(),
    }
}

impl Generator<'_> {
    pub(crate) fn flag_set(&mut self) -> FlagSet {
        let segments = (1..=3).map(|id| self.segment(id)).collect();
        let mut features = Vec::new();
        let mut about = Vec::new();
        for number in 0..5 {
            let (feature, operator) = self.single_constraint(format!("s{number}"));
            features.push(feature);
            about.push(Some(operator));
        }
        for number in 0..4 {
            features.push(self.flag(format!("f{number}")));
            about.push(None);
        }
        for number in 0..3 {
            features.push(self.child(format!("c{number}")));
            about.push(None);
        }
        let features = wire::ClientFeatures {
            version: 2,
            features,
            segments: Some(segments),
            query: None,
            meta: None,
        };
        FlagSet { features, about }
    }

    fn segment(&mut self, id: i32) -> wire::Segment {
        let constraints = self.constraints(2);
        wire::Segment { id, constraints }
    }

    fn single_constraint(&mut self, name: String) -> (wire::ClientFeature, String) {
        let constraint = self.constraint();
        let inverted = if constraint.inverted { " inverted" } else { "" };
        let about = name_of(&constraint.operator) + inverted;
        let strategy = wire::Strategy {
            constraints: Some(vec![constraint]),
            ..no_strategy("default")
        };
        let feature = wire::ClientFeature {
            name,
            enabled: true,
            strategies: Some(vec![strategy]),
            impression_data: Some(self.chance.once_in(2)),
            ..Default::default()
        };
        (feature, about)
    }

    fn flag(&mut self, name: String) -> wire::ClientFeature {
        let strategies = match self.chance.below(10) {
            0 => None,
            1 => Some(vec![]),
            more => Some((0..more.div_ceil(3)).map(|_| self.strategy()).collect()),
        };
        let count = strategies.as_ref().map_or(0, Vec::len);
        self.reached.note(format!("strategies: {count}"));
        let enabled = !self.chance.once_in(8);
        self.reached.note_if(!enabled, "flag: switched off");
        wire::ClientFeature {
            name: if self.chance.once_in(10) {
                name + " ø漢🫐"
            } else {
                name
            },
            enabled,
            strategies,
            variants: self.flag_variants(),
            impression_data: self
                .chance
                .pick(&[None, Some(true), Some(false)])
                .to_owned(),
            project: self
                .chance
                .pick(&[None, Some("default".into()), Some("other".into())])
                .to_owned(),
            ..Default::default()
        }
    }

    fn child(&mut self, name: String) -> wire::ClientFeature {
        let mut feature = self.flag(name);
        let count = 1 + self.chance.below(2);
        feature.dependencies = Some((0..count).map(|_| self.dependency()).collect());
        if self.chance.once_in(2) {
            feature.strategies = None;
        }
        feature
    }

    fn dependency(&mut self) -> wire::FeatureDependency {
        let parents = [
            "f0", "f1", "f2", "f3", "f0", "f1", "s0", "s1", "c0", "c1", "nobody",
        ];
        let feature = (*self.chance.pick(&parents)).to_owned();
        let kind = feature.get(..1).unwrap_or_default();
        self.reached.note(format!("dependency: on {kind}"));
        let enabled = *self
            .chance
            .pick(&[None, Some(true), Some(true), Some(false)]);
        self.reached
            .note(format!("dependency: enabled {enabled:?}"));
        // With `enabled: false` a list of variants is one of the written differences.
        let listed = match enabled {
            Some(false) => self.chance.once_in(40),
            _ => self.chance.once_in(2),
        };
        self.reached.note_if(listed, "dependency: variants");
        let names = ["v0", "v1", "v2", "v3", "disabled", "nobody"];
        wire::FeatureDependency {
            feature,
            enabled,
            variants: listed.then(|| {
                let count = self.chance.below(4);
                (0..count)
                    .map(|_| (*self.chance.pick(&names)).to_owned())
                    .collect()
            }),
        }
    }

    pub(crate) fn constraints(&mut self, most: usize) -> Vec<wire::Constraint> {
        let count = self.chance.below(most + 1);
        (0..count).map(|_| self.constraint()).collect()
    }

    fn constraint(&mut self) -> wire::Constraint {
        let operator = match self.chance.once_in(100) {
            true => Operator::Unknown("NUM_APPROX".into()),
            false => self.chance.pick(&OPERATORS).clone(),
        };
        let (context_name, kind) = self.field(&operator);
        let inverted = self.chance.once_in(3);
        let case_insensitive = self.chance.once_in(2);
        let name = name_of(&operator);
        self.reached.note(format!("operator: {name}"));
        self.reached
            .note_if(inverted, format!("operator: {name} inverted"));
        self.reached
            .note_if(case_insensitive, format!("operator: {name} ignoring case"));
        let (values, value) = self.operand(&operator, kind);
        wire::Constraint {
            context_name,
            operator,
            case_insensitive,
            inverted,
            values,
            value,
        }
    }

    /// Mostly a field that holds what the operator compares.
    fn field(&mut self, operator: &Operator) -> (String, Kind) {
        if self.chance.once_in(200) {
            self.reached.note("field: quotation mark");
            return ("quo\"te".into(), Kind::Text);
        }
        if self.chance.once_in(400) {
            self.reached.note("field: ends with a backslash");
            return ("ends\\".into(), Kind::Text);
        }
        let wanted = match operator {
            Operator::NumEq
            | Operator::NumGt
            | Operator::NumGte
            | Operator::NumLt
            | Operator::NumLte => Kind::Number,
            Operator::DateAfter | Operator::DateBefore => Kind::Date,
            Operator::InCidr => Kind::Address,
            Operator::SemverEq
            | Operator::SemverGt
            | Operator::SemverGte
            | Operator::SemverLt
            | Operator::SemverLte => Kind::Version,
            _ => *self.chance.pick(&[Kind::Text, Kind::Id]),
        };
        let any = self.chance.once_in(8);
        let fields: Vec<_> = ROOTS
            .iter()
            .chain(PROPERTIES)
            .filter(|(_, kind)| any || *kind == wanted)
            .collect();
        let &&(name, kind) = self.chance.pick(&fields);
        self.reached.note(format!("field: {name}"));
        (name.into(), kind)
    }
}

pub(crate) fn no_strategy(name: &str) -> wire::Strategy {
    wire::Strategy {
        name: name.into(),
        sort_order: None,
        segments: None,
        constraints: None,
        parameters: None,
        variants: None,
    }
}
