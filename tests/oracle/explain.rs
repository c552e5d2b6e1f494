//! Explanations come to what evaluating comes to, for the same random flags and contexts.

use burgee::engine::{Conclusion, Dice, Explanation, FlagSource, ListOwner, Scratch};
use chrono::Utc;

use crate::coverage::Coverage;
use crate::generate::Generator;
use crate::official::{self, Chance};

const SETS: u64 = 400;
const CONTEXTS: usize = 25;

/// Dice that fall the same however often they are thrown.
struct Fixed(u32);

impl Dice for Fixed {
    fn roll(&mut self, sides: u32) -> u32 {
        self.0 % sides + 1
    }
}

fn chosen(source: &FlagSource<'_>, explanation: &Explanation) -> Option<String> {
    let (owner, at) = explanation.variant?;
    let list = match owner {
        ListOwner::Flag => source.variants,
        ListOwner::Strategy(place) => &source.strategies[place].variants,
    };
    Some(list[at].name.clone())
}

#[test]
fn explanations_come_to_what_evaluating_comes_to() {
    let mut on = 0;
    let mut variants = 0;
    for set in 0..SETS {
        let mut chance = Chance((set + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut reached = Coverage::default();
        let mut generator = Generator {
            chance: &mut chance,
            reached: &mut reached,
        };
        let features = generator.flag_set().features;
        let users: Vec<_> = (0..CONTEXTS).map(|_| generator.user()).collect();
        let (program, segments) = (official::program(&features), official::segments(&features));
        for user in &users {
            let (context, now) = (official::context(&user.context), Utc::now());
            let throw = u32::try_from(chance.next() >> 40).unwrap();
            let (mut dice, mut scratch) = (Fixed(throw), Scratch::default());
            let mut session = program.session(&context, now, "", &mut dice, &mut scratch);
            for feature in &features.features {
                let index = program.find(&feature.name).unwrap();
                let evaluation = program.evaluate(index, &context, now, "", &mut Fixed(throw));
                official::with_source(feature, |source| {
                    let explanation = session.explain(Some(index), source, &segments);
                    let told = format!("set {set}, flag {}: {explanation:?}", feature.name);
                    assert_eq!(explanation.enabled, evaluation.enabled, "{told}");
                    let variant = evaluation.variant.map(|it| it.name().to_owned());
                    assert_eq!(chosen(source, &explanation), variant, "{told}");
                    assert_eq!(
                        explanation.fault.as_ref(),
                        program.flag(index).fault(),
                        "{told}"
                    );
                    for strategy in &explanation.strategies {
                        let conditions = strategy.constraints.iter().all(|holds| *holds)
                            && strategy.segments.iter().all(|segment| segment.holds);
                        assert!(
                            conditions || strategy.conclusion == Conclusion::Fails,
                            "{told}"
                        );
                    }
                    on += usize::from(evaluation.enabled);
                    variants += usize::from(evaluation.variant.is_some());
                });
            }
        }
    }
    assert!(on > 1_000 && variants > 500, "{on} on, {variants} variants");
}
