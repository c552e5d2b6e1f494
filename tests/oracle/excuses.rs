//! The written differences: flags about which the oracle is known to be wrong. `docs/differences-oracle.md` tells each
//! in words, `differences.rs` shows each by example; random flags that meet one may differ, all others may not.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use unleash_types::client_features as wire;
use wire::Operator;

/// A difference that random flags can meet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Difference {
    /// The oracle compares a value of another kind than the operator's, instead of refusing it.
    ValueOfAnotherKind,
    /// The oracle cannot read a text that ends with a backslash.
    EndsWithBackslash,
    /// The oracle takes the child's name as the group of a parent without one.
    GroupOfTheChild,
    /// The oracle asks for the variant of a parent that must be off.
    VariantOfAnOffParent,
    /// The oracle throws the dice for a parent twice, for its switch and for its variant.
    DiceThrownTwice,
}

impl Difference {
    pub(crate) const ALL: [Self; 5] = [
        Self::ValueOfAnotherKind,
        Self::EndsWithBackslash,
        Self::GroupOfTheChild,
        Self::VariantOfAnOffParent,
        Self::DiceThrownTwice,
    ];
}

/// The differences each flag meets, by name.
pub(crate) fn excuses(set: &wire::ClientFeatures) -> BTreeMap<&str, BTreeSet<Difference>> {
    let kinds = Kinds::new();
    let mut found: BTreeMap<&str, BTreeSet<Difference>> = set
        .features
        .iter()
        .map(|feature| (feature.name.as_str(), own(feature, set, &kinds)))
        .collect();
    let own = found.clone();
    for feature in &set.features {
        for dependency in feature.dependencies.iter().flatten() {
            let mut inherited = of_parent(dependency, set);
            inherited.extend(own.get(dependency.feature.as_str()).into_iter().flatten());
            found.entry(&feature.name).or_default().extend(inherited);
        }
    }
    found
}

fn own(
    feature: &wire::ClientFeature,
    set: &wire::ClientFeatures,
    kinds: &Kinds,
) -> BTreeSet<Difference> {
    let mut found = BTreeSet::new();
    for strategy in feature.strategies.iter().flatten() {
        let ids = strategy.segments.iter().flatten();
        let segments = ids.filter_map(|id| set.segments.iter().flatten().find(|it| it.id == *id));
        let constraints = strategy
            .constraints
            .iter()
            .flatten()
            .chain(segments.flat_map(|it| &it.constraints));
        for constraint in constraints {
            found.extend(
                kinds
                    .confused(constraint)
                    .then_some(Difference::ValueOfAnotherKind),
            );
            let texts = constraint.values.iter().flatten().chain(&constraint.value);
            let mut texts = texts.chain([&constraint.context_name]);
            found.extend(
                texts
                    .any(|it| it.ends_with('\\'))
                    .then_some(Difference::EndsWithBackslash),
            );
        }
        let parameters = strategy.parameters.iter().flat_map(|it| it.values());
        let ends = |text: &String| text.split(',').any(|it| it.trim().ends_with('\\'));
        let mut ending = parameters.filter(|text| ends(text));
        found.extend(ending.next().map(|_| Difference::EndsWithBackslash));
    }
    found
}

fn of_parent(
    dependency: &wire::FeatureDependency,
    set: &wire::ClientFeatures,
) -> BTreeSet<Difference> {
    let mut found = BTreeSet::new();
    let Some(parent) = set.features.iter().find(|it| it.name == dependency.feature) else {
        return found;
    };
    let lists = dependency
        .variants
        .as_ref()
        .is_some_and(|it| !it.is_empty());
    if lists && dependency.enabled == Some(false) {
        found.insert(Difference::VariantOfAnOffParent);
    }
    for strategy in parent.strategies.iter().flatten() {
        let parameter = |name: &str| strategy.parameters.as_ref()?.get(name).map(String::as_str);
        let rollout = strategy.name == "flexibleRollout";
        if rollout && parameter("groupId").is_none() {
            found.insert(Difference::GroupOfTheChild);
        }
        let stickiness = parameter("stickiness");
        let chancy = matches!(stickiness, None | Some("default" | "random")) && rollout;
        if lists && (chancy || strategy.name == "gradualRolloutRandom") {
            found.insert(Difference::DiceThrownTwice);
        }
    }
    found
}

/// The kinds of values the oracle tells apart by their looks alone.
struct Kinds {
    number: Regex,
    date: Regex,
    version: Regex,
}

impl Kinds {
    fn new() -> Self {
        let whole = |pattern: &str| Regex::new(&format!("^(?:{pattern})$")).unwrap();
        Self {
            number: whole(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?"),
            date: whole(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)"),
            version: whole(r"[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?"),
        }
    }

    fn confused(&self, constraint: &wire::Constraint) -> bool {
        let Some(value) = &constraint.value else {
            return false;
        };
        let value = value.trim_matches([' ', '\t']);
        let kinds = [&self.number, &self.date, &self.version];
        let fits = kinds.map(|kind| kind.is_match(value));
        match (&constraint.operator, fits) {
            (
                Operator::NumEq
                | Operator::NumGt
                | Operator::NumGte
                | Operator::NumLt
                | Operator::NumLte,
                [_, a, b],
            )
            | (Operator::DateAfter | Operator::DateBefore, [a, _, b])
            | (
                Operator::SemverEq
                | Operator::SemverGt
                | Operator::SemverGte
                | Operator::SemverLt
                | Operator::SemverLte,
                [a, b, _],
            ) => a || b,
            _ => false,
        }
    }
}
